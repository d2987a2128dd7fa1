"""Taking a consent back, and the proof that it took effect everywhere."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from contracts.vocabulary import Purpose
from fastapi import APIRouter, Query
from fastapi.responses import Response

from console.pages.consents import names_of, proof_of
from console.pages.page import Sent, SignedIn
from console.pages.people import head_of
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/consents/{purpose}")
WATCHED_MAX = 60
"""How often the page looks again by itself: every look is in the log, and nobody stays signed in by an open page."""


@router.get("/withdrawal")
def ask(person: UUID, purpose: Purpose, page: SignedIn, recipient: str = "") -> Response:
    """What taking it back means."""
    shown: dict[str, Any] = {
        "purpose": purpose,
        "typed": Typed.known(recipient=recipient),
        "names": names_of(page) if recipient else {},
    }
    return page.render("consents/withdrawal.html", **head_of(page, person), **shown)


@router.post("/withdrawal")
def withdraw(person: UUID, purpose: Purpose, typed: Sent, page: SignedIn) -> Response:
    """One step, and no reason is asked for."""
    recipient = typed.get("recipient")

    def act() -> Response:
        try:
            page.post("intake", f"/people/{person}/consents/{purpose}/withdrawal", typed.body("recipient"))
        except Said as refusal:
            # A second click finds done what it wanted.
            if refusal.slug != "consent-already-withdrawn":
                raise
        return page.go(proof_of(person, purpose, recipient), done="consent_withdrawn")

    return page.attempt(
        act,
        "consents/withdrawal.html",
        known=lambda: head_of(page, person) | {"names": names_of(page) if recipient else {}},
        purpose=purpose,
        typed=typed,
    )


@router.get("/proof")
def show_proof(
    person: UUID, purpose: Purpose, page: SignedIn, recipient: str = "", watched: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """Where the end took effect and where not yet. The page asks for its own table again until all of it has."""
    proof = page.get("intake", f"/people/{person}/consents/{purpose}/withdrawal-proof", recipient=recipient or None)
    asked = {"recipient": recipient} if recipient else {}
    again = f"{page.path}?{urlencode({**asked, 'watched': watched + 1})}" if watched < WATCHED_MAX else None
    left = datetime.fromisoformat(proof["due_at"]) - datetime.now(UTC)
    hours = max(0, int(left.total_seconds() // 3600))
    shown: dict[str, Any] = {
        "proof": proof,
        "hours": hours,
        "again": again,
        "here": proof_of(person, purpose, recipient),
    }
    if page.request.headers.get("hx-request"):
        return page.render("consents/readers.html", **shown)
    names = names_of(page) if recipient else {}
    return page.render("consents/proof.html", **head_of(page, person), **shown, names=names)
