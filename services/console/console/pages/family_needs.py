"""What a family needs for itself, where it was referred, and what became of that."""

from typing import Any
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.family import with_contacts
from console.pages.page import Page, Sent, SignedIn, one_of
from console.typed import Typed

router = APIRouter(prefix="/people/{person}/family/needs")
KINDS = ("school", "food", "housing", "health", "documents", "counselling")
OFFICES = (
    *("village", "social_affairs", "civil_registry", "education"),
    *("puskesmas", "housing", "baznas", "legal_aid"),
)
OUTCOMES = ("done", "declined", "unknown")
KNOW_PARTNERS = (Role.COUNSELLOR, Role.PLACEMENT_OFFICER, Role.HEAD)
"""To whom it is told which partners the site works with; anybody else refers to offices."""
RECIPIENT_WRONG = {"one-recipient-only": "recipient"}


@router.get("")
def list_needs(person: UUID, page: SignedIn) -> Response:
    """Everything that the family asked for, and a form to note more."""
    return page.render("family/needs.html", **_all_shown(page, person))


@router.post("")
def note_need(person: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes what the family asked for; where it is referred is asked next."""

    def act() -> Response:
        page.put("intake", f"/people/{person}/family-needs/{typed.get('id')}", typed.body("kind", "contact"))
        return page.go(f"{page.path}/{typed.get('id')}", done="need_noted")

    return page.attempt(act, "family/needs.html", known=lambda: _all_shown(page, person), typed=typed)


@router.get("/{need}")
def show_need(person: UUID, need: UUID, page: SignedIn) -> Response:
    """One need, and where it was referred."""
    return page.render("family/need.html", **_one_shown(page, person, need))


@router.post("/{need}/referrals")
def refer_family(person: UUID, need: UUID, typed: Sent, page: SignedIn) -> Response:
    """Refers the family to a partner or an office."""

    def act() -> Response:
        kind, _, which = (typed.get("recipient") or "").partition(":")
        body = {kind: which} if which else {}
        page.put("intake", f"/people/{person}/family-needs/{need}/referrals/{typed.get('id')}", body)
        return page.go(f"/people/{person}/family/needs/{need}", done="family_referred")

    return page.attempt(
        act,
        "family/need.html",
        known=lambda: _one_shown(page, person, need),
        beside=RECIPIENT_WRONG,
        typed=typed,
    )


@router.post("/{need}/referrals/{referral}/outcome")
def answer_referral(person: UUID, need: UUID, referral: UUID, typed: Sent, page: SignedIn) -> Response:
    """Notes what became of it."""

    def act() -> Response:
        page.post("intake", f"/people/{person}/family-referrals/{referral}/outcome", typed.body("outcome"))
        return page.go(f"/people/{person}/family/needs/{need}", done="referral_answered")

    return page.attempt(act, "family/need.html", known=lambda: _one_shown(page, person, need), typed=Typed.known())


def _all_shown(page: Page, person: UUID) -> dict[str, Any]:
    return {**with_contacts(page, person, "needs"), "kinds": page.words(KINDS)}


def _one_shown(page: Page, person: UUID, need: UUID) -> dict[str, Any]:
    shown = with_contacts(page, person, "needs")
    partners = page.shared("partner_matching", "/partners") if page.may(*KNOW_PARTNERS) else []
    offices = [(f"office:{office}", said) for office, said in page.words(OFFICES, "family_referral")]
    return {
        **shown,
        "need": one_of(shown["needs"], "need", need),
        "recipients": [*offices, *((f"partner:{one['partner']}", one["name"]) for one in partners)],
        "partners": {one["partner"]: one["name"] for one in partners},
        "outcomes": page.words(OUTCOMES, "family_referral"),
    }
