"""Guarantors (penjamin): who stands surety, and how far the letter is."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.family import with_contacts
from console.pages.page import Page, Sent, SignedIn, one_of
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/family/guarantors")
VILLAGE_HEADS = ("lurah", "kades")
NAMED_WRONG = {"contact-has-not-agreed": "contact", "guarantor-already-named": "contact"}
LETTER_WRONG = {"day-not-come": "received_on", "guarantor-step-taken": "received_on"}
SIGNED_WRONG = {"day-not-come": "countersigned_on", "guarantor-step-taken": "countersigned_on"}


@router.get("")
def list_guarantors(person: UUID, page: SignedIn) -> Response:
    """Everybody who stands or stood surety."""
    return page.render("family/guarantors.html", **with_contacts(page, person, "guarantors"))


@router.post("")
def name_guarantor(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Names a contact who agreed to stand surety."""

    def act() -> Response:
        page.put("intake", f"/people/{person}/guarantors/{typed.get('id')}", typed.body("contact"))
        return page.go(f"{page.path}/{typed.get('id')}", done="guarantor_named")

    return page.attempt(
        act,
        "family/guarantors.html",
        known=lambda: with_contacts(page, person, "guarantors"),
        beside=NAMED_WRONG,
        typed=typed,
    )


@router.get("/{guarantor}")
def show_guarantor(person: UUID, guarantor: UUID, page: SignedIn) -> Response:
    """One guarantor, and what is still missing."""
    return page.render("family/guarantor.html", **_one_shown(page, person, guarantor), typed=_today(page))


@router.post("/{guarantor}/letter")
def receive_letter(person: UUID, guarantor: UUID, typed: Sent, page: SignedIn) -> Response:
    """The surety's letter is here."""
    body = typed.body(days=("received_on",))
    return _step(page, person, guarantor, "letter", body, LETTER_WRONG, typed)


@router.post("/{guarantor}/countersignature")
def countersign(person: UUID, guarantor: UUID, typed: Sent, page: SignedIn) -> Response:
    """The village head signed it."""
    body = typed.body("countersigned_by", days=("countersigned_on",))
    return _step(page, person, guarantor, "countersignature", body, SIGNED_WRONG, typed)


@router.post("/{guarantor}/withdrawal")
def withdraw_guarantor(person: UUID, guarantor: UUID, typed: Sent, page: SignedIn) -> Response:
    """The guarantor takes it back: one step, no reason asked."""
    return _step(page, person, guarantor, "withdrawal", {}, {}, _today(page))


def _step(
    page: Page, person: UUID, guarantor: UUID, step: str, body: dict[str, Any], beside: dict[str, str], typed: Typed
) -> Response:
    def act() -> Response:
        page.post("intake", f"/people/{person}/guarantors/{guarantor}/{step}", body)
        return page.go(f"/people/{person}/family/guarantors/{guarantor}", done=f"guarantor_{step}")

    return page.attempt(
        act, "family/guarantor.html", known=lambda: _one_shown(page, person, guarantor), beside=beside, typed=typed
    )


def _today(page: Page) -> Typed:
    return Typed.known(received_on=page.today, countersigned_on=page.today)


def _one_shown(page: Page, person: UUID, guarantor: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person, "guarantors")
    return {
        **shown,
        "guarantor": one_of(shown["guarantors"], "guarantor", guarantor),
        "village_heads": page.words(VILLAGE_HEADS),
    }
