"""Guarantors over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Role
from pydantic import BaseModel

from intake.commands import guarantors as commands
from intake.model.guarantors import Guarantee, VillageHead
from intake.queries.family import entries_of

router = Router()
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.ASSESSMENT_BOARD)]


class GuarantorIn(Form):
    """Which contact stands surety: of the family, or an institution."""

    contact: UUID


class LetterIn(Form):
    """The surety's letter."""

    received_on: date


class CountersignatureIn(Form):
    """Who of the village signed it."""

    countersigned_on: date
    countersigned_by: VillageHead


class GuarantorOut(BaseModel):
    """One guarantor, and how far it is."""

    guarantor: UUID
    contact: UUID
    letter_received_on: date | None
    countersigned_on: date | None
    countersigned_by: VillageHead | None
    confirmed_at: datetime | None
    withdrawn_at: datetime | None


@router.get("/people/{person}/guarantors")
def read_guarantors(person: UUID, session: Transaction, look: Reader) -> list[GuarantorOut]:
    """Everybody who stands or stood surety."""
    return [guarantor_out(entry) for entry in entries_of(session, Guarantee, person)]


@router.put("/people/{person}/guarantors/{guarantor}", status_code=201)
def name_guarantor(
    person: UUID, guarantor: UUID, sent: GuarantorIn, session: Transaction, by: Staff, at: Now
) -> GuarantorOut:
    """Names a contact who agreed to stand surety."""
    entry = Guarantee(id=guarantor, site=by.site, person=person, contact=sent.contact, entered_at=at, entered_by=by.id)
    return guarantor_out(commands.name_guarantor(session, entry))


@router.post("/people/{person}/guarantors/{guarantor}/letter", status_code=201)
def receive_letter(
    person: UUID, guarantor: UUID, sent: LetterIn, session: Transaction, by: Staff, at: Now
) -> GuarantorOut:
    """The letter is here."""
    return guarantor_out(commands.receive_letter(session, person, guarantor, sent.received_on, by=by, at=at))


@router.post("/people/{person}/guarantors/{guarantor}/countersignature", status_code=201)
def countersign(
    person: UUID, guarantor: UUID, sent: CountersignatureIn, session: Transaction, by: Staff, at: Now
) -> GuarantorOut:
    """The village head signed it."""
    signed = (sent.countersigned_on, sent.countersigned_by)
    return guarantor_out(commands.countersign(session, person, guarantor, *signed, by=by, at=at))


@router.post("/people/{person}/guarantors/{guarantor}/withdrawal", status_code=201)
def withdraw_guarantor(person: UUID, guarantor: UUID, session: Transaction, by: Staff, at: Now) -> GuarantorOut:
    """The guarantor takes it back."""
    return guarantor_out(commands.withdraw_guarantor(session, person, guarantor, by=by, at=at))


def guarantor_out(entry: Guarantee) -> GuarantorOut:
    """One guarantor as it is shown."""
    return GuarantorOut(guarantor=entry.id, **entry.model_dump(include=set(GuarantorOut.model_fields)))
