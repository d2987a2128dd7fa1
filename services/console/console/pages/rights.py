"""What somebody may ask for and from when: an estimate with its reasons, and the beginning of a proposal."""

from typing import Any
from uuid import UUID

from contracts.vocabulary import Answer, Right, Role
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/rights")
PROPOSERS = (Role.REGISTRAR, Role.COUNSELLOR)
PROPOSE_WRONG = {"person-not-asked": "wanted_by_person_on", "day-not-come": "wanted_by_person_on"}


@router.get("")
def show_rights(person: UUID, page: SignedIn) -> Response:
    """Every right at a glance, the days of the sentence, and what was proposed."""
    estimates = page.get("intake", f"/people/{person}/rights")
    key_days: list[dict[str, Any]] = next((one["key_days"] for one in estimates if one["key_days"]), [])
    left = {one["right"]: _left(one) for one in estimates}
    shown = {"estimates": estimates, "key_days": key_days, "left": left}
    return page.render("rights/estimates.html", **head_of(page, person), **shown)


@router.get("/proposals")
def list_proposals(person: UUID, page: SignedIn) -> Response:
    """Every proposal, also those that have ended, newest first."""
    found = page.get("intake", f"/people/{person}/proposals")[::-1]
    return page.render("rights/all_proposals.html", **head_of(page, person), proposals=found)


@router.get("/{right}")
def show_right(person: UUID, right: Right, page: SignedIn) -> Response:
    """One right: each condition and where it is written, the papers that are missing, the way and what it costs."""
    return page.render("rights/right.html", **_right(page, person, right), typed=Typed.known())


@router.post("/{right}")
def propose(person: UUID, right: Right, typed: Sent, page: SignedIn) -> Response:
    """Proposes the right that the person wants."""

    def act() -> Response:
        body = typed.body(days=("wanted_by_person_on",)) | {"right": right}
        page.put("intake", f"/people/{person}/proposals/{typed.get('id')}", body)
        return page.go(f"/people/{person}/rights/proposals/{typed.get('id')}", done="right_proposed")

    return page.attempt(
        act, "rights/right.html", known=lambda: _right(page, person, right), beside=PROPOSE_WRONG, typed=typed
    )


def _right(page: Page, person: UUID, right: Right) -> dict[str, Any]:
    for estimate in page.get("intake", f"/people/{person}/rights", right=right):
        return {**head_of(page, person), "estimate": estimate}
    raise HTTPException(404)


def _left(estimate: dict[str, Any]) -> dict[str, Any]:
    """What still stands between a person and a right, counted; what is unknown is not what is not met."""
    lacking = [reason for reason in estimate["reasons"] if reason["met"] != Answer.YES]
    met = [reason["met"] for reason in lacking]
    return {
        "not_met": met.count(Answer.NO),
        "unknown": met.count(Answer.UNKNOWN),
        "only": lacking[0]["text"] if len(lacking) == 1 else None,
        "papers": len(estimate["missing_documents"]),
    }
