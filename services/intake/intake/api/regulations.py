"""The regulations that estimates and checklists rest on, over HTTP."""

from datetime import date
from typing import Annotated

from chassis.identity import Actor, Now, requires
from chassis.routes import Router
from contracts.vocabulary import Right, Role
from pydantic import BaseModel

from intake.model.days import today
from intake.model.regulations import RuleSet, newest_first
from intake.queries.regulations import rule_sets

router = Router()
Anybody = Annotated[Actor, requires(*Role)]


class DoubtOut(BaseModel):
    """What is to be confirmed, and of which places that were not checked against the official text."""

    note: str
    clauses: list[str]


class RegulationOut(BaseModel):
    """One regulation as this release knows it."""

    id: str
    version: int
    number: str
    title: str
    issued_on: date
    effective_from: date
    effective_to: date | None
    in_force: bool
    rights: list[Right]
    note: str
    """What is to be confirmed of the whole regulation."""
    doubts: list[DoubtOut]


@router.get("/regulations")
def read_regulations(by: Anybody, at: Now) -> list[RegulationOut]:
    """Every regulation, the newest first, and what of it is not confirmed yet."""
    in_force = {rules.id for rules in newest_first(rule_sets(), today(at))}
    kept = RegulationOut.model_fields.keys() - {"in_force", "rights", "doubts"}
    return [
        RegulationOut(
            **rules.model_dump(include=set(kept)),
            in_force=rules.id in in_force,
            rights=rules.rights(),
            doubts=_doubts(rules),
        )
        for rules in sorted(rule_sets(), key=lambda rules: (rules.effective_from, rules.id), reverse=True)
    ]


def _doubts(rules: RuleSet) -> list[DoubtOut]:
    found: dict[str, DoubtOut] = {}
    for entry in rules.unconfirmed():
        doubt = found.setdefault(entry.note, DoubtOut(note=entry.note, clauses=[]))
        if entry.clause not in doubt.clauses:
            doubt.clauses.append(entry.clause)
    return list(found.values())
