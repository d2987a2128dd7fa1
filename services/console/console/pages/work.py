"""Work outside: vacancies and partners, who looks for work, what is suggested and who works where."""

import json
from typing import Any
from uuid import UUID

from contracts.vocabulary import PartnerCode, Sector
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.meanwhile import attempt_change
from console.pages.names import by_name
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter(prefix="/work")
OFFER = ("partner", "title", "sector", "places")
OFFER_WRONG = {"places-below-taken": "places", "partner-not-here": "partner"}
NAME_WRONG = {"partner-code-taken": "code"}


@router.get("")
def list_vacancies(page: SignedIn) -> Response:
    """Every vacancy, with the places that are left."""
    return page.render("work/vacancies.html", vacancies=page.get("partner_matching", "/vacancies"))


@router.get("/vacancies/new")
def ask_vacancy(page: SignedIn) -> Response:
    """Asks what a partner offers."""
    return page.render("work/new_vacancy.html", **_choices(page))


@router.post("/vacancies/new")
def offer_vacancy(typed: Sent, page: SignedIn) -> Response:
    """Offers a partner's places."""

    def act() -> Response:
        page.put("partner_matching", f"/vacancies/{typed.get('id')}", typed.body(*OFFER))
        return page.go("/work", done="vacancy_offered")

    return page.attempt(act, "work/new_vacancy.html", known=lambda: _choices(page), beside=OFFER_WRONG, typed=typed)


@router.get("/vacancies/{vacancy}")
def ask_vacancy_change(vacancy: UUID, page: SignedIn) -> Response:
    """What is offered, to be changed."""
    offered = _offer(page, vacancy)
    typed = Typed.known(offered, seen=json.dumps(offered))
    return page.render("work/vacancy.html", theirs=None, typed=typed, **_choices(page))


@router.post("/vacancies/{vacancy}")
def change_vacancy(vacancy: UUID, typed: Sent, page: SignedIn) -> Response:
    """Offers something else in the place of what was seen."""

    def act() -> Response:
        body = typed.body(*OFFER) | {"instead_of": typed.document("seen")}
        page.put("partner_matching", f"/vacancies/{vacancy}", body)
        return page.go("/work", done="vacancy_changed")

    return attempt_change(
        page,
        act,
        "work/vacancy.html",
        typed=typed,
        slug="vacancy-changed-meanwhile",
        theirs=lambda: _offer(page, vacancy),
        known=lambda: _choices(page),
        beside=OFFER_WRONG,
    )


@router.get("/partners")
def list_partners(page: SignedIn) -> Response:
    """Every partner, and a form to register one."""
    return page.render("work/partners.html", **_partners(page))


@router.post("/partners")
def register_partner(typed: Sent, page: SignedIn) -> Response:
    """Registers a partner. Without a code it is called by its name."""

    def act() -> Response:
        page.put("partner_matching", f"/partners/{typed.code('code', 'name')}", typed.body("name"))
        return page.go("/work/partners", done="partner_registered")

    return page.attempt(act, "work/partners.html", known=lambda: _partners(page), beside=NAME_WRONG, typed=typed)


@router.get("/partners/{code}")
def ask_partner_name(code: PartnerCode, page: SignedIn) -> Response:
    """A partner's name, to be corrected."""
    known = _partner(page, code)
    return page.render("work/partner.html", code=code, theirs=None, typed=Typed.known(known, seen=json.dumps(known)))


@router.post("/partners/{code}")
def rename_partner(code: PartnerCode, typed: Sent, page: SignedIn) -> Response:
    """Corrects the name that was seen."""

    def act() -> Response:
        seen = (typed.document("seen") or {}).get("name")
        page.put("partner_matching", f"/partners/{code}", typed.body("name") | {"instead_of": seen})
        return page.go("/work/partners", done="partner_renamed")

    return attempt_change(
        page,
        act,
        "work/partner.html",
        typed=typed,
        slug="partner-changed-meanwhile",
        theirs=lambda: _partner(page, code),
        known=lambda: {"code": code},
    )


@router.get("/seekers")
def list_seekers(page: SignedIn) -> Response:
    """Who looks for work and has nothing suggested yet."""
    seekers = page.shared("partner_matching", "/job-seekers")
    return page.render("work/seekers.html", seekers=by_name(seekers, page.names(one["person"] for one in seekers)))


@router.get("/matches")
def list_matches(page: SignedIn) -> Response:
    """What waits for a person's answer, or for work to begin."""
    matches = page.shared("partner_matching", "/matches")
    names = page.names(match["person"] for match in matches)
    return page.render("work/matches.html", matches=matches, names=names)


@router.get("/placements")
def list_placements(page: SignedIn) -> Response:
    """Who is at work, and whose 30, 90 or 180 days are due."""
    placements = page.shared("partner_matching", "/placements")
    names = page.names(placement["person"] for placement in placements)
    return page.render("work/placements.html", placements=placements, names=names)


def _partners(page: Page) -> dict[str, Any]:
    return {"partners": {one["partner"]: one["name"] for one in page.shared("partner_matching", "/partners")}}


def _partner(page: Page, code: str) -> dict[str, Any]:
    name = _partners(page)["partners"].get(code)
    if name is None:
        raise HTTPException(404)
    return {"name": name}


def _choices(page: Page) -> dict[str, Any]:
    return {"partner_options": list(_partners(page)["partners"].items()), "sectors": page.words(Sector)}


def _offer(page: Page, vacancy: UUID) -> dict[str, Any]:
    offered = page.get("partner_matching", f"/vacancies/{vacancy}")
    return {name: offered[name] for name in OFFER}
