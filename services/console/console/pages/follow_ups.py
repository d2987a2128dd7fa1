"""How it goes after release: whom to ask today, and what they said."""

import json
from typing import Any
from uuid import UUID

from contracts.vocabulary import Answer
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.meanwhile import attempt_change
from console.pages.names import who
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter()
FOUND = ("employed", "housed")
ASKED_WRONG = {"too-early": "asked_on"}


@router.get("/follow-ups")
def list_due(page: SignedIn) -> Response:
    """Whom to ask today, and who should have been asked before."""
    due = page.get("outcomes", "/follow-ups", on=page.today)
    return page.render("follow_ups/due.html", due=due, names=page.names(one["person"] for one in due))


@router.get("/follow-ups/{follow_up}")
def ask_answer(follow_up: UUID, page: SignedIn) -> Response:
    """Asks what was found. Nobody is obliged to answer: then it is unknown."""
    shown = _follow_up_shown(page, follow_up)
    found = _found(shown["follow_up"])
    typed = Typed.known(found, asked_on=page.today, seen=json.dumps(found))
    return page.render("follow_ups/answer.html", **shown, theirs=None, typed=typed)


@router.post("/follow-ups/{follow_up}")
def answer(follow_up: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes what was found, in the place of what was seen."""

    def act() -> Response:
        body = typed.body(*FOUND, days=("asked_on",)) | {"instead_of": typed.document("seen")}
        page.put("outcomes", f"/follow-ups/{follow_up}/answer", body)
        return page.go("/follow-ups", done="follow_up_answered")

    return attempt_change(
        page,
        act,
        "follow_ups/answer.html",
        typed=typed,
        slug="answer-changed-meanwhile",
        theirs=lambda: _found(page.get("outcomes", f"/follow-ups/{follow_up}")) or {},
        known=lambda: _follow_up_shown(page, follow_up),
        beside=ASKED_WRONG,
    )


@router.get("/people/{person}/work/follow-ups")
def list_of_person(person: UUID, page: SignedIn) -> Response:
    """Every time that somebody asks this person, and what they said."""
    asked = page.get("outcomes", f"/people/{person}/follow-ups")
    return page.render("follow_ups/person.html", **who(page, person), follow_ups=asked)


def _follow_up_shown(page: Page, follow_up: UUID) -> dict[str, Any]:
    found = page.get("outcomes", f"/follow-ups/{follow_up}")
    return {**who(page, UUID(found["person"])), "follow_up": found, "answers": page.words(Answer)}


def _found(follow_up: dict[str, Any]) -> dict[str, Any] | None:
    return {name: follow_up[name] for name in FOUND} if follow_up["state"] == "answered" else None
