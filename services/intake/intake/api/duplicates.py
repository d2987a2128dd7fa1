"""Duplicates over HTTP."""

from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks, note, note_all
from chassis.routes import Router
from contracts.vocabulary import Role
from pydantic import BaseModel

from intake.api.people import PersonOut, person_out
from intake.commands import duplicates as commands
from intake.model.duplicates import Reason
from intake.queries import duplicates as queries
from intake.queries import people
from intake.queries.people import may_look

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR)]


class MergeIn(Form):
    """The entry that goes on."""

    into: UUID


class LikenessOut(BaseModel):
    """Another entry that may be the same person, and what speaks for it."""

    person: UUID
    name: str
    inside: bool
    score: float
    reasons: list[Reason]


class ComparisonOut(BaseModel):
    """Two entries that may be one person."""

    this: PersonOut
    other: PersonOut


class MergeOut(BaseModel):
    """Which entry speaks for this one, if another does."""

    person: UUID
    kept: UUID | None


@router.get("/people/{person}/likely-duplicates")
def read_likely_duplicates(person: UUID, session: Transaction, look: Reader) -> list[LikenessOut]:
    """Entries that may be the same person. A proposal: somebody looks and decides."""
    found = queries.likely_duplicates(session, people.kept_of(session, person), look.by.roles)
    note_all(session, [other.id for _, other in found], look)
    names = {other.id: identity.name for other, identity in people.identities_of(session, [one for _, one in found])}
    return [
        LikenessOut(
            person=other.id, name=names[other.id], inside=other.inside, score=like.score, reasons=list(like.reasons)
        )
        for like, other in found
        if other.id in names
    ]


@router.get("/people/{person}/likely-duplicates/{other}")
def compare_people(person: UUID, other: UUID, session: Transaction, look: Reader) -> ComparisonOut:
    """Two entries whole, beside each other: a look at both."""
    may_look(session, other, look)
    note(session, other, look)
    both = [person_out(session, people.kept_of(session, one)) for one in (person, other)]
    return ComparisonOut(this=both[0], other=both[1])


@router.post("/people/{person}/merge", status_code=201)
def merge_people(person: UUID, sent: MergeIn, session: Transaction, by: Registrar, at: Now) -> MergeOut:
    """Two entries are one person: the other one speaks for this from now on."""
    kept = commands.merge_people(session, person, sent.into, by=by, at=at)
    return MergeOut(person=person, kept=kept.id)


@router.post("/people/{person}/unmerge", status_code=201)
def unmerge_people(person: UUID, session: Transaction, by: Registrar, at: Now) -> MergeOut:
    """They are two people after all."""
    commands.unmerge_people(session, person, by=by, at=at)
    return MergeOut(person=person, kept=None)
