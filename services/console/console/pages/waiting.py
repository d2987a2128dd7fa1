"""What waits for somebody at their desk: one kind of work after the other, asked for only where it is theirs.

How much waits names nobody, so that opening the front page is no look at anybody. Who it is, is said on the list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contracts.vocabulary import Role

from console.pages.consents import proof_of
from console.pages.page import Page
from console.services import Away


@dataclass(frozen=True)
class Line:
    """Somebody who waits; `what` is a word of the public language."""

    href: str
    person: str
    name: str | None = None
    beside: str | None = None
    """Whom it is with: a partner."""
    what: str = ""
    on: str | None = None
    late: bool = False
    days: int | None = None


@dataclass(frozen=True)
class Sum:
    """How many wait, how many of them are late, and the nearest day or hour."""

    count: int
    late: int = 0
    next: str | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of work: whose it is, and which service knows how much of it there is."""

    name: str
    roles: tuple[Role, ...]
    service: str
    path: str
    summed: Callable[[Any, str], Sum]
    whole: str | None = None
    """The page of the whole list, where another task has one."""
    listed: str = ""
    """Otherwise, where the service lists it."""
    lines: Callable[[Any, str], Sequence[Line]] = lambda told, today: ()

    @property
    def address(self) -> str:
        """Where all of it is shown."""
        return self.whole or f"/waiting/{self.name}"


def waiting_for(page: Page) -> list[tuple[Kind, Sum | None]]:
    """Everything that waits for this person, the most urgent kind first; None where the service does not answer."""
    return [(kind, _sum(page, kind)) for kind in KINDS if page.may(*kind.roles)]


def kind_of(page: Page, name: str) -> Kind | None:
    """A kind of work that is this person's, and whose list is shown here."""
    return next((one for one in KINDS if one.name == name and not one.whole and page.may(*one.roles)), None)


def all_of(page: Page, kind: Kind) -> list[Line]:
    """Everybody who waits in one kind of work, as far as the service lists them."""
    return list(kind.lines(page.shared(kind.service, kind.listed), page.today.isoformat()))


def with_names(page: Page, lines: Sequence[Line]) -> list[Line]:
    """The same lines, with the names that may be shown."""
    names = page.names(line.person for line in lines)
    return [replace(line, name=names[line.person]["name"] if line.person in names else None) for line in lines]


def _sum(page: Page, kind: Kind) -> Sum | None:
    try:
        return kind.summed(page.shared(kind.service, kind.path.format(today=page.today)), page.today.isoformat())
    except Away:
        return None


def _at_the_register(name: str) -> Callable[[Any, str], Sum]:
    return lambda told, today: Sum(**told[name])


def _consents(told: Any, today: str) -> list[Line]:
    return [
        Line(
            f"/people/{r['person']}/consents", r["person"], what=r["purpose"], beside=r["recipient"], on=r["expires_on"]
        )
        for r in told
    ]


def _withdrawals(told: Any, today: str) -> list[Line]:
    return [
        Line(
            proof_of(r["person"], r["purpose"], r["recipient"]),
            r["person"],
            what=r["purpose"],
            beside=r["recipient"],
            on=r["due_at"],
            late=True,
        )
        for r in told
    ]


def _follow_ups(told: Any, today: str) -> Sum:
    late = sum(row["due_on"] < today for row in told)
    return Sum(len(told), late, min((row["due_on"] for row in told), default=None))


def _unassessed(told: Any, today: str) -> list[Line]:
    return [Line(f"/people/{r['person']}/programmes/assessments", r["person"], on=r["since"]) for r in told["people"]]


def _how_many_unassessed(told: Any, today: str) -> Sum:
    return Sum(told["count"], next=min((row["since"] for row in told["people"]), default=None))


def _plans(told: Any, today: str) -> list[Line]:
    rows = [*told["without_plan"]["people"], *told["unanswered"]["plans"]]
    return [Line(f"/people/{row['person']}/programmes", row["person"], on=row.get("drafted_at")) for row in rows]


def _how_many_plans(told: Any, today: str) -> Sum:
    drafted = [plan["drafted_at"] for plan in told["unanswered"]["plans"]]
    return Sum(told["without_plan"]["count"] + told["unanswered"]["count"], next=min(drafted, default=None))


def _milestones(told: Any, today: str) -> list[Line]:
    due = [placement | day for placement in told for day in placement["milestones"]]
    found = [
        Line(
            f"/people/{row['person']}/work/placements/{row['placement']}",
            row["person"],
            beside=row["partner"],
            on=row["due_on"],
            days=row["days"],
            late=row["due_on"] < today,
        )
        for row in due
        if row["employed"] is None and row["due_on"] <= today
    ]
    return sorted(found, key=lambda line: str(line.on))


def _how_many_milestones(told: Any, today: str) -> Sum:
    due = _milestones(told, today)
    return Sum(len(due), sum(line.late for line in due), due[0].on if due else None)


DESK = (Role.REGISTRAR, Role.COUNSELLOR)


def _register(name: str, *roles: Role, **shown: Any) -> Kind:
    return Kind(name, roles, "intake", "/waiting", _at_the_register(name), **shown)


ASSESSMENTS, PLANS, PLACEMENTS = "/needs-assessments/waiting", "/plans/waiting", "/placements"
KINDS = (
    _register("detention", Role.REGISTRAR, Role.HEAD, whole="/detention"),
    _register("levies", Role.INSPECTOR, whole="/levies"),
    _register("breaches", Role.PRIVACY_OFFICER, whole="/breaches"),
    _register("withdrawals", Role.PRIVACY_OFFICER, listed="/withdrawals/overdue", lines=_withdrawals),
    _register("visits", *DESK, whole="/visits"),
    _register("proposals", *DESK, Role.HEAD, Role.ASSESSMENT_BOARD, whole="/proposals"),
    Kind("follow_ups", (Role.COUNSELLOR,), "outcomes", "/follow-ups?on={today}", _follow_ups, whole="/follow-ups"),
    Kind(
        "assessments",
        (Role.COUNSELLOR, Role.HEAD),
        "assessment",
        ASSESSMENTS,
        _how_many_unassessed,
        listed=ASSESSMENTS,
        lines=_unassessed,
    ),
    Kind("plans", (Role.COUNSELLOR,), "programs", PLANS, _how_many_plans, listed=PLANS, lines=_plans),
    Kind(
        "milestones",
        (Role.PLACEMENT_OFFICER,),
        "partner_matching",
        PLACEMENTS,
        _how_many_milestones,
        listed=PLACEMENTS,
        lines=_milestones,
    ),
    _register("consents", *DESK, listed="/consents/expiring", lines=_consents),
)
"""The most urgent first."""
