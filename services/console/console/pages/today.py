"""Today: what is due, what is late, and how fresh the centre's knowledge is."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from console.pages.page import SignedIn
from console.pages.tracing import freshness
from console.pages.waiting import KINDS, all_of, names_of, waiting_for, with_names

router = APIRouter()
PAGE_SIZE = 50


@router.get("/")
def today(page: SignedIn) -> Response:
    """What waits for this person."""
    return page.render("desk/today.html", waiting=waiting_for(page), fresh=freshness(page))


@router.get("/waiting/{kind}")
def show_all(kind: str, page: SignedIn, number: Annotated[int, Query(alias="page", ge=1)] = 1) -> Response:
    """Everything that waits of one kind, page by page."""
    wanted = next((one for one in KINDS if one.name == kind and page.may(*one.roles) and not one.whole), None)
    if wanted is None:
        raise HTTPException(404)
    found = all_of(page, wanted)
    lines = found.lines[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    named = with_names(lines, names_of(page, [line.person for line in lines if line.person and not line.name]))
    listed = len(found.lines)
    return page.render("desk/waiting.html", waiting=found, lines=named, number=number, listed=listed, size=PAGE_SIZE)
