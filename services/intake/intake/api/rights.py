"""What a person may ask for, and each proposal on its way, over HTTP."""

from datetime import date
from enum import IntEnum
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.intake import BoardAdvice
from contracts.vocabulary import LegalStatus, Right, Role
from pydantic import BaseModel
from sqlmodel import Session

from intake.api.guarantors import GuarantorIn
from intake.commands import rights as commands
from intake.model.days import Day, today
from intake.model.estimates import Possibility
from intake.model.regulations import Code
from intake.model.rights import AdviceReason, LitmasAdvice, Proposal, ProposalState
from intake.queries import rights as queries
from intake.queries import sittings as board
from intake.queries.sentences import opened

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
Head = Annotated[Actor, requires(Role.HEAD)]
Everyone = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD)]


class Ahead(IntEnum):
    """How many days one may look ahead."""

    MONTH = 30
    TWO_MONTHS = 60
    QUARTER = 90


class ComingOut(BaseModel):
    """Whose right becomes possible or who is released: a reference, and no name."""

    person: UUID
    legal_status: LegalStatus
    right: Right | None
    possible: Possibility | None
    on: date
    label: str


class ProposalIn(Form):
    """A right, and the day on which the person said that they want it."""

    right: Right
    wanted_by_person_on: Day | None = None


class DocumentIn(Form):
    """A paper: the day it came (none if it is not there), and its reference."""

    received_on: Day | None = None
    number: Line | None = None


class DocumentChange(DocumentIn):
    """The same, in place of what the officer saw."""

    instead_of: DocumentIn = DocumentIn()


class LitmasIn(Form):
    """The report of PK Bapas."""

    requested_on: Day | None = None
    received_on: Day | None = None
    advice: LitmasAdvice | None = None
    number: Line | None = None


class LitmasChange(LitmasIn):
    """The same, in place of what the officer saw."""

    requested_on: Day
    instead_of: LitmasIn = LitmasIn()


class GuarantorChange(GuarantorIn):
    """The same, in place of whom the officer saw."""

    instead_of: UUID | None = None


class StepIn(Form):
    """The day of a step."""

    on: Day


class DecisionIn(StepIn):
    """The decree."""

    granted: bool
    decree_number: Line


class RevocationIn(StepIn):
    """The decree that takes a right back."""

    decree_number: Line


class StateOut(BaseModel):
    """How far a proposal is."""

    proposal: UUID
    right: Right
    state: ProposalState


class PaperOut(BaseModel):
    """Whether a paper is there."""

    code: str
    present: bool


class DeadlineOut(BaseModel):
    """When a stage is due, and whether it is late."""

    due_on: date | None
    late: bool | None


class DocumentOut(BaseModel):
    """One paper of the checklist."""

    code: str
    text: str
    present: bool
    received_on: date | None
    number: str | None


class AdviceOut(BaseModel):
    """What one sitting of the TPP advised, and what was said about this person."""

    sitting: UUID
    advice: BoardAdvice
    reasons: list[AdviceReason]
    minutes: list[str] | None


class UnderWayOut(StateOut):
    """A proposal on its way: a reference and its days, and no name."""

    person: UUID
    here: DeadlineOut
    """What the service standard gives this rutan."""
    kanwil: DeadlineOut


class ProposalOut(StateOut):
    """A proposal with everything that was recorded of it."""

    wanted_by_person_on: date
    basis: queries.EstimateTold
    documents: list[DocumentOut]
    litmas_requested_on: date | None
    litmas_received_on: date | None
    litmas_advice: LitmasAdvice | None
    litmas_number: str | None
    guarantor: UUID | None
    completed_on: date | None
    advice: list[AdviceOut]
    advised_on: date | None
    sent_on: date | None
    decided_on: date | None
    granted: bool | None
    decree_number: str | None
    revoked_on: date | None
    revocation_number: str | None
    withdrawn_on: date | None
    here: DeadlineOut
    """What the service standard gives this rutan."""
    kanwil: DeadlineOut


@router.get("/rights/horizon")
def read_horizon(session: Transaction, by: Everyone, at: Now, days: Ahead = Ahead.MONTH) -> list[ComingOut]:
    """Whose turn comes within so many days, and who was not proposed yet."""
    return [ComingOut(**found._asdict()) for found in queries.horizon(session, today(at), days)]


@router.get("/proposals")
def read_under_way(session: Transaction, by: Everyone, at: Now) -> list[UnderWayOut]:
    """Every proposal that is on its way, and whether its stage is late."""
    return [
        UnderWayOut(**_state(proposal).model_dump(), person=proposal.person, **_deadlines(proposal, today(at)))
        for proposal in queries.under_way(session)
    ]


@router.get("/people/{person}/rights")
def read_rights(
    person: UUID, session: Transaction, look: Reader, on: Day | None = None, right: Right | None = None
) -> list[queries.RightTold]:
    """What becomes possible when, and why: an estimate, not a decision."""
    return queries.estimates_of(session, person, on or today(look.at), right)


@router.get("/people/{person}/proposals")
def read_proposals(person: UUID, session: Transaction, look: Reader) -> list[ProposalOut]:
    """Every proposal of a person, oldest first."""
    return proposals_out(session, person, look)


@router.put("/people/{person}/proposals/{proposal}", status_code=201)
def propose(person: UUID, proposal: UUID, sent: ProposalIn, session: Transaction, by: Staff, at: Now) -> StateOut:
    """Proposes a right that the person wants."""
    return _state(commands.propose(session, person, proposal, sent.right, sent.wanted_by_person_on, by=by, at=at))


@router.put("/people/{person}/proposals/{proposal}/documents/{code}", status_code=201)
def note_document(
    person: UUID, proposal: UUID, code: Code, sent: DocumentChange, session: Transaction, by: Registrar, at: Now
) -> PaperOut:
    """A paper of the checklist came, or is not there after all."""
    seen, note = sent.instead_of, (sent.received_on, sent.number)
    paper = commands.note_document(
        session, person, proposal, code, *note, seen=(seen.received_on, seen.number), by=by, at=at
    )
    return PaperOut(code=paper.code, present=paper.present)


@router.put("/people/{person}/proposals/{proposal}/litmas", status_code=201)
def record_litmas(
    person: UUID, proposal: UUID, sent: LitmasChange, session: Transaction, by: Staff, at: Now
) -> StateOut:
    """The report of PK Bapas was asked for, and perhaps received."""
    seen, report = sent.instead_of.model_dump(), sent.model_dump(exclude={"instead_of"})
    return _state(commands.record_litmas(session, person, proposal, **report, seen=tuple(seen.values()), by=by, at=at))


@router.put("/people/{person}/proposals/{proposal}/guarantor", status_code=201)
def record_guarantor(
    person: UUID, proposal: UUID, sent: GuarantorChange, session: Transaction, by: Staff, at: Now
) -> StateOut:
    """A contact is to stand surety: the letter is in the checklist once the guarantor stands."""
    return _state(commands.record_guarantor(session, person, proposal, sent.contact, sent.instead_of, by=by, at=at))


@router.put("/people/{person}/proposals/{proposal}/completion", status_code=201)
def complete(person: UUID, proposal: UUID, sent: StepIn, session: Transaction, by: Registrar, at: Now) -> StateOut:
    """All papers are there: it waits for the TPP."""
    return _state(commands.complete(session, person, proposal, sent.on, by=by, at=at))


@router.put("/people/{person}/proposals/{proposal}/dispatch", status_code=201)
def send(person: UUID, proposal: UUID, sent: StepIn, session: Transaction, by: Registrar, at: Now) -> StateOut:
    """It went to the Kanwil."""
    return _state(commands.send(session, person, proposal, sent.on, by=by, at=at))


@router.put("/people/{person}/proposals/{proposal}/decision", status_code=201)
def decide(person: UUID, proposal: UUID, sent: DecisionIn, session: Transaction, by: Head, at: Now) -> StateOut:
    """The decree came."""
    number = sent.decree_number
    return _state(commands.decide(session, person, proposal, sent.granted, sent.on, number, by=by, at=at))


@router.put("/people/{person}/proposals/{proposal}/revocation", status_code=201)
def revoke(person: UUID, proposal: UUID, sent: RevocationIn, session: Transaction, by: Head, at: Now) -> StateOut:
    """A decree took the right back."""
    return _state(commands.revoke(session, person, proposal, sent.on, sent.decree_number, by=by, at=at))


@router.put("/people/{person}/proposals/{proposal}/withdrawal", status_code=201)
def withdraw(person: UUID, proposal: UUID, sent: StepIn, session: Transaction, by: Staff, at: Now) -> StateOut:
    """The person no longer wants it: one step, no reason asked."""
    return _state(commands.withdraw(session, person, proposal, sent.on, by=by, at=at))


def proposals_out(session: Session, person: UUID, look: Look) -> list[ProposalOut]:
    """Every proposal of a person as it is shown."""
    return [_proposal_out(session, proposal, today(look.at)) for proposal in queries.proposals_of(session, person)]


def _state(proposal: Proposal) -> StateOut:
    return StateOut(proposal=proposal.id, right=proposal.right, state=proposal.state)


def _proposal_out(session: Session, proposal: Proposal, on: date) -> ProposalOut:
    papers, owner = queries.papers_of(session, proposal.id), proposal.person
    own = (
        (owner, queries.LITMAS_NUMBER, proposal.litmas_number),
        (owner, queries.PROPOSAL_DECREE, proposal.decree),
        (owner, queries.REVOCATION, proposal.revocation),
    )
    sealed = [(owner, queries.PAPER_NUMBER, paper.number) for paper in papers]
    litmas_number, decree_number, revocation_number, *numbers = opened(session, [*own, *sealed])
    return ProposalOut(
        **proposal.model_dump(include=set(ProposalOut.model_fields) - {"basis", "litmas_number"}),
        proposal=proposal.id,
        basis=queries.EstimateTold.model_validate(proposal.basis),
        documents=[
            DocumentOut(**paper.model_dump(exclude={"number"}), text=proposal.paper(paper.code), number=number)
            for paper, number in zip(papers, numbers, strict=True)
        ],
        advice=[
            AdviceOut(sitting=item.sitting, advice=item.advice, reasons=item.reasons, minutes=minutes)
            for item, minutes in board.advice_on(session, proposal)
        ],
        litmas_number=litmas_number,
        decree_number=decree_number,
        revocation_number=revocation_number,
        **_deadlines(proposal, on),
    )


def _deadlines(proposal: Proposal, on: date) -> dict[str, DeadlineOut]:
    here, kanwil = proposal.deadlines(on)
    return {"here": DeadlineOut(**here._asdict()), "kanwil": DeadlineOut(**kanwil._asdict())}
