"""The one place that makes streams and consumers. Services only use them: their users may do nothing else.

It runs again and again while a node runs. A stream that is gone, or that has forgotten what it once acknowledged, is
made anew above everything it ever held, so that the hub (which remembers sequences) skips nothing; the relays then send
again what their readers lack.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from chassis import topology
from nats.aio.client import Client

log = logging.getLogger(__name__)

_SECOND = 1_000_000_000
_DAY = 24 * 3600 * _SECOND

PENDING_MAX = 2_000
"""A consumer's unacknowledged messages: several batches, or a batch that is cut short stalls the next pull."""


class DatabaseAway(Exception):
    """What was acknowledged cannot be known now."""


class ProvisioningFailed(Exception):
    """JetStream refused; the message is its own."""


@dataclass(frozen=True)
class Stream:
    """A stream as it must be, and the consumers on it as (durable, filter)."""

    config: dict[str, Any]
    consumers: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.config["name"])


def site_streams(site: str, services: Iterable[str]) -> list[Stream]:
    """What account SITE holds: every event of the rutan, and how far its services have read each other."""
    events = _kept(topology.site_stream(site), [f"site.{site}.>"])
    receipts = _latest(topology.receipts_stream(site), [f"receipt.{site}.>"])
    return [Stream(events, tuple((service, f"site.{site}.>") for service in services)), Stream(receipts)]


def link_streams(site: str) -> list[Stream]:
    """What account LINK holds: what may leave, and what the hub told."""
    # Three more tokens, as in `intake.person_released.v1`: heartbeats are not kept.
    return [
        Stream(_kept(topology.national_stream(site), [f"national.{site}.*.*.*"])),
        Stream(_latest(topology.down_stream(site), [f"down.{site}.>"])),
    ]


def hub_streams(sites: Iterable[str], partners: Iterable[str]) -> list[Stream]:
    """What account CENTRE holds: the sites' national streams in one, and what partners may hear."""
    partitions = f"{{{{partition({topology.PARTITIONS},1)}}}}"
    national = {
        **_kept(topology.NATIONAL, []),
        "sources": [_source(site) for site in sorted(sites)],
        "subject_transform": {"src": "national.*.>", "dest": f"p.{partitions}.national.{{{{wildcard(1)}}}}.>"},
    }
    central = [(f"central_{p}", f"p.{p}.>") for p in range(topology.PARTITIONS)]
    partner = _kept(topology.PARTNER, ["partner.>"])
    return [
        Stream(national, (*central, ("partner_gateway", "p.>"))),
        Stream(partner, tuple((code, f"partner.{code}.>") for code in sorted(partners))),
    ]


def _kept(name: str, subjects: list[str]) -> dict[str, Any]:
    # A full stream refuses: the relay waits. With `old` it would forget without a word.
    return _stream(name, subjects, discard="new", max_age=90 * _DAY, duplicate_window=600 * _SECOND)


def _latest(name: str, subjects: list[str]) -> dict[str, Any]:
    return _stream(name, subjects, discard="old", max_msgs_per_subject=1)


def _stream(name: str, subjects: list[str], **limits: Any) -> dict[str, Any]:
    shape = {"retention": "limits", "storage": "file", "num_replicas": 1}
    return {"name": name, "subjects": subjects, **shape, **limits}


def _source(site: str) -> dict[str, Any]:
    return {
        "name": topology.national_stream(site),
        # Without it a site that joins a hub whose stream has been purged starts at the hub's latest time: its backlog
        # is lost without a word.
        "opt_start_seq": 1,
        # A site cannot speak as another, whatever it stores.
        "filter_subject": f"national.{site}.>",
        "external": {"api": f"$JS.{site}.API", "deliver": f"sync.{site}"},
    }


async def provision(nats: Client, streams: Iterable[Stream], known: Mapping[str, int]) -> None:
    """Makes every stream and consumer that is missing or different.

    `known` is, per stream, the highest sequence that was ever acknowledged to a relay.
    """
    for stream in streams:
        await _provision(nats, stream, known.get(stream.name, 0))


async def sources(nats: Client) -> set[str]:
    """The sites whose streams the hub's stream draws from now."""
    found = await _ask(nats, f"STREAM.INFO.{topology.NATIONAL}", missing_ok=True)
    names = [source["name"] for source in (found or {"config": {}})["config"].get("sources") or ()]
    return {site for name in names if topology.national_stream(site := name.partition("_")[2]) == name}


async def _provision(nats: Client, stream: Stream, known: int) -> None:
    found = await _ask(nats, f"STREAM.INFO.{stream.name}", missing_ok=True)
    if found and found["state"]["last_seq"] < known:
        await _ask(nats, f"STREAM.DELETE.{stream.name}")
        found = None
    if found is None:
        log.warning("stream made anew", extra={"stream": stream.name, "above": known})
        await _ask(nats, f"STREAM.CREATE.{stream.name}", {**stream.config, "first_seq": known + 1})
    elif not _agrees(stream.config, found["config"]):
        await _ask(nats, f"STREAM.UPDATE.{stream.name}", {**found["config"], **stream.config})
    for durable, subject in stream.consumers:
        if await _ask(nats, f"CONSUMER.INFO.{stream.name}.{durable}", missing_ok=True) is None:
            config = {
                "durable_name": durable,
                "filter_subject": subject,
                "deliver_policy": "all",
                # Not `all`: after a crash the next batch would acknowledge the one that was lost with the process.
                "ack_policy": "explicit",
                "ack_wait": 60 * _SECOND,
                "max_ack_pending": PENDING_MAX,
                # We count ourselves, and park. A limit here would drop.
                "max_deliver": -1,
            }
            await _ask(
                nats,
                f"CONSUMER.CREATE.{stream.name}.{durable}.{subject}",
                {"stream_name": stream.name, "config": config},
            )


def _agrees(wanted: Any, found: Any) -> bool:
    """Whether what was found holds all that is wanted; the server adds more of its own."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_agrees(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list):
        found = found or []
        return len(wanted) == len(found) and all(map(_agrees, wanted, found))
    return bool(wanted == found)


async def _ask(
    nats: Client, what: str, body: dict[str, Any] | None = None, *, missing_ok: bool = False
) -> dict[str, Any] | None:
    sent = json.dumps(body).encode() if body else b""
    answer: dict[str, Any] = json.loads((await nats.request(f"$JS.API.{what}", sent, timeout=10)).data)
    if error := answer.get("error"):
        if missing_ok and error["code"] == 404:
            return None
        raise ProvisioningFailed(f"{what}: {error['description']}")
    return answer


def acknowledged(site: str, databases: Iterable[str]) -> dict[str, int]:
    """Per stream, the highest sequence that any service of `site` saw acknowledged, from their outboxes."""
    names = {
        "site": topology.site_stream(site),
        "national": topology.national_stream(site),
        "partner": topology.PARTNER,
    }
    known: dict[str, int] = {}
    try:
        for url in databases:
            with psycopg.connect(url) as connection:
                for audience, seq in connection.execute("select audience, stream_seq from feed"):
                    known[names[audience]] = max(known.get(names[audience], 0), seq)
    except psycopg.OperationalError as away:
        raise DatabaseAway from away
    return known
