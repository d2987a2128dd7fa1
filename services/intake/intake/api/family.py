"""A person's family and community over HTTP."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.intake import FamilyRelation
from contracts.vocabulary import Answer, Role
from pydantic import BaseModel
from sqlmodel import Session

from intake.api.family_needs import NeedWithReferrals, needs_of
from intake.api.guarantors import GuarantorOut, guarantor_out
from intake.api.rights import ProposalOut, proposals_out
from intake.api.visits import RestrictionOut, VisitOut, restriction_out, visit_out
from intake.commands import family as commands
from intake.model.family import Contact, ContactAnswer, ContactWish, Details
from intake.model.guarantors import Guarantee
from intake.model.visits import ContactRestriction, Visit
from intake.queries import family as queries

router = Router()
Staff = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR)]


class ContactIn(Details):
    """Somebody outside, or an institution."""

    relation: FamilyRelation


class ChangeIn(Details):
    """New details, and those that the officer saw."""

    instead_of: Details


class AnswerIn(Form):
    """What the contact said when asked for one thing."""

    wish: ContactWish
    answer: Answer
    asked_on: date


class WithdrawalIn(Form):
    """What the contact takes back."""

    wish: ContactWish


class AnswerOut(BaseModel):
    """One answer of a contact."""

    wish: ContactWish
    answer: Answer
    asked_on: date
    withdrawn_at: datetime | None


class ContactEntered(BaseModel):
    """A contact as entered: who it is stands in the record, where every look is noted."""

    contact: UUID
    relation: FamilyRelation


class ContactOut(ContactEntered):
    """A contact, and everything they answered."""

    details: Details
    answers: list[AnswerOut]


class Part(StrEnum):
    """What else of a family is asked for."""

    RESTRICTIONS = "restrictions"
    VISITS = "visits"
    GUARANTORS = "guarantors"
    NEEDS = "needs"
    PROPOSALS = "proposals"


class FamilyOut(BaseModel):
    """Everybody outside; null is what was not asked for."""

    contacts: list[ContactOut]
    restrictions: list[RestrictionOut] | None = None
    visits: list[VisitOut] | None = None
    guarantors: list[GuarantorOut] | None = None
    needs: list[NeedWithReferrals] | None = None
    proposals: list[ProposalOut] | None = None


@router.get("/people/{person}/family")
def read_family(person: UUID, session: Transaction, look: Reader, part: Part | None = None) -> FamilyOut:
    """Everybody outside with one part of what is known of them: what a page shows is one question and one look."""
    found = FamilyOut(contacts=_contacts_of(session, person))
    match part:
        case Part.RESTRICTIONS:
            found.restrictions = [
                restriction_out(entry) for entry in queries.entries_of(session, ContactRestriction, person)
            ]
        case Part.VISITS:
            found.visits = [visit_out(entry) for entry in queries.entries_of(session, Visit, person)]
        case Part.GUARANTORS:
            found.guarantors = [guarantor_out(entry) for entry in queries.entries_of(session, Guarantee, person)]
        case Part.NEEDS:
            found.needs = needs_of(session, person)
        case Part.PROPOSALS:
            found.proposals = proposals_out(session, person, look)
    return found


@router.get("/people/{person}/contacts")
def read_contacts(person: UUID, session: Transaction, look: Reader) -> list[ContactOut]:
    """Everybody outside who matters to a person."""
    return _contacts_of(session, person)


def _contacts_of(session: Session, person: UUID) -> list[ContactOut]:
    contacts = queries.entries_of(session, Contact, person)
    answers = queries.entries_of(session, ContactAnswer, person)
    return [
        ContactOut(
            contact=contact.id,
            relation=contact.relation,
            details=details,
            answers=[_answer_out(answer) for answer in answers if answer.contact == contact.id],
        )
        for contact, details in zip(contacts, queries.details_of_all(session, contacts), strict=True)
        if details is not None
    ]


@router.put("/people/{person}/contacts/{contact}", status_code=201)
def add_contact(
    person: UUID, contact: UUID, sent: ContactIn, session: Transaction, by: Staff, at: Now
) -> ContactEntered:
    """Adds somebody outside."""
    entry = Contact(
        id=contact, site=by.site, person=person, relation=sent.relation, said=b"", entered_at=at, entered_by=by.id
    )
    details = Details(**sent.model_dump(exclude={"relation"}))
    return _contact_out(commands.add_contact(session, entry, details))


@router.post("/people/{person}/contacts/{contact}/details", status_code=201)
def change_contact(person: UUID, contact: UUID, sent: ChangeIn, session: Transaction, by: Staff) -> ContactEntered:
    """Puts new details in the place of those that the officer saw."""
    details = Details(**sent.model_dump(exclude={"instead_of"}))
    return _contact_out(commands.change_contact(session, person, contact, details, sent.instead_of))


@router.put("/people/{person}/contacts/{contact}/answers/{answer}", status_code=201)
def answer_for_contact(
    person: UUID, contact: UUID, answer: UUID, sent: AnswerIn, session: Transaction, by: Staff, at: Now
) -> AnswerOut:
    """Records what a contact agreed to or did not: no is an ordinary answer."""
    entry = ContactAnswer(
        id=answer, site=by.site, person=person, contact=contact, entered_at=at, entered_by=by.id, **sent.model_dump()
    )
    return _answer_out(commands.answer_for_contact(session, entry))


@router.post("/people/{person}/contacts/{contact}/withdrawal", status_code=201)
def withdraw_for_contact(
    person: UUID, contact: UUID, sent: WithdrawalIn, session: Transaction, by: Staff, at: Now
) -> AnswerOut:
    """The contact takes back what they agreed to."""
    return _answer_out(commands.withdraw_for_contact(session, person, contact, sent.wish, by=by, at=at))


def _contact_out(contact: Contact) -> ContactEntered:
    return ContactEntered(contact=contact.id, relation=contact.relation)


def _answer_out(answer: ContactAnswer) -> AnswerOut:
    return AnswerOut(**answer.model_dump(include=set(AnswerOut.model_fields)))
