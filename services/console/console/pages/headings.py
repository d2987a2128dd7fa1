"""What the headings of this site's exports mean: said once, and kept."""

import json
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.imports import unknown_headings
from console.pages.page import Page, Sent, SignedIn
from console.pages.uploads import Kept
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

router = APIRouter(prefix="/register-imports/{import_id}/headings")
LEFT_OUT, NOT_SAID = "-", ""
"""On purpose, and nobody has said yet."""
COLUMNS_MAX = 200
"""More than a file and what was said before have together."""


@router.get("")
def ask_headings(import_id: UUID, page: SignedIn, kept: Kept) -> Response:
    """Asks what each unknown heading of the file means, beside what was said before."""
    file = kept.find(import_id, page.account.id)
    unknown = unknown_headings(page, import_id, file) if file else {}
    mapping = _mapping(page)
    saved = mapping["headings"]
    meant = {heading: field or NOT_SAID for heading, field in unknown.items()} | _as_typed(saved)
    return _show(page, import_id, Typed.known(_fields(meant), seen=json.dumps(saved)), mapping)


@router.post("")
def save_headings(import_id: UUID, typed: Sent, page: SignedIn) -> Response:
    """Keeps them; where another officer was faster, both versions are shown."""
    said = {heading: chosen for n, heading in enumerate(_headings(typed)) if (chosen := typed.get(f"field-{n}"))}
    headings = {heading: None if chosen == LEFT_OUT else chosen for heading, chosen in said.items()}
    try:
        page.put("intake", "/register-imports/mapping", {"headings": headings, "instead_of": typed.document("seen")})
    except Said as refusal:
        if refusal.status not in (409, 422):
            raise
        mapping, wrong = _mapping(page), Wrong.of(refusal)
        if refusal.slug != "mapping-changed-meanwhile":
            return _show(page, import_id, typed, mapping, wrong=wrong)
        # What only the other officer has said stands in the form as well, or saving again would take it away.
        theirs = mapping["headings"]
        both = _as_typed(theirs) | said
        again = Typed.known(_fields(both), seen=json.dumps(theirs))
        sides = [(heading, _as_typed(theirs).get(heading), said.get(heading)) for heading in both]
        return _show(page, import_id, again, mapping, wrong=wrong, sides=sides)
    return page.go(f"/register-imports/{import_id}", done="headings_saved")


def _show(page: Page, import_id: UUID, typed: Typed, mapping: dict[str, Any], **more: Any) -> Response:
    shown = {"sides": None, "status": 409 if more.get("wrong") else 200}
    return page.render(
        "imports/headings.html",
        id=import_id,
        typed=typed,
        headings=_headings(typed),
        fields={field: names[0] for field, names in mapping["built_in"].items()},
        **shown | more,
    )


def _mapping(page: Page) -> dict[str, Any]:
    """What was said of headings before, and what each field of the register is called in exports."""
    found: dict[str, Any] = page.get("intake", "/register-imports/mapping")
    return found


def _as_typed(saved: dict[str, str | None]) -> dict[str, str]:
    return {heading: field or LEFT_OUT for heading, field in saved.items()}


def _fields(meant: dict[str, str]) -> dict[str, Any]:
    headings = {f"heading-{n}": heading for n, heading in enumerate(meant)}
    return headings | {f"field-{n}": chosen for n, chosen in enumerate(meant.values())}


def _headings(typed: Typed) -> list[str]:
    return [heading for n in range(COLUMNS_MAX) if (heading := typed.get(f"heading-{n}"))]
