"""Sittings of the TPP: planned, on the screen and on paper, and the advice on each proposal."""

import json
import textwrap
from typing import Any
from uuid import UUID

from contracts.intake import BoardAdvice
from contracts.vocabulary import Role
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn, one_of
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/sittings")
LINE = 200
"""Letters that a service takes on one line of minutes."""
REASONS = (
    *("conduct", "programme", "risk", "community", "guarantor", "documents"),
    *("litmas", "time_served", "health", "victim", "other_case"),
)
PLAN_WRONG = {"not-ready-for-the-board": "agenda"}
ADVICE_WRONG = {
    "no-quorum": "advice",
    "not-sitting": "advice",
    "day-not-come": "advice",
    "dates-out-of-order": "advice",
    "already-advised": "advice",
    "not-its-turn": "advice",
    "reason-missing": "reasons",
}


@router.get("")
def list_sittings(page: SignedIn) -> Response:
    """Every sitting, the newest first."""
    return page.render("sittings/list.html", sittings=page.get("intake", "/sittings"))


@router.get("/new")
def ask_sitting(page: SignedIn) -> Response:
    """Everything that waits for the TPP is on the agenda unless it is taken off."""
    asked = _asked(page)
    agenda = [proposal for proposal, _ in asked["proposals"]]
    return page.render("sittings/new.html", **asked, typed=Typed.known(agenda=agenda))


@router.post("")
def prepare_sitting(typed: Sent, page: SignedIn) -> Response:
    """Plans it."""

    def act() -> Response:
        page.put("intake", f"/sittings/{typed.get('id')}", _plan(typed))
        return page.go(f"/sittings/{typed.get('id')}", done="sitting_planned")

    return page.attempt(act, "sittings/new.html", known=lambda: _asked(page), beside=PLAN_WRONG, typed=typed)


@router.get("/{sitting}")
def show_sitting(sitting: UUID, page: SignedIn) -> Response:
    """The agenda, and what was advised."""
    found = page.get("intake", f"/sittings/{sitting}")
    return page.render("sittings/sitting.html", sitting=found, staff=page.staff())


@router.get("/{sitting}/agenda.pdf")
def print_agenda(sitting: UUID, page: SignedIn) -> Response:
    """The same on paper."""
    paper = page.ask("GET", "intake", f"/sittings/{sitting}/agenda.pdf").content
    return Response(paper, media_type="application/pdf")


@router.get("/{sitting}/plan")
def ask_plan(sitting: UUID, page: SignedIn) -> Response:
    """The plan, to be changed."""
    found = page.get("intake", f"/sittings/{sitting}")
    seen = _seen(found)
    return page.render("sittings/plan.html", **_asked(page, found), typed=Typed.known(seen, seen=json.dumps(seen)))


@router.post("/{sitting}/plan")
def change_plan(sitting: UUID, typed: Sent, page: SignedIn) -> Response:
    """Puts another plan in the place of the one that was seen; whoever was faster is shown beside one's own."""

    def known() -> dict[str, Any]:
        return _asked(page, page.get("intake", f"/sittings/{sitting}"))

    def act() -> Response:
        try:
            page.put("intake", f"/sittings/{sitting}", _plan(typed) | {"instead_of": typed.document("seen")})
        except Said as refusal:
            if refusal.slug != "entry-changed-meanwhile":
                raise
            shown = known()
            shown["theirs"] = _seen(shown["sitting"])
            again = typed.but(seen=json.dumps(shown["theirs"]))
            return page.render("sittings/plan.html", status=409, wrong=Wrong.of(refusal), **shown, typed=again)
        return page.go(f"/sittings/{sitting}", done="sitting_planned")

    return page.attempt(act, "sittings/plan.html", known=known, beside=PLAN_WRONG, typed=typed)


@router.get("/{sitting}/advice/{proposal}")
def ask_advice(sitting: UUID, proposal: UUID, page: SignedIn) -> Response:
    """One case."""
    return page.render("sittings/advice.html", **_case(page, sitting, proposal))


@router.post("/{sitting}/advice/{proposal}")
def advise(sitting: UUID, proposal: UUID, typed: Sent, page: SignedIn) -> Response:
    """Records what was advised."""

    def act() -> Response:
        said = [part for line in (typed.get("minutes") or "").splitlines() for part in textwrap.wrap(line, LINE)]
        body = typed.body("advice") | {"reasons": typed.all("reasons"), "minutes": said}
        page.put("intake", f"/sittings/{sitting}/advice/{proposal}", body)
        return page.go(f"/sittings/{sitting}", done="advice_recorded")

    def known() -> dict[str, Any]:
        return _case(page, sitting, proposal)

    return page.attempt(act, "sittings/advice.html", known=known, beside=ADVICE_WRONG, typed=typed)


def _plan(typed: Typed) -> dict[str, Any]:
    return typed.body(days=("held_on",)) | {"agenda": typed.all("agenda"), "members": typed.all("members")}


def _seen(sitting: dict[str, Any]) -> dict[str, Any]:
    agenda = [point["proposal"] for point in sitting["points"]]
    return {"held_on": sitting["held_on"], "agenda": agenda, "members": sitting["members"]}


def _asked(page: Page, sitting: dict[str, Any] | None = None) -> dict[str, Any]:
    """What may be put on an agenda, in its order, and who may sit."""
    points = {point["proposal"]: point for point in sitting["points"]} if sitting else {}
    complete = [one for one in page.shared("intake", "/proposals") if one["state"] == "complete"]
    more = [one for one in complete if one["proposal"] not in points]
    names = page.names(one["person"] for one in more)
    proposals = list(points.items())
    proposals += [(one["proposal"], one | {"name": names.get(one["person"], {}).get("name")}) for one in more]
    members = page.staff(Role.ASSESSMENT_BOARD)
    if sitting:
        staff = page.staff()
        members |= {id: staff[id] for id in sitting["members"] if id in staff}
    return {"proposals": proposals, "members": list(members.items()), "sitting": sitting, "theirs": None}


def _case(page: Page, sitting: UUID, proposal: UUID) -> dict[str, Any]:
    found = page.get("intake", f"/sittings/{sitting}")
    point = one_of(found["points"], "proposal", proposal)
    return {"sitting": found, "point": point, "advices": page.words(BoardAdvice), "reasons": REASONS}
