"""Moving somebody to another rutan, and taking in who comes from one: a file with the escort, a code on paper."""

import base64
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.typed import Typed

router = APIRouter()
LARGEST = 45_000
"""Bytes of a bundle: as text they are what intake takes. A larger file is no bundle."""


@router.get("/people/{person}/stays/transfer")
def show(person: UUID, page: SignedIn) -> Response:
    """The transfer that is open, or the form of another one."""
    return page.render("people/transfer.html", **_known(page, person))


@router.post("/people/{person}/stays/transfer")
def offer(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Offers the person to another rutan. The file and the code are shown now and never again."""

    def act() -> Response:
        made = page.put("intake", f"/people/{person}/transfers/{typed.get('id')}", typed.body("to_site"))
        if made["bundle"] is None:  # sent twice: what was shown the first time is kept nowhere
            return page.go(f"/people/{person}/stays/transfer", done="transfer_offered_already")
        return page.render("people/transfer_offered.html", **head_of(page, person), transfer=made)

    return page.attempt(
        act,
        "people/transfer.html",
        known=lambda: _known(page, person),
        beside={"transfer-to-itself": "to_site"},
        typed=typed,
    )


@router.post("/people/{person}/stays/transfers/{transfer}/closure")
def close(person: UUID, transfer: UUID, typed: Sent, page: SignedIn) -> Response:
    """The other rutan has the person."""
    sent = typed.body("acceptance_code", days=("arrived_on",))

    def act() -> Response:
        page.post("intake", f"/people/{person}/transfers/{transfer}/closure", sent)
        return page.go(f"/people/{person}/stays", done="transfer_closed")

    beside = {
        "acceptance-code-wrong": "acceptance_code",
        "day-not-come": "arrived_on",
        "release-before-admission": "arrived_on",
    }
    return page.attempt(act, "people/transfer.html", known=lambda: _known(page, person), beside=beside, typed=typed)


@router.post("/people/{person}/stays/transfers/{transfer}/cancellation")
def cancel(person: UUID, transfer: UUID, page: SignedIn) -> Response:
    """It did not come to it: the person stays."""
    page.post("intake", f"/people/{person}/transfers/{transfer}/cancellation")
    return page.go(f"/people/{person}/stays/transfer", done="transfer_cancelled")


async def _arrived(request: Request) -> Typed:
    """What was typed, with the file as text among it: it is kept like the rest if it must be sent again."""
    form = await request.form()
    typed = Typed.sent(form)
    file = form.get("file")
    if isinstance(file, UploadFile) and (content := await file.read(LARGEST + 1)):
        typed = typed.but(bundle=base64.b64encode(content).decode())
    request.state.typed = typed
    return typed


Arrived = Annotated[Typed, Depends(_arrived)]


@router.get("/arrivals")
def ask_arrival(page: SignedIn) -> Response:
    """Somebody came from another rutan."""
    return page.render("people/arrival.html")


@router.post("/arrivals")
def accept(typed: Arrived, page: SignedIn) -> Response:
    """Registers them here, and shows the code that closes the transfer there."""
    sent = typed.body("bundle", "code", "register_number") | {"person": typed.get("id")}

    def act() -> Response:
        return page.render("people/arrived.html", arrival=page.post("intake", "/transfers/acceptance", sent))

    beside = {
        "bundle-not-opened": "code",
        "bundle-for-another-site": "bundle",
        "register-number-taken": "register_number",
        "status-and-book-disagree": "register_number",
    }
    return page.attempt(act, "people/arrival.html", beside=beside, typed=typed)


def _known(page: Page, person: UUID) -> dict[str, Any]:
    transfers = page.get("intake", f"/people/{person}/transfers")
    open_one = next((transfer for transfer in transfers if transfer["closed_at"] is None), None)
    return head_of(page, person) | {"transfers": transfers, "open_one": open_one}
