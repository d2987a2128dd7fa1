"""What is read out before an answer is asked for, on what basis data are kept, and the number of a printed form."""

import calendar
from datetime import date
from enum import StrEnum
from typing import Annotated

from chassis.errors import Conflict, NotFound
from contracts.vocabulary import Purpose
from pydantic import BaseModel, ConfigDict, Field

_SYMBOLS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Thirty-one, a prime, and none that looks like another: so every single slip and every swap of two shows."""
_NUMBER_LENGTH = 8


class ConsentTextUnknown(NotFound):
    """Nobody was ever asked with that wording."""

    detail = "Naskah persetujuan dengan versi ini tidak ada. Pilih naskah yang tersedia untuk keperluan ini."


class ConsentTextRetired(Conflict):
    """The wording is no longer used."""

    detail = "Naskah persetujuan ini tidak dipakai lagi. Bacakan naskah yang berlaku, lalu tanyakan kembali."


class Language(StrEnum):
    """In which language it was read out; whoever spoke another had an interpreter."""

    ID = "id"
    EN = "en"


class Basis(StrEnum):
    """Why data may be kept (UU 27/2022 Ps. 20)."""

    CONSENT = "consent"
    LEGAL_DUTY = "legal_duty"
    PUBLIC_TASK = "public_task"


class Wording(BaseModel):
    """One text in one language."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    title: str
    text: str
    declining: str
    """What follows from saying no."""


class Text(BaseModel):
    """One wording of one question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Purpose
    version: str
    also: frozenset[str] = frozenset()
    """Other versions under which the same wording was read out."""
    basis: Basis
    clause: str
    # Longer than the time in which it may be renewed, or it could be renewed for ever on one day.
    valid_months: Annotated[int, Field(ge=3)]
    needs_witness: bool
    needs_capacity: bool
    used_until: date | None = None
    id: Wording
    en: Wording

    def known_as(self, version: str) -> bool:
        """Whether `version` is this wording."""
        return version == self.version or version in self.also

    def wording(self, language: Language) -> Wording:
        """The text in one language."""
        return self.id if language is Language.ID else self.en

    def must_be_in_use(self, on: date) -> None:
        """Raises ConsentTextRetired when nobody may be asked with it any more."""
        if self.used_until and on > self.used_until:
            raise ConsentTextRetired

    def expires_on(self, begins_on: date) -> date:
        """The last day of an answer that was given on `begins_on`."""
        months = begins_on.month - 1 + self.valid_months
        year, month = begins_on.year + months // 12, months % 12 + 1
        return date(year, month, min(begins_on.day, calendar.monthrange(year, month)[1]))


class LegalBasis(BaseModel):
    """Why something is kept, and what that means for whoever it is about."""

    purpose: str
    basis: Basis
    clause: str
    id: str
    en: str


class Notice(BaseModel):
    """What declining pembinaan does, and what declining this system's services does not do."""

    model_config = ConfigDict(str_strip_whitespace=True)

    clause: str
    id: str
    en: str


def form_number(chosen: int) -> str:
    """A number for a printed form, out of any integer: its last symbol checks the others."""
    symbols = ""
    for _ in range(_NUMBER_LENGTH):
        chosen, place = divmod(chosen, len(_SYMBOLS))
        symbols += _SYMBOLS[place]
    number = symbols + _check(symbols)
    return "-".join(number[first : first + 3] for first in range(0, len(number), 3))


def is_form_number(written: str) -> bool:
    """Whether a number can stand on one of our forms."""
    symbols = written.replace("-", "")
    known = len(symbols) == _NUMBER_LENGTH + 1 and set(symbols) <= set(_SYMBOLS)
    return known and _check(symbols[:-1]) == symbols[-1]


def _check(symbols: str) -> str:
    return _SYMBOLS[sum(place * _SYMBOLS.index(s) for place, s in enumerate(symbols, 2)) % len(_SYMBOLS)]
