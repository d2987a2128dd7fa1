"""Who people are, for pages that know them by the ids of other services."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException

from console.pages.page import Page

AT_ONCE = 100


def names_of(page: Page, people: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Name, register number and status by id; whoever is closed to this reader is not in it."""
    wanted = list(dict.fromkeys(people))
    asked = [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
    return {one["person"]: one for some in asked for one in page.post("intake", "/people/names", {"people": some})}


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
