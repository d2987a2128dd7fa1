"""What somebody typed into a form, as services take it and as the form shows it again."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.words import here
from starlette.datastructures import FormData

PARTS = ("day", "month", "year")


class Typed:
    """The fields of a form by name. A day is typed into three: `born_on-day`, `born_on-month`, `born_on-year`."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = list(pairs)

    @classmethod
    def sent(cls, form: FormData) -> "Typed":
        """What came with a request; files are no text and stand elsewhere."""
        return cls((name, value) for name, value in form.multi_items() if isinstance(value, str))

    @classmethod
    def known(cls, values: Mapping[str, Any] | None = None, **more: Any) -> "Typed":
        """A form as it is first shown: with what is known, and an id of its own, so that sent twice it is one act."""
        said = {"id": uuid4(), **(values or {}), **more}
        pairs = []
        for name, value in said.items():
            if isinstance(value, (list, tuple, set, frozenset)):
                pairs += [(name, str(one)) for one in value]
            elif value is not None:
                pairs.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
        return cls(pairs)

    def get(self, name: str) -> str | None:
        """What was typed last under this name; None when nothing was."""
        return next((value.strip() for n, value in reversed(self.pairs) if n == name and value.strip()), None)

    def all(self, name: str) -> list[str]:
        """Everything that was chosen under this name."""
        return [value for n, value in self.pairs if n == name and value]

    def day(self, name: str) -> dict[str, str]:
        """The three parts of a day."""
        known = self.get(name)
        if known and len(known) >= 10:
            year, month, day = known[:10].split("-")
            return {"day": day.lstrip("0"), "month": month.lstrip("0"), "year": year}
        return {part: self.get(f"{name}-{part}") or "" for part in PARTS}

    def iso(self, name: str) -> str | None:
        """A day as services take it. What is no day is sent as it stands: the service says what is wrong."""
        parts = self.day(name)
        if not any(parts.values()):
            return None
        return f"{parts['year']:0>4}-{parts['month']:0>2}-{parts['day']:0>2}"

    def moment(self, name: str) -> str | None:
        """A day and `name-time`, 14.05 or 14:05, by the site's clock. What is none is sent as it stands."""
        day, time = self.iso(name), self.get(f"{name}-time")
        if day is None and time is None:
            return None
        said = f"{day}T{(time or '').replace('.', ':'):0>5}"
        try:
            return datetime.fromisoformat(said).replace(tzinfo=here(datetime.now(UTC)).tzinfo).isoformat()
        except ValueError:
            return said

    def date(self, name: str) -> date | None:
        """A day that the console itself must understand; None when it is none."""
        try:
            return date.fromisoformat(self.iso(name) or "")
        except ValueError:
            return None

    def uuid(self, name: str) -> UUID:
        """An id that the form itself carried; another one where it was spoilt."""
        try:
            return UUID(self.get(name) or "")
        except ValueError:
            return uuid4()

    def document(self, name: str) -> Any:
        """What the console itself put into a hidden field as JSON; None when it is none."""
        try:
            return json.loads(self.get(name) or "null")
        except ValueError:
            return None

    def code(self, *names: str) -> str:
        """What stands in the first of these fields that is filled in, as a code: `Tata Boga` is `tata-boga`."""
        said = next((value for name in names if (value := self.get(name))), "")
        return re.sub("[^a-z0-9]+", "-", said.lower())[:40].strip("-") or "-"

    def but(self, **said: str) -> "Typed":
        """The same with something else under these names."""
        return Typed([*((name, value) for name, value in self.pairs if name not in said), *said.items()])

    def body(self, *names: str, days: Iterable[str] = (), flags: Iterable[str] = ()) -> dict[str, Any]:
        """A request's body: `names` as they were typed, `days` as days, `flags` as yes or no. Empty is left out."""
        said: dict[str, Any] = {name: self.get(name) for name in names}
        said |= {name: self.iso(name) for name in days}
        said |= {name: {"true": True, "false": False}.get(self.get(name) or "") for name in flags}
        return {name: value for name, value in said.items() if value is not None}
