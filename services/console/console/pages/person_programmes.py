"""A person's plan and the programmes they take part in."""

from typing import Any
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.names import who
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/programmes")
COMPLETION_WRONG = {"day-not-come": "completed_on", "enrolment-over": "completed_on"}
FULL = {"programme-full": "programme", "already-enrolled": "programme", "programme-not-here": "programme"}


@router.get("")
def show_programmes(person: UUID, page: SignedIn) -> Response:
    """The plan with its answer, and every programme."""
    return page.render("programmes/person.html", **_programmes_shown(page, person))


@router.post("/plans")
def draft_plan(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Drafts a plan from what the person wants help with."""

    def act() -> Response:
        page.put("programs", f"/plans/{typed.get('id')}", {"person": str(person)})
        return page.go(f"/people/{person}/programmes", done="plan_drafted")

    return page.attempt(act, "programmes/person.html", known=lambda: _programmes_shown(page, person), typed=typed)


@router.post("/plans/{plan}")
def answer_plan(person: UUID, plan: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes what the person said to their plan: either answer is as good."""

    def act() -> Response:
        answer = "agreement" if typed.get("answer") == "agreed" else "declination"
        page.post("programs", f"/plans/{plan}/{answer}")
        return page.go(f"/people/{person}/programmes", done="plan_answered")

    return page.attempt(act, "programmes/person.html", known=lambda: _programmes_shown(page, person))


@router.get("/enrolment")
def ask_programme(person: UUID, page: SignedIn) -> Response:
    """Asks which programme, with the places that are left in sight."""
    return page.render("programmes/enrolment.html", **_offers_shown(page, person))


@router.post("/enrolment")
def enrol(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Takes a place."""

    def act() -> Response:
        body = typed.body("programme") | {"person": str(person)}
        page.put("programs", f"/enrolments/{typed.get('id')}", body)
        return page.go(f"/people/{person}/programmes", done="person_enrolled")

    return page.attempt(
        act, "programmes/enrolment.html", known=lambda: _offers_shown(page, person), beside=FULL, typed=typed
    )


@router.get("/enrolments/{enrolment}/completion")
def ask_completion(person: UUID, enrolment: UUID, page: SignedIn) -> Response:
    """Asks when the person finished."""
    shown = _enrolment_shown(page, person, enrolment)
    return page.render("programmes/completion.html", **shown, typed=Typed.known(completed_on=page.today))


@router.post("/enrolments/{enrolment}/completion")
def complete(person: UUID, enrolment: UUID, typed: Sent, page: SignedIn) -> Response:
    """The person finished."""

    def act() -> Response:
        page.post("programs", f"/enrolments/{enrolment}/completion", typed.body(days=("completed_on",)))
        return page.go(f"/people/{person}/programmes", done="programme_completed")

    return page.attempt(
        act,
        "programmes/completion.html",
        known=lambda: _enrolment_shown(page, person, enrolment),
        beside=COMPLETION_WRONG,
        typed=typed,
    )


def _programmes_shown(page: Page, person: UUID) -> dict[str, Any]:
    plans = page.get("programs", f"/people/{person}/plans") if page.may(Role.COUNSELLOR) else []
    return {
        **who(page, person),
        "plans": plans,
        "enrolments": page.get("programs", f"/people/{person}/enrolments"),
    }


def _offers_shown(page: Page, person: UUID) -> dict[str, Any]:
    programmes = page.get("programs", "/programmes")
    return {**who(page, person), "programmes": sorted(programmes, key=lambda one: one["name"].casefold())}


def _enrolment_shown(page: Page, person: UUID, enrolment: UUID) -> dict[str, Any]:
    places = page.get("programs", f"/people/{person}/enrolments")
    found = next((place for place in places if place["enrolment"] == str(enrolment)), None)
    if found is None:
        raise HTTPException(404)
    return {**who(page, person), "enrolment": found}
