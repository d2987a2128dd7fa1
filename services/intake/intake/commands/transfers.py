"""Handing somebody over to another rutan, over any time without a link."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4, uuid5

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from contracts.vocabulary import ReleaseMode
from sqlmodel import Session

from intake.commands.people import new_entry, person_of, register_person
from intake.commands.stays import end_stay
from intake.model.days import today
from intake.model.detention import DetentionPeriod
from intake.model.people import Person, RegisterNumber
from intake.model.stays import Admission
from intake.model.transfers import (
    CODE_BYTES,
    Answered,
    Arrival,
    Bundle,
    BundleForAnotherSite,
    Held,
    Number,
    Transfer,
    TransferAcceptedAlready,
    TransferIdTaken,
    TransferNotHere,
    TransferStillOpen,
    from_paper,
    on_paper,
)
from intake.queries import duplicates, stays
from intake.queries import people as queries

SECRET = "transfer.secret"  # noqa: S105 - the place that it is bound to
_NONCE = 12


@dataclass(frozen=True)
class Offer:
    """A transfer, and the one time that it is made what travels: the bundle, and the code on the escort's paper."""

    transfer: Transfer
    bundle: bytes | None = None
    code: str | None = None


COPIED = {"sex", "birth_year", "marital_status", "prior_convictions", "worked_before", "legal_status"}
"""What goes with a person as it stands in the register, beside their identity and their numbers."""


def offer_transfer(
    session: Session, person_id: UUID, transfer_id: UUID, to_site: str, *, by: Actor, at: datetime
) -> Offer:
    """Offers a person to another rutan. The same offer again changes nothing, and shows neither bundle nor code."""
    person = person_of(session, person_id)
    if known := session.get(Transfer, transfer_id):
        if (known.person, known.to_site) != (person_id, to_site):
            raise TransferIdTaken
        return Offer(known)
    if stays.open_transfer(session, person_id):
        raise TransferStillOpen
    secret, code = secrets.token_bytes(32), secrets.token_bytes(CODE_BYTES)
    transfer = Transfer(
        id=transfer_id,
        site=person.site,
        person=person_id,
        to_site=to_site,
        secret=vault_of(session).seal(person_id, SECRET, secret),
        offered_at=at,
        offered_by=by.id,
    )
    publish(session, transfer.offer(person))
    session.add(transfer)
    sealed = _bundle(session, person, transfer, secret).sealed(code, secrets.token_bytes(_NONCE))
    return Offer(transfer, sealed, on_paper(code))


def _bundle(session: Session, person: Person, transfer: Transfer, secret: bytes) -> Bundle:
    entries = queries.entries_of(session, person.id)
    stay = stays.open_stay(session, person.id)
    return Bundle(
        transfer=transfer.id,
        from_site=transfer.site,
        to_site=transfer.to_site,
        secret=secret.hex(),
        identity=queries.identity_of(session, person),
        numbers=[
            Number(number=known.number.written, book=known.entry.book, from_on=known.entry.from_on)
            for known in queries.registers_of(session, *entries)
        ],
        held=[
            Held(**period.model_dump(include=set(Held.model_fields)))
            for period in (stays.periods_of(session, stay.id) if stay else ())
            if period.annulled_at is None
        ],
        consents=[
            Answered(purpose=purpose, recipient=recipient)
            for (purpose, recipient), agreed in duplicates.standing(session, person.id).items()
            if agreed
        ],
        **person.model_dump(include=COPIED),
    )


def accept_transfer(
    session: Session,
    sealed: bytes,
    code: str,
    person_id: UUID,
    *,
    number: str | None = None,
    by: Actor,
    at: datetime,
) -> tuple[Arrival, Bundle]:
    """Takes in somebody who came from another rutan. The same acceptance again changes nothing."""
    bundle = Bundle.opened(sealed, from_paper(code, CODE_BYTES))
    if bundle.to_site != by.site:
        raise BundleForAnotherSite
    in_turn(session, bundle.transfer)
    if known := session.get(Arrival, bundle.transfer):
        if known.person != person_id:
            raise TransferAcceptedAlready
        return known, bundle
    arrival = Arrival(
        id=bundle.transfer,
        site=by.site,
        person=person_id,
        from_site=bundle.from_site,
        accepted_at=at,
        accepted_by=by.id,
    )
    _take_in(session, bundle, person_id, number, by=by, at=at)
    session.add(arrival)
    publish(session, arrival.told())
    return arrival, bundle


def _take_in(session: Session, bundle: Bundle, person_id: UUID, number: str | None, *, by: Actor, at: datetime) -> None:
    person = Person(
        id=person_id, site=by.site, registered_at=at, registered_by=by.id, **bundle.model_dump(include=COPIED)
    )
    if session.get(Person, person_id):
        raise TransferAcceptedAlready
    day = today(at)
    register_person(session, person, bundle.identity, number, admitted_on=day, how=Admission.TRANSFER)
    for past in bundle.numbers:
        read = RegisterNumber.read(past.number, past.book)
        entry = new_entry(session, uuid4(), person, read, past.from_on, by=by.id, at=at, site=bundle.from_site)
        entry.closed_on = day
        session.add(entry)
    stay = stays.open_stay(session, person_id)
    assert stay
    for held in bundle.held:
        session.add(
            DetentionPeriod(
                id=uuid4(),
                site=by.site,
                person=person_id,
                stay=stay.id,
                entered_at=at,
                entered_by=by.id,
                **held.model_dump(),
            )
        )


def close_transfer(
    session: Session,
    person_id: UUID,
    transfer_id: UUID,
    code: str,
    arrived_on: date | None,
    *,
    by: Actor,
    at: datetime,
) -> Transfer:
    """The other rutan has the person: here the stay ends. The same closure again changes nothing."""
    person, transfer = person_of(session, person_id), _transfer_of(session, person_id, transfer_id)
    secret = vault_of(session).open(person_id, SECRET, transfer.secret)
    if transfer.arrived and transfer.answered_by(secret, code):
        return transfer
    publish(session, transfer.arrive(secret, code, by=by.id, at=at))
    release = uuid5(transfer_id, "release")
    end_stay(session, person, release, arrived_on or today(at), ReleaseMode.DIALIHKAN, by=by, at=at)
    return transfer


def cancel_transfer(session: Session, person_id: UUID, transfer_id: UUID, *, by: Actor, at: datetime) -> Transfer:
    """It did not come to it, and the person stays. The same again changes nothing."""
    person_of(session, person_id)
    transfer = _transfer_of(session, person_id, transfer_id)
    if transfer.arrived is not False:
        publish(session, transfer.cancel(by=by.id, at=at))
    return transfer


def _transfer_of(session: Session, person_id: UUID, transfer_id: UUID) -> Transfer:
    transfer = session.get(Transfer, transfer_id)
    if transfer is None or transfer.person != person_id:
        raise TransferNotHere
    return transfer
