"""The people of this rutan: the list, the search and a person's own page."""

from typing import Annotated, Any
from uuid import UUID

from contracts.vocabulary import LegalStatus
from fastapi import APIRouter, Query
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn

router = APIRouter()
PAGE_SIZE = 50


@router.get("/people")
def list_people(
    page: SignedIn, number: Annotated[int, Query(alias="page", ge=1)] = 1, inside: str = "true"
) -> Response:
    """Everybody, page by page. Whom somebody looks for by name is sent in a body, never in an address."""
    found = page.get("intake", "/people", page=number, inside=inside if inside in ("true", "false") else None)
    return page.render(
        "people.html", found=found, inside=inside, words=None, statuses=list(LegalStatus), size=PAGE_SIZE
    )


@router.post("/people")
def search_people(typed: Sent, page: SignedIn) -> Response:
    """Whom the words may mean."""
    if not typed.get("words"):
        return page.go("/people")
    sought = typed.body("words", "legal_status", flags=("inside",))

    def act() -> Response:
        found = page.post("intake", "/people/searches", sought)
        return page.render(
            "people.html",
            found=found,
            inside="",
            words=typed.get("words"),
            typed=typed,
            statuses=list(LegalStatus),
            size=10**6,
        )

    nobody = {"count": 0, "page": 1, "people": []}
    return page.attempt(
        act, "people.html", found=nobody, inside="", words=None, typed=typed, statuses=list(LegalStatus), size=1
    )


def head_of(page: Page, person: UUID) -> dict[str, Any]:
    """Who it is, for the head of every page about somebody."""
    known = page.get("intake", f"/people/{person}")
    return {"person": known}


@router.get("/people/{person}")
def show_person(person: UUID, page: SignedIn) -> Response:
    """Everything at a glance."""
    return page.render("person.html", **head_of(page, person))
