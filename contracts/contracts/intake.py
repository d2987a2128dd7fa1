"""What intake says: who came, what they agreed to, when they left and whether they came back."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.event import Event
from contracts.vocabulary import (
    ConsentEpoch,
    LegalStatus,
    MaritalStatus,
    PartnerCode,
    PersonRef,
    Purpose,
    ReleaseMode,
    Sex,
)


class ReentryReason(StrEnum):
    """Why somebody who left is back. A revoked PB or CB is not a new offence and is counted apart."""

    NEW_CASE = "new_case"
    REVOCATION = "revocation"
    UNKNOWN = "unknown"


class PersonRegistered(Event, type="intake.person_registered.v1", audience="national"):
    """A person was entered in the register. Legal duty, no consent asked: statistics without identity."""

    person: PersonRef
    legal_status: LegalStatus
    sex: Sex
    birth_year: int | None = None
    marital_status: MaritalStatus | None = None
    prior_convictions: int | None = None
    worked_before: bool | None = None


class ConsentGiven(Event, type="intake.consent_given.v1", audience="national"):
    """A person agreed to one purpose, for one recipient where the purpose names one."""

    person: PersonRef
    purpose: Purpose
    recipient: PartnerCode | None = None
    consent_epoch: ConsentEpoch


class ConsentDeclined(Event, type="intake.consent_declined.v1"):
    """A person was asked and said no. An ordinary answer: it stays inside the rutan and bars nothing else."""

    person: PersonRef
    purpose: Purpose
    recipient: PartnerCode | None = None


class ConsentWithdrawn(Event, type="intake.consent_withdrawn.v1", audience="national"):
    """A person took a consent back. Everything it covered stops within 3 x 24 hours (UU 27/2022 Ps. 40)."""

    person: PersonRef
    purpose: Purpose
    recipient: PartnerCode | None = None
    consent_epoch: ConsentEpoch


class PersonReleased(Event, type="intake.person_released.v1", audience="national"):
    """A stay ended."""

    person: PersonRef
    release_id: UUID
    released_on: date
    mode: ReleaseMode


class PersonReentered(Event, type="intake.person_reentered.v1", audience="national"):
    """Somebody who had left was taken in again."""

    person: PersonRef
    release_id: UUID
    reentered_on: date
    reason: ReentryReason
