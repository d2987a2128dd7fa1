"""Partner-matching over HTTP."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.card import card_router
from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks, looks_over, note
from chassis.routes import Router
from contracts.partner_matching import MatchReason, PlacementEnd
from contracts.vocabulary import Answer, PartnerCode, Role, Sector
from pydantic import BaseModel, BeforeValidator, Field
from sqlmodel import Session

from partner_matching import commands, queries
from partner_matching.model import DAYS, Days, Match, MatchNotHere, Milestone, Partner, Placement, State, Table, Vacancy

router = Router()
router.routes.extend(card_router(Table.metadata, Role.REGISTRAR, Role.PRIVACY_OFFICER).routes)
Officer = Annotated[Actor, requires(Role.PLACEMENT_OFFICER)]
Staff = Annotated[Actor, requires(Role.PLACEMENT_OFFICER, Role.COUNSELLOR)]
SEES = (Role.PLACEMENT_OFFICER, Role.COUNSELLOR, Role.HEAD)
ListReader = Annotated[Actor, requires(*SEES)]
PartnersReader = Annotated[Actor, requires(*SEES, Role.REGISTRAR)]
"""Whoever asks for consent to share must name the partner."""
Reader = Annotated[Look, looks("person", *SEES)]
Opener = Annotated[Look, looks_over(*SEES)]


class PartnerIn(Form):
    """An organisation; another name says which one it takes the place of."""

    name: Line
    instead_of: Line | None = None


class PartnerOut(BaseModel):
    """An organisation and its code."""

    partner: str
    name: str


class VacancyIn(Form):
    """Places that a partner offers."""

    partner: PartnerCode
    title: Line
    sector: Sector
    places: Annotated[int, Field(ge=1, le=10_000)]


class OfferIn(VacancyIn):
    """The same; a change says what it changes."""

    instead_of: VacancyIn | None = None


class VacancyOut(BaseModel):
    """A vacancy, and for one person why it suits."""

    vacancy: UUID
    partner: str
    partner_name: str
    title: str
    sector: Sector
    places: int
    left: int
    reasons: list[MatchReason] = []


class SeekerOut(BaseModel):
    """Somebody who wants help with work, or finished a programme of these kinds of work."""

    person: UUID
    wants_work: bool
    sectors: list[Sector]


class MatchIn(Form):
    """What is suggested to whom."""

    person: UUID
    vacancy: UUID


class MatchOut(BaseModel):
    """A suggestion and its state."""

    match: UUID
    person: UUID
    vacancy: UUID
    partner: str
    partner_name: str
    title: str
    reasons: list[MatchReason]
    state: State
    suggested_at: datetime


class PlacementIn(Form):
    """When work begins, and on which accepted match."""

    match: UUID
    started_on: date


class DayOut(BaseModel):
    """One of the days of a placement. Null is not recorded yet, which is neither no nor unknown."""

    days: int
    due_on: date
    employed: Answer | None = None
    checked_on: date | None = None


class PlacementOut(BaseModel):
    """A placement and its days."""

    placement: UUID
    match: UUID
    person: UUID
    partner: str
    partner_name: str
    sector: Sector
    started_on: date
    ended_on: date | None
    end_reason: PlacementEnd | None
    milestones: list[DayOut]


class MilestoneIn(Form):
    """What is known, and when it was looked at; a correction says what it corrects."""

    employed: Answer
    instead_of: Answer | None = None
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
def register_partner(code: PartnerCode, sent: PartnerIn, session: Transaction, by: Officer) -> PartnerOut:
    """Registers a partner, or corrects its name."""
    partner = commands.register_partner(session, Partner(code=code, name=sent.name), sent.instead_of)
    return PartnerOut(partner=partner.code, name=partner.name)


@router.put("/vacancies/{vacancy}", status_code=201)
def publish_vacancy(vacancy: UUID, sent: OfferIn, session: Transaction, by: Officer) -> VacancyOut:
    """Offers a partner's places, or changes what is offered."""
    offered = Vacancy(id=vacancy, **sent.model_dump(exclude={"instead_of"}))
    seen = Vacancy(id=vacancy, **sent.instead_of.model_dump()) if sent.instead_of else None
    return _vacancies_out(
        session, [(commands.publish_vacancy(session, offered, seen), queries.taken(session, vacancy), ())]
    )[0]


@router.get("/partners")
def read_partners(session: Transaction, by: PartnersReader) -> list[PartnerOut]:
    """Every partner, by name."""
    return [PartnerOut(partner=partner.code, name=partner.name) for partner in queries.partners(session)]


@router.get("/vacancies")
def read_vacancies(session: Transaction, by: ListReader) -> list[VacancyOut]:
    """Every vacancy and the places that are left."""
    return _vacancies_out(session, [(vacancy, taken, ()) for vacancy, taken in queries.vacancies(session)])


@router.get("/vacancies/{vacancy}")
def read_vacancy(vacancy: UUID, session: Transaction, by: ListReader) -> VacancyOut:
    """A vacancy and the places that are left."""
    return _vacancies_out(session, [(queries.vacancy(session, vacancy), queries.taken(session, vacancy), ())])[0]


@router.get("/people/{person}/suitable-vacancies")
def read_suitable_vacancies(person: UUID, session: Transaction, look: Reader) -> list[VacancyOut]:
    """The vacancies that suit a person, each with its reasons."""
    return _vacancies_out(session, queries.suitable(session, person))


@router.get("/people/{person}/matches")
def read_matches_of_person(person: UUID, session: Transaction, look: Reader) -> list[MatchOut]:
    """What was suggested to a person; never what a withdrawal stopped."""
    return _matches_out(session, queries.matches_of(session, person))


@router.get("/people/{person}/placements")
def read_placements_of_person(person: UUID, session: Transaction, look: Reader) -> list[PlacementOut]:
    """Where a person works and worked."""
    return _placements_out(session, queries.placements_of(session, person))


@router.get("/job-seekers")
def read_seekers(session: Transaction, by: ListReader) -> list[SeekerOut]:
    """Who looks for work and has nothing suggested yet."""
    return [SeekerOut(**profile.model_dump()) for profile in queries.seekers(session)]


@router.get("/matches")
def read_open_matches(session: Transaction, by: ListReader) -> list[MatchOut]:
    """What waits for a person's answer or for work to begin."""
    return _matches_out(session, queries.all_open_matches(session))


@router.get("/placements")
def read_running_placements(session: Transaction, by: ListReader) -> list[PlacementOut]:
    """Who is at work, and which of their days are due or recorded."""
    return _placements_out(session, queries.running_placements(session))


@router.get("/placements/{placement}")
def read_placement(placement: UUID, session: Transaction, look: Opener) -> PlacementOut:
    """A placement and its days."""
    found = queries.placement(session, placement)
    note(session, found.person, look)
    return _placement_out(session, found)


@router.put("/matches/{match}", status_code=201)
def suggest_match(match: UUID, sent: MatchIn, session: Transaction, by: Staff, at: Now) -> MatchOut:
    """Suggests a vacancy."""
    return _answered(session, commands.suggest_match(session, match, sent.person, sent.vacancy, by, at))


@router.get("/matches/{match}")
def read_match(match: UUID, session: Transaction, by: Staff) -> MatchOut:
    """A suggestion and its state."""
    found = session.get(Match, match)
    if found is None:
        raise MatchNotHere
    return _answered(session, found)


@router.post("/matches/{match}/acceptance", status_code=201)
def accept_match(match: UUID, session: Transaction, by: Staff, at: Now) -> MatchOut:
    """The person chooses it."""
    return _answered(session, commands.accept_match(session, match, at))


@router.post("/matches/{match}/declination", status_code=201)
def decline_match(match: UUID, session: Transaction, by: Staff, at: Now) -> MatchOut:
    """The person does not want it."""
    return _answered(session, commands.decline_match(session, match, at))


@router.put("/placements/{placement}", status_code=201)
def start_placement(placement: UUID, sent: PlacementIn, session: Transaction, by: Staff, at: Now) -> PlacementOut:
    """Work begins."""
    started = commands.start_placement(session, placement, sent.match, sent.started_on, by=by, at=at)
    return _placement_out(session, started)


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
    row = commands.record_milestone(
        session, placement, days, sent.employed, sent.instead_of, on=sent.checked_on, by=by, at=at
    )
    return MilestoneOut(days=row.days, employed=row.employed)


@router.post("/placements/{placement}/end", status_code=201)
def end_placement(placement: UUID, sent: EndIn, session: Transaction, by: Staff, at: Now) -> PlacementOut:
    """It is over."""
    return _placement_out(session, commands.end_placement(session, placement, sent.ended_on, sent.reason, at))


def _vacancies_out(session: Session, found: Sequence[tuple[Vacancy, int, Sequence[MatchReason]]]) -> list[VacancyOut]:
    names = queries.partner_names(session)
    return [
        VacancyOut(
            vacancy=vacancy.id,
            partner_name=names[vacancy.partner],
            left=vacancy.places - taken,
            reasons=list(why),
            **vacancy.model_dump(exclude={"id"}),
        )
        for vacancy, taken, why in found
    ]


def _answered(session: Session, match: Match) -> MatchOut:
    return _matches_out(session, [(match, queries.vacancy(session, match.vacancy))])[0]


def _matches_out(session: Session, found: Sequence[tuple[Match, Vacancy]]) -> list[MatchOut]:
    names = queries.partner_names(session)
    kept = MatchOut.model_fields.keys() - {"match", "title", "partner_name"}
    return [
        MatchOut(
            match=match.id,
            title=vacancy.title,
            partner_name=names[match.partner],
            **match.model_dump(include=set(kept)),
        )
        for match, vacancy in found
    ]


def _placement_out(session: Session, placement: Placement) -> PlacementOut:
    return _placements_out(session, [placement])[0]


def _placements_out(session: Session, placements: Sequence[Placement]) -> list[PlacementOut]:
    known = queries.milestones_of(session, [placement.id for placement in placements])
    names = queries.partner_names(session)
    kept = PlacementOut.model_fields.keys() - {"placement", "milestones", "partner_name"}
    return [
        PlacementOut(
            placement=placement.id,
            partner_name=names[placement.partner],
            milestones=[_day_out(placement, days, known.get((placement.id, days))) for days in DAYS],
            **placement.model_dump(include=set(kept)),
        )
        for placement in placements
    ]


def _day_out(placement: Placement, days: Days, known: Milestone | None) -> DayOut:
    found = known.model_dump(include={"employed", "checked_on"}) if known else {}
    return DayOut(days=days, due_on=placement.due_on(days), **found)
