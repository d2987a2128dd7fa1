"""The ministry's daily counts beside ours: a difference is for people to look into, nothing is corrected."""

from datetime import date
from typing import Any

from contracts.vocabulary import RegisterBook
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter(prefix="/reconciliations")


@router.get("")
def list_days(page: SignedIn) -> Response:
    """The last days, and a form for the counts of a day."""
    return page.render("imports/reconciliations.html", typed=Typed.known(on=page.today), **_days(page))


@router.post("")
def reconcile(typed: Sent, page: SignedIn) -> Response:
    """Sets a day's counts beside ours."""

    def act() -> Response:
        counts = {str(book): _number(typed.get(book)) for book in RegisterBook if typed.get(book)}
        on = typed.iso("on") or ""
        page.put("intake", f"/reconciliations/{on}", {"counts": counts})
        return page.go(f"/reconciliations/{on}", done="day_reconciled")

    return page.attempt(act, "imports/reconciliations.html", known=lambda: _days(page), typed=typed)


@router.get("/{on}")
def show_day(on: date, page: SignedIn) -> Response:
    """One day's comparison, book by book."""
    return page.render("imports/reconciliation.html", found=page.get("intake", f"/reconciliations/{on}"))


def _days(page: Page) -> dict[str, Any]:
    return {"days": page.get("intake", "/reconciliations", days=14), "books": list(RegisterBook)}


def _number(written: str | None) -> int | str | None:
    """A count; what is none is sent as it stands, and the service says so."""
    plain = (written or "").replace(".", "").strip()
    return int(plain) if plain.isdecimal() else written
