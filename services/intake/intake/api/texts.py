"""Texts, forms and legal bases over HTTP."""

import secrets
from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.database import Transaction
from chassis.identity import Actor, requires
from chassis.readlog import Look, looks
from chassis.routes import Router
from contracts.vocabulary import Purpose, Role
from fastapi import Response
from pydantic import BaseModel

from intake.model.people import Person, PersonNotHere
from intake.model.texts import Basis, Language, LegalBasis, Notice, Wording, form_number
from intake.queries import texts as queries

router = Router()
Asking = Annotated[Actor, requires(Role.REGISTRAR, Role.COUNSELLOR)]
Anybody = Annotated[Actor, requires(*Role)]
Reader = Annotated[Look, looks("person", Role.REGISTRAR, Role.COUNSELLOR)]


class TextOut(BaseModel):
    """One wording as it is to be read out."""

    version: str
    basis: Basis
    clause: str
    valid_months: int
    needs_witness: bool
    needs_capacity: bool
    used_until: date | None
    id: Wording
    en: Wording


class VersionOut(TextOut):
    """One wording, and of which question."""

    purpose: Purpose


@router.get("/consent-texts")
def list_texts(by: Asking) -> list[VersionOut]:
    """Every wording of every question, retired ones included."""
    return [VersionOut(**text.model_dump(include=set(VersionOut.model_fields))) for text in queries.every_text()]


@router.get("/consent-texts/{purpose}")
def read_texts(purpose: Purpose, by: Asking) -> list[TextOut]:
    """What is read out before this answer is asked for."""
    return [TextOut(**text.model_dump(include=set(TextOut.model_fields))) for text in queries.texts_for(purpose)]


@router.get("/consent-forms/{purpose}/{text_version}", response_class=Response)
def print_form(purpose: Purpose, text_version: str, by: Asking, language: Language = Language.ID) -> Response:
    """A sheet to be signed, for when the screen is not at hand. Every print has a number of its own."""
    text = queries.text_of(purpose, text_version)
    number = form_number(secrets.randbits(64))
    named = {"content-disposition": f'inline; filename="{purpose}-{number}.pdf"', "jembatan-form-number": number}
    return Response(queries.printed_form(text, language, number), media_type="application/pdf", headers=named)


@router.get("/legal-bases")
def read_legal_bases(by: Anybody) -> list[LegalBasis]:
    """What is kept on which basis, and what that means for whoever it is about."""
    return list(queries.legal_bases())


@router.get("/people/{person}/pembinaan-notice")
def read_pembinaan_notice(person: UUID, session: Transaction, look: Reader) -> Notice:
    """What must be told before somebody declines pembinaan."""
    known = session.get(Person, person)
    if known is None:
        raise PersonNotHere
    return queries.pembinaan_notice(known.legal_status)
