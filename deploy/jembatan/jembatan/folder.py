"""A node's folder: its keys, its configuration, its data, and where its parts answer while it runs."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.identity import Issuer
from chassis.topology import HUB
from chassis.vault import fresh_key
from nkeys import PREFIX_BYTE_USER, encode_seed, from_seed

SITE_SERVICES = ("intake", "assessment", "programs", "partner_matching", "outcomes")
CONSOLE = "console"
"""The pages of a site: no domain service, so it has no feed and no consumer."""
HUB_SERVICES = ("central", "partner_gateway")
SEALING = ("intake",)
"""The services that hold what identifies somebody, and so are given the vault."""
VAULT = "vault"
"""The database of keys."""


@dataclass(frozen=True)
class KeyPair:
    """An nkey user: the seed is its secret, the public half is what servers know."""

    seed: str

    @classmethod
    def new(cls) -> "KeyPair":
        """A fresh one."""
        return cls(encode_seed(os.urandom(32), PREFIX_BYTE_USER).decode())

    @property
    def public(self) -> str:
        """The half that may be known."""
        return str(from_seed(bytearray(self.seed.encode())).public_key.decode())


class Folder:
    """Everything one node keeps. Secrets stand in `keys.json`, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    @property
    def nats(self) -> Path:
        """The NATS configuration and streams."""
        return self.path / "nats"

    @property
    def postgres(self) -> Path:
        """The databases."""
        return self.path / "postgres"

    @property
    def exists(self) -> bool:
        """Whether it was made by `enrol`."""
        return (self.path / "node.json").exists()

    def create(self, site: str, **more: Any) -> None:
        """Makes the folder and its keys. What is there already stays."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.nats.mkdir(exist_ok=True)
        names = ("central", "provisioner") if site == HUB else _SITE_USERS
        made = {name: lambda: KeyPair.new().seed for name in names} | {"issuer": lambda: Issuer.new().private_jwk()}
        if site != HUB:
            made["vault"] = fresh_key
        known = self._keys() if (self.path / "keys.json").exists() else {}
        if missing := made.keys() - known.keys():
            write_secret(self.path / "keys.json", json.dumps(known | {name: made[name]() for name in missing}))
        write(self.path / "node.json", json.dumps({"site": site, **more}))

    @property
    def about(self) -> dict[str, Any]:
        """What kind of node this is: its site, and the hub's leaf address or that it is for training."""
        return self._kept("node.json")

    @property
    def site(self) -> str:
        """The site's code, or `hub`."""
        return str(self.about["site"])

    @property
    def training(self) -> bool:
        """Whether everybody here is made up, and no hub knows of it."""
        return bool(self.about.get("training"))

    @property
    def services(self) -> tuple[str, ...]:
        """The services that run here."""
        return HUB_SERVICES if self.site == HUB else SITE_SERVICES

    @property
    def apps(self) -> tuple[str, ...]:
        """Everything with a web address and a database of its own here."""
        return self.services if self.site == HUB else (*self.services, CONSOLE)

    def key(self, name: str) -> KeyPair:
        """The key of one of this node's users."""
        return KeyPair(self._keys()[name])

    def issuer(self) -> Issuer:
        """Who signs the tokens of this node's staff."""
        return Issuer.of(self._keys()["issuer"])

    def site_key(self) -> str:
        """What this site's vault and read logs rest on."""
        return self._keys()["vault"]

    def _keys(self) -> dict[str, str]:
        return self._kept("keys.json")

    def _kept(self, name: str) -> dict[str, Any]:
        try:
            return dict(json.loads((self.path / name).read_text()))
        except FileNotFoundError:
            raise NoNode(self.path) from None

    def write_running(self, running: dict[str, Any]) -> None:
        """Notes where the node's parts answer."""
        write(self.path / "running.json", json.dumps(running, indent=2))

    @property
    def running(self) -> dict[str, Any]:
        """Where the node's parts answer. Raises NotRunning when it has not been started yet."""
        try:
            return dict(json.loads((self.path / "running.json").read_text()))
        except FileNotFoundError:
            raise NotRunning(self.path) from None


class NoNode(LookupError):
    """The folder is not a node's."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"there is no node in {path}: `jembatan enrol` makes a site's, `jembatan node hub` the hub's")


class NotRunning(ConnectionError):
    """The node has not been started, or is being started again."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"no node runs in {path}: start it with `jembatan node`")


def write(path: Path, content: str) -> None:
    """Replaces a file whole: whoever reads it sees the old or the new one."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(content)
    unfinished.replace(path)


def write_secret(path: Path, content: str) -> None:
    """The same, for what only its owner may read."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    unfinished.replace(path)


_SITE_USERS = ("services", "provisioner", "relay", "provisioner_link", "leaf")
