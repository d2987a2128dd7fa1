"""The gateway over HTTP: what the ministry may see of it."""

from datetime import datetime
from typing import Annotated

from chassis.database import Transaction
from chassis.identity import Actor, requires
from chassis.routes import Router
from contracts.vocabulary import Role
from pydantic import BaseModel

from partner_gateway import queries

router = Router()


class PartnerOut(BaseModel):
    """A partner that may listen."""

    partner: str
    registered_at: datetime


@router.get("/partners")
def read_partners(session: Transaction, by: Annotated[Actor, requires(Role.MINISTRY)]) -> list[PartnerOut]:
    """Every partner that may listen."""
    return [PartnerOut(partner=p.code, registered_at=p.registered_at) for p in queries.partners(session)]
