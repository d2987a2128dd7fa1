"""The programmes that a rutan offers: their places, who takes part, and who waits for a place."""

import json
from typing import Any

from contracts.vocabulary import Domain, ProgrammeCode, Sector
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.meanwhile import attempt_change
from console.pages.names import by_name
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter(prefix="/programmes")
OFFER = ("name", "domain", "sector", "capacity")
OFFER_WRONG = {"programme-code-taken": "code", "capacity-below-enrolled": "capacity"}
PLACE_WRONG = dict.fromkeys(("programme-full", "already-enrolled", "plan-not-agreed", "consent-missing"), "person")


@router.get("")
def list_programmes(page: SignedIn) -> Response:
    """Everything that is offered, with the places that are left."""
    offered = sorted(page.get("programs", "/programmes"), key=lambda one: one["name"].casefold())
    return page.render("programmes/list.html", programmes=offered)


@router.get("/new")
def ask_offer(page: SignedIn) -> Response:
    """Asks what is offered."""
    return page.render("programmes/new.html", **_choices(page))


@router.post("/new")
def offer(typed: Sent, page: SignedIn) -> Response:
    """Offers a programme. Without a code it is called by its name."""
    code = typed.code("code", "name")

    def act() -> Response:
        page.put("programs", f"/programmes/{code}", typed.body(*OFFER))
        return page.go(f"/programmes/{code}", done="programme_offered")

    return page.attempt(act, "programmes/new.html", beside=OFFER_WRONG, typed=typed, **_choices(page))


@router.get("/{code}")
def show_programme(code: ProgrammeCode, page: SignedIn) -> Response:
    """What is offered, and who takes part."""
    programme = page.get("programs", f"/programmes/{code}")
    places = page.shared("programs", f"/programmes/{code}/enrolments")
    rows = by_name(places, page.names(place["person"] for place in places))
    rows.sort(key=lambda row: row["state"] != "active")
    return page.render("programmes/programme.html", programme=programme, enrolments=rows)


@router.get("/{code}/change")
def ask_change(code: ProgrammeCode, page: SignedIn) -> Response:
    """What is offered, to be changed."""
    offered = _offer(page, code)
    typed = Typed.known(offered, seen=json.dumps(offered))
    return page.render("programmes/change.html", theirs=None, typed=typed, **_choices(page))


@router.post("/{code}/change")
def change(code: ProgrammeCode, typed: Sent, page: SignedIn) -> Response:
    """Offers something else in the place of what was seen."""

    def act() -> Response:
        body = typed.body(*OFFER) | {"instead_of": typed.document("seen")}
        page.put("programs", f"/programmes/{code}", body)
        return page.go(f"/programmes/{code}", done="programme_changed")

    return attempt_change(
        page,
        act,
        "programmes/change.html",
        typed=typed,
        slug="programme-changed-meanwhile",
        theirs=lambda: _offer(page, code),
        known=lambda: _choices(page),
        beside=OFFER_WRONG,
    )


@router.get("/{code}/enrolment")
def ask_candidate(code: ProgrammeCode, page: SignedIn) -> Response:
    """Asks who of those whose plan asks for it takes a place."""
    return page.render("programmes/candidates.html", **_candidates_shown(page, code))


@router.post("/{code}/enrolment")
def enrol(code: ProgrammeCode, typed: Sent, page: SignedIn) -> Response:
    """Takes a place for somebody."""

    def act() -> Response:
        body = typed.body("person") | {"programme": code}
        page.put("programs", f"/enrolments/{typed.get('id')}", body)
        return page.go(f"/programmes/{code}", done="person_enrolled")

    return page.attempt(
        act,
        "programmes/candidates.html",
        known=lambda: _candidates_shown(page, code),
        beside=PLACE_WRONG,
        typed=typed,
    )


def _offer(page: Page, code: str) -> dict[str, Any]:
    offered = page.get("programs", f"/programmes/{code}")
    return {name: offered[name] for name in OFFER}


def _choices(page: Page) -> dict[str, Any]:
    return {"domains": page.words(Domain), "sectors": page.words(Sector)}


def _candidates_shown(page: Page, code: str) -> dict[str, Any]:
    waiting = page.get("programs", f"/programmes/{code}/candidates")
    names = page.names(one["person"] for one in waiting)
    return {
        "programme": page.get("programs", f"/programmes/{code}"),
        "candidates": [{**one, "who": names[one["person"]]} for one in waiting if one["person"] in names],
    }
