"""The names of streams, subjects and durables: services, provisioner and server permissions agree on them."""

from collections.abc import Mapping, Sequence

HUB = "hub"
"""The site code of the ministry's instance."""

NATIONAL = "NATIONAL"
"""The hub's stream: everything that the sites' national streams hold, spread over partitions by site."""

PARTNER = "PARTNER"
"""The hub's stream of what partners may know."""

HEARTBEATS = "national.*.heartbeat"

PARTITIONS = 4
"""Changing it reshuffles sites between consumers: version the prefix `p.` when it must grow."""


def site_stream(site: str) -> str:
    """Every event of a rutan. Names carry the site so that no right on one stream is a right on another's."""
    return f"SITE_{site}"


def national_stream(site: str) -> str:
    """What may leave a rutan."""
    return f"NATIONAL_{site}"


def speaker(subject: str, headers: Mapping[str, str]) -> str | None:
    """The site that a message really comes from; None when that cannot be told.

    Inside a rutan the subject says it, which permissions bind to the rutan. At the hub they do not: a server that was
    taken over can have its stream's messages stored under another site's subject. Only the header that the hub itself
    writes when it draws from a site's stream is true, and nobody can publish it.
    """
    site, national = subject.split(".")[1:2], subject.split(".")[3:4]
    if subject.startswith("p."):
        # `NATIONAL_<site>`, a colon and a hash where the stream is another server's, and after a space the rest.
        source = headers.get("Nats-Stream-Source", "").partition(" ")[0].partition(":")[0]
        return national[0] if national and source == national_stream(national[0]) else None
    return site[0] if site else None


def receipts_stream(site: str) -> str:
    """How far the services of a rutan have read each other."""
    return f"RECEIPTS_{site}"


def down_stream(site: str) -> str:
    """What the hub tells a rutan: receipts, of which only the latest counts."""
    return f"DOWN_{site}"


def heartbeat(site: str) -> str:
    """Where a site tells how much it has written. Not stored: an old heartbeat is worth nothing."""
    return f"national.{site}.heartbeat"


def receipt(here: str, site: str, publisher: str, reader: str) -> str:
    """Where `reader`, running `here`, tells how much of a publisher's feed it holds."""
    return f"down.{site}.receipt.{publisher}.{reader}" if here == HUB else f"receipt.{site}.{publisher}.{reader}"


def durables(service: str, partitions: Sequence[int]) -> list[str]:
    """The consumers of a service: one, or one per partition of the national stream."""
    return [f"{service}_{partition}" for partition in partitions] or [service]
