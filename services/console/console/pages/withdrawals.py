"""Taking a consent back, and the proof that it took effect everywhere."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from contracts.vocabulary import Purpose
from fastapi import APIRouter, Query
from fastapi.responses import Response

from console.pages.consents import names_of, proof_of
from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/consents/{purpose}")
WATCHED_MAX = 60
"""How often the page looks again by itself: nobody stays signed in by an open page."""


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
    person: UUID,
    purpose: Purpose,
    page: SignedIn,
    recipient: str = "",
    event: UUID | None = None,
    watched: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Where the end took effect and where not yet. The page asks for its own table again until all of it has."""
    here = proof_of(person, purpose, recipient)
    if event and page.request.headers.get("hx-request"):
        effect = page.get("intake", f"/withdrawals/{event}")
        return page.render("consents/readers.html", **_watched(page, effect, recipient, watched), here=here)
    proof = page.get("intake", f"/people/{person}/consents/{purpose}/withdrawal-proof", recipient=recipient or None)
    names = names_of(page) if recipient else {}
    shown = {**head_of(page, person), **_watched(page, proof, recipient, watched), "names": names}
    return page.render("consents/proof.html", **shown, here=here)


def _watched(page: Page, proof: dict[str, Any], recipient: str, watched: int) -> dict[str, Any]:
    """What the table shows, and where it asks next: of the event alone, which is no look at a record."""
    asked = {"event": proof["event"], "watched": watched + 1} | ({"recipient": recipient} if recipient else {})
    left = datetime.fromisoformat(proof["due_at"]) - datetime.now(UTC)
    return {
        "proof": proof,
        "hours": max(0, int(left.total_seconds() // 3600)),
        "again": f"{page.path}?{urlencode(asked)}" if watched < WATCHED_MAX else None,
    }
