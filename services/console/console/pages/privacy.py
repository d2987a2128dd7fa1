"""What somebody may ask of their own data: to see it, to know who looked, to have it closed or erased."""

from typing import Annotated, Any
from uuid import UUID

from chassis.paper import pdf
from contracts.vocabulary import Role
from fastapi import APIRouter, Query
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from ui.card import PURPOSE, TEMPLATE, page_of, whole_card

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of

router = APIRouter()
SHOWN = 50
"""Looks that the card shows on the screen; on paper it has all of them."""
LOOKS = 25
"""Looks on one page, as intake gives them."""
Number = Annotated[int, Query(alias="page", ge=1)]


@router.get("/people/{person}/privacy")
def show(person: UUID, page: SignedIn) -> Response:
    """What can be asked, and what was."""
    asked = page.may(Role.REGISTRAR, Role.PRIVACY_OFFICER)
    erasures = page.get("intake", f"/people/{person}/erasures") if asked else []
    return page.render("people/privacy.html", **head_of(page, person), erasures=erasures)


@router.post("/people/{person}/privacy/restriction")
def restrict(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Closes the record to ordinary looks, or opens it again."""
    page.put("intake", f"/people/{person}/restriction", typed.body(flags=("restricted",)))
    done = "record_restricted" if typed.get("restricted") == "true" else "record_opened"
    return page.go(f"/people/{person}/privacy", done=done)


@router.post("/people/{person}/privacy/card")
def make_card(person: UUID, page: SignedIn) -> Response:
    """Kartu Saya: everything that this rutan holds about somebody, to read and to print.

    Made and not kept, and every service notes that it was: nothing that a link should do.
    """
    card = page_of(_card(page, person))
    return page.render("people/card.html", card=card, looks=card["dilihat"][::-1][:SHOWN], about=person)


@router.post("/people/{person}/privacy/card.pdf")
def print_card(person: UUID, page: SignedIn) -> Response:
    """The same on paper."""
    made = pdf(TEMPLATE, page_of(_card(page, person)))
    return Response(made, media_type="application/pdf", headers=saved_as("kartu-saya.pdf"))


@router.get("/people/{person}/privacy/looks")
def show_looks(person: UUID, page: SignedIn, number: Number = 1) -> Response:
    """Who looked at the record, the latest first."""
    found = page.get("intake", f"/people/{person}/looks", page=number)
    return page.render("people/looks.html", **head_of(page, person), found=found, names=page.staff(), size=LOOKS)


def saved_as(name: str) -> dict[str, str]:
    """Under which name a browser keeps it. It says nothing of anybody."""
    return {"content-disposition": f'inline; filename="{name}"'}


def _card(page: Page, person: UUID) -> dict[str, Any]:
    # What another role asked for would be half a card: services would refuse it one by one.
    if not page.may(Role.REGISTRAR, Role.PRIVACY_OFFICER):
        raise HTTPException(404)
    services = ("intake", *(name for name in page.settings.services if name != "intake"))
    return whole_card(
        page.settings.site, person, services, lambda service, path: dict(page.get(service, path, purpose=PURPOSE))
    )
