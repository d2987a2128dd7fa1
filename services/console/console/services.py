"""The services of this site over HTTP, asked with the token of whoever is signed in, or without one."""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from time import monotonic, time
from typing import Any
from uuid import UUID

import httpx2
from chassis.identity import Actor, Issuer

TOKEN_LASTS = timedelta(minutes=2)
"""A token is made for each minute and set of roles: a role that was taken away is gone at the next click."""
PATIENCE_S = 60.0
NAMES = "/people/names"
HEAD_LASTS_S = 10.0
LATELY_S = 5.0
"""As often as relays look whether their readers have more."""


class Said(Exception):
    """A service said no: `problem` is its document, with `detail` for staff and `errors` per field."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("title", status))
        self.status, self.problem = status, problem

    @property
    def slug(self) -> str:
        """Which refusal it is: `consent-already-withdrawn`."""
        return str(self.problem.get("title", ""))

    @property
    def mendable(self) -> bool:
        """Whether something else typed, or asked first, may be taken; another role's work may not."""
        return self.status in (400, 409, 413, 422, 429) or (self.status == 403 and self.slug != "not-your-role")


class Away(Exception):
    """A service does not answer, or failed: whatever was typed was perhaps not kept."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


class Services:
    """Where each service answers, and who signs for those who ask."""

    def __init__(
        self, urls: dict[str, str], issuer: Issuer, inside: Mapping[str, httpx2.BaseTransport] | None = None
    ) -> None:
        self._urls = urls
        self._token = lru_cache(lambda by, minute: issuer.token(by, TOKEN_LASTS))
        self._client = httpx2.Client(timeout=PATIENCE_S, trust_env=False, mounts=inside)
        self._lately: dict[tuple[str, str, frozenset[str]], tuple[float, Any]] = {}
        self._heads: dict[tuple[Actor, UUID], tuple[float, Any]] = {}

    def close(self) -> None:
        """Gives the connections back."""
        self._client.close()

    def ask(
        self, by: Actor | None, method: str, service: str, path: str, *, purpose: str = "service", **more: Any
    ) -> httpx2.Response:
        """The service's answer. `more` is what httpx2 takes: `json`, `params`, `content`, `headers`.

        Nobody asks without a token, and is told only what everybody may know.

        Raises Said when it refuses and Away when it cannot be asked.
        """
        headers = {"jembatan-purpose": purpose, **more.pop("headers", {})}
        if by:
            headers["authorization"] = f"Bearer {self._token(by, int(time() / 60))}"
        if method != "GET" and path != NAMES:
            self._heads = {}
            self._lately = {key: told for key, told in self._lately.items() if key[0] != service}
        try:
            answer = self._client.request(method, self._urls[service] + path, headers=headers, **more)
        except httpx2.TransportError:
            raise Away(service) from None
        if answer.status_code >= 500:
            raise Away(service)
        if answer.status_code >= 400:
            raise Said(answer.status_code, answer.json())
        return answer

    def lately(self, by: Actor, service: str, path: str) -> Any:
        """What a service said within the last few seconds to somebody with the same roles.

        Only for what names nobody and is the same for all who may read it. Whatever is sent to a service through this
        console ends it.
        """
        key = (service, path, by.roles)
        told_at, told = self._lately.get(key, (float("-inf"), None))
        if monotonic() - told_at > LATELY_S:
            told = self.ask(by, "GET", service, path).json()
            self._lately[key] = (monotonic(), told)
        return told

    def head(self, by: Actor, person: UUID) -> Any:
        """Who somebody is, for the head of a page; None where that is closed to the asker, or nobody.

        What this officer was told seconds ago will do, for they go from one page about somebody to the next. It is not
        kept longer, nor past anything that is written.
        """
        told_at, told = self._heads.get((by, person), (float("-inf"), None))
        if monotonic() - told_at > HEAD_LASTS_S:
            found = self.ask(by, "POST", "intake", NAMES, json={"people": [str(person)]}).json()
            told = {**found[0], "person": found[0]["kept"]} if found else None
            late = monotonic() - HEAD_LASTS_S
            self._heads = {of: kept for of, kept in self._heads.items() if kept[0] > late}
            self._heads[by, person] = (monotonic(), told)
        return told
