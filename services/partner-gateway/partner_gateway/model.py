"""The rules of the partner edge: what one partner may hear of one placement, and under which name. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.columns import choice, document, moment
from chassis.errors import Conflict
from contracts.partner_gateway import (
    PartnerPlacementEnded,
    PartnerPlacementReached,
    PartnerPlacementStarted,
    PartnerPlacementWithdrawn,
)
from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

LEASE = timedelta(hours=48)
"""How long a site's silence is believed. The law gives 72 hours to stop (UU 27/2022 Ps. 40); a site that is cut off
could hold a withdrawal that nobody here has heard of, so it goes dark to partners well before that."""


class Table(SQLModel, registry=registry()):
    """The gateway's own tables."""


class AnotherSitesPlacement(Conflict):
    """A placement belongs to the site that started it."""

    detail = "Penempatan ini milik rutan lain."


class Partner(Table, table=True):
    """An organisation that may listen."""

    code: str = Field(primary_key=True)
    pseudonym_key: bytes
    """Makes this partner's pseudonyms: with another key two partners cannot join what they hold."""
    registered_at: datetime = moment()

    def pseudonym(self, ref: UUID) -> str:
        """What this partner calls a person or a placement."""
        return base64.b32encode(hmac.digest(self.pseudonym_key, ref.bytes, hashlib.sha256)).decode()[:26]


class Lease(Table, table=True):
    """When a site was last heard with nothing of its consents outstanding."""

    site: str = Field(primary_key=True)
    renewed_at: datetime = moment()

    def fresh(self, now: datetime) -> bool:
        """Whether its people may be spoken of."""
        return now - self.renewed_at < LEASE


class Kind(StrEnum):
    """What happened to a placement."""

    STARTED = "started"
    REACHED = "reached"
    ENDED = "ended"


class Share(Table, table=True):
    """One placement towards its partner: whether the partner holds it now."""

    placement: UUID = Field(primary_key=True)
    site: str = Field(index=True)
    person: UUID = Field(index=True)
    partner: str = Field(index=True)
    told: bool = False

    def withdraw(self, partner: Partner, *, here: str, at: datetime) -> PartnerPlacementWithdrawn | None:
        """The consent is gone: whoever was told is told to forget; whoever was not hears nothing."""
        if not self.told:
            return None
        self.told = False
        return PartnerPlacementWithdrawn(
            site=here,
            occurred_at=at,
            partner=self.partner,
            person=partner.pseudonym(self.person),
            placement=partner.pseudonym(self.placement),
        )


class Fact(Table, table=True):
    """Something that happened to a placement, kept until it may be told, and for telling anew after a new consent."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)])
    placement: UUID = Field(index=True)
    site: str = Field(index=True)
    person: UUID
    partner: str
    kind: Kind = choice(Kind)
    said: dict[str, Any] = document()
    """The fields a partner hears, as in the contract."""
    consent_epoch: int
    occurred_at: datetime = moment()
    told: bool = False

    def tell(
        self, partner: Partner, *, here: str
    ) -> PartnerPlacementStarted | PartnerPlacementReached | PartnerPlacementEnded:
        """The event for the partner, under the partner's own pseudonyms."""
        self.told = True
        return _EVENT[self.kind].model_validate(
            {
                **self.said,
                "site": here,
                "occurred_at": self.occurred_at,
                "partner": self.partner,
                "person": partner.pseudonym(self.person),
                "placement": partner.pseudonym(self.placement),
            }
        )


_EVENT: Mapping[Kind, type[PartnerPlacementStarted] | type[PartnerPlacementReached] | type[PartnerPlacementEnded]] = {
    Kind.STARTED: PartnerPlacementStarted,
    Kind.REACHED: PartnerPlacementReached,
    Kind.ENDED: PartnerPlacementEnded,
}


def tellable(facts: list[Fact], *, told: bool, passing: set[int]) -> list[Fact]:
    """Which facts of one placement a partner should hear now, the beginning first.

    `passing` are the consent epochs that still stand. A partner that does not hold the placement hears its beginning
    before anything else, also when that was told before a withdrawal; without the beginning it hears nothing.
    """
    standing = [fact for fact in facts if fact.consent_epoch in passing]
    new = [fact for fact in standing if not fact.told]
    if told or not new:
        return new
    begun = [fact for fact in facts if fact.kind is Kind.STARTED]
    return begun[:1] + [fact for fact in new if fact.kind is not Kind.STARTED] if begun else []
