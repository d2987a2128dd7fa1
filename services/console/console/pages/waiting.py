"""What waits for somebody at their desk: one list per kind of work, asked for only where it is theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.vocabulary import Role

from console.model import STAFF_ROLES
from console.pages.page import Page
from console.services import Away

FIRST = 5
PURPOSE = "daily-work"
"""Why the records of those who wait are looked at."""
NAMES_MAX = 100


@dataclass(frozen=True)
class Line:
    """One thing that waits; `what` and `note` are words of the public language."""

    href: str
    person: str | None = None
    name: str | None = None
    beside: str | None = None
    """Whom it is with: a visitor, a partner."""
    what: str = ""
    note: str | None = None
    on: str | None = None
    late: bool = False
    days: int | None = None


def _every(told: Any, today: str) -> list[Any]:
    return list(told)


@dataclass(frozen=True)
class Kind:
    """One kind of work: whose it is, which service knows, and how its answer is read."""

    name: str
    roles: tuple[Role, ...]
    service: str
    path: str
    line: Callable[[Any, str], Line]
    rows: Callable[[Any, str], list[Any]] = _every
    count: Callable[[Any], int] | None = None
    """Where the service counts more than it lists."""
    whole: str | None = None
    """The page of the whole list, where another task has one."""

    @property
    def address(self) -> str:
        """Where all of it is shown."""
        return self.whole or f"/waiting/{self.name}"


@dataclass(frozen=True)
class Waiting:
    """What waits of one kind. `count` is None while the service that knows does not answer."""

    kind: Kind
    count: int | None
    lines: Sequence[Line] = ()


def waiting_for(page: Page) -> list[Waiting]:
    """Everything that waits for this person, each kind with its first few."""
    mine = [kind for kind in KINDS if page.may(*kind.roles)]
    of_register = [kind for kind in mine if kind.service == "intake"]
    found, names = _in_the_register(page, of_register) if of_register else ([], {})
    found += [_elsewhere(page, kind) for kind in mine if kind.service != "intake"]
    nameless = [line for one in found for line in one.lines if line.person and not line.name]
    names |= names_of(page, [line.person for line in nameless if line.person and line.person not in names])
    return [replace(one, lines=with_names(one.lines, names)) for one in found]


def all_of(page: Page, kind: Kind) -> Waiting:
    """Everything that waits of one kind, as far as the service lists it."""
    today = page.today.isoformat()
    told = page.get(kind.service, kind.path.format(today=today), purpose=PURPOSE)
    lines = [kind.line(row, today) for row in kind.rows(told, today)]
    return Waiting(kind, kind.count(told) if kind.count else len(lines), lines)


def names_of(page: Page, people: Sequence[str]) -> dict[str, str]:
    """What these people are called; whoever is closed to the reader is not among them."""
    wanted = list(dict.fromkeys(people))[:NAMES_MAX]
    if not wanted or not page.may(*NAMERS):
        return {}
    answer = page.ask("POST", "intake", "/people/names", purpose=PURPOSE, json={"people": wanted})
    return {one["person"]: one["name"] for one in answer.json()}


def with_names(lines: Sequence[Line], names: Mapping[str, str]) -> list[Line]:
    """The same lines, with the names that may be shown."""
    return [replace(line, name=line.name or names.get(line.person or "")) for line in lines]


def _in_the_register(page: Page, kinds: Sequence[Kind]) -> tuple[list[Waiting], dict[str, str]]:
    try:
        told = page.get("intake", "/waiting", purpose=PURPOSE)
    except Away:
        return [Waiting(kind, None) for kind in kinds], {}
    today, found = page.today.isoformat(), []
    for kind in kinds:
        some = told[kind.name]
        found.append(Waiting(kind, some["count"], [kind.line(row, today) for row in some["first"]]))
    return found, told["names"]


def _elsewhere(page: Page, kind: Kind) -> Waiting:
    try:
        found = all_of(page, kind)
    except Away:
        return Waiting(kind, None)
    return replace(found, lines=found.lines[:FIRST])


def _about(row: Any, part: str = "", **more: Any) -> Line:
    return Line(f"/people/{row['person']}{part}", person=row["person"], **more)


def _detention(row: Any, today: str) -> Line:
    out = row["urgency"] == "ran_out"
    return _about(
        row, "/stays", name=row["name"], what=row["book"], on=row["until_on"], late=out, days=row["days_left"]
    )


def _levy(row: Any, today: str) -> Line:
    return Line(f"/levies/{row['report']}", what=row["step"], on=row["reported_at"], late=row["late"])


def _breach(row: Any, today: str) -> Line:
    return Line(f"/breaches/{row['breach']}", on=row["due_at"], late=row["overdue"])


def _withdrawal(row: Any, today: str) -> Line:
    return _about(row, "/privacy", what=row["purpose"], beside=row["recipient"], on=row["due_at"], late=True)


def _visit(row: Any, today: str) -> Line:
    return _about(
        row,
        "/family/visits",
        name=row["person_name"],
        beside=row["contact_name"],
        what=row["channel"],
        note=row["hindrance"],
    )


def _proposal(row: Any, today: str) -> Line:
    due = row["here"] if row["here"]["late"] else row["kanwil"]
    at = f"/rights/proposals/{row['proposal']}"
    return _about(row, at, what=row["right"], note=row["state"], on=due["due_on"], late=True)


def _late_alone(proposals: Any, today: str) -> list[Any]:
    return [one for one in proposals if one["here"]["late"] or one["kanwil"]["late"]]


def _consent(row: Any, today: str) -> Line:
    return _about(row, what=row["purpose"], beside=row["recipient"], on=row["expires_on"])


def _follow_up(row: Any, today: str) -> Line:
    at, late = f"/follow-ups/{row['follow_up']}", row["due_on"] < today
    return Line(at, person=row["person"], on=row["due_on"], days=row["days"], late=late)


def _assessment(row: Any, today: str) -> Line:
    return _about(row, "/programmes/assessments", on=row["since"])


def _plan(row: Any, today: str) -> Line:
    return _about(row, "/programmes", on=row.get("drafted_at"))


def _without_or_unanswered(told: Any, today: str) -> list[Any]:
    return [*told["without_plan"]["people"], *told["unanswered"]["plans"]]


def _milestones_due(placements: Any, today: str) -> list[Any]:
    due = [placement | day for placement in placements for day in placement["milestones"]]
    return sorted((one for one in due if one["employed"] is None and one["due_on"] <= today), key=lambda d: d["due_on"])


def _milestone(row: Any, today: str) -> Line:
    at = f"/work/placements/{row['placement']}"
    return _about(row, at, beside=row["partner"], on=row["due_on"], days=row["days"], late=row["due_on"] < today)


REGISTER, DESK = "intake", (Role.REGISTRAR, Role.COUNSELLOR)
RIGHTS = (Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.ASSESSMENT_BOARD)
NAMERS = tuple(role for role in STAFF_ROLES if role is not Role.INSPECTOR)
KINDS = (
    Kind("detention", (Role.REGISTRAR, Role.HEAD), REGISTER, "/alerts/detention", _detention, whole="/detention"),
    Kind("levies", (Role.INSPECTOR,), REGISTER, "/levy-reports", _levy, whole="/levies"),
    Kind("breaches", (Role.PRIVACY_OFFICER,), REGISTER, "/breaches", _breach, whole="/breaches"),
    Kind("withdrawals", (Role.PRIVACY_OFFICER,), REGISTER, "/withdrawals/overdue", _withdrawal),
    Kind("visits", DESK, REGISTER, "/visits?on={today}", _visit, whole="/visits"),
    Kind("proposals", RIGHTS, REGISTER, "/proposals", _proposal, _late_alone),
    Kind("follow_ups", (Role.COUNSELLOR,), "outcomes", "/follow-ups?on={today}", _follow_up, whole="/follow-ups"),
    Kind(
        "assessments",
        (Role.COUNSELLOR, Role.HEAD),
        "assessment",
        "/needs-assessments/waiting",
        _assessment,
        lambda told, today: list(told["people"]),
        lambda told: int(told["count"]),
    ),
    Kind(
        "plans",
        (Role.COUNSELLOR,),
        "programs",
        "/plans/waiting",
        _plan,
        _without_or_unanswered,
        lambda told: int(told["without_plan"]["count"] + told["unanswered"]["count"]),
    ),
    Kind("milestones", (Role.PLACEMENT_OFFICER,), "partner_matching", "/placements", _milestone, _milestones_due),
    Kind("consents", DESK, REGISTER, "/consents/expiring", _consent),
)
"""The most urgent first."""
