"""CloudEvents 1.0, binary mode, on NATS: an event's envelope as message headers and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast
from urllib.parse import quote, unquote
from uuid import UUID

from contracts import Audience

NUMBER_MAX = 2**40 - 1
"""More than any feed will ever have; the rest of a bigint tells epochs apart."""
TEXT_MAX = 100
_TEXTS = ("ce-type", "ce-site", "ce-service")


@dataclass(frozen=True, slots=True)
class Feed:
    """What one service at one site says to one audience since its database was made or restored (`epoch`)."""

    site: str
    service: str
    audience: Audience
    epoch: UUID


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about an event but its body."""

    event_id: UUID
    type: str
    feed: Feed
    number: int
    """The event's place in its feed: 1, 2, 3 … without gaps."""
    occurred_at: datetime
    traceparent: str | None = None

    def headers(self) -> dict[str, str]:
        """NATS headers. Values are percent-encoded as the CloudEvents NATS binding asks."""
        feed = self.feed
        plain = {
            "ce-specversion": "1.0",
            "ce-id": str(self.event_id),
            "ce-type": self.type,
            "ce-source": f"/{feed.site}/{feed.service}",
            "ce-time": self.occurred_at.isoformat(),
            "ce-site": feed.site,
            "ce-service": feed.service,
            "ce-audience": feed.audience,
            "ce-epoch": str(feed.epoch),
            "ce-seq": str(self.number),
        }
        encoded = {key: quote(value, safe=_SAFE) for key, value in plain.items()}
        encoded["content-type"] = "application/json"
        if self.traceparent:
            encoded["traceparent"] = self.traceparent
        return encoded

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Envelope":
        """The envelope in `headers`. Raises ValueError when it is not one of ours."""
        try:
            number = int(headers["ce-seq"])
            if not 1 <= number <= NUMBER_MAX or not all(map(_storable, (headers[name] for name in _TEXTS))):
                raise ValueError("unstorable")
            return cls(
                event_id=UUID(headers["ce-id"]),
                type=unquote(headers["ce-type"]),
                feed=_feed(headers["ce-site"], headers["ce-service"], headers["ce-audience"], headers["ce-epoch"]),
                number=number,
                occurred_at=datetime.fromisoformat(unquote(headers["ce-time"])),
                traceparent=headers.get("traceparent"),
            )
        except KeyError as missing:
            raise ValueError(f"no {missing.args[0]} header") from None


def _storable(header: str) -> bool:
    text = unquote(header)
    return "\0" not in text and len(text) <= TEXT_MAX


@lru_cache(maxsize=4096)
def _feed(site: str, service: str, audience: str, epoch: str) -> Feed:
    """The feed that headers name; most batches come from a few, so they are made once."""
    if audience not in ("site", "national", "partner"):
        raise ValueError("ce-audience")
    return Feed(unquote(site), unquote(service), cast(Audience, audience), UUID(epoch))


_SAFE = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"%')
