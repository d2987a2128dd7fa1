"""Who acts: an actor from a token that the site's own issuer signed, and the roles a route asks for."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.errors import NotYourRole, Unauthenticated

_ALGORITHM = "Ed25519"
_bearer = HTTPBearer(auto_error=False)


@dataclass(frozen=True)
class Actor:
    """A member of staff, as an opaque id, at one site."""

    id: UUID
    site: str
    roles: frozenset[str]


class Issuer:
    """Signs the tokens of one site. The private key stays at the site, so staff can log in without any link."""

    def __init__(self, key: OKPKey) -> None:
        self._key = key

    @classmethod
    def new(cls) -> "Issuer":
        """An issuer with a fresh key."""
        return cls(OKPKey.generate_key("Ed25519"))

    @classmethod
    def of(cls, private_jwk: str) -> "Issuer":
        """The issuer whose key was kept as `private_jwk`."""
        return cls(OKPKey.import_key(json.loads(private_jwk)))

    def private_jwk(self) -> str:
        """The key, to be kept secret."""
        return json.dumps(self._key.as_dict(private=True), sort_keys=True)

    def public_jwk(self) -> str:
        """What services check tokens with."""
        return json.dumps(self._key.as_dict(private=False), sort_keys=True)

    def token(self, actor: Actor, valid: timedelta = timedelta(hours=8)) -> str:
        """A bearer token for one shift."""
        now = datetime.now(UTC)
        claims = {
            "sub": str(actor.id),
            "site": actor.site,
            "roles": sorted(actor.roles),
            "iat": int(now.timestamp()),
            "exp": int((now + valid).timestamp()),
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key, algorithms=[_ALGORITHM])


class Tokens:
    """Checks the tokens of one site's issuer."""

    def __init__(self, public_jwk: str, site: str) -> None:
        self._key, self._site = OKPKey.import_key(json.loads(public_jwk)), site
        # A page asks with one token several times; whether it has expired is asked each time.
        self._signed = lru_cache(lambda token: jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims)
        self._claims = jwt.JWTClaimsRegistry(
            exp={"essential": True}, sub={"essential": True}, site={"essential": True, "value": site}
        )

    def actor(self, token: str) -> Actor:
        """The actor in `token`. Raises Unauthenticated when it is forged, expired or another site's."""
        try:
            claims = self._signed(token)
            self._claims.validate(claims)
            return Actor(UUID(claims["sub"]), claims["site"], frozenset(claims.get("roles", ())))
        except (JoseError, ValueError, TypeError):
            raise Unauthenticated from None


# Asynchronous, like all that waits for nothing here: going through a thread would take longer than the check.
async def _known(request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Actor:
    if sent is None:
        raise Unauthenticated
    tokens: Tokens = request.app.state.tokens
    return tokens.actor(sent.credentials)


def requires(*roles: StrEnum) -> Any:
    """The actor of this request, who must have one of `roles`: `by: Annotated[Actor, requires(Role.REGISTRAR)]`."""

    async def allowed(actor: Annotated[Actor, Depends(_known)]) -> Actor:
        if actor.roles.isdisjoint(roles):
            raise NotYourRole
        return actor

    # The architecture tests read it: a route without it is open to everybody.
    allowed.__dict__["roles"] = roles
    return Depends(allowed)


async def _now() -> datetime:
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(_now)]
"""The site's clock, handed to commands so that rules stay pure and tests can choose the day."""
