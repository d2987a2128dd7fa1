"""Walks made-up people along the whole road, through the services' own HTTP interfaces, as staff would."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import httpx2
from chassis.identity import Actor
from contracts.vocabulary import Domain, Role

from jembatan.demo.people import MadeUp, Road
from jembatan.folder import Folder, NotRunning

PROGRAMME = "menjahit"
CAPACITY = 12
SECTOR = "garment"
TEXT_VERSION = "demo-1"
PATIENCE_S = 180
"""How long a step may wait for news from another service, a free place, or a node that is being restarted."""

NOT_YET = {
    "consent-missing",
    "needs-unknown",
    "plan-not-agreed",
    "programme-full",
    "no-reason-to-suggest",
    "sharing-not-consented",
    "vacancy-full",
    "not-found",
    "follow-up-not-here",
}
"""Refusals that pass when news has travelled or a place has become free."""

DONE_BEFORE = {
    "consent-already-given",
    "consent-already-withdrawn",
    "plan-already-answered",
    "enrolment-over",
    "match-closed",
    "person-not-inside",
    "person-not-released",
    "placement-over",
}
"""Refusals that mean that a request whose answer was lost had been carried out."""


AWAY = (httpx2.TransportError, NotRunning)
"""A node that is being started again."""


class Stuck(Exception):
    """A step did not succeed in time."""


@dataclass
class Rutan:
    """One site as its staff see it."""

    folder: Folder
    http: httpx2.AsyncClient
    partner: str

    def __post_init__(self) -> None:
        staff = Actor(uuid5(NAMESPACE_DNS, "demo.staff"), self.folder.site, frozenset(Role))
        self.headers = {"authorization": f"Bearer {self.folder.issuer().token(staff, timedelta(days=1))}"}
        self.vacancy = uuid5(NAMESPACE_DNS, f"vacancy.{self.folder.site}.{self.partner}")

    async def offer(self, people: int) -> None:
        """The programme, the partner and its places."""
        programme = {"name": "Menjahit dasar", "domain": "work", "sector": SECTOR, "capacity": CAPACITY}
        await self.do("programs", "put", f"/programmes/{PROGRAMME}", programme)
        await self.do("partner_matching", "put", f"/partners/{self.partner}", {"name": "Yayasan contoh"})
        places = {"partner": self.partner, "title": "Penjahit", "sector": SECTOR, "places": people}
        await self.do("partner_matching", "put", f"/vacancies/{self.vacancy}", places)

    async def do(self, service: str, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """One step, as often as it takes: a lost answer or a restart must not undo or double anything."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        said = "no answer"
        while asyncio.get_running_loop().time() < deadline:
            try:
                url = f"{self.folder.running['services'][service]}{path}"
                answer = await self.http.request(method, url, json=body or {}, headers=self.headers)
            except AWAY:
                await asyncio.sleep(0.5)
                continue
            if answer.is_success or _slug(answer) in DONE_BEFORE:
                return
            said = f"{answer.status_code} {_slug(answer)}"
            if answer.status_code < 500 and _slug(answer) not in NOT_YET:
                break
            await asyncio.sleep(0.3)
        raise Stuck(f"{self.folder.site} {service} {method} {path.split('/')[1]}: {said}")

    async def refused(self, service: str, path: str, body: dict[str, Any], slug: str) -> None:
        """A step that must be refused: the rule is part of the demonstration."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while asyncio.get_running_loop().time() < deadline:
            try:
                url = f"{self.folder.running['services'][service]}{path}"
                answer = await self.http.put(url, json=body, headers=self.headers)
            except AWAY:
                await asyncio.sleep(0.5)
                continue
            if answer.status_code < 500:
                if _slug(answer) != slug:
                    raise Stuck(f"{path.split('/')[1]} should be refused with {slug}, but {answer.status_code}")
                return
        raise Stuck(f"{path.split('/')[1]}: no answer")


def _slug(answer: httpx2.Response) -> str:
    """What a problem document calls itself."""
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        return str(answer.json()["title"])
    return ""


class Walk:
    """One person's road."""

    def __init__(self, rutan: Rutan, person: MadeUp, today: date) -> None:
        self.rutan, self.person = rutan, person
        self.began = today - timedelta(days=200)
        """Work and release began so long ago that 30, 90 and 180 days have passed."""

    async def whole(self) -> None:
        """All of it, but for what waits for the end of the demonstration."""
        await self._register()
        if self.person.road is not Road.DECLINES_ASSESSMENT:
            await self._assess_and_plan()
            if self.person.road is not Road.DECLINES_PLAN:
                await self._take_part()
        if self.person.leaves:
            await self._leave()

    async def _register(self) -> None:
        p, kept = self.person, ("name", "register_number", "nik", "birth_year", "prior_convictions")
        body = {name: getattr(p, name) for name in kept} | {
            "sex": p.sex,
            "legal_status": p.legal_status,
            "marital_status": p.marital_status,
        }
        await self._do("intake", "put", f"/people/{p.id}", body)
        declined = "/declination" if p.road is Road.DECLINES_ASSESSMENT else ""
        await self._consent("assessment", declined)
        await self._consent("follow_up")

    async def _consent(self, purpose: str, how: str = "", recipient: str | None = None) -> None:
        asked = {"text_version": TEXT_VERSION} if how != "/withdrawal" else {}
        path = f"/people/{self.person.id}/consents/{purpose}{how}"
        await self._do("intake", "post", path, asked | ({"recipient": recipient} if recipient else {}))

    async def _assess_and_plan(self) -> None:
        p = self.person
        levels = {domain: 3 if domain is Domain.WORK else hash_level(p.id, domain) for domain in Domain}
        needs = {"levels": levels, "wants_help": [Domain.WORK, Domain.FAMILY]}
        await self._do("assessment", "put", f"/people/{p.id}/needs-assessments/{p.ref('needs')}", needs)
        await self._consent("programme")
        await self._do("programs", "put", f"/plans/{p.ref('plan')}", {"person": str(p.id)})
        answer = "declination" if p.road is Road.DECLINES_PLAN else "agreement"
        await self._do("programs", "post", f"/plans/{p.ref('plan')}/{answer}")

    async def _take_part(self) -> None:
        p, enrolment = self.person, f"/enrolments/{self.person.ref('enrolment')}"
        await self._do("programs", "put", enrolment, {"person": str(p.id), "programme": PROGRAMME})
        if p.road is Road.WITHDRAWS_PROGRAMME:
            return await self._consent("programme", "/withdrawal")
        for week in range(3):
            on = self.began - timedelta(days=30 - 7 * week)
            await self._do("programs", "put", f"{enrolment}/sessions/{on}", {"presence": "present"})
        completed = {"completed_on": str(self.began - timedelta(days=7))}
        await self._do("programs", "post", f"{enrolment}/completion", completed)
        await self._work()
        return None

    async def _work(self) -> None:
        p, rutan = self.person, self.rutan
        match, placement = f"/matches/{p.ref('match')}", f"/placements/{p.ref('placement')}"
        await self._consent("partner_sharing", recipient=rutan.partner)
        await self._do("partner_matching", "put", match, {"person": str(p.id), "vacancy": str(rutan.vacancy)})
        await self._do("partner_matching", "post", f"{match}/acceptance")
        started = {"match": str(p.ref("match")), "started_on": str(self.began)}
        if p.road is Road.WITHDRAWS_SHARING_BEFORE_PLACEMENT:
            await self._consent("partner_sharing", "/withdrawal", recipient=rutan.partner)
            await self._wait_until_match_is_closed(match)
            return await rutan.refused("partner_matching", placement, started, "match-closed")
        await self._do("partner_matching", "put", placement, started)
        for days, employed in ((30, "yes"), (90, "yes"), (180, "unknown")):
            known = {"employed": employed, "checked_on": str(self.began + timedelta(days=days))}
            await self._do("partner_matching", "put", f"{placement}/milestones/{days}", known)
        if p.reenters:
            ended = {"ended_on": str(self.began + timedelta(days=185)), "reason": "left"}
            await self._do("partner_matching", "post", f"{placement}/end", ended)
        return None

    async def _wait_until_match_is_closed(self, match: str) -> None:
        """Declining a match that the withdrawal has stopped is refused; before that it would still be open."""
        rutan = self.rutan
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while asyncio.get_running_loop().time() < deadline:
            try:
                found = await rutan.http.get(
                    f"{rutan.folder.running['services']['partner_matching']}{match}", headers=rutan.headers
                )
                if found.is_success and found.json()["state"] == "withdrawn":
                    return
            except AWAY:
                pass
            await asyncio.sleep(0.3)
        raise Stuck("the withdrawal did not reach partner-matching")

    async def _leave(self) -> None:
        p, release = self.person, self.person.ref("release")
        left = {"released_on": str(self.began), "mode": "pb"}
        await self._do("intake", "put", f"/people/{p.id}/releases/{release}", left)
        for days, employed in ((30, "yes"), (90, "no"), (180, "unknown")):
            answer = {"employed": employed, "housed": "yes", "asked_on": str(self.began + timedelta(days=days))}
            await self._do("outcomes", "put", f"/follow-ups/{uuid5(release, str(days))}/answer", answer)
        if p.reenters:
            back = {"reentered_on": str(self.began + timedelta(days=190)), "reason": "new_case"}
            await self._do("intake", "post", f"/people/{p.id}/reentries", back)

    async def farewell(self) -> None:
        """What waits until the partner has heard of the work: the consent is taken back."""
        if self.person.road is Road.WITHDRAWS_SHARING_AT_THE_END:
            await self._consent("partner_sharing", "/withdrawal", recipient=self.rutan.partner)

    async def _do(self, service: str, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        await self.rutan.do(service, method, path, body)


def hash_level(person: UUID, domain: Domain) -> int:
    """A level of need that is always the same for a made-up person."""
    return uuid5(person, domain).int % 4
