"""Sentences, remissions, register F and what regulations ask, over HTTP."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Answer, LegalStatus, Right, Role
from pydantic import BaseModel, Field

from intake.commands import sentences as commands
from intake.model.days import Day, today
from intake.model.regulations import Category, Code
from intake.model.sentences import (
    COUNSELLORS_OWN,
    AnswerSource,
    Breach,
    CourtSentence,
    DisciplineEntry,
    FactAnswer,
    GrantedRemission,
    Risk,
    RiskLevel,
)
from intake.queries import sentences as queries
from intake.queries.regulations import questions

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Counsellor = Annotated[Actor, requires(Role.COUNSELLOR)]
Everyone = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD)]
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD)]
Months = Annotated[int, Field(ge=0, le=1200)]
Days = Annotated[int, Field(ge=0, le=3650)]


class SentenceIn(Form):
    """A court's sentence: a term, or life, or death."""

    decided_on: Day
    detained_since: Day
    verdict_number: Line
    months: Months = 0
    days: Days = 0
    category: Category = Category.GENERAL
    life: bool = False
    death: bool = False
    subsidiary_months: Months = 0
    subsidiary_days: Days = 0
    corrects: UUID | None = None


class RemissionIn(Form):
    """A decree that shortens a sentence."""

    right: Right
    granted_on: Day
    decree_number: Line
    months: Months = 0
    days: Days = 0
    corrects: UUID | None = None


class BreachIn(Form):
    """A breach that was decided."""

    happened_on: Day
    kind: Breach
    decided_on: Day


class AnnulmentIn(Form):
    """The day on which the decision was taken back."""

    annulled_on: Day


class AnswerIn(Form):
    """An answer and where it was read."""

    code: Code
    answer: Answer
    source: AnswerSource
    since: Day | None = None


class RiskLevelIn(Form):
    """What an assessment came to."""

    assessed_on: Day
    level: Risk


class Entered(BaseModel):
    """It is entered."""

    id: UUID


class SentenceOut(BaseModel):
    """A sentence that stands."""

    id: UUID
    decided_on: date
    detained_since: date
    verdict_number: str | None
    months: int
    days: int
    category: Category
    life: bool
    death: bool
    subsidiary_months: int
    subsidiary_days: int


class RemissionOut(BaseModel):
    """A remission that stands."""

    id: UUID
    right: Right
    granted_on: date
    decree_number: str | None
    months: int
    days: int


class BreachOut(BaseModel):
    """An entry of register F."""

    id: UUID
    happened_on: date
    kind: Breach
    decided_on: date
    annulled_on: date | None


class AnswerOut(BaseModel):
    """The latest answer to one question."""

    code: str
    answer: Answer
    source: AnswerSource
    since: date | None


class QuestionOut(BaseModel):
    """A question that a regulation asks."""

    code: str
    text: str
    counsellors_own: bool
    """Only who works with the person may answer it."""


class ConductOut(BaseModel):
    """Since when register F names nobody; not known while nobody has looked."""

    known: bool
    last_breach_on: date | None
    since: date | None


class DossierOut(BaseModel):
    """Everything that a person's rights rest on."""

    legal_status: LegalStatus
    detained_since: date
    sentences: list[SentenceOut]
    remissions: list[RemissionOut]
    discipline: list[BreachOut]
    conduct: ConductOut
    answers: list[AnswerOut]
    risk_levels: list[RiskLevelIn]
    risk_declined: Answer


@router.put("/people/{person}/sentences/{sentence}", status_code=201)
def record_sentence(
    person: UUID, sentence: UUID, sent: SentenceIn, session: Transaction, by: Registrar, at: Now
) -> Entered:
    """Enters a sentence; `corrects` names the one whose place it takes."""
    entry = CourtSentence(
        id=sentence, site=by.site, person=person, recorded_at=at, recorded_by=by.id, **_but(sent, "verdict_number")
    )
    return Entered(id=commands.record_sentence(session, entry, sent.verdict_number).id)


@router.put("/people/{person}/remissions/{remission}", status_code=201)
def grant_remission(
    person: UUID, remission: UUID, sent: RemissionIn, session: Transaction, by: Registrar, at: Now
) -> Entered:
    """Enters a remission; `corrects` names the one whose place it takes."""
    entry = GrantedRemission(
        id=remission, site=by.site, person=person, recorded_at=at, recorded_by=by.id, **_but(sent, "decree_number")
    )
    return Entered(id=commands.grant_remission(session, entry, sent.decree_number).id)


@router.put("/people/{person}/discipline/{entry}", status_code=201)
def enter_breach(person: UUID, entry: UUID, sent: BreachIn, session: Transaction, by: Registrar, at: Now) -> Entered:
    """Enters a decided breach in register F."""
    breach = DisciplineEntry(
        id=entry, site=by.site, person=person, recorded_at=at, recorded_by=by.id, **sent.model_dump()
    )
    return Entered(id=commands.enter_breach(session, breach).id)


@router.put("/people/{person}/discipline/{entry}/annulment", status_code=201)
def annul_breach(person: UUID, entry: UUID, sent: AnnulmentIn, session: Transaction, by: Registrar, at: Now) -> Entered:
    """The decision was taken back."""
    return Entered(id=commands.annul_breach(session, person, entry, sent.annulled_on, by=by, at=at).id)


@router.put("/people/{person}/answers/{answer}", status_code=201)
def answer_question(person: UUID, answer: UUID, sent: AnswerIn, session: Transaction, by: Staff, at: Now) -> Entered:
    """Answers a question that a regulation asks."""
    entry = FactAnswer(id=answer, site=by.site, person=person, answered_at=at, answered_by=by.id, **sent.model_dump())
    return Entered(id=commands.answer_question(session, entry, by=by).id)


@router.put("/people/{person}/risk-levels/{assessment}", status_code=201)
def enter_risk_level(
    person: UUID, assessment: UUID, sent: RiskLevelIn, session: Transaction, by: Counsellor, at: Now
) -> Entered:
    """Enters the level of a risk assessment."""
    level = RiskLevel(
        id=assessment, site=by.site, person=person, recorded_at=at, recorded_by=by.id, **sent.model_dump()
    )
    return Entered(id=commands.enter_risk_level(session, level).id)


@router.get("/questions")
def read_questions(by: Everyone) -> list[QuestionOut]:
    """Every question of the regulations that staff may answer, and whose it is."""
    return [
        QuestionOut(code=code, text=text, counsellors_own=code in COUNSELLORS_OWN) for code, text in questions().items()
    ]


@router.get("/people/{person}/case")
def read_case(person: UUID, session: Transaction, look: Reader) -> DossierOut:
    """Everything that a person's rights rest on, as it stands."""
    found = queries.dossier_of(session, person)
    verdicts, decrees = queries.numbers_of(session, found.sentences, found.remissions)
    latest = {answer.code: answer for answer in found.answers}
    return DossierOut(
        legal_status=found.person.legal_status,
        detained_since=found.detained_since,
        sentences=[
            SentenceOut(**s.model_dump(), verdict_number=number)
            for s, number in zip(found.sentences, verdicts, strict=True)
        ],
        remissions=[
            RemissionOut(**r.model_dump(), decree_number=number)
            for r, number in zip(found.remissions, decrees, strict=True)
        ],
        discipline=[BreachOut(**breach.model_dump()) for breach in found.breaches],
        conduct=ConductOut.model_validate(found.conduct(today(look.at)), from_attributes=True),
        answers=[AnswerOut(**answer.model_dump()) for answer in latest.values()],
        risk_levels=[RiskLevelIn(**level.model_dump(include=set(RiskLevelIn.model_fields))) for level in found.levels],
        risk_declined=found.risk_declined,
    )


def _but(sent: BaseModel, sealed: str) -> dict[str, Any]:
    return sent.model_dump(exclude={sealed})
