"""Whose turn comes soon and has not begun, and how far every proposal is: what must not be forgotten."""

from typing import Annotated, Any

from contracts.vocabulary import Role
from fastapi import APIRouter, Query
from fastapi.responses import Response

from console.pages.page import Page, SignedIn
from console.services import NAMES_AT_ONCE, Away

router = APIRouter()
AHEAD = (30, 60, 90)
SIZE = NAMES_AT_ONCE
Number = Annotated[int, Query(alias="page", ge=1)]


@router.get("/horizon")
def show_horizon(page: SignedIn, days: int = AHEAD[0], number: Number = 1) -> Response:
    """Who comes up for what and when, of those who were not proposed yet."""
    days = days if days in AHEAD else AHEAD[0]
    coming = page.shared("intake", f"/rights/horizon?days={days}")
    shown: dict[str, Any] = {"ahead": AHEAD, "days": days, "plans": _plans(page)}
    return page.render("rights/horizon.html", **_some(page, coming, number), **shown)


@router.get("/proposals")
def list_proposals(page: SignedIn, number: Number = 1) -> Response:
    """Every proposal on its way, those that are late first."""
    under_way = sorted(page.shared("intake", "/proposals"), key=lambda one: not _late(one))
    return page.render("rights/proposals.html", **_some(page, under_way, number), late=sum(map(_late, under_way)))


def _late(proposal: dict[str, Any]) -> bool:
    return bool(proposal["here"]["late"] or proposal["kanwil"]["late"])


def _some(page: Page, rows: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """One page of a list: as many as can be named at once."""
    part = rows[(number - 1) * SIZE : number * SIZE]
    names = {id: one["name"] for id, one in page.names(row["person"] for row in part).items()}
    return {"rows": part, "count": len(rows), "number": number, "size": SIZE, "names": names}


def _plans(page: Page) -> dict[str, Any] | None:
    """Who has no plan yet, for those who make plans. `whole` says whether it is everybody. None: it is not known."""
    if not page.may(Role.COUNSELLOR):
        return None
    try:
        waiting = page.shared("programs", "/plans/waiting")["without_plan"]
    except Away:
        return None
    without = {one["person"] for one in waiting["people"]}
    return {"without": without, "whole": waiting["count"] <= len(without)}
