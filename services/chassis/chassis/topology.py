"""The names of streams, subjects and durables: services, provisioner and server permissions agree on them."""

from collections.abc import Sequence

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
