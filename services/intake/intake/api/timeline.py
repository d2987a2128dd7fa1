"""A person's road through this rutan over HTTP: one answer for a page that shows it whole."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Role
from pydantic import BaseModel, ConfigDict

from intake.api.people import PersonOut, person_out
from intake.queries import people
from intake.queries.timeline import Happened, timeline_of

router = Router()
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.PRIVACY_OFFICER)]

_CASE = frozenset({Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD})
_ANSWERS = frozenset({Role.REGISTRAR, Role.COUNSELLOR})
_ASKED = frozenset({Role.REGISTRAR, Role.PRIVACY_OFFICER})
READ_BY = {
    Happened.DETAINED: _CASE,
    Happened.SENTENCED: _CASE,
    Happened.REMISSION_GRANTED: _CASE,
    Happened.CONSENT_GIVEN: _ANSWERS,
    Happened.CONSENT_DECLINED: _ANSWERS,
    Happened.CONSENT_ENDED: _ANSWERS,
    Happened.RIGHT_PROPOSED: _CASE,
    Happened.RIGHT_GRANTED: _CASE,
    Happened.RIGHT_REFUSED: _CASE,
    Happened.RIGHT_REVOKED: _CASE,
    Happened.ERASURE_ASKED: _ASKED,
    Happened.ERASURE_DECIDED: _ASKED,
}
"""Who reads it where it stands by itself; what is not named here, everybody who may read the record."""


class EntryOut(BaseModel):
    """One thing that happened. `of` is a word of the public language, or a rutan's code."""

    model_config = ConfigDict(from_attributes=True)

    on: date
    what: Happened
    of: str | None
    until_on: date | None
    months: int | None
    days: int | None


class TimelineOut(BaseModel):
    """Who it is, and what happened at this rutan, the earliest first."""

    person: PersonOut
    entries: list[EntryOut]


@router.get("/people/{person}/timeline")
def read_timeline(person: UUID, session: Transaction, look: Reader) -> TimelineOut:
    """The whole road at this rutan, as far as the reader's roles read it where it stands."""
    known = person_out(session, people.kept_of(session, person))
    entries = timeline_of(session, [known.person, *known.entries])
    may = [entry for entry in entries if entry.what not in READ_BY or look.by.roles & READ_BY[entry.what]]
    return TimelineOut(person=known, entries=[EntryOut.model_validate(entry) for entry in may])
