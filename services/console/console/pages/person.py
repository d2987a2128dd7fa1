"""A person's own page: who it is, the road so far, and a record that is closed to ordinary looks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.vocabulary import Role
from contracts.words import here
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of

router = APIRouter()
Entry = dict[str, Any]


@router.get("/people/{person}")
def show(person: UUID, page: SignedIn) -> Response:
    """Everything at a glance, and what happened at this rutan."""
    known = page.get("intake", f"/people/{person}/timeline")
    held = [entry for entry in known["entries"] if entry["what"] == "detained"]
    shown: dict[str, Any] = {"entries": known["entries"][::-1], "held": held and held[-1], "parts": _parts(page)}
    return page.render("people/person.html", person=known["person"], **shown)


@router.get("/people/{person}/road/{part}")
def show_part(person: UUID, part: str, page: SignedIn) -> Response:
    """What one of the other services knows of the road, as far as the role reads it."""
    if part not in _parts(page):
        raise HTTPException(404)
    entries = PARTS[part].told(page, person)
    # Sorting keeps the order of one day, so it is turned after and not before.
    newest = sorted(entries, key=lambda entry: str(entry["on"]))[::-1]
    return page.render("people/road.html", **head_of(page, person), entries=newest, parts=_parts(page), part=part)


@router.post("/people/{person}/emergency")
def look_in_emergency(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Shows a closed record once to whoever says why it cannot wait. That it was done is seen."""

    def act() -> Response:
        shown = page.post("intake", f"/people/{person}/emergency-looks", typed.body("reason"))
        return page.render("people/emergency.html", person=shown)

    return page.attempt(act, "people/restricted.html", typed=typed, about=person)


def _parts(page: Page) -> list[str]:
    """Which parts of the road this role reads."""
    return [name for name, part in PARTS.items() if page.may(*part.roles)]


def _day(moment: str) -> str:
    """The day at this site."""
    return here(datetime.fromisoformat(moment)).date().isoformat()


def _programmes(page: Page, person: UUID) -> list[Entry]:
    entries = []
    for place in page.get("programs", f"/people/{person}/enrolments"):
        programme = place["programme"]
        entries.append({"on": _day(place["enrolled_at"]), "what": "enrolled", "of": programme})
        if place["ended_on"]:
            ended = "programme_completed" if place["state"] == "completed" else "programme_ended"
            entries.append({"on": place["ended_on"], "what": ended, "of": programme})
    return entries


def _plans(page: Page, person: UUID) -> list[Entry]:
    entries = []
    for plan in page.get("programs", f"/people/{person}/plans"):
        entries.append({"on": _day(plan["drafted_at"]), "what": "plan_drafted"})
        if plan["answered_at"]:
            entries.append({"on": _day(plan["answered_at"]), "what": f"plan_{plan['answer']}"})
    return entries


def _assessments(page: Page, person: UUID) -> list[Entry]:
    found = page.get("assessment", f"/people/{person}/needs-assessments")
    return [{"on": _day(one["completed_at"]), "what": "needs_assessed"} for one in found]


def _placements(page: Page, person: UUID) -> list[Entry]:
    entries = []
    for place in page.get("partner_matching", f"/people/{person}/placements"):
        entries.append({"on": place["started_on"], "what": "placement_started", "of": place["sector"]})
        if place["ended_on"]:
            entries.append({"on": place["ended_on"], "what": "placement_ended", "of": place["end_reason"]})
    return entries


def _follow_ups(page: Page, person: UUID) -> list[Entry]:
    found = page.get("outcomes", f"/people/{person}/follow-ups")
    done = [one for one in found if one["state"] == "answered"]
    return [{"on": _day(one["answered_at"]), "what": "followed_up", "days": one["days"]} for one in done]


@dataclass(frozen=True)
class Part:
    """A part of the road: who reads it, and how a service's answer becomes entries."""

    roles: tuple[Role, ...]
    told: Callable[[Page, UUID], list[Entry]]


PARTS = {
    "assessments": Part((Role.COUNSELLOR,), _assessments),
    "plans": Part((Role.COUNSELLOR,), _plans),
    "programmes": Part((Role.COUNSELLOR, Role.REGISTRAR, Role.HEAD), _programmes),
    "work": Part((Role.COUNSELLOR, Role.HEAD), _placements),
    "after-release": Part((Role.COUNSELLOR,), _follow_ups),
}
"""One question to one service each, so that each page is quick."""
