"""Kartu Saya over HTTP: what intake holds about somebody, and who looked at it."""

from typing import Annotated, Any
from uuid import UUID

from chassis.card import card, lookers
from chassis.database import Transaction
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Role
from pydantic import BaseModel
from sqlmodel import Session

from contracts import words
from intake.api.search import Page
from intake.model import Table
from intake.model.people import Person
from intake.queries import consents as queries
from intake.queries import people
from intake.queries.looks import looked_at

router = Router()
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.PRIVACY_OFFICER)]
Officer = Annotated[Look, looks("person", Role.PRIVACY_OFFICER)]


class LooksOut(BaseModel):
    """One page of the looks at a record."""

    count: int
    page: int
    looks: list[dict[str, Any]]


@router.get("/people/{person}/card")
def read_card(person: UUID, session: Transaction, look: Reader) -> dict[str, Any]:
    """Everything that intake holds, who looked at it, and which partners may hear what (UU 27/2022 Ps. 7)."""
    entries = _entries_of(session, person)
    standing = [consent for entry in entries for consent in queries.standing(session, entry)]
    shared = [
        {"mitra": consent.recipient, "mendengar": "mulai, keadaan dan akhir penempatan kerja, tanpa nama"}
        for consent in standing
        if consent.recipient
    ]
    agreed = sorted({words.VALUES[consent.purpose] for consent in standing})
    held = card(session, Table.metadata, entries)
    return held | {"entri": entries, "persetujuan yang berlaku": agreed, "mitra": shared}


@router.get("/people/{person}/looks")
def read_looks(person: UUID, session: Transaction, look: Officer, page: Page = 1) -> LooksOut:
    """Who looked at a person's record, when and why, the latest first: that is this look itself."""
    found = looked_at(session, _entries_of(session, person), page)
    return LooksOut(count=found.count, page=page, looks=lookers(session, found.lines))


def _entries_of(session: Session, person: UUID) -> list[UUID]:
    """Every entry of a person, also of somebody of whom there is none any more: who looked is known even then."""
    return people.entries_of(session, person) if session.get(Person, person) else [person]
