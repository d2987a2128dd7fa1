"""Registration, step by step. What was typed travels in the form: nothing personal is kept before it is sent."""

from collections import defaultdict
from typing import Any

from contracts.vocabulary import LegalStatus, MaritalStatus, RegisterBook, Sex
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.identity import IDENTITY_CHOICES, identity_body, rows_of
from console.pages.page import Page, Sent, SignedIn
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter()

STEPS = {
    "who": ("name", "aliases", "sex"),
    "register": ("legal_status", "register_number", "register_book", "registered_on", "admitted_on"),
    "more": (
        *("birth_place", "birth_date", "birth_year", "nik", "identifiers", "nationality", "address"),
        *("religion", "marital_status", "language", "interpreter", "disability", "prior_convictions", "worked_before"),
    ),
}
"""Which step asks for what."""
CHECK = "check"
IN_ORDER = (*STEPS, CHECK)
BESIDE = {
    "status-and-book-disagree": "legal_status",
    "number-and-book-disagree": "register_number",
    "register-number-taken": "register_number",
    "birth-year-disagrees": "birth_year",
}
CHOICES = IDENTITY_CHOICES | {
    "sexes": list(Sex),
    "statuses": list(LegalStatus),
    "books": list(RegisterBook),
    "marital_statuses": list(MaritalStatus),
}


@router.get("/registration")
def begin(page: SignedIn) -> Response:
    """The first step. The person's id is made here, so that however often it is sent it is one person."""
    return _step(page, "who", Typed.known())


@router.post("/registration")
def go_on(typed: Sent, page: SignedIn) -> Response:
    """Another step, with everything that was typed so far; a step that is not right yet is shown again."""
    here, to = _known(typed.get("step")), _known(typed.get("to"))
    if IN_ORDER.index(to) > IN_ORDER.index(here) and (wrong := _refusal(page, typed, here)):
        return _again(page, wrong, here, typed)
    return _step(page, to, typed)


@router.post("/registration/finish")
def register(typed: Sent, page: SignedIn) -> Response:
    """Registers the person, and shows who it may already be."""
    person = typed.get("id")
    try:
        known = page.put("intake", f"/people/{person}", body_of(typed))
    except Said as refusal:
        if not refusal.mendable:
            raise
        return _again(page, Wrong.of(refusal, BESIDE), CHECK, typed)
    to = f"/people/{person}/identity/duplicates" if known["likely_duplicates"] else f"/people/{person}"
    return page.go(to, done="registered")


def body_of(typed: Typed) -> dict[str, Any]:
    """The registration as intake takes it."""
    own = ("sex", "legal_status", "register_number", "register_book", "birth_year", "marital_status")
    days = ("registered_on", "admitted_on")
    return identity_body(typed) | typed.body(*own, "prior_convictions", days=days, flags=("worked_before",))


def _refusal(page: Page, typed: Typed, here: str) -> Wrong | None:
    """What intake would refuse of the steps up to here; that the later ones are empty still is no fault."""
    try:
        page.post("intake", f"/people/{typed.get('id')}/registration-check", body_of(typed))
    except Said as refusal:
        if not refusal.mendable:
            raise
        wrong = Wrong.of(refusal, BESIDE)
        asked = {name for step in IN_ORDER[: IN_ORDER.index(here) + 1] for name in STEPS.get(step, ())}
        if not wrong.fields:
            return wrong
        wrong.fields = {name: said for name, said in wrong.fields.items() if name in asked}
        return wrong if wrong.fields else None
    return None


def _again(page: Page, wrong: Wrong, here: str, typed: Typed) -> Response:
    """The step that asks for what is wrong; where nothing is pointed at, the one that was sent."""
    step = next((step for step in STEPS if wrong.fields.keys() & set(STEPS[step])), here)
    return _step(page, step, typed, wrong)


def _step(page: Page, step: str, typed: Typed, wrong: Wrong | None = None) -> Response:
    asked = STEPS.get(step, ())
    at = IN_ORDER.index(step)
    return page.render(
        "people/registration.html",
        status=422 if wrong else 200,
        wrong=wrong,
        typed=typed,
        step=step,
        number=at + 1,
        earlier=IN_ORDER[at - 1] if at else None,
        later=IN_ORDER[at + 1] if step != CHECK else None,
        carried=[(name, value) for name, value in typed.pairs if _field(name) not in (*asked, "step", "to", "id")],
        said=defaultdict(str, body_of(typed)),
        rows=rows_of(typed),
        **CHOICES,
    )


def _field(name: str) -> str:
    """What a form's input belongs to: a day has three inputs, a number of a paper two."""
    return "identifiers" if name.startswith("identifier_") else name.partition("-")[0]


def _known(step: str | None) -> str:
    return step if step in IN_ORDER else IN_ORDER[0]
