"""What the gateway can be asked."""

from uuid import UUID

from sqlmodel import Session, col, select

from partner_gateway.model import Fact, Partner, Share


def partners(session: Session) -> list[Partner]:
    """Every partner that may listen."""
    return list(session.exec(select(Partner).order_by(Partner.code)).all())


def facts_of(session: Session, placement: UUID) -> list[Fact]:
    """Everything that happened to a placement, in the order it was heard."""
    return list(session.exec(select(Fact).where(Fact.placement == placement).order_by(col(Fact.id))).all())


def waiting(session: Session, *, site: str | None = None, partner: str | None = None) -> set[UUID]:
    """The placements of a site or a partner of which something has not been told."""
    query = select(Fact.placement).where(~col(Fact.told))
    if site:
        query = query.where(Fact.site == site)
    if partner:
        query = query.where(Fact.partner == partner)
    return set(session.exec(query).all())


def shares(session: Session, person: UUID, partner: str | None = None) -> list[Share]:
    """A person's placements with one partner, or with any."""
    query = select(Share).where(Share.person == person)
    if partner:
        query = query.where(Share.partner == partner)
    return list(session.exec(query.with_for_update()).all())
