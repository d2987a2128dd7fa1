"""A person's own page: who it is, the road so far, and a record that is closed to ordinary looks."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.services import Away

router = APIRouter()
Entry = dict[str, Any]


@router.get("/people/{person}")
def show(person: UUID, page: SignedIn) -> Response:
    """Everything at a glance, and what happened at this rutan."""
    head = head_of(page, person)
    entries = page.get("intake", f"/people/{person}/timeline")
    held = [entry for entry in entries if entry["what"] == "detained"]
    return page.render("people/person.html", **head, entries=_newest_first(entries), held=held and held[-1])


@router.get("/people/{person}/road")
def show_road(person: UUID, page: SignedIn) -> Response:
    """The whole road, with what the programmes, the work and the time after release say, as far as the role reads it.

    The services are asked at once: each would be quick, and one after the other they are not.
    """
    head = head_of(page, person)
    asked: dict[str, Callable[[], list[Entry]]] = {
        "intake": lambda: list(page.get("intake", f"/people/{person}/timeline")),
        **{name: _told(page, person, name) for name, (roles, _) in ELSEWHERE.items() if page.may(*roles)},
    }
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = dict(zip(asked, pool.map(_unless_away, asked.values()), strict=True))
    missing = [name for name, found in answers.items() if found is None]
    entries = [entry for found in answers.values() for entry in found or ()]
    return page.render("people/road.html", **head, entries=_newest_first(entries), missing=missing)


@router.post("/people/{person}/emergency")
def look_in_emergency(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Shows a closed record once to whoever says why it cannot wait. That it was done is seen."""

    def act() -> Response:
        shown = page.post("intake", f"/people/{person}/emergency-looks", typed.body("reason"))
        return page.render("people/emergency.html", person=shown)

    return page.attempt(act, "people/restricted.html", typed=typed, about=person)


def _told(page: Page, person: UUID, name: str) -> Callable[[], list[Entry]]:
    return lambda: ELSEWHERE[name][1](page, person)


def _unless_away(ask: Callable[[], list[Entry]]) -> list[Entry] | None:
    """None where the service cannot be asked: the page says so, and shows the rest."""
    try:
        return ask()
    except Away:
        return None


def _newest_first(entries: list[Entry]) -> list[Entry]:
    # Sorting keeps the order of one day, so it is turned after and not before.
    return sorted(entries, key=lambda entry: str(entry["on"]))[::-1]


def _programmes(page: Page, person: UUID) -> list[Entry]:
    entries = []
    for place in page.get("programs", f"/people/{person}/enrolments"):
        programme = place["programme"]
        entries.append({"on": place["enrolled_at"][:10], "what": "enrolled", "of": programme})
        if place["ended_on"]:
            ended = "programme_completed" if place["state"] == "completed" else "programme_ended"
            entries.append({"on": place["ended_on"], "what": ended, "of": programme})
    return entries


def _plans(page: Page, person: UUID) -> list[Entry]:
    entries = []
    for plan in page.get("programs", f"/people/{person}/plans"):
        entries.append({"on": plan["drafted_at"][:10], "what": "plan_drafted"})
        if plan["answered_at"]:
            entries.append({"on": plan["answered_at"][:10], "what": f"plan_{plan['answer']}"})
    return entries


def _assessments(page: Page, person: UUID) -> list[Entry]:
    found = page.get("assessment", f"/people/{person}/needs-assessments")
    return [{"on": one["completed_at"][:10], "what": "needs_assessed"} for one in found]


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
    return [{"on": one["answered_at"][:10], "what": "followed_up", "days": one["days"]} for one in done]


ELSEWHERE: dict[str, tuple[tuple[Role, ...], Callable[[Page, UUID], list[Entry]]]] = {
    "assessment": ((Role.COUNSELLOR,), _assessments),
    "plans": ((Role.COUNSELLOR,), _plans),
    "programs": ((Role.COUNSELLOR, Role.REGISTRAR, Role.HEAD), _programmes),
    "partner_matching": ((Role.COUNSELLOR, Role.HEAD), _placements),
    "outcomes": ((Role.COUNSELLOR,), _follow_ups),
}
"""Who reads what of somebody in the other services, and how it becomes entries of the road."""
