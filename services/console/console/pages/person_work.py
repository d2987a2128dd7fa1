"""A person's way into work: what suits them and why, what they chose, and where they work."""

import json
from typing import Any
from uuid import UUID

from contracts.partner_matching import PlacementEnd
from contracts.vocabulary import Answer
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.meanwhile import attempt_change
from console.pages.names import who
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/work")
SUGGESTED_WRONG = dict.fromkeys(("no-reason-to-suggest", "vacancy-full", "already-suggested"), "vacancy")
STARTED_WRONG = {"day-not-come": "started_on"}
MILESTONE_WRONG = dict.fromkeys(("dates-out-of-order", "day-not-come"), "checked_on")
END_WRONG = dict.fromkeys(("dates-out-of-order", "day-not-come", "placement-over"), "ended_on")


@router.get("")
def show_work(person: UUID, page: SignedIn) -> Response:
    """What was suggested, what the person answered, and where they work."""
    return page.render("work/person.html", **_work_shown(page, person))


@router.get("/vacancies")
def ask_vacancy(person: UUID, page: SignedIn) -> Response:
    """The vacancies that suit, each with its reasons in words."""
    return page.render("work/suitable.html", **_suitable_shown(page, person))


@router.post("/vacancies")
def suggest(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Suggests one of them."""

    def act() -> Response:
        body = typed.body("vacancy") | {"person": str(person)}
        page.put("partner_matching", f"/matches/{typed.get('id')}", body)
        return page.go(f"/people/{person}/work", done="match_suggested")

    return page.attempt(
        act, "work/suitable.html", known=lambda: _suitable_shown(page, person), beside=SUGGESTED_WRONG, typed=typed
    )


@router.post("/matches/{match}")
def answer_match(person: UUID, match: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes what the person said: either answer is as good."""

    def act() -> Response:
        answer = "acceptance" if typed.get("answer") == "accepted" else "declination"
        page.post("partner_matching", f"/matches/{match}/{answer}")
        return page.go(f"/people/{person}/work", done="match_answered")

    return page.attempt(act, "work/person.html", known=lambda: _work_shown(page, person))


@router.get("/matches/{match}/start")
def ask_start(person: UUID, match: UUID, page: SignedIn) -> Response:
    """Asks when work begins."""
    return page.render("work/start.html", **_match_shown(page, person, match), typed=Typed.known(started_on=page.today))


@router.post("/matches/{match}/start")
def start_work(person: UUID, match: UUID, typed: Sent, page: SignedIn) -> Response:
    """Work begins."""

    def act() -> Response:
        body = typed.body(days=("started_on",)) | {"match": str(match)}
        page.put("partner_matching", f"/placements/{typed.get('id')}", body)
        return page.go(f"/people/{person}/work", done="placement_started")

    return page.attempt(
        act, "work/start.html", known=lambda: _match_shown(page, person, match), beside=STARTED_WRONG, typed=typed
    )


@router.get("/placements/{placement}")
def show_placement(person: UUID, placement: UUID, page: SignedIn) -> Response:
    """One placement, and what is known at 30, 90 and 180 days."""
    return page.render("work/placement.html", **_placement_shown(page, person, placement))


@router.get("/placements/{placement}/milestones/{days}")
def ask_milestone(person: UUID, placement: UUID, days: int, page: SignedIn) -> Response:
    """Asks what is known. Unknown is an answer of its own."""
    shown = _milestone_shown(page, person, placement, days)
    seen = {"employed": shown["milestone"]["employed"]}
    typed = Typed.known(seen, checked_on=page.today, seen=json.dumps(seen))
    return page.render("work/milestone.html", **shown, theirs=None, typed=typed)


@router.post("/placements/{placement}/milestones/{days}")
def record_milestone(person: UUID, placement: UUID, days: int, typed: Sent, page: SignedIn) -> Response:
    """Notes what is known, in the place of what was seen."""

    def act() -> Response:
        seen = (typed.document("seen") or {}).get("employed")
        body = typed.body("employed", days=("checked_on",)) | {"instead_of": seen}
        page.put("partner_matching", f"/placements/{placement}/milestones/{days}", body)
        return page.go(f"/people/{person}/work/placements/{placement}", done="milestone_recorded")

    def theirs() -> dict[str, Any]:
        return {"employed": _milestone_shown(page, person, placement, days)["milestone"]["employed"]}

    return attempt_change(
        page,
        act,
        "work/milestone.html",
        typed=typed,
        slug="milestone-changed-meanwhile",
        theirs=theirs,
        known=lambda: _milestone_shown(page, person, placement, days),
        beside=MILESTONE_WRONG,
    )


@router.get("/placements/{placement}/end")
def ask_end(person: UUID, placement: UUID, page: SignedIn) -> Response:
    """Asks when and why it ended."""
    return page.render(
        "work/end.html", **_placement_shown(page, person, placement), typed=Typed.known(ended_on=page.today)
    )


@router.post("/placements/{placement}/end")
def end_work(person: UUID, placement: UUID, typed: Sent, page: SignedIn) -> Response:
    """It is over."""

    def act() -> Response:
        page.post("partner_matching", f"/placements/{placement}/end", typed.body("reason", days=("ended_on",)))
        return page.go(f"/people/{person}/work/placements/{placement}", done="placement_ended")

    return page.attempt(
        act, "work/end.html", known=lambda: _placement_shown(page, person, placement), beside=END_WRONG, typed=typed
    )


def _work_shown(page: Page, person: UUID) -> dict[str, Any]:
    return {
        **who(page, person),
        "matches": page.get("partner_matching", f"/people/{person}/matches"),
        "placements": page.get("partner_matching", f"/people/{person}/placements"),
    }


def _suitable_shown(page: Page, person: UUID) -> dict[str, Any]:
    found = page.get("partner_matching", f"/people/{person}/suitable-vacancies")
    return {**who(page, person), "vacancies": found}


def _match_shown(page: Page, person: UUID, match: UUID) -> dict[str, Any]:
    found = page.get("partner_matching", f"/matches/{match}")
    if found["person"] != str(person):
        raise HTTPException(404)
    return {**who(page, person), "match": found}


def _placement_shown(page: Page, person: UUID, placement: UUID) -> dict[str, Any]:
    found = page.get("partner_matching", f"/placements/{placement}")
    if found["person"] != str(person):
        raise HTTPException(404)
    return {
        **who(page, person),
        "placement": found,
        "ends": page.words(PlacementEnd, "placement"),
    }


def _milestone_shown(page: Page, person: UUID, placement: UUID, days: int) -> dict[str, Any]:
    shown = _placement_shown(page, person, placement)
    found = next((one for one in shown["placement"]["milestones"] if one["days"] == days), None)
    if found is None:
        raise HTTPException(404)
    return {**shown, "milestone": found, "answers": page.words(Answer)}
