"""Stays and releases over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form
from chassis.identity import Actor, Now, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.intake import ReentryReason
from contracts.vocabulary import ReleaseMode, Role
from pydantic import BaseModel

from intake.commands import stays as commands
from intake.model.stays import Admission, Release
from intake.queries import stays as queries
from intake.queries.people import entries_of

router = Router()
Registrar = Annotated[Actor, requires(Role.REGISTRAR)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.PRIVACY_OFFICER)]


class ReleaseIn(Form):
    """The end of a stay."""

    released_on: date
    mode: ReleaseMode


class ReentryIn(Form):
    """The beginning of another stay."""

    reentered_on: date
    reason: ReentryReason = ReentryReason.UNKNOWN


class ReleaseOut(BaseModel):
    """One end of a stay and the return after it."""

    release_id: UUID
    released_on: date
    mode: ReleaseMode
    reentered_on: date | None


class StayOut(BaseModel):
    """One time inside."""

    stay: UUID
    how: Admission
    admitted_on: date | None
    ended_on: date | None
    mode: ReleaseMode | None


@router.get("/people/{person}/stays")
def read_stays(person: UUID, session: Transaction, look: Reader) -> list[StayOut]:
    """Every stay, in their order."""
    return [
        StayOut(
            stay=stay.id,
            how=stay.how,
            admitted_on=stay.admitted_on,
            ended_on=stay.ended_on,
            mode=release.mode if release else None,
        )
        for stay, release in queries.stays_of(session, *entries_of(session, person))
    ]


@router.put("/people/{person}/releases/{release}", status_code=201)
def release_person(
    person: UUID, release: UUID, sent: ReleaseIn, session: Transaction, by: Registrar, at: Now
) -> ReleaseOut:
    """The person left."""
    return _release_out(commands.release_person(session, person, release, sent.released_on, sent.mode, by=by, at=at))


@router.post("/people/{person}/reentries", status_code=201)
def reenter_person(person: UUID, sent: ReentryIn, session: Transaction, by: Registrar, at: Now) -> ReleaseOut:
    """The person is back."""
    return _release_out(commands.reenter_person(session, person, sent.reentered_on, sent.reason, by=by, at=at))


def _release_out(release: Release) -> ReleaseOut:
    return ReleaseOut(release_id=release.id, **release.model_dump(include={"released_on", "mode", "reentered_on"}))
