"""Who people are, for pages that know them by the ids of other services."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from console.pages.page import Page


def who(page: Page, person: UUID) -> dict[str, Any]:
    """The head of a page about somebody, as every role of the rutan may see it."""
    if named := page.head(person):
        return {"person": named}
    raise HTTPException(404)


def by_name(rows: Iterable[dict[str, Any]], names: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows about people in the order of their names, each with `name` and `register_number`; without names the last."""
    shown = ("name", "register_number")
    named = [{**row, **{part: names.get(row["person"], {}).get(part) for part in shown}} for row in rows]
    return sorted(named, key=lambda row: (row["name"] is None, (row["name"] or "").casefold()))
