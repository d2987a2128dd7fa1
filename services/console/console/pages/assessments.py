"""A person's needs assessments: those before, and a new one."""

from typing import Any
from uuid import UUID

from contracts.vocabulary import Domain
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.names import who
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/programmes/assessments")
SKIPPED = "skipped"


@router.get("")
def list_assessments(person: UUID, page: SignedIn) -> Response:
    """Every assessment, the newest first."""
    done = page.get("assessment", f"/people/{person}/needs-assessments")
    return page.render("programmes/assessments.html", **who(page, person), assessments=done, domains=page.words(Domain))


@router.get("/new")
def ask_needs(person: UUID, page: SignedIn) -> Response:
    """Asks domain by domain."""
    return page.render("programmes/new_assessment.html", **_asked(page, person))


@router.post("")
def complete_assessment(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Keeps what the person said; skipping a domain is an ordinary answer."""

    def act() -> Response:
        page.put("assessment", f"/people/{person}/needs-assessments/{typed.get('id')}", _needs(typed))
        return page.go(f"/people/{person}/programmes", done="assessment_completed")

    return page.attempt(act, "programmes/new_assessment.html", known=lambda: _asked(page, person), typed=typed)


def _asked(page: Page, person: UUID) -> dict[str, Any]:
    return {**who(page, person), "domains": page.words(Domain)}


def _needs(typed: Typed) -> dict[str, Any]:
    said = {str(domain): typed.get(f"levels.{domain}") for domain in Domain}
    return {
        "levels": {domain: int(level) for domain, level in said.items() if level and level.isdecimal()},
        "skipped": [domain for domain, level in said.items() if level == SKIPPED],
        "wants_help": typed.all("wants_help"),
    }
