"""Visits: planned, of a day, and whether they took place; and what bars contact."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from contracts.vocabulary import Answer
from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.pages.family import with_contacts
from console.pages.page import Page, Sent, SignedIn, one_of
from console.typed import Typed

router = APIRouter()
CHANNELS = ("visit", "video", "letter")
REASONS = (
    *("person_declined", "contact_did_not_come", "contact_declined", "not_allowed", "ill", "moved"),
    *("staff_shortage", "no_connection", "other"),
)
RESTRICTIONS = ("court", "own_wish", "contact_wish", "safety")
HINDERED = {
    "contact-restricted": "planned_on",
    "day-passed": "planned_on",
    "contact-has-not-agreed": "contact",
    "person-has-not-agreed": "contact",
}
OUTCOME_WRONG = {"reason-mismatch": "reason", "day-not-come": "kept"}
DATES_WRONG = {"restriction-dates-out-of-order": "until_on"}
LIFTING_WRONG = {"restriction-dates-out-of-order": "lifted_on"}


@router.get("/visits")
def visits_of_day(request: Request, page: SignedIn) -> Response:
    """The list of one day, as the desk needs it on the screen and on paper."""
    typed = Typed(request.query_params.multi_items())
    on = typed.date("on") or page.today
    due = sorted(page.get("intake", "/visits", on=on), key=lambda one: (one["channel"], one["person_name"].casefold()))
    shown = Typed.known(on=on) if typed.date("on") or not typed.iso("on") else typed
    around = (on - timedelta(days=1), on + timedelta(days=1))
    return page.render("family/visits_of_day.html", due=due, on=on, around=around, typed=shown)


@router.get("/people/{person}/family/visits")
def list_visits(person: UUID, page: SignedIn) -> Response:
    """Every meeting of a person, and a form to plan one."""
    return page.render("family/visits.html", **_visits_shown(page, person), typed=Typed.known(planned_on=page.today))


@router.post("/people/{person}/family/visits")
def plan_visit(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Plans a meeting that both agree to."""

    def act() -> Response:
        body = typed.body("contact", "channel", days=("planned_on",))
        page.put("intake", f"/people/{person}/visits/{typed.get('id')}", body)
        return page.go(page.path, done="visit_planned")

    return page.attempt(
        act, "family/visits.html", known=lambda: _visits_shown(page, person), beside=HINDERED, typed=typed
    )


@router.get("/people/{person}/family/visits/{visit}")
def show_visit(person: UUID, visit: UUID, page: SignedIn) -> Response:
    """One meeting, and whether it took place."""
    return page.render("family/visit.html", **_visit_shown(page, person, visit))


@router.post("/people/{person}/family/visits/{visit}")
def record_visit(person: UUID, visit: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes whether it took place."""

    def act() -> Response:
        page.post("intake", f"/people/{person}/visits/{visit}/outcome", typed.body("kept", "reason"))
        return page.go(f"/people/{person}/family/visits", done="visit_recorded")

    return page.attempt(
        act,
        "family/visit.html",
        known=lambda: _visit_shown(page, person, visit),
        beside=OUTCOME_WRONG,
        typed=typed,
    )


@router.get("/people/{person}/family/restrictions")
def list_restrictions(person: UUID, page: SignedIn) -> Response:
    """Everything that bars or barred contact, and a form to add one."""
    shown = _restrictions_shown(page, person)
    return page.render("family/restrictions.html", **shown, typed=Typed.known(from_on=page.today))


@router.post("/people/{person}/family/restrictions")
def restrict_contact(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Bars contact for a time, or until it is lifted."""

    def act() -> Response:
        body = typed.body("contact", "kind", days=("from_on", "until_on"))
        page.put("intake", f"/people/{person}/contact-restrictions/{typed.get('id')}", body)
        return page.go(page.path, done="restriction_added")

    return page.attempt(
        act,
        "family/restrictions.html",
        known=lambda: _restrictions_shown(page, person),
        beside=DATES_WRONG,
        typed=typed,
    )


@router.get("/people/{person}/family/restrictions/{restriction}")
def show_restriction(person: UUID, restriction: UUID, page: SignedIn) -> Response:
    """One restriction, and from when on it holds no more."""
    shown = _restriction_shown(page, person, restriction)
    return page.render("family/restriction.html", **shown, typed=Typed.known(lifted_on=page.today))


@router.post("/people/{person}/family/restrictions/{restriction}")
def lift_restriction(person: UUID, restriction: UUID, typed: Sent, page: SignedIn) -> Response:
    """Contact is allowed again."""

    def act() -> Response:
        body = typed.body(days=("lifted_on",))
        page.post("intake", f"/people/{person}/contact-restrictions/{restriction}/lifting", body)
        return page.go(f"/people/{person}/family/restrictions", done="restriction_lifted")

    return page.attempt(
        act,
        "family/restriction.html",
        known=lambda: _restriction_shown(page, person, restriction),
        beside=LIFTING_WRONG,
        typed=typed,
    )


def state_of(restriction: dict[str, Any], today: date) -> str:
    """Whether a restriction holds today: `holds`, `later` or `over`."""
    on = today.isoformat()
    if restriction["from_on"] > on:
        return "later"
    ended = restriction["until_on"] and restriction["until_on"] < on
    lifted = restriction["lifted_on"] and restriction["lifted_on"] <= on
    return "over" if ended or lifted else "holds"


def _visits_shown(page: Page, person: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person, "visits")
    shown["visits"].sort(key=lambda visit: str(visit["planned_on"]), reverse=True)
    return {**shown, "channels": page.words(CHANNELS)}


def _visit_shown(page: Page, person: UUID, visit: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person, "visits")
    return {
        **shown,
        "visit": one_of(shown["visits"], "visit", visit),
        "answers": page.words(Answer),
        "reasons": page.words(REASONS),
    }


def _restrictions_shown(page: Page, person: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person, "restrictions")
    states = {entry["restriction"]: state_of(entry, page.today) for entry in shown["restrictions"]}
    shown["restrictions"].sort(key=lambda entry: (states[entry["restriction"]] == "over", entry["from_on"]))
    return {**shown, "states": states, "kinds": page.words(RESTRICTIONS)}


def _restriction_shown(page: Page, person: UUID, restriction: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person, "restrictions")
    return {**shown, "restriction": one_of(shown["restrictions"], "restriction", restriction)}
