"""Finding people over HTTP: the list, the search, and the names behind ids."""

from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.forms import Form, Line
from chassis.readlog import Look, looks_over, note_all
from chassis.routes import Router
from contracts.vocabulary import LegalStatus, Role
from pydantic import BaseModel, Field
from sqlmodel import Session

from intake.api.people import OF_THE_RUTAN
from intake.queries import people as queries

router = Router()
Searcher = Annotated[Look, looks_over(Role.REGISTRAR, Role.COUNSELLOR, Role.HEAD, Role.PRIVACY_OFFICER)]
Namer = Annotated[Look, looks_over(*OF_THE_RUTAN)]
Page = Annotated[int, Field(ge=1, le=10_000)]


class Sought(Form):
    """Whom somebody looks for. In a body: an address would be kept with the name in it, by browsers and logs."""

    words: Line
    """Of a name, or a register number, a NIK or another identifier."""
    inside: bool | None = None
    legal_status: LegalStatus | None = None
    page: Page = 1


class NamesIn(Form):
    """Whose names a page needs, for ids that other services gave it."""

    people: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]


class NamedOut(BaseModel):
    """Who an id stands for. `kept` is the entry that speaks for them: another one where `person` was merged."""

    person: UUID
    kept: UUID
    name: str
    register_number: str | None
    legal_status: LegalStatus
    inside: bool
    restricted: bool


class ListedOut(BaseModel):
    """A person in a list."""

    person: UUID
    name: str
    register_number: str | None
    legal_status: LegalStatus
    inside: bool
    restricted: bool


class ListOut(BaseModel):
    """One page of a list."""

    count: int
    page: int
    people: list[ListedOut]


@router.get("/people")
def list_people(
    session: Transaction,
    look: Searcher,
    inside: bool | None = None,
    legal_status: LegalStatus | None = None,
    page: Page = 1,
    size: Annotated[int, Field(ge=1, le=500)] = queries.PAGE,
) -> ListOut:
    """The site's people by name."""
    return _list_out(session, look, inside, legal_status, None, page, size)


@router.post("/people/searches")
def search_people(sent: Sought, session: Transaction, look: Searcher) -> ListOut:
    """Whoever is called so, or has this number."""
    return _list_out(session, look, sent.inside, sent.legal_status, sent.words, sent.page)


@router.post("/people/names")
def name_people(sent: NamesIn, session: Transaction, look: Namer) -> list[NamedOut]:
    """The names of up to a hundred people at once, a look at each; whoever is closed to the reader is left out."""
    found = queries.named(session, look, sent.people)
    shown = [id for one in found for id in (one.asked, one.person.id)]
    note_all(session, list(dict.fromkeys(shown)), look)
    return [
        NamedOut(
            person=one.asked,
            kept=one.person.id,
            name=one.identity.name,
            register_number=one.register_number,
            legal_status=one.person.legal_status,
            inside=one.person.inside,
            restricted=one.person.restricted_at is not None,
        )
        for one in found
    ]


def _list_out(
    session: Session,
    look: Look,
    inside: bool | None,
    legal_status: LegalStatus | None,
    sought: str | None,
    page: int,
    size: int = queries.PAGE,
) -> ListOut:
    found = queries.find(session, look, inside=inside, legal_status=legal_status, sought=sought, page=page, size=size)
    note_all(session, [person.id for person, _ in found.people], look)
    numbers = queries.latest_numbers(session, [person.id for person, _ in found.people])
    people = [
        ListedOut(
            person=person.id,
            name=identity.name,
            register_number=numbers.get(person.id),
            legal_status=person.legal_status,
            inside=person.inside,
            restricted=person.restricted_at is not None,
        )
        for person, identity in found.people
    ]
    return ListOut(count=found.count, page=page, people=people)
