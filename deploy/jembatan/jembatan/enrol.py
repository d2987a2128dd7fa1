"""Enrolment: a site's or a partner's keys, and the configuration on both sides of the link."""

import json
import shutil
from pathlib import Path
from typing import Any

from chassis.topology import HUB

from jembatan import nats_config
from jembatan.folder import Folder, KeyPair, write, write_secret
from jembatan.nats_config import HubKeys, Partner, SiteKeys, SiteLeaf

CONFIG = Path(__file__).parents[2] / "nats"
"""The static half of the NATS configuration, the same on a laptop and in production."""


class AlreadyEnrolled(Exception):
    """The code is taken."""


def make_hub(folder: Folder) -> None:
    """Makes a hub's folder. Again, it only refreshes what is generated."""
    folder.create(HUB)
    registry = folder.path / "registry.json"
    if not registry.exists():
        write(registry, json.dumps({"sites": {}, "partners": {}}))
    shutil.copy(CONFIG / "hub.conf", folder.nats)
    _write_hub_identity(folder)


def enrol_site(hub: Folder, site: str, folder: Folder, hub_leaf: str) -> None:
    """Makes a site's folder and lets it in at the hub. `hub_leaf` is where the site reaches the hub's leaf port."""
    nats_config.check_word(site)
    if site == HUB:
        raise ValueError(f"{HUB!r} is the ministry's own node and no rutan's code")
    known = registry(hub)
    _must_stay(folder, training=False)
    folder.create(site, hub_leaf=hub_leaf)
    shutil.copy(CONFIG / "site.conf", folder.nats)
    write(folder.nats / "identity.conf", nats_config.site_identity(site, _keys_of(folder)))
    write_secret(folder.nats / "leaf.conf", nats_config.leaf_key(folder.key("leaf").seed))
    if known["sites"].setdefault(site, folder.key("leaf").public) != folder.key("leaf").public:
        raise AlreadyEnrolled(f"{site} is enrolled with another key: remove it at the hub before enrolling it again")
    _register(hub, known)


def enrol_training(site: str, folder: Folder) -> None:
    """Makes the folder of a site to learn on. No hub knows it, and its server has no link to any."""
    nats_config.check_word(site)
    _must_stay(folder, training=True)
    folder.create(site, training=True)
    static = (CONFIG / "site.conf").read_text()
    write(folder.nats / "site.conf", static[: static.index("leafnodes {")])
    write(folder.nats / "identity.conf", nats_config.site_identity(site, _keys_of(folder)))


def _must_stay(folder: Folder, *, training: bool) -> None:
    """Refuses to make a real site of made-up people, or the other way round."""
    if folder.exists and bool(folder.about.get("training")) != training:
        kind = "a training site" if not training else "a real site"
        raise AlreadyEnrolled(f"{folder.site} is {kind} in {folder.path}: choose another code, or another folder")


def add_partner(hub: Folder, code: str, credentials: Path, url: str) -> None:
    """Lets a partner in at the hub and writes the credentials it is given. The seed is kept nowhere else."""
    must_be_new(hub, code)
    known = registry(hub)
    key = KeyPair.new()
    write_secret(credentials, json.dumps({"partner": code, "url": url, "seed": key.seed}))
    known["partners"][code] = key.public
    _register(hub, known)


def must_be_new(hub: Folder, code: str) -> None:
    """Refuses a partner's code that cannot be one, or has credentials."""
    nats_config.check_word(code)
    if code in registry(hub)["partners"]:
        raise AlreadyEnrolled(f"{code} has credentials already: remove it at the hub before making new ones")


def registry(hub: Folder) -> dict[str, Any]:
    """Who may connect to the hub: sites and partners with their public keys."""
    return dict(json.loads((hub.path / "registry.json").read_text()))


def _keys_of(site: Folder) -> SiteKeys:
    return SiteKeys(*(site.key(name).public for name in ("services", "provisioner", "relay", "provisioner_link")))


def _register(hub: Folder, known: dict[str, Any]) -> None:
    # The running hub looks at this file; when it has changed it writes the rest as well and reloads its server.
    write(hub.path / "registry.json", json.dumps(known, indent=2))
    _write_hub_identity(hub)


def _write_hub_identity(hub: Folder) -> None:
    known = registry(hub)
    keys = HubKeys(central=hub.key("central").public, provisioner=hub.key("provisioner").public)
    sites = [SiteLeaf(site, key) for site, key in sorted(known["sites"].items())]
    partners = [Partner(code, key) for code, key in sorted(known["partners"].items())]
    write(hub.nats / "identity.conf", nats_config.hub_identity(keys, sites, partners))
