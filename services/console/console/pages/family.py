"""Those outside who matter to a person: who they are, and what each of them agreed to."""

import json
from typing import Any
from uuid import UUID

from contracts.intake import FamilyRelation
from contracts.vocabulary import Answer
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn, one_of
from console.pages.people import head_of
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/family")
DETAILS = ("name", "phone", "address", "notes")
WISHES = ("visits", "letters", "phone", "guarantor", "after_release")
NEWER = {"newer-answer-known": "asked_on", "day-not-come": "asked_on"}


def with_contacts(page: Page, person: UUID, part: str | None = None) -> dict[str, Any]:
    """Who it is, everybody outside, also as options of a choice and as names by id, and one part of what is known."""
    found = page.get("intake", f"/people/{person}/family", part=part)
    relations = dict(page.words(FamilyRelation))
    options = [
        (one["contact"], f"{one['details']['name']} ({relations[one['relation']]})") for one in found["contacts"]
    ]
    return {**head_of(page, person), **found, "contact_options": options, "names": dict(options)}


@router.get("")
def list_contacts(person: UUID, page: SignedIn) -> Response:
    """Everybody outside, and what each agreed to."""
    shown = with_contacts(page, person)
    standing = {contact["contact"]: standing_answers(contact) for contact in shown["contacts"]}
    return page.render("family/contacts.html", **shown, standing=standing, wishes=WISHES)


@router.get("/contacts/new")
def ask_contact(person: UUID, page: SignedIn) -> Response:
    """Asks who it is."""
    return page.render("family/new_contact.html", **head_of(page, person), relations=page.words(FamilyRelation))


@router.post("/contacts")
def add_contact(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Adds somebody outside; what they agree to is asked next."""

    def act() -> Response:
        body = typed.body("relation", *DETAILS)
        page.put("intake", f"/people/{person}/contacts/{typed.get('id')}", body)
        return page.go(f"/people/{person}/family/contacts/{typed.get('id')}", done="contact_added")

    return page.attempt(
        act,
        "family/new_contact.html",
        known=lambda: head_of(page, person),
        typed=typed,
        relations=page.words(FamilyRelation),
    )


@router.get("/contacts/{contact}")
def show_contact(person: UUID, contact: UUID, page: SignedIn) -> Response:
    """Who it is and what they answered."""
    return page.render(
        "family/contact.html", **_contact_shown(page, person, contact), typed=Typed.known(asked_on=page.today)
    )


@router.post("/contacts/{contact}")
def note_answer(person: UUID, contact: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes what the contact said when asked for one thing."""

    def act() -> Response:
        body = typed.body("wish", "answer", days=("asked_on",))
        page.put("intake", f"/people/{person}/contacts/{contact}/answers/{typed.get('id')}", body)
        return page.go(page.path, done="answer_noted")

    return page.attempt(
        act,
        "family/contact.html",
        known=lambda: _contact_shown(page, person, contact),
        beside=NEWER,
        typed=typed,
    )


@router.post("/contacts/{contact}/withdrawal")
def withdraw_for_contact(person: UUID, contact: UUID, typed: Sent, page: SignedIn) -> Response:
    """The contact takes one thing back: one step, no reason asked."""

    def act() -> Response:
        page.post("intake", f"/people/{person}/contacts/{contact}/withdrawal", typed.body("wish"))
        return page.go(f"/people/{person}/family/contacts/{contact}", done="contact_withdrew")

    return page.attempt(
        act,
        "family/contact.html",
        known=lambda: _contact_shown(page, person, contact),
        typed=Typed.known(asked_on=page.today),
    )


@router.get("/contacts/{contact}/details")
def show_details(person: UUID, contact: UUID, page: SignedIn) -> Response:
    """Who it is, to be changed."""
    shown = _contact_shown(page, person, contact)
    details = shown["contact"]["details"]
    return page.render(
        "family/details.html", **shown, theirs=None, typed=Typed.known(details, seen=json.dumps(details))
    )


@router.post("/contacts/{contact}/details")
def change_details(person: UUID, contact: UUID, typed: Sent, page: SignedIn) -> Response:
    """Puts new details in the place of those that were seen; whoever was faster is shown beside one's own."""

    def act() -> Response:
        body = typed.body(*DETAILS) | {"instead_of": typed.document("seen")}
        try:
            page.post("intake", f"/people/{person}/contacts/{contact}/details", body)
        except Said as refusal:
            if refusal.slug != "contact-changed-meanwhile":
                raise
            shown = _contact_shown(page, person, contact)
            theirs = shown["contact"]["details"]
            again = typed.but(seen=json.dumps(theirs))
            wrong = Wrong.of(refusal)
            return page.render("family/details.html", **shown, theirs=theirs, typed=again, status=409, wrong=wrong)
        return page.go(f"/people/{person}/family/contacts/{contact}", done="contact_changed")

    return page.attempt(
        act,
        "family/details.html",
        known=lambda: _contact_shown(page, person, contact),
        theirs=None,
        typed=typed,
    )


def standing_answers(contact: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a contact said last, per thing that they were asked. The answers come oldest first."""
    last: dict[str, dict[str, Any]] = {}
    for answer in contact["answers"]:
        if answer["wish"] not in last or answer["asked_on"] >= last[answer["wish"]]["asked_on"]:
            last[answer["wish"]] = answer
    return last


def _contact_shown(page: Page, person: UUID, contact: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person)
    found = one_of(shown["contacts"], "contact", contact)
    return {
        **shown,
        "contact": found,
        "standing": standing_answers(found),
        "wishes": WISHES,
        "wish_options": page.words(WISHES),
        "answer_options": page.words(Answer),
    }
