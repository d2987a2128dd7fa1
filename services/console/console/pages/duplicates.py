"""Entries that may be one person: shown, compared, joined and parted."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.services import Said

router = APIRouter()


@router.get("/people/{person}/identity/duplicates")
def show(person: UUID, page: SignedIn) -> Response:
    """Who it may already be. A proposal: somebody looks and decides."""
    found = page.get("intake", f"/people/{person}/likely-duplicates")
    return page.render("people/duplicates.html", **head_of(page, person), found=found)


@router.get("/people/{person}/identity/duplicates/{other}")
def compare(person: UUID, other: UUID, page: SignedIn) -> Response:
    """Both entries, field by field."""
    return page.render("people/compare.html", **_both(page, person, other))


@router.post("/people/{person}/identity/duplicates/{other}")
def merge(person: UUID, other: UUID, typed: Sent, page: SignedIn) -> Response:
    """They are one person: the entry that was chosen speaks for both from now on."""
    into = typed.get("into")
    dropped = other if into == str(person) else person

    def act() -> Response:
        page.post("intake", f"/people/{dropped}/merge", typed.body("into"))
        return page.go(f"/people/{into}/identity", done="merged")

    return page.attempt(act, "people/compare.html", known=lambda: _both(page, person, other), typed=typed)


@router.post("/people/{person}/identity/entries/{entry}/unmerge")
def unmerge(person: UUID, entry: UUID, page: SignedIn) -> Response:
    """They are two people after all."""
    try:
        page.post("intake", f"/people/{entry}/unmerge")
    except Said as refusal:
        if refusal.slug != "not-merged":  # a second click: they are apart already
            raise
    return page.go(f"/people/{entry}/identity", done="unmerged")


def _both(page: Page, person: UUID, other: UUID) -> dict[str, Any]:
    found = page.get("intake", f"/people/{person}/likely-duplicates/{other}")
    return {"person": found["this"], "other": found["other"]}
