"""What partner-matching says: suggestions, the person's choice, and placements."""

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from contracts.event import Event
from contracts.vocabulary import Answer, ConsentEpoch, PartnerCode, PersonRef, Sector


class MatchReason(StrEnum):
    """Why a vacancy was suggested."""

    FINISHED_PROGRAMME_IN_SECTOR = "finished_programme_in_sector"
    WANTS_HELP_WITH_WORK = "wants_help_with_work"
    PLACE_OPEN = "place_open"


class PlacementEnd(StrEnum):
    """Why a placement ended."""

    CONTRACT_OVER = "contract_over"
    MOVED_TO_OTHER_WORK = "moved_to_other_work"
    DISMISSED = "dismissed"
    LEFT = "left"
    UNKNOWN = "unknown"


class MatchSuggested(Event, type="partner_matching.match_suggested.v1"):
    """A vacancy was suggested to a person, with its reasons. The partner hears nothing yet."""

    person: PersonRef
    match_id: UUID
    vacancy_id: UUID
    reasons: frozenset[MatchReason]


class MatchAccepted(Event, type="partner_matching.match_accepted.v1"):
    """The person chose a suggested vacancy."""

    person: PersonRef
    match_id: UUID


class MatchDeclined(Event, type="partner_matching.match_declined.v1"):
    """The person did not want a suggested vacancy. An ordinary answer."""

    person: PersonRef
    match_id: UUID


class MatchWithdrawn(Event, type="partner_matching.match_withdrawn.v1"):
    """An open match stopped because the consent that covered it was withdrawn."""

    person: PersonRef
    match_id: UUID


class PlacementStarted(Event, type="partner_matching.placement_started.v1", audience="national"):
    """A person began to work with a partner. Reaches that partner only while `consent_epoch` stands."""

    person: PersonRef
    placement_id: UUID
    partner: PartnerCode
    sector: Sector
    started_on: date
    consent_epoch: ConsentEpoch


class PlacementReached(Event, type="partner_matching.placement_reached.v1", audience="national"):
    """What is known of a placement at 30, 90 or 180 days. Unknown is not no."""

    person: PersonRef
    placement_id: UUID
    partner: PartnerCode
    days: Literal[30, 90, 180]
    employed: Answer
    consent_epoch: ConsentEpoch


class PlacementEnded(Event, type="partner_matching.placement_ended.v1", audience="national"):
    """A placement ended."""

    person: PersonRef
    placement_id: UUID
    partner: PartnerCode
    ended_on: date
    reason: PlacementEnd
    consent_epoch: ConsentEpoch
