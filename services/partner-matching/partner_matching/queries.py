"""What partner-matching can be asked."""

from collections.abc import Collection, Sequence
from uuid import UUID

from chassis import gate
from contracts.partner_matching import MatchReason
from contracts.vocabulary import Purpose
from sqlmodel import Session, col, func, or_, select

from partner_matching.model import (
    OPEN,
    Match,
    Milestone,
    Partner,
    Placement,
    PlacementNotHere,
    Profile,
    State,
    Vacancy,
    VacancyNotHere,
    reasons,
)

HOLDS = (State.SUGGESTED, State.ACCEPTED, State.PLACED)
"""The matches that take a place."""
AT_ONCE = 100
STAFF_AT_ONCE = 200
OFFERS_AT_ONCE = 500


def taken(session: Session, vacancy: UUID) -> int:
    """How many places of a vacancy are promised or filled."""
    query = select(func.count()).select_from(Match).where(Match.vacancy == vacancy, col(Match.state).in_(HOLDS))
    return session.exec(query).one()


def partners(session: Session) -> Sequence[Partner]:
    """Every partner, by name."""
    return session.exec(select(Partner).order_by(Partner.name, Partner.code).limit(OFFERS_AT_ONCE)).all()


def partner_names(session: Session) -> dict[str, str]:
    """What the partners are called, by code."""
    return dict(session.exec(select(Partner.code, Partner.name)).all())


def vacancy(session: Session, vacancy_id: UUID) -> Vacancy:
    """One vacancy. Raises VacancyNotHere."""
    found = session.get(Vacancy, vacancy_id)
    if found is None:
        raise VacancyNotHere
    return found


def vacancies(session: Session) -> list[tuple[Vacancy, int]]:
    """Every vacancy, by title, and how many of its places are promised or filled."""
    held = select(Match.vacancy, func.count()).where(col(Match.state).in_(HOLDS)).group_by(col(Match.vacancy))
    of = dict(session.exec(held).all())
    query = select(Vacancy).order_by(Vacancy.title, col(Vacancy.id)).limit(OFFERS_AT_ONCE)
    return [(found, of.get(found.id, 0)) for found in session.exec(query)]


def suitable(session: Session, person: UUID) -> list[tuple[Vacancy, int, list[MatchReason]]]:
    """The vacancies that suit a person, most reasons first, each with the places taken and its reasons."""
    profile = session.get(Profile, person)
    found = [(offered, held, sorted(reasons(profile, offered, held))) for offered, held in vacancies(session)]
    return sorted((one for one in found if one[2]), key=lambda one: (-len(one[2]), str(one[0].id)))


def matches_of(session: Session, person: UUID) -> Sequence[tuple[Match, Vacancy]]:
    """What was suggested to a person, the newest first; never what a withdrawal stopped."""
    query = select(Match, Vacancy).join(Vacancy).where(Match.person == person, Match.state != State.WITHDRAWN)
    return session.exec(query.order_by(col(Match.suggested_at).desc(), col(Match.id)).limit(AT_ONCE)).all()


def all_open_matches(session: Session) -> Sequence[tuple[Match, Vacancy]]:
    """What is open for anybody, the oldest first."""
    query = select(Match, Vacancy).join(Vacancy).where(col(Match.state).in_(OPEN))
    return session.exec(query.order_by(col(Match.suggested_at), col(Match.id)).limit(STAFF_AT_ONCE)).all()


def placement(session: Session, placement_id: UUID) -> Placement:
    """One placement. Raises PlacementNotHere."""
    found = session.get(Placement, placement_id)
    if found is None:
        raise PlacementNotHere
    return found


def placements_of(session: Session, person: UUID) -> Sequence[Placement]:
    """Where somebody works and worked, the newest first."""
    query = select(Placement).where(Placement.person == person)
    return session.exec(query.order_by(col(Placement.started_on).desc(), col(Placement.id)).limit(AT_ONCE)).all()


def running_placements(session: Session) -> Sequence[Placement]:
    """Who is at work now, the longest first."""
    query = select(Placement).where(col(Placement.ended_on).is_(None))
    return session.exec(query.order_by(col(Placement.started_on), col(Placement.id)).limit(STAFF_AT_ONCE)).all()


def milestones_of(session: Session, placements: Collection[UUID]) -> dict[tuple[UUID, int], Milestone]:
    """What was recorded of placements, by placement and day."""
    query = select(Milestone).where(col(Milestone.placement).in_(placements))
    return {(row.placement, row.days): row for row in session.exec(query)}


def is_open(session: Session, person: UUID, vacancy: UUID) -> bool:
    """Whether this vacancy is suggested to, or chosen by, this person now."""
    query = select(Match.id).where(Match.person == person, Match.vacancy == vacancy, col(Match.state).in_(OPEN))
    return session.exec(query.limit(1)).first() is not None


def seekers(session: Session) -> Sequence[Profile]:
    """Who wants work or has learnt some, still takes part, has no open match and is not at work."""
    takes_part = or_(
        *(col(Profile.person).in_(gate.standing(each)) for each in (Purpose.ASSESSMENT, Purpose.PROGRAMME))
    )
    matched = select(Match.person).where(col(Match.state).in_(OPEN))
    working = select(Placement.person).where(col(Placement.ended_on).is_(None))
    query = select(Profile).where(
        takes_part,
        or_(col(Profile.wants_work), col(Profile.sectors) != []),
        col(Profile.person).not_in(matched),
        col(Profile.person).not_in(working),
    )
    return session.exec(query.order_by(col(Profile.wants_work).desc(), col(Profile.person)).limit(STAFF_AT_ONCE)).all()


def open_matches(session: Session, person: UUID, partner: str) -> list[Match]:
    """What is still open for a person with one partner."""
    query = select(Match).where(Match.person == person, Match.partner == partner, col(Match.state).in_(OPEN))
    return list(session.exec(query.with_for_update()).all())
