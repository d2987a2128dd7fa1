"""Looking for entries that may be one person."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, func, or_, select

from intake.model.consents import Consent
from intake.model.duplicates import Likeness, Merge, Reason, Standing, likeness, names_alike, same_birth
from intake.model.people import IdentifierIndex, IdentifierKind, Person, RegisterEntry
from intake.queries.people import READS_RESTRICTED, born_in, entries_of, identity_of

MOST = 50
"""Likely duplicates that are shown or counted at most."""
# Built once: building it takes as long as asking it.
_person: Any = bindparam("person")
_SAME_IDENTIFIERS = (
    select(IdentifierIndex)
    .where(
        col(IdentifierIndex.blind).in_(select(IdentifierIndex.blind).where(IdentifierIndex.person == _person)),
        IdentifierIndex.person != _person,
    )
    .limit(MOST)
)
_mine = aliased(RegisterEntry)
_SAME_NUMBERS = (
    select(RegisterEntry.person)
    .join(_mine, and_(_mine.blind == RegisterEntry.blind, _mine.site == RegisterEntry.site))
    .where(
        _mine.person == _person,
        RegisterEntry.person != _person,
        # The same number in two books is two numbers; where a book is not known it may be one.
        or_(RegisterEntry.book == _mine.book, col(RegisterEntry.book).is_(None), col(_mine.book).is_(None)),
    )
    .distinct()
    .limit(MOST)
)


def likely_duplicates(session: Session, person: Person, roles: frozenset[str]) -> list[tuple[Likeness, Person]]:
    """Other entries that may be the same person, the likeliest first; none that these roles may not see."""
    own, identity = set(entries_of(session, person.id)), identity_of(session, person)
    numbers = _same_numbers(session, person.id)
    alike: dict[UUID, tuple[float, tuple[bool, bool]]] = {}
    if person.birth_year is not None:
        for other, known in born_in(session, person.birth_year, own):
            same_day = same_birth(identity.birth_date, known.birth_date)
            # Two birth dates that are known and differ are two people, whatever the year.
            same_year = not (identity.birth_date and known.birth_date) or same_day
            alike[other.id] = names_alike(identity, known), (same_day, same_year)
    found = []
    for other_id in (set(numbers) | set(alike)) - own:
        name, born = alike.get(other_id, (0.0, (False, False)))
        if like := likeness(other_id, numbers.get(other_id, set()), name=name, born=born):
            found.append(like)
    shown = _may_be_shown(session, [like.person for like in found], roles)
    found.sort(key=lambda like: (-like.score, str(like.person)))
    return [(like, shown[like.person]) for like in found if like.person in shown][:MOST]


def _same_numbers(session: Session, person_id: UUID) -> dict[UUID, set[Reason]]:
    """Who has an identifier or a register number of this person's, and which."""
    found: dict[UUID, set[Reason]] = defaultdict(set)
    for index in session.exec(_SAME_IDENTIFIERS, params={"person": person_id}):
        nik = index.kind is IdentifierKind.NIK
        found[index.person].add(Reason.SAME_NIK if nik else Reason.SAME_IDENTIFIER)
    for other in session.exec(_SAME_NUMBERS, params={"person": person_id}):
        found[other].add(Reason.SAME_REGISTER_NUMBER)
    return found


def _may_be_shown(session: Session, people: list[UUID], roles: frozenset[str]) -> dict[UUID, Person]:
    query = select(Person).where(
        col(Person.id).in_(people), col(Person.merged_into).is_(None), col(Person.identity).is_not(None)
    )
    if not roles & READS_RESTRICTED:
        query = query.where(col(Person.restricted_at).is_(None))
    return {person.id: person for person in session.exec(query)}


def standing(session: Session, person_id: UUID) -> Standing:
    """The person's last answer to each question."""
    query = select(Consent).where(Consent.person == person_id).order_by(col(Consent.answered_at))
    return {
        (answer.purpose.value, answer.recipient): answer.given and answer.ended_at is None
        for answer in session.exec(query)
    }


def speaks_for_others(session: Session, person_id: UUID) -> bool:
    """Whether entries were merged into this one."""
    return session.exec(select(func.count()).where(Person.merged_into == person_id)).one() > 0


def standing_merge(session: Session, person_id: UUID) -> Merge | None:
    """The merge that holds for this entry now."""
    return session.exec(select(Merge).where(Merge.person == person_id, col(Merge.unmerged_at).is_(None))).first()
