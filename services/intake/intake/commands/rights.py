"""Proposing a right with the person, gathering its papers, and recording what became of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.vocabulary import Right
from sqlmodel import Session

from intake.commands.people import person_of
from intake.model.days import today
from intake.model.family import Contact
from intake.model.rights import (
    LITMAS,
    SURETY,
    DocumentFollows,
    DocumentNotAsked,
    LitmasAdvice,
    NotItsTurn,
    Proposal,
    ProposalDocument,
    ProposalIdTaken,
    ProposalState,
    StepAlreadyTaken,
)
from intake.model.table import EntryChangedMeanwhile
from intake.queries import rights as queries
from intake.queries.family import entry_of
from intake.queries.guarantors import stands_since
from intake.queries.sentences import opened


def propose(
    session: Session,
    person_id: UUID,
    proposal_id: UUID,
    right: Right,
    wanted_on: date | None,
    *,
    by: Actor,
    at: datetime,
) -> Proposal:
    """Proposes a right that the person wants. The same proposal again changes nothing."""
    person = person_of(session, person_id)
    if known := session.get(Proposal, proposal_id):
        if (known.person, known.right, known.wanted_by_person_on) != (person_id, right, wanted_on):
            raise ProposalIdTaken
        return known
    found = queries.estimate_of(session, person_id, right, today(at))
    proposal = Proposal(
        id=proposal_id,
        site=person.site,
        person=person_id,
        right=right,
        wanted_by_person_on=wanted_on,
        basis=queries.told(found).model_dump(mode="json") if found else {},
        proposed_at=at,
        proposed_by=by.id,
    )
    publish(session, proposal.propose(person, found, queries.open_proposal(session, person_id, right)))
    session.add(proposal)
    session.flush()
    session.add_all(
        ProposalDocument(proposal=proposal_id, code=paper["code"]) for paper in proposal.basis["missing_documents"]
    )
    return proposal


def note_document(
    session: Session,
    person_id: UUID,
    proposal_id: UUID,
    code: str,
    received_on: date | None,
    number: str | None,
    *,
    seen: tuple[date | None, str | None],
    by: Actor,
    at: datetime,
) -> ProposalDocument:
    """A paper of the checklist came, or is not there after all, in place of what was `seen`."""
    proposal = _proposal(session, person_id, proposal_id)
    if code in (LITMAS, SURETY):
        raise DocumentFollows
    paper = session.get(ProposalDocument, (proposal_id, code))
    if paper is None:
        raise DocumentNotAsked
    [was_number] = opened(session, [(proposal.person, queries.PAPER_NUMBER, paper.number)])
    if not _changes((paper.received_on, was_number), (received_on, number), seen):
        return paper
    if proposal.state is not ProposalState.PROPOSED:
        raise NotItsTurn
    paper.note(received_on, by=by.id, at=at)
    paper.number = _sealed(session, proposal, queries.PAPER_NUMBER, number)
    return paper


def record_litmas(
    session: Session,
    person_id: UUID,
    proposal_id: UUID,
    requested_on: date,
    received_on: date | None,
    advice: LitmasAdvice | None,
    number: str | None,
    *,
    seen: tuple[Any, ...],
    by: Actor,
    at: datetime,
) -> Proposal:
    """The report of PK Bapas was asked for, and perhaps received: then it is there in the checklist as well."""
    proposal = _proposal(session, person_id, proposal_id)
    was = (proposal.litmas_requested_on, proposal.litmas_received_on, proposal.litmas_advice)
    [was_number] = opened(session, [(proposal.person, queries.LITMAS_NUMBER, proposal.litmas_number)])
    if not _changes((*was, was_number), (requested_on, received_on, advice, number), seen):
        return proposal
    proposal.litmas(requested_on, received_on, advice, at)
    proposal.litmas_number = _sealed(session, proposal, queries.LITMAS_NUMBER, number)
    _follows(session, proposal, LITMAS, received_on, by=by.id, at=at)
    return proposal


def record_guarantor(
    session: Session,
    person_id: UUID,
    proposal_id: UUID,
    contact_id: UUID,
    seen: UUID | None,
    *,
    by: Actor,
    at: datetime,
) -> Proposal:
    """A contact is to stand surety; once they do, the letter is there in the checklist as well."""
    proposal = _proposal(session, person_id, proposal_id)
    if not _changes((proposal.guarantor,), (contact_id,), (seen,)):
        return proposal
    entry_of(session, Contact, person_id, contact_id)
    proposal.guaranteed_by(contact_id)
    _follows(session, proposal, SURETY, stands_since(session, contact_id), by=by.id, at=at)
    return proposal


def follow_guarantor(session: Session, contact_id: UUID, *, by: UUID, at: datetime) -> None:
    """What became of a guarantor shows in every checklist that is still open."""
    for proposal in queries.guaranteed_by(session, contact_id):
        _follows(session, proposal, SURETY, stands_since(session, contact_id), by=by, at=at)


def complete(session: Session, person_id: UUID, proposal_id: UUID, on: date, *, by: Actor, at: datetime) -> Proposal:
    """All papers are there."""
    proposal = _proposal(session, person_id, proposal_id)
    proposal.complete(queries.papers_of(session, proposal_id), on, by=by.id, at=at)
    return proposal


def send(session: Session, person_id: UUID, proposal_id: UUID, on: date, *, by: Actor, at: datetime) -> Proposal:
    """It went to the Kanwil."""
    proposal = _proposal(session, person_id, proposal_id)
    proposal.send(on, by=by.id, at=at)
    return proposal


def decide(
    session: Session,
    person_id: UUID,
    proposal_id: UUID,
    granted: bool,
    on: date,
    number: str,
    *,
    by: Actor,
    at: datetime,
) -> Proposal:
    """The decree came. The same again changes nothing."""
    proposal = _proposal(session, person_id, proposal_id)
    if told := proposal.decide(granted, on, by=by.id, at=at):
        proposal.decree = _sealed(session, proposal, queries.PROPOSAL_DECREE, number)
        publish(session, told)
    _must_read(session, queries.PROPOSAL_DECREE, proposal, proposal.decree, number)
    return proposal


def revoke(
    session: Session, person_id: UUID, proposal_id: UUID, on: date, number: str, *, by: Actor, at: datetime
) -> Proposal:
    """A decree took the right back. The same again changes nothing."""
    proposal = _proposal(session, person_id, proposal_id)
    if told := proposal.revoke(on, by=by.id, at=at):
        proposal.revocation = _sealed(session, proposal, queries.REVOCATION, number)
        publish(session, told)
    _must_read(session, queries.REVOCATION, proposal, proposal.revocation, number)
    return proposal


def withdraw(session: Session, person_id: UUID, proposal_id: UUID, on: date, *, by: Actor, at: datetime) -> Proposal:
    """The person no longer wants it."""
    proposal = _proposal(session, person_id, proposal_id)
    proposal.withdraw(on, by=by.id, at=at)
    return proposal


def _proposal(session: Session, person_id: UUID, proposal_id: UUID) -> Proposal:
    person_of(session, person_id)
    return queries.proposal_of(session, person_id, proposal_id)


def _changes(stored: tuple[Any, ...], sent: tuple[Any, ...], seen: tuple[Any, ...]) -> bool:
    """Whether `sent` changes what is stored. Raises EntryChangedMeanwhile when that is no longer what was seen."""
    if stored not in (sent, seen):
        raise EntryChangedMeanwhile
    return stored != sent


def _follows(
    session: Session, proposal: Proposal, code: str, received_on: date | None, *, by: UUID, at: datetime
) -> None:
    # A right may ask for neither: then there is nothing to tick.
    if paper := session.get(ProposalDocument, (proposal.id, code)):
        paper.note(received_on, by=by, at=at)


def _sealed(session: Session, proposal: Proposal, place: str, said: str | None) -> bytes | None:
    return vault_of(session).seal(proposal.person, place, said.encode()) if said is not None else None


def _must_read(session: Session, place: str, proposal: Proposal, sealed: bytes | None, number: str) -> None:
    if opened(session, [(proposal.person, place, sealed)]) != [number]:
        raise StepAlreadyTaken
