"""What families need, over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import PartnerCode, Role
from pydantic import BaseModel
from sqlmodel import Session

from intake.commands import family_needs as commands
from intake.model.family_needs import FamilyNeed, FamilyNeedKind, FamilyReferral, Office, ReferralOutcome
from intake.queries.family import entries_of

router = Router()
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR)]


class NeedIn(Form):
    """What the family asked for, and who of them, if it is known."""

    kind: FamilyNeedKind
    contact: UUID | None = None


class ReferralIn(Form):
    """Where the family was referred: a partner or an office."""

    partner: PartnerCode | None = None
    office: Office | None = None


class ReferralOutcomeIn(Form):
    """What became of it."""

    outcome: ReferralOutcome


class ReferralOut(BaseModel):
    """One referral. `outcome` is null as long as nobody answered."""

    referral: UUID
    need: UUID
    partner: str | None
    office: Office | None
    entered_at: datetime
    outcome: ReferralOutcome | None


class NeedOut(BaseModel):
    """One need."""

    need: UUID
    kind: FamilyNeedKind
    contact: UUID | None
    entered_at: datetime


class NeedWithReferrals(NeedOut):
    """One need, and where it was referred."""

    referrals: list[ReferralOut]


@router.get("/people/{person}/family-needs")
def read_needs(person: UUID, session: Transaction, look: Reader) -> list[NeedWithReferrals]:
    """Everything that the family asked for."""
    return needs_of(session, person)


def needs_of(session: Session, person: UUID) -> list[NeedWithReferrals]:
    """The same for whoever shows more of the family."""
    referrals = entries_of(session, FamilyReferral, person)
    return [
        NeedWithReferrals(
            **_need_out(need).model_dump(),
            referrals=[_referral_out(referral) for referral in referrals if referral.need == need.id],
        )
        for need in entries_of(session, FamilyNeed, person)
    ]


@router.put("/people/{person}/family-needs/{need}", status_code=201)
def note_need(person: UUID, need: UUID, sent: NeedIn, session: Transaction, by: Staff, at: Now) -> NeedOut:
    """Notes what the family asked for."""
    entry = FamilyNeed(id=need, site=by.site, person=person, entered_at=at, entered_by=by.id, **sent.model_dump())
    return _need_out(commands.note_need(session, entry))


@router.put("/people/{person}/family-needs/{need}/referrals/{referral}", status_code=201)
def refer_family(
    person: UUID, need: UUID, referral: UUID, sent: ReferralIn, session: Transaction, by: Staff, at: Now
) -> ReferralOut:
    """Refers the family to a partner or an office."""
    entry = FamilyReferral(
        id=referral, site=by.site, person=person, need=need, entered_at=at, entered_by=by.id, **sent.model_dump()
    )
    return _referral_out(commands.refer_family(session, entry))


@router.post("/people/{person}/family-referrals/{referral}/outcome", status_code=201)
def answer_referral(
    person: UUID, referral: UUID, sent: ReferralOutcomeIn, session: Transaction, by: Staff, at: Now
) -> ReferralOut:
    """Records what became of a referral."""
    return _referral_out(commands.answer_referral(session, person, referral, sent.outcome, by=by, at=at))


def _need_out(need: FamilyNeed) -> NeedOut:
    return NeedOut(need=need.id, **need.model_dump(include=set(NeedOut.model_fields)))


def _referral_out(referral: FamilyReferral) -> ReferralOut:
    return ReferralOut(referral=referral.id, **referral.model_dump(include=set(ReferralOut.model_fields)))
