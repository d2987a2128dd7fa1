"""What the register knows of a person's sentence, and the days that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from contracts.vocabulary import Answer, LegalStatus, Right

from intake.model.regulations import Basis, Category
from intake.model.terms import Term, after

FINES_PAID = "fines_paid"
NOTHING = Term()

Finding = tuple[Answer, date | None]
"""Whether it is so today, and the day from which time alone makes it so."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One term of imprisonment that a court passed."""

    term: Term
    category: Category = Category.GENERAL
    life: bool = False
    death: bool = False
    subsidiary: Term = NOTHING
    """Served in place of a fine that is not paid."""


@dataclass(frozen=True, slots=True)
class Remission:
    """A remission that was given."""

    kind: Right
    term: Term
    granted_on: date


@dataclass(frozen=True)
class Case:
    """What the register knows. Whatever is not said is unknown, which is not no."""

    legal_status: LegalStatus
    detained_since: date
    """Time on remand counts."""
    sentences: tuple[Sentence, ...] = ()
    """Served one after the other."""
    remissions: tuple[Remission, ...] = ()
    register_f: tuple[date, ...] | None = None
    """Breaches of discipline; empty when there are none, nothing when nobody has looked."""
    facts: Mapping[str, Answer] = field(default_factory=dict)
    """Answers to the questions that the regulations ask under [facts]."""
    documents: frozenset[str] = frozenset()
    religion: str | None = None
    assimilated_since: date | None = None

    def fact(self, code: str) -> Answer:
        """The answer, or that there is none."""
        return self.facts.get(code, Answer.UNKNOWN)


@dataclass(frozen=True)
class Timeline:
    """The days that follow from a case as it stood on one day."""

    case: Case
    on: date

    @cached_property
    def start(self) -> date:
        """The first day in detention."""
        return self.case.detained_since

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """Of everything the person was sentenced for: each one's conditions must be met."""
        return tuple(dict.fromkeys(s.category for s in self.case.sentences)) or (Category.GENERAL,)

    @cached_property
    def sentence(self) -> Term:
        """As passed."""
        return sum((s.term for s in self.case.sentences), NOTHING)

    @cached_property
    def remissions(self) -> list[Remission]:
        """Those given by this day, the last one at the end."""
        given = [r for r in self.case.remissions if r.granted_on <= self.on]
        return sorted(given, key=lambda r: (r.granted_on, r.term))

    @cached_property
    def reduced(self) -> Term:
        """The sentence less every remission."""
        return self.sentence.less(sum((r.term for r in self.remissions), NOTHING))

    @cached_property
    def instead_of_fines(self) -> Term:
        """What is served in addition unless the fines are paid."""
        total = sum((s.subsidiary for s in self.case.sentences), NOTHING)
        return NOTHING if self.case.fact(FINES_PAID) is Answer.YES else total

    @cached_property
    def fines_open(self) -> bool:
        """Whether nobody knows if that must be served."""
        return bool(self.instead_of_fines) and self.case.fact(FINES_PAID) is Answer.UNKNOWN

    @cached_property
    def added(self) -> Term:
        """What is known to be served in addition."""
        return NOTHING if self.fines_open else self.instead_of_fines

    @cached_property
    def never_ends(self) -> bool:
        """Life or death: no day can be counted."""
        return any(s.life or s.death for s in self.case.sentences)

    @cached_property
    def expiry(self) -> date:
        """The first day of freedom."""
        return after(self.start, self.reduced + self.added)

    @cached_property
    def latest_expiry(self) -> date:
        """The same, should the fines turn out not to be paid."""
        return after(self.start, self.reduced + self.instead_of_fines)

    @cached_property
    def last_breach(self) -> date | None:
        """The last breach of discipline in this detention by this day."""
        return max((day for day in self.case.register_f or () if self.start <= day <= self.on), default=None)

    def base(self, of: Basis) -> Term:
        """What a fraction is taken of."""
        return self.sentence if of == "sentence" else self.reduced

    def reached(self, day: date) -> Finding:
        """Time alone does it."""
        return (Answer.YES if day <= self.on else Answer.NO), day
