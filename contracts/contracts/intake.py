"""What intake says: who came, what they agreed to, when they left and whether they came back."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from contracts.event import Event, SiteCode
from contracts.vocabulary import (
    ConsentEpoch,
    LegalStatus,
    MaritalStatus,
    PartnerCode,
    PersonRef,
    Purpose,
    RegisterBook,
    ReleaseMode,
    Right,
    Sex,
)

Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ReentryReason(StrEnum):
    """Why somebody who left is back. A revoked PB or CB is not a new offence and is counted apart."""

    NEW_CASE = "new_case"
    REVOCATION = "revocation"
    UNKNOWN = "unknown"


class BoardAdvice(StrEnum):
    """What the TPP advises."""

    RECOMMENDED = "recommended"
    NOT_RECOMMENDED = "not_recommended"
    POSTPONED = "postponed"


class LevyStep(StrEnum):
    """At which free service a levy was asked for."""

    REGISTRATION = "registration"
    VISIT = "visit"
    INTEGRATION = "integration"
    REMISSION = "remission"
    PROGRAMME = "programme"
    HOUSING = "housing"
    OTHER = "other"


class FamilyRelation(StrEnum):
    """Who a contact is to the person."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    OTHER_FAMILY = "other_family"
    INSTITUTION = "institution"
    OTHER = "other"


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


class RegisterEntered(Event, type="intake.register_entered.v1", audience="national"):
    """The case moved on: another register, and with a conviction another status (tahanan becomes narapidana)."""

    person: PersonRef
    legal_status: LegalStatus
    book: RegisterBook
    since: date


class DetentionExpiryNeared(Event, type="intake.detention_expiry_neared.v1"):
    """A detention ends in ten or three days unless it is extended: otherwise the person must be let go by law."""

    person: PersonRef
    expires_on: date
    days: int


class PersonsMerged(Event, type="intake.persons_merged.v1", audience="national"):
    """Two entries turned out to be one person; `person` is counted no more, `kept` goes on. Nothing is moved."""

    person: PersonRef
    kept: PersonRef


class PersonsUnmerged(Event, type="intake.persons_unmerged.v1", audience="national"):
    """They were two people after all."""

    person: PersonRef
    kept: PersonRef


class TransferOffered(Event, type="intake.transfer_offered.v1", audience="national"):
    """A person is to move to another rutan. Until that one accepts, this one stays responsible."""

    person: PersonRef
    transfer_id: UUID
    to_site: SiteCode


class TransferAccepted(Event, type="intake.transfer_accepted.v1", audience="national"):
    """The other rutan has the person: said by the one that received, about its own new reference."""

    person: PersonRef
    transfer_id: UUID
    from_site: SiteCode


class TransferClosed(Event, type="intake.transfer_closed.v1", audience="national"):
    """The rutan that sent knows whether the person arrived there."""

    person: PersonRef
    transfer_id: UUID
    arrived: bool


class ConsentExpired(Event, type="intake.consent_expired.v1", audience="national"):
    """A consent ran out. Everything that a withdrawal stops, this stops."""

    person: PersonRef
    purpose: Purpose
    recipient: PartnerCode | None = None
    consent_epoch: ConsentEpoch


class PersonErased(Event, type="intake.person_erased.v1", audience="national"):
    """Who this was cannot be told any more: the key was destroyed (UU 27/2022 Ps. 43-44). All that is held follows."""

    person: PersonRef
    erasure_id: UUID


class BreachOpened(Event, type="intake.breach_opened.v1", audience="national"):
    """Personal data were exposed, lost or changed. The clock of UU 27/2022 Ps. 46 runs from `discovered_at`."""

    breach_id: UUID
    discovered_at: AwareDatetime


class BreachNotified(Event, type="intake.breach_notified.v1", audience="national"):
    """The people concerned and the authority were told."""

    breach_id: UUID
    notified_at: AwareDatetime


class SentenceRecorded(Event, type="intake.sentence_recorded.v1"):
    """A court's sentence was entered. What follows from it in time is an estimate, and is not said here."""

    person: PersonRef
    sentence_id: UUID
    ends_on: date | None = None


class RemissionGranted(Event, type="intake.remission_granted.v1"):
    """A sentence became shorter by decree."""

    person: PersonRef
    remission_id: UUID
    right: Right
    granted_on: date


class RightProposed(Event, type="intake.right_proposed.v1", audience="national"):
    """An integration right was applied for. Free of charge, like every step after it."""

    person: PersonRef
    proposal_id: UUID
    right: Right


class BoardAdvised(Event, type="intake.board_advised.v1", audience="national"):
    """The TPP sat on a proposal and gave its advice."""

    person: PersonRef
    proposal_id: UUID
    advice: BoardAdvice


class RightDecided(Event, type="intake.right_decided.v1", audience="national"):
    """The decree on a proposal: granted or not."""

    person: PersonRef
    proposal_id: UUID
    right: Right
    granted: bool
    decided_on: date


class RightRevoked(Event, type="intake.right_revoked.v1", audience="national"):
    """A right that had been granted was taken back by decree."""

    person: PersonRef
    proposal_id: UUID
    right: Right
    revoked_on: date


class LevyReported(Event, type="intake.levy_reported.v1", audience="national"):
    """Somebody was asked to pay for what is free. Who said so, and of whom, stays with the inspector."""

    report_id: UUID
    step: LevyStep


class LevyReportClosed(Event, type="intake.levy_report_closed.v1", audience="national"):
    """The inspector has answered a report."""

    report_id: UUID
    upheld: bool


class ContactAdded(Event, type="intake.contact_added.v1"):
    """Somebody outside who matters to the person is known."""

    person: PersonRef
    contact_id: UUID
    relation: FamilyRelation


class GuarantorConfirmed(Event, type="intake.guarantor_confirmed.v1"):
    """A contact stands surety, and the village head has countersigned it."""

    person: PersonRef
    contact_id: UUID


class FamilyReferred(Event, type="intake.family_referred.v1"):
    """The family asked for help of its own and was referred."""

    person: PersonRef
    referral_id: UUID


class ReadLogSealed(Event, type="intake.read_log_sealed.v1", audience="national"):
    """How long the log of looks at people's records is, and its fingerprint: kept elsewhere, they show a cut."""

    looks: int
    fingerprint: Fingerprint
