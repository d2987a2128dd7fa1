"""A person's road through this rutan, from what each table says of it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    cast,
    literal,
    null,
    select,
    true,
    union_all,
)
from sqlmodel import Session, SQLModel, col

from intake.model.consents import Consent, ConsentEnd
from intake.model.days import today
from intake.model.detention import DetentionPeriod
from intake.model.erasures import Erasure
from intake.model.people import RegisterEntry
from intake.model.rights import Proposal
from intake.model.sentences import CourtSentence, GrantedRemission
from intake.model.stays import Release, Stay
from intake.model.transfers import Transfer


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
    """One thing that happened. `of` is a word of the public language, or a rutan's code."""

    on: date
    what: Happened
    of: str | None
    until_on: date | None
    months: int | None
    days: int | None


def timeline_of(session: Session, people: list[UUID]) -> list[Entry]:
    """Everything of these entries of one person, the earliest first."""
    rows = session.execute(_EVERYTHING, {"people": people, "site": session.info["site"]})
    found = [
        Entry(row.on or today(row.at), Happened(row.what), row.of, row.until_on, row.months, row.days) for row in rows
    ]
    order = list(Happened)
    return sorted(found, key=lambda entry: (entry.on, order.index(entry.what)))


def _of(
    table: type[SQLModel],
    what: Happened,
    *where: Any,
    on: Any = None,
    at: Any = None,
    of: Any = None,
    until_on: Any = None,
    months: Any = None,
    days: Any = None,
) -> Select[*tuple[Any, ...]]:
    """The rows of a table that say it. The day is `on`, or the one of the moment `at`."""
    columns = [
        cast(null() if said is None else said, kind).label(name)
        for name, said, kind in (
            ("on", on, Date()),
            ("at", at, DateTime(True)),
            ("of", of, Text()),
            ("until_on", until_on, Date()),
            ("months", months, Integer()),
            ("days", days, Integer()),
        )
    ]
    theirs = col(table.person).in_(bindparam("people", expanding=True))  # type: ignore[attr-defined]
    return select(literal(what.value).label("what"), *columns).where(theirs, *where)


# Made once: a statement of this size costs more to put together than to answer.
_EVERYTHING = union_all(
    _of(Stay, Happened.ADMITTED, on=Stay.admitted_on, at=Stay.admitted_at, of=Stay.how),
    _of(Release, Happened.RELEASED, on=Release.released_on, of=Release.mode),
    _of(
        RegisterEntry,
        Happened.REGISTER_ENTERED,
        RegisterEntry.site == bindparam("site"),
        on=RegisterEntry.from_on,
        at=RegisterEntry.entered_at,
        of=RegisterEntry.book,
    ),
    _of(
        DetentionPeriod,
        Happened.DETAINED,
        col(DetentionPeriod.annulled_at).is_(None),
        on=DetentionPeriod.from_on,
        of=DetentionPeriod.book,
        until_on=DetentionPeriod.until_on,
    ),
    _of(
        CourtSentence,
        Happened.SENTENCED,
        col(CourtSentence.superseded_by).is_(None),
        on=CourtSentence.decided_on,
        of=case((col(CourtSentence.life) == true(), "life"), (col(CourtSentence.death) == true(), "death")),
        months=CourtSentence.months,
        days=CourtSentence.days,
    ),
    _of(
        GrantedRemission,
        Happened.REMISSION_GRANTED,
        col(GrantedRemission.superseded_by).is_(None),
        on=GrantedRemission.granted_on,
        of=GrantedRemission.right,
        months=GrantedRemission.months,
        days=GrantedRemission.days,
    ),
    _of(Consent, Happened.CONSENT_GIVEN, Consent.given, at=Consent.answered_at, of=Consent.purpose),
    _of(Consent, Happened.CONSENT_DECLINED, ~col(Consent.given), at=Consent.answered_at, of=Consent.purpose),
    _of(
        Consent,
        Happened.CONSENT_ENDED,
        # A renewal says itself, as the consent that took its place.
        Consent.end != ConsentEnd.RENEWED,
        at=Consent.ended_at,
        of=Consent.purpose,
    ),
    _of(Proposal, Happened.RIGHT_PROPOSED, at=Proposal.proposed_at, of=Proposal.right),
    _of(Proposal, Happened.RIGHT_GRANTED, Proposal.granted, on=Proposal.decided_on, of=Proposal.right),
    _of(Proposal, Happened.RIGHT_REFUSED, ~col(Proposal.granted), on=Proposal.decided_on, of=Proposal.right),
    _of(
        Proposal,
        Happened.RIGHT_REVOKED,
        col(Proposal.revoked_on).is_not(None),
        on=Proposal.revoked_on,
        of=Proposal.right,
    ),
    _of(Transfer, Happened.TRANSFER_OFFERED, at=Transfer.offered_at, of=Transfer.to_site),
    _of(Transfer, Happened.TRANSFER_ARRIVED, Transfer.arrived, at=Transfer.closed_at, of=Transfer.to_site),
    _of(Transfer, Happened.TRANSFER_CANCELLED, ~col(Transfer.arrived), at=Transfer.closed_at, of=Transfer.to_site),
    _of(Erasure, Happened.ERASURE_ASKED, on=Erasure.received_on),
    _of(
        Erasure,
        Happened.ERASURE_DECIDED,
        col(Erasure.decided_at).is_not(None),
        at=Erasure.decided_at,
        of=Erasure.outcome,
    ),
)
