"""A proposal on its way: its papers, and each step up to the decree."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.family import with_contacts
from console.pages.page import Page, Sent, SignedIn, one_of
from console.pages.people import head_of
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/rights/proposals/{proposal}")
STAFF = (Role.REGISTRAR, Role.COUNSELLOR)
LITMAS_ADVICE = ("supported", "supported_with_conditions", "not_supported")
OWN_STEPS = {"litmas": "litmas", "surat_jaminan": "guarantor"}
"""The two papers that are not ticked: each follows from its own page."""
ON_WRONG = {"day-not-come": "on", "dates-out-of-order": "on", "documents-missing": "on"}
LITMAS_WRONG = {"litmas-unclear": "advice", "day-not-come": "received_on", "dates-out-of-order": "received_on"}
GUARANTOR_WRONG = {"contact-has-not-agreed": "contact", "entry-not-here": "contact"}
CHANGED = "entry-changed-meanwhile"


class Step(StrEnum):
    """The steps that are a day, and perhaps a decree."""

    COMPLETION = "completion"
    DISPATCH = "dispatch"
    DECISION = "decision"
    REVOCATION = "revocation"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True)
class Take:
    """Whose a step is, and after which states it comes."""

    roles: tuple[Role, ...]
    after: tuple[str, ...]
    fields: tuple[str, ...] = ()


STEPS = {
    Step.COMPLETION: Take((Role.REGISTRAR,), ("proposed",)),
    Step.DISPATCH: Take((Role.REGISTRAR,), ("advised",)),
    Step.DECISION: Take((Role.HEAD,), ("sent",), ("decree_number",)),
    Step.REVOCATION: Take((Role.HEAD,), ("decided",), ("decree_number",)),
    Step.WITHDRAWAL: Take(STAFF, ("proposed", "complete", "advised", "sent")),
}


@router.get("")
def show_proposal(person: UUID, proposal: UUID, page: SignedIn) -> Response:
    """How far it is, what is missing, and what comes next."""
    return page.render("rights/proposal.html", **_shown(page, person, proposal))


@router.get("/documents/{code}")
def ask_document(person: UUID, proposal: UUID, code: str, page: SignedIn) -> Response:
    """When a paper came, and its reference."""
    shown = _paper(page, person, proposal, code)
    known = _noted(shown["paper"])
    return page.render("rights/document.html", **shown, theirs=None, typed=_seen(known))


@router.post("/documents/{code}")
def note_document(person: UUID, proposal: UUID, code: str, typed: Sent, page: SignedIn) -> Response:
    """A paper came, or is not there after all."""
    body = typed.body("number", days=("received_on",))
    return _put(
        page,
        _at(person, proposal, f"documents/{code}"),
        body,
        "rights/document.html",
        known=lambda: _paper(page, person, proposal, code),
        theirs=lambda shown: _noted(shown["paper"]),
        typed=typed,
        beside={"day-not-come": "received_on"},
        done="document_noted",
    )


@router.get("/litmas")
def ask_litmas(person: UUID, proposal: UUID, page: SignedIn) -> Response:
    """How far the report of PK Bapas is."""
    shown = _litmas(page, person, proposal)
    return page.render("rights/litmas.html", **shown, theirs=None, typed=_seen(_reported(shown["proposal"])))


@router.post("/litmas")
def record_litmas(person: UUID, proposal: UUID, typed: Sent, page: SignedIn) -> Response:
    """It was asked for, and perhaps received."""
    body = typed.body("advice", "number", days=("requested_on", "received_on"))
    return _put(
        page,
        _at(person, proposal, "litmas"),
        body,
        "rights/litmas.html",
        known=lambda: _litmas(page, person, proposal),
        theirs=lambda shown: _reported(shown["proposal"]),
        typed=typed,
        beside=LITMAS_WRONG,
        done="litmas_recorded",
    )


@router.get("/guarantor")
def ask_guarantor(person: UUID, proposal: UUID, page: SignedIn) -> Response:
    """Who is to stand surety."""
    shown = _surety(page, person, proposal)
    known = shown["proposal"]["guarantor"]
    typed = Typed.known(contact=known, seen=json.dumps(known))
    return page.render("rights/guarantor.html", **shown, theirs=None, typed=typed)


@router.post("/guarantor")
def record_guarantor(person: UUID, proposal: UUID, typed: Sent, page: SignedIn) -> Response:
    """A contact is to stand surety."""
    return _put(
        page,
        _at(person, proposal, "guarantor"),
        typed.body("contact"),
        "rights/guarantor.html",
        known=lambda: _surety(page, person, proposal),
        theirs=lambda shown: shown["proposal"]["guarantor"],
        typed=typed,
        beside=GUARANTOR_WRONG,
        done="guarantor_recorded",
    )


@router.get("/{step}")
def ask_step(person: UUID, proposal: UUID, step: Step, page: SignedIn) -> Response:
    """The day of a step."""
    typed = Typed.known(on=page.today)
    return page.render("rights/step.html", **_shown(page, person, proposal), step=step, typed=typed)


@router.post("/{step}")
def take_step(person: UUID, proposal: UUID, step: Step, typed: Sent, page: SignedIn) -> Response:
    """Takes it."""
    body = typed.body(*STEPS[step].fields, days=("on",))
    if step is Step.DECISION:
        body |= typed.body(flags=("granted",))

    def act() -> Response:
        page.put("intake", _at(person, proposal, step), body)
        return page.go(f"/people/{person}/rights/proposals/{proposal}", done=f"proposal_{step}")

    return page.attempt(
        act,
        "rights/step.html",
        known=lambda: _shown(page, person, proposal),
        beside=ON_WRONG,
        step=step,
        typed=typed,
    )


def _at(person: UUID, proposal: UUID, part: str) -> str:
    return f"/people/{person}/proposals/{proposal}/{part}"


def _put(
    page: Page,
    path: str,
    body: dict[str, Any],
    template: str,
    *,
    known: Callable[[], dict[str, Any]],
    theirs: Callable[[dict[str, Any]], Any],
    typed: Typed,
    beside: Mapping[str, str],
    done: str,
) -> Response:
    """Puts something in the place of what was seen; whoever was faster is shown beside one's own."""

    def act() -> Response:
        seen = typed.document("seen")
        try:
            page.put("intake", path, body if seen is None else body | {"instead_of": seen})
        except Said as refusal:
            if refusal.slug != CHANGED:
                raise
            shown = known()
            now = theirs(shown)
            again = typed.but(seen=json.dumps(now))
            wrong = Wrong.of(refusal)
            return page.render(template, **shown, theirs=now, typed=again, status=409, wrong=wrong)
        return page.go(page.path.rsplit("/proposals/", 1)[0] + f"/proposals/{path.split('/')[4]}", done=done)

    return page.attempt(act, template, known=known, beside=beside, typed=typed, theirs=None)


def _seen(known: dict[str, Any]) -> Typed:
    """A form filled with what is known; the same goes along, so that no officer overwrites another."""
    return Typed.known(known, seen=json.dumps(known))


def _shown(page: Page, person: UUID, proposal: UUID) -> dict[str, Any]:
    found = one_of(page.get("intake", f"/people/{person}/proposals"), "proposal", proposal)
    return {**head_of(page, person), **_proposal(page, found)}


def _proposal(page: Page, found: dict[str, Any]) -> dict[str, Any]:
    return {"proposal": found, "next_steps": _next_steps(page, found), "own_steps": OWN_STEPS}


def _next_steps(page: Page, proposal: dict[str, Any]) -> list[Step]:
    """What may come now, of what is the reader's work. Only what was granted can be revoked."""
    mine = [step for step, take in STEPS.items() if proposal["state"] in take.after and page.may(*take.roles)]
    return [step for step in mine if step is not Step.REVOCATION or proposal["granted"]]


def _paper(page: Page, person: UUID, proposal: UUID, code: str) -> dict[str, Any]:
    shown = _shown(page, person, proposal)
    for paper in shown["proposal"]["documents"]:
        if paper["code"] == code and code not in OWN_STEPS:
            return {**shown, "paper": paper}
    raise HTTPException(404)


def _noted(paper: dict[str, Any]) -> dict[str, Any]:
    return {"received_on": paper["received_on"], "number": paper["number"]}


def _litmas(page: Page, person: UUID, proposal: UUID) -> dict[str, Any]:
    return {**_shown(page, person, proposal), "advice_options": page.words(LITMAS_ADVICE)}


def _reported(proposal: dict[str, Any]) -> dict[str, Any]:
    return {name: proposal[f"litmas_{name}"] for name in ("requested_on", "received_on", "advice", "number")}


def _surety(page: Page, person: UUID, proposal: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person, "proposals")
    return {**shown, **_proposal(page, one_of(shown["proposals"], "proposal", proposal))}
