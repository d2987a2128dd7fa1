"""Made-up people and what each will do. The same seed makes the same people, so a run that was killed goes on."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from contracts.vocabulary import LegalStatus, MaritalStatus, Sex
from faker import Faker


class Road(StrEnum):
    """How far somebody goes, and where they say no: every no is an ordinary answer."""

    WHOLE = "whole"
    WITHDRAWS_SHARING_AT_THE_END = "withdraws sharing at the end"
    WITHDRAWS_SHARING_BEFORE_PLACEMENT = "withdraws sharing before placement"
    WITHDRAWS_PROGRAMME = "withdraws programme"
    DECLINES_PLAN = "declines plan"
    DECLINES_ASSESSMENT = "declines assessment"


ROADS = (
    Road.WHOLE,
    Road.WHOLE,
    Road.WITHDRAWS_SHARING_AT_THE_END,
    Road.WHOLE,
    Road.WITHDRAWS_PROGRAMME,
    Road.WHOLE,
    Road.WITHDRAWS_SHARING_BEFORE_PLACEMENT,
    Road.DECLINES_PLAN,
    Road.WHOLE,
    Road.DECLINES_ASSESSMENT,
)


@dataclass(frozen=True)
class MadeUp:
    """One made-up person."""

    id: UUID
    site: str
    name: str
    register_number: str
    nik: str
    birth_year: int
    sex: Sex
    legal_status: LegalStatus
    marital_status: MaritalStatus
    prior_convictions: int
    road: Road
    leaves: bool
    reenters: bool

    def ref(self, what: str) -> UUID:
        """The id of something of this person's, always the same."""
        return uuid5(self.id, what)


def _day(dice: random.Random) -> str:
    """A date as a NIK carries it. Nobody's own: nothing is ever read from it."""
    return (date(1960, 1, 1) + timedelta(days=dice.randrange(15000))).strftime("%d%m%y")


def made_up(site: str, count: int, seed: UUID) -> list[MadeUp]:
    """`count` people of one site. Their NIK begin with 99, which no real one does."""
    dice = random.Random(f"{seed}{site}")  # noqa: S311 - a demonstration must repeat itself
    names = Faker("id_ID")
    names.seed_instance(dice.randrange(2**32))
    return [
        MadeUp(
            id=uuid5(seed, f"{site} {n}"),
            site=site,
            # A second word that nobody is called, so that a search for it finds only this.
            name=f"{names.first_name()} Rekaan{dice.randrange(10**9):09d}",
            register_number=f"BI-{n + 1}/{dice.randrange(10**6):06d}/REKAAN",
            nik=f"99{dice.randrange(10**4):04d}{_day(dice)}{dice.randrange(1, 10**4):04d}",
            birth_year=dice.randrange(1965, 2006),
            sex=dice.choice([Sex.MALE, Sex.MALE, Sex.MALE, Sex.FEMALE]),
            legal_status=dice.choice(list(LegalStatus)),
            marital_status=dice.choice(list(MaritalStatus)),
            prior_convictions=dice.choice([0, 0, 0, 1, 2]),
            road=ROADS[n % len(ROADS)],
            leaves=n % 3 != 2,
            reenters=n % 7 == 3 and n % 3 != 2,
        )
        for n in range(count)
    ]
