"""The public language: every event that a service may say, and nothing else."""

from contracts import assessment, intake, outcomes, partner_gateway, partner_matching, programs
from contracts.event import Audience, Event, SiteCode, event_classes, parse

__all__ = [
    "Audience",
    "Event",
    "SiteCode",
    "assessment",
    "event_classes",
    "intake",
    "outcomes",
    "parse",
    "partner_gateway",
    "partner_matching",
    "programs",
]
