"""Erasure: the request, the decision and its certificate, which is there when the person is not any more."""

from typing import Any
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.pages.privacy import saved_as

router = APIRouter()

GROUNDS = ("asked", "consent_withdrawn", "not_needed", "unlawful")
OUTCOMES = ("done", "partly", "refused")
ARTICLES = ("ps_15_1_b", "ps_15_1_c", "ps_44_retention", "ps_44_proceeding")


@router.get("/erasures")
def list_all(page: SignedIn) -> Response:
    """What waits for a decision, and what was decided."""
    return page.render("people/erasures.html", erasures=page.get("intake", "/erasures"))


@router.get("/people/{person}/privacy/erasure")
def ask(person: UUID, page: SignedIn) -> Response:
    """Somebody asks to be erased."""
    return page.render("people/erasure_request.html", **head_of(page, person), grounds=GROUNDS)


@router.post("/people/{person}/privacy/erasure")
def request(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Records it."""
    erasure, sent = typed.get("id"), typed.body("ground", days=("received_on",))

    def act() -> Response:
        page.put("intake", f"/people/{person}/erasures/{erasure}", sent)
        return page.go(f"/people/{person}/privacy/erasures/{erasure}", done="erasure_recorded")

    return page.attempt(
        act, "people/erasure_request.html", known=lambda: head_of(page, person), typed=typed, grounds=GROUNDS
    )


@router.get("/people/{person}/privacy/erasures/{erasure}")
def show(person: UUID, erasure: UUID, page: SignedIn) -> Response:
    """One request: the decision to be made, or what came of it."""
    return page.render("people/erasure.html", **_known(page, person, erasure))


@router.post("/people/{person}/privacy/erasures/{erasure}")
def decide(person: UUID, erasure: UUID, typed: Sent, page: SignedIn) -> Response:
    """Shows the decision once more, since it cannot be taken back; then carries it out."""
    sent = typed.body("outcome", "article", days=("until_on",))
    if sent.get("outcome") in OUTCOMES and not typed.get("sure"):
        known = _known(page, person, erasure)
        return page.render("people/erasure_sure.html", **known, sent=sent, typed=typed)

    def act() -> Response:
        page.put("intake", f"/people/{person}/erasures/{erasure}/decision", sent)
        return page.go(f"/people/{person}/privacy/erasures/{erasure}", done="erasure_decided")

    beside = {
        "article-missing": "article",
        "hold-already-over": "until_on",
        "still-inside": "outcome",
        "procedure-open": "outcome",
        "retention-runs": "outcome",
    }
    return page.attempt(
        act, "people/erasure.html", known=lambda: _known(page, person, erasure), beside=beside, typed=typed.but(sure="")
    )


@router.get("/people/{person}/privacy/erasures/{erasure}/certificate.pdf")
def print_certificate(person: UUID, erasure: UUID, page: SignedIn) -> Response:
    """The decision and the proof, on paper for the person."""
    made = page.ask("GET", "intake", f"/people/{person}/erasures/{erasure}/certificate.pdf")
    return Response(made.content, media_type="application/pdf", headers=saved_as("pemberitahuan-penghapusan.pdf"))


def _known(page: Page, person: UUID, erasure: UUID) -> dict[str, Any]:
    """The request, its certificate once there is one, and who asked: None once they are erased."""
    asked = page.get("intake", f"/people/{person}/erasures")
    found = next((one for one in asked if one["erasure"] == str(erasure)), None)
    if found is None:
        raise HTTPException(404)
    certificate = page.get("intake", f"/people/{person}/erasures/{erasure}/certificate") if found["outcome"] else None
    gone = found["outcome"] == "done"
    return {
        "person": None if gone else head_of(page, person)["person"],
        "erasure": found,
        "certificate": certificate,
        "outcomes": OUTCOMES,
        "articles": ARTICLES,
        "may_decide": page.may(Role.PRIVACY_OFFICER),
    }
