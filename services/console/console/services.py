"""The services of this site over HTTP, asked with the token of whoever is signed in, or without one."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from time import monotonic, time
from typing import Any

import httpx2
from chassis.identity import Actor, Issuer

TOKEN_LASTS = timedelta(minutes=2)
"""A token is made for each minute and set of roles: a role that was taken away is gone at the next click."""
PATIENCE_S = 60.0
NAMES = "/people/names"
NAMES_AT_ONCE = 100
NAMES_LAST_S = 10.0
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
        self._names: dict[tuple[Actor, str], tuple[float, dict[str, Any] | None]] = {}

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
        try:
            answer = self._client.request(method, self._urls[service] + path, headers=headers, **more)
        except httpx2.TransportError:
            raise Away(service) from None
        finally:
            if method != "GET" and path != NAMES:
                self._names = {}
                self._lately = {key: told for key, told in self._lately.copy().items() if key[0] != service}
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

    def names(self, by: Actor, people: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Who people are, by their ids; whoever is closed to the asker, or nobody, is not in it.

        What this officer was told seconds ago will do, for they go from a list to somebody on it, and from one page
        about them to the next. It is not kept longer, nor past anything that is written.
        """
        wanted, late = list(dict.fromkeys(people)), monotonic() - NAMES_LAST_S
        # Copied first: another page may be adding to it. And a new one: what was asked before somebody wrote is then in
        # one that nobody reads.
        self._names = names = {of: told for of, told in self._names.copy().items() if told[0] > late}
        unknown = [person for person in wanted if (by, person) not in names]
        for first in range(0, len(unknown), NAMES_AT_ONCE):
            some = unknown[first : first + NAMES_AT_ONCE]
            found = self.ask(by, "POST", "intake", NAMES, json={"people": some}).json()
            named = {one["person"]: one for one in found}
            names.update({(by, person): (monotonic(), named.get(person)) for person in some})
        return {person: told for person in wanted if (told := names[by, person][1])}
