"""What a family needs for itself, and where it was referred."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict
from contracts.intake import FamilyReferred
from sqlmodel import Field

from intake.model.family import Entry


class OneRecipientOnly(Conflict):
    """A referral goes to a partner or to an office."""

    detail = "Rujukan ditujukan kepada satu mitra atau satu kantor. Isi salah satu saja."


class ReferralAlreadyAnswered(Conflict):
    """It is known what became of it."""

    detail = "Hasil rujukan ini sudah dicatat. Buat rujukan baru bila diperlukan."


class FamilyNeedKind(StrEnum):
    """What a family may need for itself."""

    SCHOOL = "school"
    FOOD = "food"
    HOUSING = "housing"
    HEALTH = "health"
    DOCUMENTS = "documents"
    COUNSELLING = "counselling"


class Office(StrEnum):
    """Offices that a family may be referred to."""

    VILLAGE = "village"
    SOCIAL_AFFAIRS = "social_affairs"
    CIVIL_REGISTRY = "civil_registry"
    EDUCATION = "education"
    PUSKESMAS = "puskesmas"
    HOUSING = "housing"
    BAZNAS = "baznas"
    LEGAL_AID = "legal_aid"


class ReferralOutcome(StrEnum):
    """What became of a referral."""

    DONE = "done"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class FamilyNeed(Entry, table=True):
    """Something that the family asked for: coded, since a tale about them is nobody's business here."""

    __table_args__ = ({"info": {"by_consent": True}},)
    __tablename__ = "family_need"

    contact: UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    """Who asked, if it is known."""
    kind: FamilyNeedKind = choice(FamilyNeedKind)


class FamilyReferral(Entry, table=True):
    """One partner or office that was asked to help with one need."""

    __table_args__ = ({"info": {"by_consent": True}},)
    __tablename__ = "family_referral"
    apart = frozenset({"outcome", "answered_at", "answered_by"})

    need: UUID = Field(foreign_key="family_need.id", index=True)
    partner: str | None = None
    office: Office | None = choice(Office, nullable=True, default=None)
    outcome: ReferralOutcome | None = choice(ReferralOutcome, nullable=True, default=None)
    """None: no answer yet."""
    answered_at: datetime | None = moment(nullable=True, default=None)
    answered_by: UUID | None = None

    def refer(self) -> FamilyReferred:
        """The family was referred."""
        if (self.partner is None) == (self.office is None):
            raise OneRecipientOnly
        return FamilyReferred(site=self.site, occurred_at=self.entered_at, person=self.person, referral_id=self.id)

    def answer(self, outcome: ReferralOutcome, *, by: UUID, at: datetime) -> None:
        """What became of it. Unknown can be mended later."""
        if self.outcome is outcome:
            return
        if self.outcome not in (None, ReferralOutcome.UNKNOWN):
            raise ReferralAlreadyAnswered
        self.outcome, self.answered_at, self.answered_by = outcome, at, by
