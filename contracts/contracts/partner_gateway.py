"""What partners hear: the events that the hub's gateway says to one partner, under that partner's pseudonyms."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.event import Event
from contracts.vocabulary import Answer, PartnerCode, Sector

Pseudonym = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z2-7]{26}$"),
    Field(description="Stands for one person or placement towards one partner; two partners cannot join theirs."),
]


class PartnerPlacementStarted(Event, type="partner_gateway.placement_started.v1", audience="partner"):
    """Somebody who agreed to share it began to work with you."""

    partner: PartnerCode
    person: Pseudonym
    placement: Pseudonym
    sector: Sector
    started_on: date


class PartnerPlacementReached(Event, type="partner_gateway.placement_reached.v1", audience="partner"):
    """What is known of the placement at 30, 90 or 180 days."""

    partner: PartnerCode
    person: Pseudonym
    placement: Pseudonym
    days: Literal[30, 90, 180]
    employed: Answer


class PartnerPlacementEnded(Event, type="partner_gateway.placement_ended.v1", audience="partner"):
    """The placement ended."""

    partner: PartnerCode
    person: Pseudonym
    placement: Pseudonym
    ended_on: date


class PartnerPlacementWithdrawn(Event, type="partner_gateway.placement_withdrawn.v1", audience="partner"):
    """The person no longer shares this placement with you: delete what you hold about it within 3 x 24 hours."""

    partner: PartnerCode
    person: Pseudonym
    placement: Pseudonym
