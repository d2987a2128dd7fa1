"""Words that two or more publishers share; each means one thing everywhere."""

from enum import IntEnum, StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.event import SLUG

PersonRef = Annotated[UUID, Field(description="The person, as an opaque id made at the site.")]
PartnerCode = Annotated[str, StringConstraints(pattern=SLUG, max_length=40), Field(description="The partner's code.")]
ProgrammeCode = Annotated[
    str, StringConstraints(pattern=SLUG, max_length=40), Field(description="The programme's code.")
]
ConsentEpoch = Annotated[
    int, Field(ge=1, description="How often this consent has been given: a gate passes only newer ones.")
]


class Role(StrEnum):
    """What a member of staff does (the ministry's own words stand in the console)."""

    REGISTRAR = "registrar"
    """Petugas registrasi."""
    COUNSELLOR = "counsellor"
    """Wali pemasyarakatan or PK Bapas: assessment, plan, follow-up."""
    INSTRUCTOR = "instructor"
    """Pembina or instruktur: sessions and attendance."""
    PLACEMENT_OFFICER = "placement_officer"
    """Staff who keep partners, vacancies and placements."""
    MINISTRY = "ministry"
    """Reads the national view."""


class LegalStatus(StrEnum):
    """UU 22/2022: a tahanan receives services, a narapidana receives pembinaan. Never one list for both."""

    TAHANAN = "tahanan"
    NARAPIDANA = "narapidana"


class Sex(StrEnum):
    """As in the register."""

    FEMALE = "female"
    MALE = "male"


class MaritalStatus(StrEnum):
    """As in the register."""

    MARRIED = "married"
    NOT_MARRIED = "not_married"


class Purpose(StrEnum):
    """What a consent is for. One consent, one purpose (UU 27/2022 Ps. 22: separable)."""

    ASSESSMENT = "assessment"
    PROGRAMME = "programme"
    PARTNER_SHARING = "partner_sharing"
    """Given for one named partner."""
    FOLLOW_UP = "follow_up"


class ReleaseMode(StrEnum):
    """How a stay ended."""

    MURNI = "murni"
    PB = "pb"
    CB = "cb"
    CMB = "cmb"
    ASIMILASI = "asimilasi"
    BEBAS_DEMI_HUKUM = "bebas_demi_hukum"
    MENINGGAL = "meninggal"


class Domain(StrEnum):
    """The twelve areas of life in which needs are looked for."""

    IDENTITY = "identity"
    HOUSING = "housing"
    WORK = "work"
    EDUCATION = "education"
    MONEY = "money"
    PHYSICAL_HEALTH = "physical_health"
    MENTAL_HEALTH = "mental_health"
    SUBSTANCES = "substances"
    FAMILY = "family"
    LEISURE = "leisure"
    ATTITUDES = "attitudes"
    LEGAL = "legal"


class NeedLevel(IntEnum):
    """tidak ada, ringan, sedang, berat."""

    NONE = 0
    LIGHT = 1
    MODERATE = 2
    SEVERE = 3


class Sector(StrEnum):
    """The kind of work."""

    AGRICULTURE = "agriculture"
    CONSTRUCTION = "construction"
    CULINARY = "culinary"
    GARMENT = "garment"
    SERVICES = "services"
    WORKSHOP = "workshop"


class Answer(StrEnum):
    """Yes, no and unknown are three things."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
