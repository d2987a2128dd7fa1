"""A person's road through this rutan, from what each table says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, SQLModel, col, select

from intake.model.consents import Consent, ConsentEnd
from intake.model.days import today
from intake.model.detention import DetentionPeriod
from intake.model.erasures import Erasure
from intake.model.people import RegisterEntry
from intake.model.rights import Proposal
from intake.model.sentences import CourtSentence, GrantedRemission
from intake.queries.people import entries_of
from intake.queries.stays import stays_of, transfers_of

T = TypeVar("T", bound=SQLModel)


class Happened(StrEnum):
    """What happened."""

    ADMITTED = "admitted"
    RELEASED = "released"
    REGISTER_ENTERED = "register_entered"
    DETAINED = "detained"
    SENTENCED = "sentenced"
    REMISSION_GRANTED = "remission_granted"
    CONSENT_GIVEN = "consent_given"
    CONSENT_DECLINED = "consent_declined"
    CONSENT_ENDED = "consent_ended"
    RIGHT_PROPOSED = "right_proposed"
    RIGHT_GRANTED = "right_granted"
    RIGHT_REFUSED = "right_refused"
    RIGHT_REVOKED = "right_revoked"
    TRANSFER_OFFERED = "transfer_offered"
    TRANSFER_ARRIVED = "transfer_arrived"
    TRANSFER_CANCELLED = "transfer_cancelled"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_DECIDED = "erasure_decided"


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `of` is a word of the public language, a rutan's or a partner's code."""

    on: date
    what: Happened
    of: str | None = None
    until_on: date | None = None
    months: int | None = None
    days: int | None = None


def timeline_of(session: Session, person_id: UUID) -> list[Entry]:
    """Everything of every entry of this person, the earliest first."""
    people = entries_of(session, person_id)
    found = [
        *_stays(session, people),
        *_registers(session, people),
        *_sentences(session, people),
        *_consents(session, people),
        *_proposals(session, people),
        *_transfers(session, people),
        *_erasures(session, people),
    ]
    order = list(Happened)
    return sorted(found, key=lambda entry: (entry.on, order.index(entry.what)))


def _stays(session: Session, people: list[UUID]) -> Iterator[Entry]:
    for stay, release in stays_of(session, *people):
        yield Entry(stay.admitted_on or today(stay.admitted_at), Happened.ADMITTED, stay.how)
        if release:
            yield Entry(release.released_on, Happened.RELEASED, release.mode)


def _registers(session: Session, people: list[UUID]) -> Iterator[Entry]:
    for entry in _rows(session, RegisterEntry, people):
        if entry.site == session.info["site"]:
            yield Entry(entry.from_on or today(entry.entered_at), Happened.REGISTER_ENTERED, entry.book)
    for period in _rows(session, DetentionPeriod, people):
        if period.annulled_at is None:
            yield Entry(period.from_on, Happened.DETAINED, period.book, period.until_on)


def _sentences(session: Session, people: list[UUID]) -> Iterator[Entry]:
    for sentence in _rows(session, CourtSentence, people):
        if sentence.superseded_by is None:
            whole = "life" if sentence.life else "death" if sentence.death else None
            yield Entry(sentence.decided_on, Happened.SENTENCED, whole, months=sentence.months, days=sentence.days)
    for remission in _rows(session, GrantedRemission, people):
        if remission.superseded_by is None:
            yield Entry(
                remission.granted_on,
                Happened.REMISSION_GRANTED,
                remission.right,
                months=remission.months,
                days=remission.days,
            )


def _consents(session: Session, people: list[UUID]) -> Iterator[Entry]:
    for consent in _rows(session, Consent, people):
        given = Happened.CONSENT_GIVEN if consent.given else Happened.CONSENT_DECLINED
        yield Entry(_day(consent.answered_at), given, consent.purpose)
        # A renewal says itself, as the consent that took its place.
        if consent.ended_at and consent.end is not ConsentEnd.RENEWED:
            yield Entry(_day(consent.ended_at), Happened.CONSENT_ENDED, consent.purpose)


def _proposals(session: Session, people: list[UUID]) -> Iterator[Entry]:
    for proposal in _rows(session, Proposal, people):
        yield Entry(_day(proposal.proposed_at), Happened.RIGHT_PROPOSED, proposal.right)
        if proposal.decided_on:
            decided = Happened.RIGHT_GRANTED if proposal.granted else Happened.RIGHT_REFUSED
            yield Entry(proposal.decided_on, decided, proposal.right)
        if proposal.revoked_on:
            yield Entry(proposal.revoked_on, Happened.RIGHT_REVOKED, proposal.right)


def _transfers(session: Session, people: list[UUID]) -> Iterator[Entry]:
    for transfer in transfers_of(session, *people):
        yield Entry(_day(transfer.offered_at), Happened.TRANSFER_OFFERED, transfer.to_site)
        if transfer.closed_at:
            closed = Happened.TRANSFER_ARRIVED if transfer.arrived else Happened.TRANSFER_CANCELLED
            yield Entry(_day(transfer.closed_at), closed, transfer.to_site)


def _erasures(session: Session, people: list[UUID]) -> Iterator[Entry]:
    for erasure in _rows(session, Erasure, people):
        yield Entry(erasure.received_on, Happened.ERASURE_ASKED)
        if erasure.decided_at:
            yield Entry(_day(erasure.decided_at), Happened.ERASURE_DECIDED, erasure.outcome)


def _rows(session: Session, table: type[T], people: list[UUID]) -> list[T]:
    return list(session.exec(select(table).where(col(table.person).in_(people))))  # type: ignore[attr-defined]


def _day(at: datetime) -> date:
    return today(at)
