"""Partner-matching over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.card import card_router
from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from contracts.partner_matching import MatchReason, PlacementEnd
from contracts.vocabulary import Answer, PartnerCode, Role, Sector
from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator, Field

from partner_matching import commands, queries
from partner_matching.model import Days, Match, MatchNotHere, Partner, Placement, State, Table, Vacancy

router = APIRouter()
router.include_router(card_router(Table.metadata, Role.REGISTRAR, Role.PRIVACY_OFFICER))
Officer = Annotated[Actor, requires(Role.PLACEMENT_OFFICER)]
Staff = Annotated[Actor, requires(Role.PLACEMENT_OFFICER, Role.COUNSELLOR)]
Reader = Annotated[Look, looks("person", Role.PLACEMENT_OFFICER, Role.COUNSELLOR)]


class PartnerIn(Form):
    """An organisation."""

    name: Line


class VacancyIn(Form):
    """Places that a partner offers."""

    partner: PartnerCode
    title: Line
    sector: Sector
    places: Annotated[int, Field(ge=1, le=10_000)]


class VacancyOut(BaseModel):
    """A vacancy, and for one person why it suits."""

    vacancy: UUID
    partner: str
    title: str
    sector: Sector
    places: int
    reasons: list[MatchReason] = []


class MatchIn(Form):
    """What is suggested to whom."""

    person: UUID
    vacancy: UUID


class MatchOut(BaseModel):
    """A suggestion and its state."""

    match: UUID
    person: UUID
    vacancy: UUID
    reasons: list[MatchReason]
    state: State


class PlacementIn(Form):
    """When work begins, and on which accepted match."""

    match: UUID
    started_on: date


class PlacementOut(BaseModel):
    """A placement."""

    placement: UUID
    person: UUID
    partner: str
    started_on: date
    ended_on: date | None
    end_reason: PlacementEnd | None


class MilestoneIn(Form):
    """What is known, and when it was looked at."""

    employed: Answer
    checked_on: date


class MilestoneOut(BaseModel):
    """What was recorded."""

    days: int
    employed: Answer


class EndIn(Form):
    """When and why it ended."""

    ended_on: date
    reason: PlacementEnd = PlacementEnd.UNKNOWN


@router.put("/partners/{code}", status_code=201)
def register_partner(code: PartnerCode, sent: PartnerIn, session: Transaction, by: Officer) -> PartnerIn:
    """Registers a partner."""
    commands.register_partner(session, Partner(code=code, name=sent.name))
    return sent


@router.put("/vacancies/{vacancy}", status_code=201)
def publish_vacancy(vacancy: UUID, sent: VacancyIn, session: Transaction, by: Officer) -> VacancyOut:
    """Offers a partner's places."""
    return _vacancy_out(commands.publish_vacancy(session, Vacancy(id=vacancy, **sent.model_dump())), [])


@router.get("/people/{person}/suitable-vacancies")
def read_suitable_vacancies(person: UUID, session: Transaction, look: Reader) -> list[VacancyOut]:
    """The vacancies that suit a person, each with its reasons."""
    return [_vacancy_out(vacancy, why) for vacancy, why in queries.suitable(session, person)]


@router.put("/matches/{match}", status_code=201)
def suggest_match(match: UUID, sent: MatchIn, session: Transaction, by: Staff, at: Now) -> MatchOut:
    """Suggests a vacancy."""
    return _match_out(commands.suggest_match(session, match, sent.person, sent.vacancy, by, at))


@router.get("/matches/{match}")
def read_match(match: UUID, session: Transaction, by: Staff) -> MatchOut:
    """A suggestion and its state."""
    found = session.get(Match, match)
    if found is None:
        raise MatchNotHere
    return _match_out(found)


@router.post("/matches/{match}/acceptance", status_code=201)
def accept_match(match: UUID, session: Transaction, by: Staff, at: Now) -> MatchOut:
    """The person chooses it."""
    return _match_out(commands.accept_match(session, match, at))


@router.post("/matches/{match}/declination", status_code=201)
def decline_match(match: UUID, session: Transaction, by: Staff, at: Now) -> MatchOut:
    """The person does not want it."""
    return _match_out(commands.decline_match(session, match, at))


@router.put("/placements/{placement}", status_code=201)
def start_placement(placement: UUID, sent: PlacementIn, session: Transaction, by: Staff, at: Now) -> PlacementOut:
    """Work begins."""
    return _placement_out(commands.start_placement(session, placement, sent.match, sent.started_on, by=by, at=at))


@router.put("/placements/{placement}/milestones/{days}", status_code=201)
def record_milestone(
    placement: UUID,
    days: Annotated[Days, BeforeValidator(int)],
    sent: MilestoneIn,
    session: Transaction,
    by: Staff,
    at: Now,
) -> MilestoneOut:
    """What is known at 30, 90 or 180 days."""
    row = commands.record_milestone(session, placement, days, sent.employed, on=sent.checked_on, by=by, at=at)
    return MilestoneOut(days=row.days, employed=row.employed)


@router.post("/placements/{placement}/end", status_code=201)
def end_placement(placement: UUID, sent: EndIn, session: Transaction, by: Staff, at: Now) -> PlacementOut:
    """It is over."""
    return _placement_out(commands.end_placement(session, placement, sent.ended_on, sent.reason, at))


def _vacancy_out(vacancy: Vacancy, why: list[MatchReason]) -> VacancyOut:
    return VacancyOut(vacancy=vacancy.id, reasons=why, **vacancy.model_dump(exclude={"id"}))


def _match_out(match: Match) -> MatchOut:
    return MatchOut(match=match.id, **match.model_dump(include={"person", "vacancy", "reasons", "state"}))


def _placement_out(placement: Placement) -> PlacementOut:
    kept = PlacementOut.model_fields.keys() - {"placement"}
    return PlacementOut(placement=placement.id, **placement.model_dump(include=set(kept)))
