"""What somebody is asked to agree to: how it stands, and asking. Yes and no are two answers of one worth."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from contracts.vocabulary import Answer, Purpose, Role
from fastapi import APIRouter
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from ui.house import LANGUAGES

from console.model import NotAnswered
from console.pages.page import Page, Sent, SignedIn
from console.pages.people import head_of
from console.pages.privacy import saved_as
from console.services import Away, Said
from console.typed import Typed

router = APIRouter()
REASONS = ("not_now", "no_need", "wants_advice", "no_trust", "other")
RELATIONS = ("parent", "legal_guardian", "spouse", "family", "institution")
KNOW_PARTNERS = (Role.REGISTRAR, Role.COUNSELLOR, Role.PLACEMENT_OFFICER, Role.HEAD)
PARTS = {"guardian": ("name", "relation"), "on_paper": ("signed_on", "form_number")}
"""A service names such a group where a part of it is wrong; which part that is shows in what was sent."""
ENDS = ("withdrawn", "expired")
BESIDE = {
    "recipient-mismatch": "recipient",
    "witness-missing": "witness",
    "guardian-missing": "guardian.name",
    "capacity-unknown": "understands",
    "signed-before-registration": "on_paper.signed_on",
    "said-no-since": "on_paper.signed_on",
    "form-too-old": "on_paper.signed_on",
    "day-not-come": "on_paper.signed_on",
    "form-already-entered": "on_paper.form_number",
}


@router.get("/people/{person}/consents")
def show(person: UUID, page: SignedIn) -> Response:
    """How each question stands."""
    answers = page.get("intake", f"/people/{person}/consents")
    shared = any(answer["recipient"] for answer in answers)
    shown = {"standing": standing(answers, page.today.isoformat()), "answers": answers[::-1]}
    return page.render("consents/list.html", **head_of(page, person), **shown, names=names_of(page) if shared else {})


@router.get("/people/{person}/consents/{purpose}")
def ask(person: UUID, purpose: Purpose, page: SignedIn, recipient: str = "", language: str = "") -> Response:
    """The text in full, and who else is there."""
    typed = Typed.known(recipient=recipient, language=_spoken(language or page.language))
    return page.render("consents/ask.html", **_asked(page, person, purpose, typed), typed=typed)


@router.post("/people/{person}/consents/{purpose}")
def answer(person: UUID, purpose: Purpose, typed: Sent, page: SignedIn) -> Response:
    """Records the answer, whichever it is."""
    given = typed.get("answer") == "yes"
    body = _body(person, typed, given=given)

    def act() -> Response:
        if typed.get("answer") not in ("yes", "no"):
            raise NotAnswered
        try:
            page.post("intake", f"/people/{person}/consents/{purpose}{'' if given else '/declination'}", body)
        except Said as refusal:
            _point_at(refusal, body)
            raise
        return page.go(f"/people/{person}/consents", done="answer_recorded")

    return page.attempt(
        act, "consents/ask.html", known=lambda: _asked(page, person, purpose, typed), beside=BESIDE, typed=typed
    )


@router.get("/consent-forms/{purpose}/{version}")
def print_form(purpose: Purpose, version: str, page: SignedIn, language: str = "id") -> Response:
    """The sheet to be signed, for when the screen is not at hand. Each has a number of its own."""
    sheet = page.ask("GET", "intake", f"/consent-forms/{purpose}/{version}", params={"language": _spoken(language)})
    return Response(sheet.content, media_type="application/pdf", headers=saved_as(f"{purpose}.pdf"))


@router.get("/people/{person}/pembinaan-notice")
def show_notice(person: UUID, page: SignedIn, language: str = "") -> Response:
    """What declining pembinaan means, and what declining here does not mean."""
    notice = page.get("intake", f"/people/{person}/pembinaan-notice")
    spoken = _spoken(language or page.language)
    return page.render("consents/notice.html", **head_of(page, person), notice=notice, spoken=spoken)


def standing(answers: list[dict[str, Any]], today: str) -> list[dict[str, Any]]:
    """Per question how it stands, in the order of the purposes; sharing once per partner that was asked about."""
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for said in answers:
        entry = {"purpose": said["purpose"], "recipient": said["recipient"]}
        last = found.setdefault((said["purpose"], said["recipient"]), entry | {"last": None, "ended": False})
        last["ended"] = last["ended"] or said["end"] in ENDS
        # A no to being asked again ends nothing: what stands goes on standing.
        if not (last["last"] and state_of(last["last"], today) == "given" and not said["given"]):
            last["last"] = said
    listed = []
    for purpose in Purpose:
        asked = [entry for (about, _), entry in found.items() if about == purpose]
        listed += asked or [{"purpose": str(purpose), "recipient": None, "last": None, "ended": False}]
    return [entry | {"state": state_of(entry["last"], today)} for entry in listed]


def state_of(answer: dict[str, Any] | None, today: str) -> str:
    """How one question stands after the answer to it that counts."""
    if answer is None:
        return "not_asked"
    if not answer["given"]:
        return "declined"
    if answer["end"] in ENDS:
        return str(answer["end"])
    return "expired" if answer["expires_on"] and answer["expires_on"] < today else "given"


def names_of(page: Page) -> dict[str, str]:
    """Partners' names by code, where they may be told; without them the code itself is shown."""
    if not page.may(*KNOW_PARTNERS):
        return {}
    try:
        return {one["partner"]: one["name"] for one in page.shared("partner_matching", "/partners")}
    except Away:
        return {}


def proof_of(person: UUID | str, purpose: str, recipient: str | None) -> str:
    """Where the proof is shown that an end took effect."""
    address = f"/people/{person}/consents/{purpose}/proof"
    return f"{address}?{urlencode({'recipient': recipient})}" if recipient else address


def _spoken(language: str) -> str:
    return language if language in LANGUAGES else next(iter(LANGUAGES))


def _asked(page: Page, person: UUID, purpose: Purpose, typed: Typed) -> dict[str, Any]:
    """The text that is read out now, or that was read out when the form was sent."""
    texts = page.shared("intake", f"/consent-texts/{purpose}")
    today = page.today.isoformat()
    in_use = [text for text in texts if not text["used_until"] or text["used_until"] >= today]
    text = next(
        (text for text in texts if text["version"] == typed.get("text_version")), in_use[-1] if in_use else None
    )
    if text is None:
        raise HTTPException(404)
    sharing = purpose is Purpose.PARTNER_SHARING
    return {
        **head_of(page, person),
        "purpose": purpose,
        "text": text,
        "spoken": _spoken(typed.get("language") or ""),
        "partners": [(one["partner"], one["name"]) for one in page.shared("partner_matching", "/partners")]
        if sharing
        else None,
        "notice": page.get("intake", f"/people/{person}/pembinaan-notice") if purpose is Purpose.PROGRAMME else None,
        "understood": page.words(Answer),
        "relations": page.words(RELATIONS),
        "reasons": page.words(REASONS),
    }


def _body(person: UUID, typed: Typed, *, given: bool) -> dict[str, Any]:
    asked = ("text_version", "recipient", "language", "understands", "witness", "interpreter")
    body = typed.body(*asked, *(() if given else ("reason",)))
    for group, parts in PARTS.items():
        sent = {part: (typed.iso if part == "signed_on" else typed.get)(f"{group}.{part}") for part in parts}
        if any(sent.values()):
            body[group] = {part: value for part, value in sent.items() if value}
    # Whoever goes back and answers otherwise, or about another partner, is not taken for a second click.
    return body | {"id": str(uuid5(person, f"{typed.get('id')} {typed.get('recipient')} {given}"))}


def _point_at(refusal: Said, body: dict[str, Any]) -> None:
    for error in refusal.problem.get("errors", []):
        group = str(error["pointer"]).removeprefix("/body/")
        if group in PARTS:
            missing = [part for part in PARTS[group] if part not in body[group]]
            first, last = PARTS[group]
            part = missing[0] if missing else first if str(error["code"]).startswith("date") else last
            error["pointer"] = f"/body/{group}/{part}"
