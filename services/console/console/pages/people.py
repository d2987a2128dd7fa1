"""The people of this rutan: the list, the search and the list on paper."""

from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import LegalStatus
from fastapi import APIRouter, Query
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.menu import READERS
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter()
PAGE_SIZE, PRINTED = 50, 500
NOBODY = {"count": 0, "page": 1, "people": []}
Number = Annotated[int, Query(alias="page", ge=1)]


@router.get("/people")
def list_people(page: SignedIn, number: Number = 1, inside: str = "true", legal_status: str = "") -> Response:
    """Everybody, page by page. Whom somebody looks for by name is sent in a body, never in an address."""
    filters = _filters(inside, legal_status)
    found = page.get("intake", "/people", page=number, **filters)
    return _list(page, found, filters, Typed.known(inside=inside, legal_status=legal_status))


@router.post("/people")
def search_people(typed: Sent, page: SignedIn) -> Response:
    """Whom the words may mean."""
    filters = _filters(typed.get("inside") or "", typed.get("legal_status") or "")
    if not typed.get("words"):
        return page.go(f"/people?inside={filters['inside'] or 'all'}&legal_status={filters['legal_status'] or ''}")
    sought = typed.body("words", "legal_status", "page", flags=("inside",))

    def act() -> Response:
        return _list(page, page.post("intake", "/people/searches", sought), filters, typed)

    shown: dict[str, Any] = {"found": NOBODY, "size": PAGE_SIZE, "filters": filters, "statuses": list(LegalStatus)}
    return page.attempt(act, "people/list.html", typed=typed, **shown)


@router.get("/people/print")
def print_people(page: SignedIn, number: Number = 1, inside: str = "true", legal_status: str = "") -> Response:
    """The list on paper: many at once, and room to write."""
    filters = _filters(inside, legal_status)
    found = page.get("intake", "/people", page=number, size=PRINTED, **filters)
    return page.render("people/printed.html", found=found, filters=filters, size=PRINTED)


def _filters(inside: str, legal_status: str) -> dict[str, Any]:
    """What of an address services take; anything else filters nothing."""
    return {
        "inside": inside if inside in ("true", "false") else None,
        "legal_status": legal_status if legal_status in set(LegalStatus) else None,
    }


def _list(page: Page, found: dict[str, Any], filters: dict[str, Any], typed: Typed) -> Response:
    shown: dict[str, Any] = {"found": found, "size": PAGE_SIZE, "filters": filters, "statuses": list(LegalStatus)}
    return page.render("people/list.html", typed=typed, **shown)


def head_of(page: Page, person: UUID) -> dict[str, Any]:
    """Who it is, for the head of every page about somebody."""
    if named := page.head(person):
        return {"person": named}
    if not page.may(*READERS):
        raise HTTPException(404)
    # The record itself says why it is closed to them, or that there is none.
    return record_of(page, person)


def record_of(page: Page, person: UUID) -> dict[str, Any]:
    """The whole record, as it stands this moment."""
    return {"person": page.get("intake", f"/people/{person}")}
