"""What partner-matching can be asked."""

from uuid import UUID

from contracts.partner_matching import MatchReason
from sqlmodel import Session, col, func, select

from partner_matching.model import OPEN, Match, Profile, State, Vacancy, reasons


def taken(session: Session, vacancy: UUID) -> int:
    """How many places of a vacancy are promised or filled."""
    held = (State.SUGGESTED, State.ACCEPTED, State.PLACED)
    query = select(func.count()).select_from(Match).where(Match.vacancy == vacancy, col(Match.state).in_(held))
    return session.exec(query).one()


def suitable(session: Session, person: UUID) -> list[tuple[Vacancy, list[MatchReason]]]:
    """The vacancies that suit a person, most reasons first, each with its reasons."""
    profile = session.get(Profile, person)
    found = [(v, sorted(reasons(profile, v, taken(session, v.id)))) for v in session.exec(select(Vacancy)).all()]
    return sorted(((v, why) for v, why in found if why), key=lambda pair: (-len(pair[1]), str(pair[0].id)))


def open_matches(session: Session, person: UUID, partner: str) -> list[Match]:
    """What is still open for a person with one partner."""
    query = select(Match).where(Match.person == person, Match.partner == partner, col(Match.state).in_(OPEN))
    return list(session.exec(query.with_for_update()).all())
