"""Where each fact is on its way, and how much of it the ministry has: known here, also while no link is up."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import Response

from console.pages.page import Page, SignedIn
from console.services import Away

router = APIRouter()
SERVICES = ("intake", "assessment", "programs", "partner_matching", "outcomes")
CENTRE = "central"
"""Who reads for the ministry. What its other reader hears is for partners."""
PAGE_SIZE = 20


@dataclass(frozen=True)
class Fresh:
    """How much of what one service recorded the ministry has; `feed` is None while the service does not answer."""

    service: str
    feed: dict[str, Any] | None


@dataclass(frozen=True)
class Freshness:
    """The same of every service."""

    services: list[Fresh]

    @property
    def outstanding(self) -> int:
        """How many facts the ministry has not got, of the services that answer."""
        return sum(one.feed["outstanding"] for one in self.services if one.feed)

    @property
    def told_at(self) -> str | None:
        """When the ministry last said what it has."""
        return max((one.feed["told_at"] for one in self.services if one.feed and one.feed["told_at"]), default=None)

    @property
    def whole(self) -> bool:
        """Whether every service answers."""
        return all(one.feed for one in self.services)


@router.get("/tracing")
def choose_service(page: SignedIn) -> Response:
    """How far each service's facts are."""
    return page.render("desk/tracing.html", fresh=freshness(page))


@router.get("/tracing/{service}")
def show_facts(service: str, page: SignedIn, before: Annotated[int | None, Query(ge=1)] = None) -> Response:
    """The newest facts of one service, and where each is."""
    if service not in SERVICES:
        raise HTTPException(404)
    older_than = f"&before={before}" if before else ""
    facts = page.shared(service, f"/facts?limit={PAGE_SIZE}{older_than}")
    older = facts[-1]["cursor"] if len(facts) == PAGE_SIZE else None
    return page.render("desk/facts.html", service=service, services=SERVICES, facts=facts, older=older)


def freshness(page: Page) -> Freshness:
    """What the ministry has of this rutan's facts."""
    return Freshness([Fresh(service, _to_the_centre(page, service)) for service in SERVICES])


def _to_the_centre(page: Page, service: str) -> dict[str, Any] | None:
    try:
        feeds = page.shared(service, "/feeds")
    except Away:
        return None
    return next((one for one in feeds if one["reader"] == CENTRE), None)
