"""The register of breaches: what was exposed, how much of the 3 x 24 hours is left, and who was told."""

import json
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn, one_of
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/breaches")
KINDS = (
    *("identity_data", "contact_data", "case_data", "health_data", "assessment_data"),
    *("family_data", "children_data", "finance_data", "other_data"),
)
FINDINGS = ("kinds", "people_count", "description", "handling")
TOLD_WRONG = {
    "breach-not-yet-discovered": "told_at",
    "told-before-discovered": "told_at",
    "already-told": "whom",
    "recipient-missing": "authority",
}


@router.get("")
def list_breaches(page: SignedIn) -> Response:
    """Every breach, the latest first, with its clock."""
    return page.render("breaches/list.html", breaches=page.get("intake", "/breaches"))


@router.get("/new")
def ask_breach(page: SignedIn) -> Response:
    """Asks what was discovered."""
    return page.render("breaches/new.html", kinds=page.words(KINDS))


@router.post("")
def open_breach(typed: Sent, page: SignedIn) -> Response:
    """Opens its record: the clock runs from the discovery."""

    def act() -> Response:
        body = _findings(typed) | {"discovered_at": typed.moment("discovered_at")}
        page.put("intake", f"/breaches/{typed.get('id')}", body)
        return page.go(f"/breaches/{typed.get('id')}", done="breach_opened")

    beside = {"breach-not-yet-discovered": "discovered_at"}
    return page.attempt(act, "breaches/new.html", beside=beside, typed=typed, kinds=page.words(KINDS))


@router.get("/{breach}")
def show_breach(breach: UUID, page: SignedIn) -> Response:
    """One breach, and what is still to be done."""
    return page.render("breaches/breach.html", breach=_breach(page, breach), typed=Typed.known(told_at=page.today))


@router.post("/{breach}/told")
def tell_of_breach(breach: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes who was told and when."""

    def act() -> Response:
        body = typed.body("authority") | {"told_at": typed.moment("told_at")}
        page.put("intake", f"/breaches/{breach}/told/{typed.get('whom')}", body)
        return page.go(f"/breaches/{breach}", done="breach_told")

    return page.attempt(
        act,
        "breaches/breach.html",
        known=lambda: {"breach": _breach(page, breach)},
        beside=TOLD_WRONG,
        typed=typed,
    )


@router.get("/{breach}/findings")
def show_findings(breach: UUID, page: SignedIn) -> Response:
    """What is known of it, to be changed."""
    seen = _seen(_breach(page, breach))
    return page.render("breaches/findings.html", **_asked(page, breach), typed=Typed.known(seen, seen=json.dumps(seen)))


@router.post("/{breach}/findings")
def amend_breach(breach: UUID, typed: Sent, page: SignedIn) -> Response:
    """Puts what is known by now in the place of what was seen; whoever was faster is shown beside one's own."""

    def act() -> Response:
        body = _findings(typed) | {"instead_of": typed.document("seen")}
        try:
            page.put("intake", f"/breaches/{breach}/findings", body)
        except Said as refusal:
            if refusal.slug != "breach-amended-meanwhile":
                raise
            theirs = _seen(_breach(page, breach))
            again = typed.but(seen=json.dumps(theirs))
            shown = {**_asked(page, breach), "theirs": theirs, "typed": again}
            return page.render("breaches/findings.html", status=409, wrong=Wrong.of(refusal), **shown)
        return page.go(f"/breaches/{breach}", done="breach_amended")

    return page.attempt(act, "breaches/findings.html", typed=typed, **_asked(page, breach))


@router.get("/{breach}/letter")
def show_letter(breach: UUID, page: SignedIn) -> Response:
    """What is written to those who must be told, to be printed."""
    letter = page.ask("GET", "intake", f"/breaches/{breach}/letter").text
    return page.render("breaches/letter.html", breach=str(breach), letter=letter)


def _findings(typed: Typed) -> dict[str, Any]:
    return typed.body("people_count", "description", "handling") | {"kinds": typed.all("kinds")}


def _breach(page: Page, breach: UUID) -> dict[str, Any]:
    return one_of(page.get("intake", "/breaches"), "breach", breach)


def _seen(breach: dict[str, Any]) -> dict[str, Any]:
    return {name: breach[name] for name in FINDINGS}


def _asked(page: Page, breach: UUID) -> dict[str, Any]:
    return {"kinds": page.words(KINDS), "theirs": None, "breach": str(breach)}
