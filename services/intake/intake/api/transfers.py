"""Transfers between rutan over HTTP."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.event import SiteCode
from contracts.vocabulary import Role
from pydantic import BaseModel, StringConstraints

from intake.commands import transfers as commands
from intake.model.transfers import Answered, BundleNotOpened, Transfer
from intake.queries import people, stays

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Sender = Annotated[Look, looks("person", Role.REGISTRAR)]
"""A bundle is a whole record that leaves: whoever makes one has read it."""


class TransferIn(Form):
    """Where the person is to go."""

    to_site: SiteCode


class AcceptanceIn(Form):
    """What came with the escort: the file, and the code on the paper."""

    bundle: Annotated[str, StringConstraints(max_length=60_000)]
    code: Line
    person: UUID
    """Under which id the person is registered here."""
    register_number: Line | None = None


class ClosureIn(Form):
    """What the receiving rutan answered."""

    acceptance_code: Line
    arrived_on: date | None = None


class TransferOut(BaseModel):
    """A transfer. `bundle` and `code` are shown once, when it is made, and are kept nowhere."""

    transfer: UUID
    to_site: str
    offered_at: datetime
    closed_at: datetime | None
    arrived: bool | None
    bundle: str | None = None
    code: str | None = None


class AcceptanceOut(BaseModel):
    """Who came, what to answer, and what they agreed to there: for information, since they are asked anew here."""

    transfer: UUID
    person: UUID
    from_site: str
    acceptance_code: str
    agreed_there: list[Answered]


@router.get("/people/{person}/transfers")
def read_transfers(person: UUID, session: Transaction, look: Sender) -> list[TransferOut]:
    """Every transfer of a person, the latest first; none shows its bundle or code again."""
    return [_transfer_out(transfer) for transfer in stays.transfers_of(session, *people.entries_of(session, person))]


@router.put("/people/{person}/transfers/{transfer}", status_code=201)
def offer_transfer(person: UUID, transfer: UUID, sent: TransferIn, session: Transaction, look: Sender) -> TransferOut:
    """Offers a person to another rutan. Until that one answers, this one stays responsible."""
    offer = commands.offer_transfer(session, person, transfer, sent.to_site, by=look.by, at=look.at)
    out = _transfer_out(offer.transfer)
    if offer.bundle:
        out.bundle, out.code = base64.b64encode(offer.bundle).decode(), offer.code
    return out


@router.post("/transfers/acceptance", status_code=201)
def accept_transfer(sent: AcceptanceIn, session: Transaction, by: Registrar, at: Now) -> AcceptanceOut:
    """Registers somebody who came from another rutan, and answers with the code that closes the transfer there."""
    try:
        sealed = base64.b64decode(sent.bundle, validate=True)
    except (binascii.Error, ValueError):
        raise BundleNotOpened from None
    arrival, bundle = commands.accept_transfer(
        session, sealed, sent.code, sent.person, number=sent.register_number, by=by, at=at
    )
    return AcceptanceOut(
        transfer=arrival.id,
        person=arrival.person,
        from_site=arrival.from_site,
        acceptance_code=bundle.answer(),
        agreed_there=bundle.consents,
    )


@router.post("/people/{person}/transfers/{transfer}/closure", status_code=201)
def close_transfer(
    person: UUID, transfer: UUID, sent: ClosureIn, session: Transaction, by: Registrar, at: Now
) -> TransferOut:
    """The other rutan has the person: here the stay ends."""
    closed = commands.close_transfer(session, person, transfer, sent.acceptance_code, sent.arrived_on, by=by, at=at)
    return _transfer_out(closed)


@router.post("/people/{person}/transfers/{transfer}/cancellation", status_code=201)
def cancel_transfer(person: UUID, transfer: UUID, session: Transaction, by: Registrar, at: Now) -> TransferOut:
    """It did not come to it: the person stays."""
    return _transfer_out(commands.cancel_transfer(session, person, transfer, by=by, at=at))


def _transfer_out(transfer: Transfer) -> TransferOut:
    fields = {"to_site", "offered_at", "closed_at", "arrived"}
    return TransferOut(transfer=transfer.id, **transfer.model_dump(include=fields))
