"""What a person's rights rest on: sentences, remissions, register F, answers, levels of risk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.vocabulary import Answer, Right, Role
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from console.pages.page import Page, Sent, SignedIn, one_of
from console.pages.people import head_of
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/rights/case")
CATEGORIES = ("general", "terrorism", "narcotics_5y", "corruption", "state_security", "transnational")
BREACHES = (
    *("order", "fight", "threat", "extortion", "property", "telephone"),
    *("forbidden_goods", "narcotics", "escape"),
)
LEVELS = ("rendah", "sedang", "tinggi")
SOURCES = ("register", "programme", "litmas", "court", "prosecutor", "immigration", "person")
REMISSIONS = (Right.REMISI_UMUM, Right.REMISI_KHUSUS, Right.REMISI_TAMBAHAN)
ANNUL_WRONG = {"day-not-come": "annulled_on", "dates-out-of-order": "annulled_on"}


class Kind(StrEnum):
    """What is entered, as the service's addresses name it."""

    SENTENCES = "sentences"
    REMISSIONS = "remissions"
    DISCIPLINE = "discipline"
    ANSWERS = "answers"
    RISK_LEVELS = "risk-levels"


@dataclass(frozen=True)
class Entry:
    """One kind of entry: whose work it is, its form, and how what is typed becomes a request."""

    roles: tuple[Role, ...]
    template: str
    body: Callable[[Typed], dict[str, Any]]
    beside: Mapping[str, str]
    options: Mapping[str, tuple[str, ...]]


@router.get("")
def show_case(person: UUID, page: SignedIn) -> Response:
    """Everything that stands."""
    return page.render("rights/case.html", **_case(page, person))


@router.get("/{kind}")
def ask(person: UUID, kind: Kind, page: SignedIn, corrects: UUID | None = None, code: str | None = None) -> Response:
    """An empty form; or one that is filled with what is to be corrected, or with the latest answer to a question."""
    shown, typed = _shown(page, person, kind), Typed.known()
    if corrects and kind in (Kind.SENTENCES, Kind.REMISSIONS):
        typed = _correction(one_of(shown["case"][kind], "id", corrects), corrects)
    elif kind is Kind.SENTENCES:
        typed = Typed.known(detained_since=shown["case"]["detained_since"])
    elif kind is Kind.ANSWERS:
        typed = Typed.known(code=_question(shown, code)["code"])
    return page.render(ENTRIES[kind].template, **shown, **_choices(page, kind), typed=typed)


@router.post("/{kind}")
def enter(person: UUID, kind: Kind, typed: Sent, page: SignedIn) -> Response:
    """Enters it."""
    entry = ENTRIES[kind]

    def act() -> Response:
        page.put("intake", f"/people/{person}/{kind}/{typed.get('id')}", entry.body(typed))
        return page.go(f"/people/{person}/rights/case", done=f"entered_{kind}")

    return page.attempt(
        act,
        entry.template,
        known=lambda: {**_shown(page, person, kind), **_choices(page, kind)},
        beside=entry.beside,
        typed=typed,
    )


@router.get("/discipline/{breach}/annulment")
def ask_annulment(person: UUID, breach: UUID, page: SignedIn) -> Response:
    """When the decision was taken back."""
    return page.render("rights/annulment.html", **_breach(page, person, breach))


@router.post("/discipline/{breach}/annulment")
def annul(person: UUID, breach: UUID, typed: Sent, page: SignedIn) -> Response:
    """The decision on a breach was taken back: it stays readable and counts no more."""

    def act() -> Response:
        path = f"/people/{person}/discipline/{breach}/annulment"
        page.put("intake", path, typed.body(days=("annulled_on",)))
        return page.go(f"/people/{person}/rights/case", done="breach_annulled")

    return page.attempt(
        act,
        "rights/annulment.html",
        known=lambda: _breach(page, person, breach),
        beside=ANNUL_WRONG,
        typed=typed,
    )


def _case(page: Page, person: UUID) -> dict[str, Any]:
    case = page.get("intake", f"/people/{person}/case")
    answers = {answer["code"]: answer for answer in case["answers"]}
    questions = page.shared("intake", "/questions")
    return {**head_of(page, person), "case": case, "questions": questions, "answers": answers}


def _shown(page: Page, person: UUID, kind: Kind) -> dict[str, Any]:
    """What a form shows beside itself: most show nothing of the case."""
    rests_on_more = kind in (Kind.SENTENCES, Kind.REMISSIONS, Kind.ANSWERS)
    return _case(page, person) if rests_on_more else head_of(page, person)


def _breach(page: Page, person: UUID, breach: UUID) -> dict[str, Any]:
    shown = _case(page, person)
    return {**shown, "breach": one_of(shown["case"]["discipline"], "id", breach)}


def _question(shown: dict[str, Any], code: str | None) -> dict[str, Any]:
    for question in shown["questions"]:
        if question["code"] == code:
            return dict(question)
    raise HTTPException(404)


def _choices(page: Page, kind: Kind) -> dict[str, Any]:
    return {name: page.words(values) for name, values in ENTRIES[kind].options.items()}


def _correction(wrong: dict[str, Any], corrects: UUID) -> Typed:
    """What stands, to be typed over. A sentence is spoken of in years."""
    punishment = "life" if wrong.get("life") else "death" if wrong.get("death") else "term"
    years, months = divmod(wrong["months"], 12)
    known = {name: value for name, value in wrong.items() if name != "id"}
    return Typed.known(known, corrects=corrects, punishment=punishment, years=years or None, months=months or None)


def _months(typed: Typed) -> int | str | None:
    """Years and months as months. What is no number is sent as it stands: the service says so."""
    years, months = typed.get("years"), typed.get("months")
    try:
        return int(years or 0) * 12 + int(months or 0) if years or months else None
    except ValueError:
        return "?"


def _length(typed: Typed) -> dict[str, Any]:
    months = _months(typed)
    return typed.body("days") | ({} if months is None else {"months": months})


def _sentence(typed: Typed) -> dict[str, Any]:
    punishment = typed.get("punishment")
    said = typed.body(
        *("verdict_number", "subsidiary_months", "subsidiary_days", "corrects"), days=("decided_on", "detained_since")
    )
    # Nothing chosen is sent as nothing: the service must not take it for the general case.
    said |= {"category": typed.get("category") or "", "life": punishment == "life", "death": punishment == "death"}
    return said | (_length(typed) if punishment == "term" else {})


def _remission(typed: Typed) -> dict[str, Any]:
    return typed.body("right", "decree_number", "corrects", days=("granted_on",)) | _length(typed)


ENTRIES = {
    Kind.SENTENCES: Entry(
        (Role.REGISTRAR,),
        "rights/sentence.html",
        _sentence,
        {"term-unclear": "punishment", "before-birth": "detained_since", "day-not-come": "decided_on"},
        {"categories": CATEGORIES},
    ),
    Kind.REMISSIONS: Entry(
        (Role.REGISTRAR,),
        "rights/remission.html",
        _remission,
        {"term-missing": "months", "day-not-come": "granted_on", "dates-out-of-order": "granted_on"},
        {"remissions": REMISSIONS},
    ),
    Kind.DISCIPLINE: Entry(
        (Role.REGISTRAR,),
        "rights/breach.html",
        lambda typed: typed.body("kind", days=("happened_on", "decided_on")),
        {"day-not-come": "decided_on", "dates-out-of-order": "decided_on"},
        {"breaches": BREACHES},
    ),
    Kind.ANSWERS: Entry(
        (Role.REGISTRAR, Role.COUNSELLOR),
        "rights/answer.html",
        lambda typed: typed.body("code", "answer", "source", days=("since",)),
        {"day-not-come": "since"},
        {"answer_options": tuple(Answer), "sources": SOURCES},
    ),
    Kind.RISK_LEVELS: Entry(
        (Role.COUNSELLOR,),
        "rights/risk_level.html",
        lambda typed: typed.body("level", days=("assessed_on",)),
        {"day-not-come": "assessed_on"},
        {"levels": LEVELS},
    ),
}
