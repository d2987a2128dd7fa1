"""The national view as JSON."""

from datetime import datetime

from chassis.database import Transaction
from chassis.identity import Now
from chassis.routes import Router
from pydantic import BaseModel

from central import queries
from central.model import SMALL

router = Router()


class SiteOut(BaseModel):
    """What is shown of one rutan. Counts of people are suppressed when small; counts of events are not."""

    site: str
    complete_at: datetime | None
    events_written: int | None
    events_received: int
    events_in_flight: int | None
    events_missing: int
    stages: dict[str, int | None]
    placements: dict[str, int | None]
    follow_ups: dict[str, int | None]
    rights: dict[str, int | None]
    transfers_open: int
    levies: dict[str, int]
    breaches: dict[str, int]
    read_log_looks: int | None
    read_log_shortened: bool | None


class SitesOut(BaseModel):
    """Every rutan that was ever heard of."""

    at: datetime
    small: int = SMALL
    sites: list[SiteOut]


@router.get("/api/sites")
def read_sites(session: Transaction, at: Now) -> SitesOut:
    """Every rutan, as on the page. Open to all: it says nothing of anybody."""
    return SitesOut(at=at, sites=[_out(view) for view in queries.sites(session, at)])


def _out(view: queries.SiteView) -> SiteOut:
    return SiteOut(
        site=view.site,
        complete_at=view.complete_at,
        events_written=view.transport.written,
        events_received=view.transport.received,
        events_in_flight=view.transport.in_flight,
        events_missing=view.transport.missing,
        stages={name: count.shown for name, count in view.stages.items()},
        placements={name: count.shown for name, count in view.placements.items()},
        follow_ups={name: count.shown for name, count in view.follow_ups.items()},
        rights={name: count.shown for name, count in view.rights.items()},
        transfers_open=view.transfers_open,
        levies=view.levies,
        breaches=view.breaches,
        read_log_looks=view.read_log.looks if view.read_log else None,
        read_log_shortened=view.read_log.shortened if view.read_log else None,
    )
