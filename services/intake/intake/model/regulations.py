"""Regulations as data: what a file may say, and which file answers on a day."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from contracts.event import SLUG
from contracts.vocabulary import Right
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

FOLDER = Path(__file__).parents[1] / "regulations"

HOLY_DAY = "holy_day"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Basis = Literal["sentence", "sentence_less_remission"]
DayOfYear = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")]


class RegulationRefused(ValueError):
    """The folder says something that cannot be a rule; the sentence names the file and the place."""


class Category(StrEnum):
    """The kinds of offence between which the regulations distinguish."""

    GENERAL = "general"
    TERRORISM = "terrorism"
    NARCOTICS_5Y = "narcotics_5y"
    """Narcotics, with a sentence of five years or more."""
    CORRUPTION = "corruption"
    STATE_SECURITY = "state_security"
    """Against the security of the state, and grave violations of human rights."""
    TRANSNATIONAL = "transnational"


class Rank(StrEnum):
    """A newer regulation displaces an older one of its own rank only: a ministry does not undo a law."""

    LAW = "law"
    PRESIDENTIAL = "presidential"
    MINISTERIAL = "ministerial"


class Data(BaseModel):
    """Read from a file: a misspelt key is refused, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(Data):
    """Anything that a regulation says, with the place where it says so."""

    clause: Text
    confirmed: bool = True
    note: str = ""
    """What is still to be confirmed, for staff to read."""

    @model_validator(mode="after")
    def _doubt_is_explained(self) -> "Entry":
        if not self.confirmed and not self.note:
            raise ValueError("what is not confirmed needs a note that says what to confirm")
        return self


class Fraction(Data):
    """A part of a whole, at most all of it."""

    numerator: int = Field(ge=0)
    denominator: int = Field(ge=1)

    @model_validator(mode="after")
    def _is_a_part(self) -> "Fraction":
        if self.numerator > self.denominator:
            raise ValueError(f"{self.numerator}/{self.denominator} is more than the whole")
        return self


class Served(Entry):
    """A part of the sentence has been served, and that part is at least so many months long."""

    kind: Literal["served"]
    text: Text
    part: Fraction
    at_least_months: int = Field(default=0, ge=0)
    of: Basis


class Detained(Entry):
    """So many months, of thirty days, have passed since the detention began."""

    kind: Literal["detained"]
    text: Text
    months: int = Field(ge=0)


class SentenceAtMost(Entry):
    """The sentence, as passed, is not longer than this."""

    kind: Literal["sentence_at_most"]
    text: Text
    months: int = Field(ge=1)


class FixedTerm(Entry):
    """Neither death nor life."""

    kind: Literal["fixed_term"]
    text: Text


class Conduct(Entry):
    """No breach of discipline (register F) in the months before a day."""

    kind: Literal["conduct"]
    text: Text
    months: int = Field(ge=1)
    before: Literal["served", "today"]


class Answered(Entry):
    """Staff have answered yes to one of these questions."""

    kind: Literal["answered"]
    text: Text
    facts: tuple[Code, ...] = Field(min_length=1)


class Assimilated(Entry):
    """Asimilasi has lasted for a part of what was left of the sentence when it began."""

    kind: Literal["assimilated"]
    text: Text
    part: Fraction
    fact: Code


Condition = Annotated[
    Served | Detained | SentenceAtMost | FixedTerm | Conduct | Answered | Assimilated, Field(discriminator="kind")
]


class Leave(Entry):
    """How long before the end of the sentence a leave may begin."""

    text: Text
    at_most_months: int = Field(ge=1)
    as_last_remission: bool = False


class Amount(Data):
    """What is given from this year of awards, and from this time in detention."""

    year: int = Field(ge=1)
    detained_months: int = Field(default=0, ge=0)
    months: int = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)


class Share(Data):
    """The part of the amounts that goes to whom this fact is true of."""

    fact: Code
    part: Fraction


class Award(Entry):
    """When a remission is given and how much it is."""

    text: Text
    every: DayOfYear | Literal["holy_day"]
    """A day of every year, or the holy day of the person's own religion."""
    amounts: tuple[Amount, ...] = Field(min_length=1)
    shares: tuple[Share, ...] = ()

    @model_validator(mode="after")
    def _has_a_first_year(self) -> "Award":
        if all(amount.year > 1 for amount in self.amounts):
            raise ValueError("amounts need one for the first year")
        return self


class Rule(Entry):
    """All that one regulation asks for some rights, of some categories of offence."""

    rights: tuple[Right, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(default=tuple(Category), min_length=1)
    conditions: tuple[Condition, ...] = Field(min_length=1)
    leave: Leave | None = None
    award: Award | None = None


class KeyDate(Entry):
    """A day that staff look for in every sentence."""

    name: Code
    text: Text
    part: Fraction
    of: Basis


class HolyDay(Entry):
    """The day of a religion on which its people may receive remission."""

    religion: Code
    text: Text
    every: DayOfYear | None = None
    days: tuple[date, ...] = ()


class Document(Entry):
    """A paper that a proposal needs."""

    code: Code
    text: Text
    rights: tuple[Right, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(default=tuple(Category), min_length=1)
    only_if: Code | None = None
    """Needed unless this is known not to be so."""


class Step(Data):
    """A stage of the service and how long it may take."""

    text: Text
    working_days: int | None = Field(default=None, ge=1)


class Service(Entry):
    """The way of a proposal and what it costs."""

    rights: tuple[Right, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)
    fee: Text


class RuleSet(Data):
    """One file: a regulation, or what one regulation leaves in force of another."""

    id: Annotated[str, StringConstraints(pattern=SLUG)]
    version: int = Field(ge=1)
    """Counts the corrections of this file, so that an answer of the past can be explained."""
    number: Text
    title: Text
    rank: Rank
    issued_on: date
    effective_from: date
    effective_to: date | None = None
    """The last day."""
    note: str = ""
    """What is to be confirmed of the whole regulation, for staff to read."""
    facts: dict[Code, Text] = {}
    """The questions that conditions rest on, as staff are asked them."""
    rules: tuple[Rule, ...] = ()
    key_dates: tuple[KeyDate, ...] = ()
    holy_days: tuple[HolyDay, ...] = ()
    documents: tuple[Document, ...] = ()
    services: tuple[Service, ...] = ()

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "RuleSet":
        if self.effective_to and self.effective_to < self.effective_from:
            raise ValueError(f"effective_to {self.effective_to} lies before effective_from {self.effective_from}")
        return self

    def rights(self) -> list[Right]:
        """The rights that it says something of, in their usual order."""
        said = {right for rule in self.rules for right in rule.rights}
        return [right for right in Right if right in said]

    def unconfirmed(self) -> list[Entry]:
        """Everything in this file that was not checked against the official text, each with what is to be confirmed."""
        return list(_unconfirmed(self))

    def asked(self) -> Iterator[str]:
        """Every fact that something in this file rests on."""
        for rule in self.rules:
            for condition in rule.conditions:
                if isinstance(condition, Answered):
                    yield from condition.facts
                elif isinstance(condition, Assimilated):
                    yield condition.fact
            yield from (share.fact for share in rule.award.shares) if rule.award else ()
        yield from (document.only_if for document in self.documents if document.only_if)


def _unconfirmed(said: Data) -> Iterator[Entry]:
    if isinstance(said, Entry) and not said.confirmed:
        yield said
    for name in type(said).model_fields:
        value = getattr(said, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Data):
                yield from _unconfirmed(inner)


def load(folder: Path = FOLDER) -> tuple[RuleSet, ...]:
    """Every regulation of the folder, or one sentence that says why it cannot be."""
    rule_sets = {path.name: _read(path) for path in sorted(folder.glob("*.toml"))}
    _each_once([(f"the id {rules.id}", name) for name, rules in rule_sets.items()])
    _each_once(
        [
            (f"{right} for {category} from {rules.effective_from} ({rules.rank})", name)
            for name, rules in rule_sets.items()
            for rule in rules.rules
            for right in rule.rights
            for category in rule.categories
        ]
    )
    declared = {fact for rules in rule_sets.values() for fact in rules.facts}
    for name, rules in rule_sets.items():
        if undeclared := sorted(set(rules.asked()) - declared):
            raise RegulationRefused(f"{name} rests on {undeclared[0]}, which no file asks under [facts]")
    return tuple(rule_sets.values())


def newest_first(rule_sets: Sequence[RuleSet], on: date) -> list[RuleSet]:
    """What is in force on the day."""
    there = [rules for rules in rule_sets if rules.effective_from <= on <= (rules.effective_to or on)]
    return sorted(there, key=lambda rules: (rules.effective_from, rules.id), reverse=True)


def rules_of(in_force: Sequence[RuleSet], right: Right, category: Category) -> list[tuple[RuleSet, Rule]]:
    """The newest rule of each rank, the law's first."""
    found: dict[Rank, tuple[RuleSet, Rule]] = {}
    for rules in in_force:
        for rule in rules.rules:
            if right in rule.rights and category in rule.categories:
                found.setdefault(rules.rank, (rules, rule))
    return [found[rank] for rank in Rank if rank in found]


def documents_of(in_force: Sequence[RuleSet], right: Right, category: Category) -> list[tuple[RuleSet, Document]]:
    """The checklist of the newest regulation that has one."""
    for rules in in_force:
        if found := [(rules, d) for d in rules.documents if right in d.rights and category in d.categories]:
            return found
    return []


def service_of(in_force: Sequence[RuleSet], right: Right) -> tuple[RuleSet, Service] | None:
    """The newest standard of service for the right."""
    return next(((rules, s) for rules in in_force for s in rules.services if right in s.rights), None)


def key_dates_of(in_force: Sequence[RuleSet]) -> list[tuple[RuleSet, KeyDate]]:
    """Each key date as the newest regulation has it."""
    found: dict[str, tuple[RuleSet, KeyDate]] = {}
    for rules in in_force:
        for key_date in rules.key_dates:
            found.setdefault(key_date.name, (rules, key_date))
    return list(found.values())


def holy_day_of(in_force: Sequence[RuleSet], religion: str) -> tuple[RuleSet, HolyDay] | None:
    """The religion's day, as the newest regulation has it."""
    return next(((rules, day) for rules in in_force for day in rules.holy_days if day.religion == religion), None)


def _read(path: Path) -> RuleSet:
    try:
        return RuleSet.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RegulationRefused(f"{path.name}: {where or 'the file'}: {first['msg']}") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise RegulationRefused(f"{path.name}: {error}") from error


def _each_once(said: list[tuple[str, str]]) -> None:
    """The same thing said twice has no answer: neither is the newer."""
    twice = next((what for what, times in Counter(what for what, _ in said).items() if times > 1), None)
    if twice:
        files = " and ".join(name for what, name in said if what == twice)
        raise RegulationRefused(f"{twice} is given twice, by {files}")
