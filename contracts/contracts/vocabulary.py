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
    HEAD = "head"
    """Kepala rutan or Ka KPR: approves, and may look in an emergency."""
    ASSESSMENT_BOARD = "assessment_board"
    """TPP: advises on integration rights."""
    PRIVACY_OFFICER = "privacy_officer"
    """DPO (UU 27/2022 Ps. 53): erasure, breaches, who looked at what."""
    INSPECTOR = "inspector"
    """Of the Kanwil: hears of levies and complaints, and belongs to no rutan's line of command."""


class LegalStatus(StrEnum):
    """UU 22/2022: a tahanan receives services, a narapidana receives pembinaan. Never one list for both."""

    TAHANAN = "tahanan"
    NARAPIDANA = "narapidana"
    ANAK_BINAAN = "anak_binaan"
    """From 14 to under 18."""


class RegisterBook(StrEnum):
    """The register somebody stands in: A while the case runs, by whose authority; B by the length of the sentence."""

    A_I = "a_i"
    """Penyidik."""
    A_II = "a_ii"
    """Penuntut umum."""
    A_III = "a_iii"
    """Pengadilan negeri."""
    A_IV = "a_iv"
    """Pengadilan tinggi."""
    A_V = "a_v"
    """Mahkamah Agung."""
    B_I = "b_i"
    """More than a year."""
    B_IIA = "b_iia"
    """More than three months, up to a year."""
    B_IIB = "b_iib"
    """Up to three months."""
    B_III = "b_iii"
    """Kurungan, also in place of a fine."""


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
    PSYCHOLOGICAL_ASSESSMENT = "psychological_assessment"
    FAMILY_CONTACT = "family_contact"
    RESEARCH = "research"


class ReleaseMode(StrEnum):
    """How a stay ended."""

    MURNI = "murni"
    PB = "pb"
    CB = "cb"
    CMB = "cmb"
    ASIMILASI = "asimilasi"
    DIALIHKAN = "dialihkan"
    """Handed to another authority: no freedom, and no basis for counting returns."""
    BEBAS_DEMI_HUKUM = "bebas_demi_hukum"
    MENINGGAL = "meninggal"


class Right(StrEnum):
    """What somebody may ask for under UU 22/2022 Ps. 10: the rights of integration."""

    REMISI_UMUM = "remisi_umum"
    REMISI_KHUSUS = "remisi_khusus"
    REMISI_TAMBAHAN = "remisi_tambahan"
    ASIMILASI = "asimilasi"
    CB = "cb"
    CMB = "cmb"
    PB = "pb"


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
