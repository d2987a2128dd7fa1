"""A person's time at this rutan: registers, leaving and coming back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.intake import ReentryReason
from contracts.vocabulary import RegisterBook, ReleaseMode
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.typed import Typed

router = APIRouter()
AUTHORITIES = [book for book in RegisterBook if book.value.startswith("a_")]
DETENTION_BESIDE = {
    "detention-periods-overlap": "from_on",
    "not-an-extension": "extends",
    "dates-out-of-order": "until_on",
}


@router.get("/people/{person}/stays")
def show(person: UUID, page: SignedIn) -> Response:
    """Every stay, and what can be done now."""
    return page.render("people/stays.html", **_stays(page, person))


@router.get("/people/{person}/stays/release")
def ask_release(person: UUID, page: SignedIn) -> Response:
    """The person leaves."""
    return page.render("people/release.html", **head_of(page, person), modes=list(ReleaseMode))


@router.post("/people/{person}/stays/release")
def release(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Records it."""
    sent = typed.body("mode", days=("released_on",))

    def act() -> Response:
        page.put("intake", f"/people/{person}/releases/{typed.get('id')}", sent)
        return page.go(f"/people/{person}/stays", done="released")

    beside = {"day-not-come": "released_on", "release-before-admission": "released_on"}
    return page.attempt(
        act,
        "people/release.html",
        known=lambda: head_of(page, person),
        beside=beside,
        typed=typed,
        modes=list(ReleaseMode),
    )


@router.post("/people/{person}/stays/reentry")
def reenter(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Records it: another stay begins, and the one before stays as it was."""
    sent = typed.body("reason", days=("reentered_on",))

    def act() -> Response:
        page.post("intake", f"/people/{person}/reentries", sent)
        return page.go(f"/people/{person}/stays", done="reentered")

    beside = {"day-not-come": "reentered_on", "dates-out-of-order": "reentered_on"}
    return page.attempt(
        act,
        "people/stays.html",
        known=lambda: _stays(page, person),
        beside=beside,
        typed=typed,
    )


@router.get("/people/{person}/stays/detention")
def show_detention(person: UUID, page: SignedIn) -> Response:
    """Until when somebody may be held, and by whose authority."""
    return page.render("people/detention.html", **_detention(page, person))


@router.post("/people/{person}/stays/detention")
def enter_period(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Enters a period, or an extension."""
    sent = typed.body("book", "extends", days=("from_on", "until_on"))

    def act() -> Response:
        page.put("intake", f"/people/{person}/detention-periods/{typed.get('id')}", sent)
        return page.go(f"/people/{person}/stays/detention", done="detention_entered")

    return page.attempt(
        act,
        "people/detention.html",
        known=lambda: _detention(page, person) | {"typed": typed},
        beside=DETENTION_BESIDE,
    )


@router.post("/people/{person}/stays/detention/{period}/annulment")
def annul_period(person: UUID, period: UUID, page: SignedIn) -> Response:
    """It was entered by mistake; it stays to be seen."""
    page.post("intake", f"/people/{person}/detention-periods/{period}/annulment")
    return page.go(f"/people/{person}/stays/detention", done="detention_annulled")


@router.get("/detention")
def list_ending(page: SignedIn) -> Response:
    """Whose detention ends soon or has run out, the most urgent first."""
    return page.render("people/ending.html", alerts=page.get("intake", "/alerts/detention"))


def _stays(page: Page, person: UUID) -> dict[str, Any]:
    stays = page.get("intake", f"/people/{person}/stays")
    return head_of(page, person) | {"stays": stays, "reasons": list(ReentryReason)}


def _detention(page: Page, person: UUID) -> dict[str, Any]:
    """What the page shows; its form begins the day after the last period."""
    periods = page.get("intake", f"/people/{person}/detention-periods")
    last = max((one for one in periods if not one["annulled"]), key=lambda one: str(one["until_on"]), default=None)
    known: dict[str, Any] = {"periods": periods, "last": last, "books": AUTHORITIES}
    if last:
        next_day = date.fromisoformat(last["until_on"]) + timedelta(days=1)
        known["typed"] = Typed.known(from_on=next_day)
    return head_of(page, person) | known
