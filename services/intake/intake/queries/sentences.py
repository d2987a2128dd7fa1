"""Looking up what a person's rights rest on."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.vault import vault_of
from contracts.intake import ReentryReason
from contracts.vocabulary import Right
from sqlalchemy import bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, or_, select

from intake.model.days import today
from intake.model.people import Person
from intake.model.sentences import (
    CourtSentence,
    DisciplineEntry,
    Dossier,
    FactAnswer,
    GrantedRemission,
    RiskLevel,
)
from intake.model.stays import Release, Stay
from intake.queries.people import identities_of, kept_of
from intake.queries.regulations import by_religion

VERDICT, DECREE = "court_sentence.verdict", "granted_remission.decree"
"""The places that sealed values are bound to."""


def dossier_of(session: Session, person_id: UUID, rights: Collection[Right] = ()) -> Dossier:
    """Everything that these rights of a person rest on, at whichever of their entries it stands."""
    person = kept_of(session, person_id)
    return dossiers_of(session, [person], rights)[person.id]


def dossiers_of(session: Session, people: Iterable[Person], rights: Collection[Right]) -> dict[UUID, Dossier]:
    """The same for many, with one query per table. A religion is opened only for a right whose day it may decide."""
    wanted = {person.id: person for person in people}
    entries = _entries(session, list(wanted))

    asked = {"entries": list(entries.kept)}
    there = dict(zip(_FACTS, entries.there, strict=True))

    def found(facts: Any) -> dict[UUID, tuple[Any, ...]]:
        rows: dict[UUID, list[Any]] = defaultdict(list)
        for row in session.exec(facts, params=asked) if there[facts] else ():
            person, told_at = entries.kept[row.person], getattr(row, "answered_at", None) or row.recorded_at
            if person not in entries.began or told_at > entries.began[person]:
                rows[person].append(row)
        return {person: tuple(listed) for person, listed in rows.items()}

    sentences, remissions, breaches = found(_SENTENCES), found(_REMISSIONS), found(_BREACHES)
    answers, levels = found(_ANSWERS), found(_LEVELS)
    believers = () if by_religion().isdisjoint(rights) else wanted.values()
    religions = {person.id: identity.religion for person, identity in identities_of(session, believers)}
    return {
        id: Dossier(
            person,
            sentences.get(id, ()),
            remissions.get(id, ()),
            breaches.get(id, ()),
            answers.get(id, ()),
            levels.get(id, ()),
            religions.get(id),
            entries.admitted.get(id),
        )
        for id, person in wanted.items()
    }


def numbers_of(
    session: Session, sentences: Sequence[CourtSentence] = (), remissions: Sequence[GrantedRemission] = ()
) -> tuple[list[str | None], list[str | None]]:
    """The numbers of the verdicts and of the decrees; None where the person was erased."""
    verdicts = [(one.person, VERDICT, one.verdict) for one in sentences]
    found = opened(session, [*verdicts, *((one.person, DECREE, one.decree) for one in remissions)])
    return found[: len(verdicts)], found[len(verdicts) :]


def opened(session: Session, sealed: Sequence[tuple[UUID, str, bytes | None]]) -> list[str | None]:
    """What was sealed of whom in which place, as text. None stays None, and is what an erased person's becomes."""
    there = [(subject, place, value) for subject, place, value in sealed if value is not None]
    said = iter(vault_of(session).open_all(there) if there else ())
    texts = (next(said) if value is not None else None for *_, value in sealed)
    return [text.decode() if text is not None else None for text in texts]


@dataclass(frozen=True)
class _Entries:
    """Every entry of some people: a merge moves nothing."""

    kept: dict[UUID, UUID] = field(default_factory=dict)
    """Which entry speaks for each."""
    admitted: dict[UUID, date] = field(default_factory=dict)
    """When those who are inside came in."""
    began: dict[UUID, datetime] = field(default_factory=dict)
    """When the earlier stay of each ended, where there was one: what was served then is not served again."""
    there: list[bool] = field(default_factory=lambda: [False for _ in _FACTS])
    """Whether there is any of each of the facts: of most people there is none of most."""


def _entries(session: Session, people: list[UUID]) -> _Entries:
    found = _Entries()
    for entry, merged_into, admitted_on, admitted_at, ended_on, released_at, came_back, *there in session.exec(
        _STAYS, params={"people": people}
    ):
        kept = found.kept[entry] = merged_into or entry
        found.there[:] = (before or now for before, now in zip(found.there, there, strict=True))
        if admitted_at and ended_on is None:
            found.admitted[kept] = admitted_on or today(admitted_at)
        # A revoked PB is the old sentence going on; only a new case begins anew.
        if came_back is ReentryReason.NEW_CASE:
            found.began[kept] = max(released_at, found.began.get(kept, released_at))
    return found


def _standing(table: Any, whose: Any) -> Any:
    query = select(table).where(whose)
    return query.where(table.superseded_by.is_(None)) if "superseded_by" in table.model_fields else query


def _facts(table: Any, *order: Any) -> Any:
    return _standing(table, table.person.in_(bindparam("entries", expanding=True))).order_by(*order)


# Built once: building one takes as long as asking it, and every page about rights asks them all.
_SENTENCES = _facts(CourtSentence, CourtSentence.decided_on)
_REMISSIONS = _facts(GrantedRemission, GrantedRemission.granted_on)
_BREACHES = _facts(DisciplineEntry, DisciplineEntry.happened_on)
_ANSWERS = _facts(FactAnswer, FactAnswer.answered_at)
_LEVELS = _facts(RiskLevel, RiskLevel.assessed_on, RiskLevel.recorded_at)
_FACTS: tuple[Any, ...] = (_SENTENCES, _REMISSIONS, _BREACHES, _ANSWERS, _LEVELS)
_people: Any = bindparam("people", expanding=True)
_STAYS: Any = (
    sa_select(
        *(col(Person.id), col(Person.merged_into), col(Stay.admitted_on), col(Stay.admitted_at), col(Stay.ended_on)),
        *(col(Release.released_at), col(Release.reentry_reason)),
        *(
            _standing(table, table.person == Person.id).exists()
            # In the order of _FACTS.
            for table in (CourtSentence, GrantedRemission, DisciplineEntry, FactAnswer, RiskLevel)
        ),
    )
    .join(Stay, col(Stay.person) == Person.id, isouter=True)
    .join(Release, col(Release.stay) == Stay.id, isouter=True)
    .where(or_(col(Person.id).in_(_people), col(Person.merged_into).in_(_people)))
)
