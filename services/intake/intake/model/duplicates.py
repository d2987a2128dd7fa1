"""Duplicates: how alike two entries are, and two entries that turned out to be one person."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from enum import StrEnum
from uuid import UUID

from chassis.columns import moment
from chassis.errors import Conflict
from contracts.intake import PersonsMerged, PersonsUnmerged
from sqlmodel import Field

from intake.model.people import Identity, MergedIntoAnother, Person
from intake.model.table import Table

NAMES_ALIKE = 0.85
_NO_NAME = {"alias", "als", "bin", "binti"}

Standing = Mapping[tuple[str, str | None], bool]
"""The last answer to each question, by purpose and recipient: agreed and stands, or no. Not asked is not in it."""


class MergedWithItself(Conflict):
    """One entry is one person."""

    detail = "Entri tidak dapat digabung ke dirinya sendiri. Pilih entri yang lain."


class OthersMergedIntoIt(Conflict):
    """What speaks for others cannot be spoken for."""

    detail = "Entri lain sudah digabung ke entri ini. Pisahkan dahulu, atau gabungkan ke arah sebaliknya."


class ConsentsDisagree(Conflict):
    """Two entries give two answers of one person: only the person can say which one holds."""

    detail = "Persetujuan di kedua entri tidak sama. Tanyakan dahulu kepada orangnya dan catat jawabannya di keduanya."


class NotMerged(Conflict):
    """There is nothing to part."""

    detail = "Entri ini tidak sedang digabung, jadi tidak ada yang dipisahkan."


class Reason(StrEnum):
    """Why two entries may be one person."""

    SAME_NIK = "same_nik"
    SAME_IDENTIFIER = "same_identifier"
    SAME_REGISTER_NUMBER = "same_register_number"
    SIMILAR_NAME_SAME_BIRTH_DATE = "similar_name_same_birth_date"
    SIMILAR_NAME_SAME_BIRTH_YEAR = "similar_name_same_birth_year"


WEIGHT = {
    Reason.SAME_NIK: 1.0,
    Reason.SAME_IDENTIFIER: 0.95,
    Reason.SAME_REGISTER_NUMBER: 0.8,
    Reason.SIMILAR_NAME_SAME_BIRTH_DATE: 0.9,
    Reason.SIMILAR_NAME_SAME_BIRTH_YEAR: 0.6,
}


@dataclass(frozen=True)
class Likeness:
    """How alike another entry is, and in what."""

    person: UUID
    score: float
    reasons: tuple[Reason, ...]


def words(name: str) -> list[str]:
    """A name for comparing only: without case, accents and what stands between names. What is kept is as written."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    letters = "".join(c if c.isalnum() else " " for c in bare.replace("'", "").replace("\u2019", ""))
    return sorted(word for word in letters.split() if word not in _NO_NAME)


def names_alike(one: Identity, other: Identity) -> float:
    """From 0 to 1, the best of all names and aliases: the order of words differs from paper to paper."""
    return max(_alike(words(a), words(b)) for a in (one.name, *one.aliases) for b in (other.name, *other.aliases))


def _alike(one: list[str], other: list[str]) -> float:
    short, long = sorted((set(one), set(other)), key=len)
    if len(short) >= 2 and short <= long:
        return 1.0
    return SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False).ratio()


def likeness(person: UUID, numbers: set[Reason], *, name: float, born: tuple[bool, bool]) -> Likeness | None:
    """What speaks for two entries being one person; None if nothing does. `born`: the same date, the same year."""
    reasons = set(numbers)
    if name >= NAMES_ALIKE and any(born):
        alike = (Reason.SIMILAR_NAME_SAME_BIRTH_DATE, Reason.SIMILAR_NAME_SAME_BIRTH_YEAR)
        reasons.add(alike[0] if born[0] else alike[1])
    if not reasons:
        return None
    ordered = sorted(reasons, key=lambda reason: -WEIGHT[reason])
    unlike = 1.0
    for reason in ordered:
        unlike *= 1 - WEIGHT[reason]
    return Likeness(person, round(1 - unlike, 2), tuple(ordered))


def same_birth(one: date | None, other: date | None) -> bool:
    """The same day, where both are known."""
    return one is not None and one == other


class Merge(Table, table=True):
    """Two entries that were found to be one person, and whether that was taken back. Nothing was moved."""

    id: UUID = Field(primary_key=True)
    person: UUID = Field(foreign_key="person.id", index=True)
    kept: UUID = Field(foreign_key="person.id", index=True)
    merged_at: datetime = moment()
    merged_by: UUID
    unmerged_at: datetime | None = moment(nullable=True, default=None)
    unmerged_by: UUID | None = None


def merge(dropped: Person, kept: Person, dropped_says: Standing, kept_says: Standing, at: datetime) -> PersonsMerged:
    """From now on `kept` speaks for both."""
    if dropped.id == kept.id:
        raise MergedWithItself
    for one in (dropped, kept):
        if one.merged_into is not None:
            raise MergedIntoAnother(one.merged_into)
    # Never asked is no answer, but what stands at the entry that is spoken for could not be taken back any more if
    # the other did not know of it.
    if any(agreed and not kept_says.get(asked, False) for asked, agreed in dropped_says.items()):
        raise ConsentsDisagree
    if any(agreed and dropped_says.get(asked) is False for asked, agreed in kept_says.items()):
        raise ConsentsDisagree
    dropped.merged_into = kept.id
    return PersonsMerged(site=dropped.site, occurred_at=at, person=dropped.id, kept=kept.id)


def unmerge(dropped: Person, at: datetime) -> PersonsUnmerged:
    """They were two people after all: both are as they were."""
    if dropped.merged_into is None:
        raise NotMerged
    kept, dropped.merged_into = dropped.merged_into, None
    return PersonsUnmerged(site=dropped.site, occurred_at=at, person=dropped.id, kept=kept)
