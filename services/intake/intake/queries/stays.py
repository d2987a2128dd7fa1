"""Looking up stays, releases and detention."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.vocabulary import LegalStatus, RegisterBook
from sqlalchemy import bindparam, exists
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from intake.model.detention import NOTICES, DetentionPeriod
from intake.model.people import Person, RegisterEntry, status_in
from intake.model.stays import Release, Stay
from intake.model.transfers import Transfer


def open_stay(session: Session, person_id: UUID) -> Stay | None:
    """The stay that has not ended."""
    return session.exec(select(Stay).where(Stay.person == person_id, col(Stay.ended_on).is_(None))).first()


def stays_of(session: Session, *people: UUID) -> list[tuple[Stay, Release | None]]:
    """Every stay and how it ended, in their order."""
    query = (
        select(Stay, Release)
        .join(Release, col(Release.stay) == col(Stay.id), isouter=True)
        .where(col(Stay.person).in_(people))
        .order_by(col(Stay.admitted_at), col(Stay.id))
    )
    return list(session.exec(query).all())


def latest_release(session: Session, person_id: UUID) -> Release | None:
    """The last time that somebody left, back since or not."""
    query = select(Release).where(Release.person == person_id)
    return session.exec(query.order_by(col(Release.reentered_on).is_not(None), col(Release.released_at).desc())).first()


def open_transfer(session: Session, person_id: UUID) -> Transfer | None:
    """The transfer that has neither arrived nor been cancelled."""
    return session.exec(select(Transfer).where(Transfer.person == person_id, col(Transfer.closed_at).is_(None))).first()


def transfers_of(session: Session, *people: UUID) -> Sequence[Transfer]:
    """Every transfer that was offered, the latest first."""
    query = select(Transfer).where(col(Transfer.person).in_(people)).order_by(col(Transfer.offered_at).desc())
    return session.exec(query).all()


def periods_of(session: Session, stay_id: UUID) -> Sequence[DetentionPeriod]:
    """Every period of detention of a stay, annulled ones too."""
    query = select(DetentionPeriod).where(DetentionPeriod.stay == stay_id).order_by(col(DetentionPeriod.from_on))
    return session.exec(query).all()


def ending(session: Session, day: date, *, lock: bool = False) -> list[tuple[DetentionPeriod, Person]]:
    """The last period of everybody who is held without a sentence and whose detention is about to end or has ended.

    Two entries of one person are looked at together: an extension that stands at one of them counts for both. A
    sentence, a release or an extension ends the matter by itself.
    """
    query = _ENDING.with_for_update(of=DetentionPeriod) if lock else _ENDING
    return list(session.exec(query, params={"until": day + timedelta(days=max(NOTICES))}).all())


def _ending() -> Any:
    entry, kept = aliased(Person), aliased(Person)
    speaks = func.coalesce(col(entry.merged_into), col(entry.id))
    numbered = aliased(Person)
    sentenced = exists().where(
        col(RegisterEntry.person) == numbered.id,
        func.coalesce(numbered.merged_into, numbered.id) == kept.id,
        col(RegisterEntry.closed_on).is_(None),
        col(RegisterEntry.book).in_([book for book in RegisterBook if status_in(book) is LegalStatus.NARAPIDANA]),
    )
    last = (
        select(DetentionPeriod.id, kept.id.label("kept"))  # type: ignore[attr-defined]
        .join(Stay, col(Stay.id) == col(DetentionPeriod.stay))
        .join(entry, col(entry.id) == col(DetentionPeriod.person))
        .join(kept, col(kept.id) == speaks)
        .where(
            col(DetentionPeriod.annulled_at).is_(None),
            col(Stay.ended_on).is_(None),
            col(kept.inside),
            # An anak binaan may be either: then the register says which.
            col(kept.legal_status) != LegalStatus.NARAPIDANA,
            ~sentenced,
        )
        .ext(distinct_on(speaks))
        .order_by(speaks, col(DetentionPeriod.until_on).desc())
        .subquery()
    )
    return (
        select(DetentionPeriod, Person)
        .join(last, last.c.id == col(DetentionPeriod.id))
        .join(Person, col(Person.id) == last.c.kept)
        .where(DetentionPeriod.until_on <= bindparam("until"))
        .order_by(col(DetentionPeriod.until_on), col(Person.id))
    )


# Built once: it takes longer to build than to ask.
_ENDING = _ending()
