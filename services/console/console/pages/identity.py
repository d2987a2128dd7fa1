"""Who somebody is: correcting it, also when two officers do so at once."""

from functools import cache
from typing import Any
from uuid import UUID

from babel import Locale
from contracts.vocabulary import RegisterBook
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of, record_of
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter()
PAPERS = ("passport", "kitas", "kitap", "kk", "bpjs", "sim", "other")
"""Numbers that tell who somebody is, the NIK aside, which has a field of its own."""
IDENTITY_CHOICES: dict[str, Any] = {"papers": PAPERS}
PLAIN = ("name", "nik", "birth_place", "nationality", "address", "religion", "language", "disability", "interpreter")
FREE_ROWS = 2
REGISTER_BESIDE = {
    "register-number-taken": "number",
    "number-and-book-disagree": "number",
    "day-not-come": "from_on",
    "dates-out-of-order": "from_on",
}


@router.get("/people/{person}/identity")
def show(person: UUID, page: SignedIn) -> Response:
    """Who it is, under which numbers, and which other entries are the same person."""
    return page.render("people/identity.html", **record_of(page, person))


@router.get("/people/{person}/identity/correction")
def ask(person: UUID, page: SignedIn) -> Response:
    """The form, with what is known."""
    known = record_of(page, person)
    typed = typed_of(known["person"]["identity"], known["person"]["version"])
    return page.render("people/correction.html", **known, typed=typed, rows=rows_of(typed), **IDENTITY_CHOICES)


@router.post("/people/{person}/identity/correction")
def correct(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Puts it in place of what the officer saw; where another was faster, both versions are shown."""

    def act() -> Response:
        try:
            page.put("intake", f"/people/{person}/identity", identity_body(typed) | typed.body("version"))
        except Said as refusal:
            if refusal.slug == "changed-meanwhile":
                return _conflict(page, person, typed, refusal)
            raise
        return page.go(f"/people/{person}/identity", done="identity_corrected")

    return page.attempt(
        act,
        "people/correction.html",
        known=lambda: head_of(page, person),
        beside={"day-not-come": "birth_date"},
        typed=typed,
        rows=rows_of(typed),
        **IDENTITY_CHOICES,
    )


@router.get("/people/{person}/identity/register")
def ask_register(person: UUID, page: SignedIn) -> Response:
    """The case moved on."""
    return page.render("people/register.html", **head_of(page, person), books=list(RegisterBook))


@router.post("/people/{person}/identity/register")
def enter_register(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Enters another register."""
    sent = typed.body("number", "book", days=("from_on",), flags=("anak_binaan",))

    def act() -> Response:
        page.put("intake", f"/people/{person}/register-entries/{typed.get('id')}", sent)
        return page.go(f"/people/{person}/identity", done="register_entered")

    return page.attempt(
        act,
        "people/register.html",
        known=lambda: head_of(page, person),
        beside=REGISTER_BESIDE,
        typed=typed,
        books=list(RegisterBook),
    )


def _conflict(page: Page, person: UUID, typed: Typed, refusal: Said) -> Response:
    """Both versions side by side. What is sent from there stands on the version that is shown there."""
    return page.render(
        "people/conflict.html",
        status=409,
        wrong=Wrong.of(refusal),
        differences=refusal.problem["fields"],
        typed=typed.but(version=str(refusal.problem["version"])),
        rows=rows_of(typed),
        **head_of(page, person),
        **IDENTITY_CHOICES,
    )


def identity_body(typed: Typed) -> dict[str, Any]:
    """An identity as intake takes it. Empty is left out: not known."""
    body = typed.body(*PLAIN, days=("birth_date",))
    if aliases := [line.strip() for line in (typed.get("aliases") or "").splitlines() if line.strip()]:
        body["aliases"] = aliases
    if papers := [paper for row in rows_of(typed) if (paper := _paper(typed, row))]:
        body["identifiers"] = papers
    return body


def _paper(typed: Typed, row: int) -> dict[str, str]:
    said = {"kind": typed.get(f"identifier_kind-{row}"), "value": typed.get(f"identifier_value-{row}")}
    return {name: value for name, value in said.items() if value}


def rows_of(typed: Typed) -> list[int]:
    """The rows for numbers of papers: those that were filled in, and some more."""
    filled = [int(name.rpartition("-")[2]) for name, value in typed.pairs if name.startswith("identifier_") and value]
    return list(range(1, max(filled, default=0) + FREE_ROWS + 1))


def typed_of(identity: dict[str, Any], version: int) -> Typed:
    """An identity as the form shows it."""
    said = {name: identity[name] for name in (*PLAIN, "birth_date")}
    said["aliases"] = "\n".join(identity["aliases"])
    for row, paper in enumerate(identity["identifiers"], 1):
        said |= {f"identifier_kind-{row}": paper["kind"], f"identifier_value-{row}": paper["value"]}
    return Typed.known(said, version=version)


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Every country by its two letters, Indonesia first."""
    named = [(code, name) for code, name in Locale(language).territories.items() if len(code) == 2 and code.isalpha()]
    return tuple(sorted(named, key=lambda one: (one[0] != "ID", one[1])))


IDENTITY_CHOICES["countries"] = countries
