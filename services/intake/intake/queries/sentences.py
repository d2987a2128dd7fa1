"""Looking up what a person's rights rest on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from chassis.vault import vault_of
from contracts.intake import ReentryReason
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

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

VERDICT, DECREE = "court_sentence.verdict", "granted_remission.decree"
"""The places that sealed values are bound to."""

T = TypeVar("T", bound=SQLModel)


def dossier_of(session: Session, person_id: UUID) -> Dossier:
    """Everything that this person's rights rest on, at whichever of their entries it stands."""
    person = kept_of(session, person_id)
    return dossiers_of(session, [person])[person.id]


def dossiers_of(session: Session, people: Iterable[Person]) -> dict[UUID, Dossier]:
    """The same for many, with one query per table."""
    wanted = {person.id: person for person in people}
    kept = _kept(session, wanted)
    began = _began(session, kept)

    def found(table: type[T], order: Sequence[Any], *only: Any) -> dict[UUID, Sequence[T]]:
        rows: dict[UUID, list[T]] = defaultdict(list)
        for row in session.exec(select(table).where(col(table.person).in_(kept), *only).order_by(*order)):  # type: ignore[attr-defined]
            told_at = getattr(row, "answered_at", None) or row.recorded_at  # type: ignore[attr-defined]
            person = kept[row.person]  # type: ignore[attr-defined]
            if person not in began or told_at > began[person]:
                rows[person].append(row)
        return {person: tuple(listed) for person, listed in rows.items()}

    sentences = found(CourtSentence, [CourtSentence.decided_on], col(CourtSentence.superseded_by).is_(None))
    remissions = found(GrantedRemission, [GrantedRemission.granted_on], col(GrantedRemission.superseded_by).is_(None))
    breaches = found(DisciplineEntry, [DisciplineEntry.happened_on])
    answers = found(FactAnswer, [FactAnswer.answered_at])
    levels = found(RiskLevel, [RiskLevel.assessed_on, RiskLevel.recorded_at])
    stays = session.exec(select(Stay).where(col(Stay.person).in_(kept), col(Stay.ended_on).is_(None)))
    admitted = {kept[stay.person]: stay.admitted_on or today(stay.admitted_at) for stay in stays}
    religions = {person.id: identity.religion for person, identity in identities_of(session, wanted.values())}
    return {
        id: Dossier(
            person,
            sentences.get(id, ()),
            remissions.get(id, ()),
            breaches.get(id, ()),
            answers.get(id, ()),
            levels.get(id, ()),
            religions.get(id),
            admitted.get(id),
        )
        for id, person in wanted.items()
    }


def verdicts_of(session: Session, sentences: Sequence[CourtSentence]) -> list[str | None]:
    """The numbers of the verdicts; None where the person was erased."""
    return opened(session, VERDICT, [(s.person, s.verdict) for s in sentences])


def decrees_of(session: Session, remissions: Sequence[GrantedRemission]) -> list[str | None]:
    """The numbers of the decrees; None where the person was erased."""
    return opened(session, DECREE, [(r.person, r.decree) for r in remissions])


def opened(session: Session, place: str, sealed: Sequence[tuple[UUID, bytes | None]]) -> list[str | None]:
    """What was sealed, as text. None stays None, and is what an erased person's becomes."""
    if not any(value is not None for _, value in sealed):
        return [None] * len(sealed)
    there = vault_of(session).open_all([(subject, place, value) for subject, value in sealed if value is not None])
    said = iter(there)
    texts = (next(said) if value is not None else None for _, value in sealed)
    return [text.decode() if text is not None else None for text in texts]


def _kept(session: Session, people: Iterable[UUID]) -> dict[UUID, UUID]:
    """Every entry of these people, and which one speaks for it: a merge moves nothing."""
    merged = select(Person.id, Person.merged_into).where(col(Person.merged_into).in_(people))
    return {id: id for id in people} | {entry: kept for entry, kept in session.exec(merged) if kept}


def _began(session: Session, kept: Mapping[UUID, UUID]) -> dict[UUID, datetime]:
    """When the earlier stay of each ended, where there was one: what was served then is not served again."""
    # A revoked PB is the old sentence going on; only a new case begins anew.
    query = (
        select(Release.person, func.max(Release.released_at))
        .where(col(Release.person).in_(kept), Release.reentry_reason == ReentryReason.NEW_CASE)
        .group_by(col(Release.person))
    )
    began: dict[UUID, datetime] = {}
    for entry, ended_at in session.exec(query):
        began[kept[entry]] = max(ended_at, began.get(kept[entry], ended_at))
    return began
