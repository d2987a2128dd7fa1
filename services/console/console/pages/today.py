"""Today: what is due, what is late, and how fresh the centre's knowledge is."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from console.pages.page import SignedIn
from console.pages.tracing import freshness
from console.pages.waiting import all_of, kind_of, waiting_for, with_names

router = APIRouter()
PAGE_SIZE = 20


@router.get("/")
def today(page: SignedIn) -> Response:
    """What waits for this person."""
    fresh = freshness(page) if page.actor.roles else None
    return page.render("desk/today.html", waiting=waiting_for(page), fresh=fresh)


@router.get("/waiting/{kind}")
def show_all(kind: str, page: SignedIn, number: Annotated[int, Query(alias="page", ge=1)] = 1) -> Response:
    """Everybody who waits in one kind of work, page by page."""
    wanted = kind_of(page, kind)
    if wanted is None:
        raise HTTPException(404)
    found = all_of(page, wanted)
    lines = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    named = with_names(page, lines)
    return page.render(
        "desk/waiting.html", kind=wanted.name, lines=named, number=number, listed=len(found), size=PAGE_SIZE
    )
