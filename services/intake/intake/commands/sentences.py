"""Entering what courts, decrees and register F say, and what a regulation asks."""

from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from sqlmodel import Session

from intake.commands.people import person_of
from intake.model.sentences import (
    CourtSentence,
    DisciplineEntry,
    EntryNotHere,
    FactAnswer,
    GrantedRemission,
    NotStanding,
    RiskLevel,
)
from intake.model.table import EntryIdTaken
from intake.queries import sentences as queries
from intake.queries.people import entries_of
from intake.queries.regulations import questions

Corrected = TypeVar("Corrected", CourtSentence, GrantedRemission)
Entry = TypeVar("Entry", CourtSentence, GrantedRemission, DisciplineEntry, FactAnswer, RiskLevel)
BOOKKEEPING = {"site", "superseded_by", "annulled_on", "annulled_by", "verdict", "decree"} | {
    f"{did}_{how}" for did in ("recorded", "answered") for how in ("at", "by")
}
"""What a repeated request need not repeat; sealed numbers are compared as they read."""


def record_sentence(session: Session, sentence: CourtSentence, number: str) -> CourtSentence:
    """Enters a sentence, or a correction of one. The same entry again changes nothing.

    A person whose conviction is entered in the same transaction may be a tahanan until then: the status is read here.
    """
    person_of(session, sentence.person)
    if known := _known(session, sentence):
        if queries.numbers_of(session, sentences=[known]) != ([number], []):
            raise EntryIdTaken
        return known
    _supersede(session, sentence)
    dossier = queries.dossier_of(session, sentence.person)
    told = sentence.record(dossier)
    sentence.verdict = vault_of(session).seal(sentence.person, queries.VERDICT, number.encode())
    session.add(sentence)
    publish(session, told)
    return sentence


def grant_remission(session: Session, remission: GrantedRemission, number: str) -> GrantedRemission:
    """Enters a remission, or a correction of one. The same entry again changes nothing."""
    person_of(session, remission.person)
    if known := _known(session, remission):
        if queries.numbers_of(session, remissions=[known]) != ([], [number]):
            raise EntryIdTaken
        return known
    _supersede(session, remission)
    told = remission.grant(queries.dossier_of(session, remission.person))
    remission.decree = vault_of(session).seal(remission.person, queries.DECREE, number.encode())
    session.add(remission)
    publish(session, told)
    return remission


def enter_breach(session: Session, entry: DisciplineEntry) -> DisciplineEntry:
    """Enters a decided breach in register F. The same entry again changes nothing."""
    person_of(session, entry.person)
    if known := _known(session, entry):
        return known
    entry.enter()
    session.add(entry)
    return entry


def annul_breach(
    session: Session, person_id: UUID, entry_id: UUID, on: date, *, by: Actor, at: datetime
) -> DisciplineEntry:
    """The decision on a breach was taken back: it counts no more, and stays readable."""
    person_of(session, person_id)
    entry = session.get(DisciplineEntry, entry_id)
    if entry is None or entry.person not in entries_of(session, person_id):
        raise EntryNotHere
    entry.annul(on, by=by.id, at=at)
    return entry


def answer_question(session: Session, answer: FactAnswer, *, by: Actor) -> FactAnswer:
    """Answers what a regulation asks. The same answer again changes nothing."""
    person_of(session, answer.person)
    if known := _known(session, answer):
        return known
    answer.give(questions(), by)
    session.add(answer)
    return answer


def enter_risk_level(session: Session, level: RiskLevel) -> RiskLevel:
    """Enters the level of an assessment. The same entry again changes nothing."""
    person_of(session, level.person)
    if known := _known(session, level):
        return known
    level.enter()
    session.add(level)
    return level


def _known(session: Session, entry: Entry) -> Entry | None:
    known = session.get(type(entry), entry.id)
    if known and known.model_dump(exclude=BOOKKEEPING) != entry.model_dump(exclude=BOOKKEEPING):
        raise EntryIdTaken
    return known


def _supersede(session: Session, entry: Corrected) -> None:
    """The row that `entry` corrects stands no longer."""
    if entry.corrects is None:
        return
    wrong = session.get(type(entry), entry.corrects)
    if wrong is None or wrong.person not in entries_of(session, entry.person) or wrong.superseded_by is not None:
        raise NotStanding
    wrong.superseded_by = entry.id
    session.flush()
