"""The hub and two rutan on this machine: their NATS servers as an operator enrols them, without any service."""

import asyncio
import json
import shutil
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import nats
from chassis.topology import HUB
from jembatan import enrol, provision
from jembatan.folder import SITE_SERVICES, Folder
from jembatan.servers import NatsServer
from nats.aio.client import Client
from nats.aio.msg import Msg

from support.waiting import eventually

T = TypeVar("T")
A, B = "jakarta-pusat", "bandung"


class Login:
    """One user's connection, for tests that are not asynchronous."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.client = Client()
        self.refused: list[str] = []
        """What the server said it does not allow, in lower case as the client hands it on."""
        self.hung_up = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Does something asynchronous with the connection."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    async def connect(self, url: str, seed: str, inbox_prefix: str) -> None:
        """Connects once: whoever is not let in is told so."""

        async def note(error: Exception) -> None:
            self.refused.append(str(error).lower())

        async def count() -> None:
            self.hung_up += 1

        always = {"max_reconnect_attempts": -1, "error_cb": note, "disconnected_cb": count}
        how: dict[str, Any] = {"nkeys_seed_str": seed, "inbox_prefix": inbox_prefix, **always}
        await self.client.connect(url, **how)

    def say(self, subject: str, body: bytes = b"", *, reply: str = "", headers: dict[str, str] | None = None) -> None:
        """Publishes, and comes back when the server has had it and said whatever it had to say."""

        async def go() -> None:
            await self.client.publish(subject, body, reply=reply, headers=headers)
            await self.client.flush()

        self.do(go())

    def store(self, subject: str, *bodies: bytes) -> None:
        """Publishes in order, each acknowledged by a stream."""

        async def go() -> None:
            jetstream = self.client.jetstream()
            # No more than the server's own limit at once.
            for first in range(0, len(bodies), 200):
                acks = [await jetstream.publish_async(subject, body) for body in bodies[first : first + 200]]
                await asyncio.wait_for(asyncio.gather(*acks), 30)

        self.do(go())

    def hear(self, subject: str) -> list[Msg]:
        """A list that grows by every message that comes."""
        heard: list[Msg] = []

        async def keep(message: Msg) -> None:
            heard.append(message)

        async def go() -> None:
            await self.client.subscribe(subject, cb=keep)
            await self.client.flush()

        self.do(go())
        return heard

    def ask(self, subject: str, body: Any = None) -> dict[str, Any]:
        """What is answered. To a request that is not allowed nothing is: `say` it, and look at what it did."""

        async def go() -> dict[str, Any]:
            sent = json.dumps(body).encode() if body else b""
            return dict(json.loads((await self.client.request(subject, sent, timeout=10)).data))

        return self.do(go())

    def messages(self, stream: str) -> int:
        """How many messages a stream holds."""
        return int(self.ask(f"$JS.API.STREAM.INFO.{stream}")["state"]["messages"])

    def subjects(self, stream: str) -> dict[str, int]:
        """How many messages a stream holds of each subject."""
        info = self.ask(f"$JS.API.STREAM.INFO.{stream}", {"subjects_filter": ">"})
        return dict(info["state"].get("subjects") or {})

    def bodies(self, stream: str, subject: str, count: int) -> list[bytes]:
        """The first that a stream holds of a subject, in order."""

        async def go() -> list[bytes]:
            heard = await self.client.jetstream().subscribe(subject, stream=stream, ordered_consumer=True)
            try:
                return [(await heard.next_msg(timeout=10)).data for _ in range(count)]
            finally:
                await heard.unsubscribe()

        return self.do(go())

    def close(self) -> None:
        """Leaves."""
        with suppress(nats.errors.Error, OSError, TimeoutError):
            self.do(self.client.close())


class Place:
    """One NATS server: the hub's or a rutan's."""

    def __init__(self, folder: Folder, loop: asyncio.AbstractEventLoop) -> None:
        self.folder, self._loop = folder, loop
        self.site = folder.site
        env = {"JEMBATAN_NATS_MAX_FILE": "20GB"}
        if self.site == HUB:
            env["JEMBATAN_HUB_NAME"] = HUB
        else:
            env |= {"JEMBATAN_SITE": self.site, "JEMBATAN_HUB_LEAF": folder.about["hub_leaf"]}
        config = folder.nats / ("hub.conf" if self.site == HUB else "site.conf")
        self.server = NatsServer.start(folder.nats, config, env)
        self._logins: list[Login] = []

    def login(self, user: str) -> Login:
        """A connection as one of this place's own users."""
        return self.login_with(self.folder.key(user).seed)

    def login_with(self, seed: str, inbox_prefix: str = "_INBOX") -> Login:
        """A connection with any key."""
        made = Login(self._loop)
        made.do(made.connect(self.server.url, seed, inbox_prefix))
        self._logins.append(made)
        return made

    def monitor(self, what: str) -> dict[str, Any]:
        """What the server tells of itself, for instance `varz`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.monitor_port}/{what}", timeout=10) as answer:
            return dict(json.load(answer))

    def provision(self, known: Mapping[str, int] | None = None) -> None:
        """Makes the streams and consumers as the place's node does, over and over."""
        registry = enrol.registry(self.folder) if self.site == HUB else {}
        parts = (
            {"provisioner": provision.hub_streams(registry["sites"], registry["partners"])}
            if self.site == HUB
            else {
                "provisioner": provision.site_streams(self.site, SITE_SERVICES),
                "provisioner_link": provision.link_streams(self.site),
            }
        )
        for user, streams in parts.items():
            login = self.login(user)
            login.do(provision.provision(login.client, streams, known or {}))
            login.close()

    def wipe(self) -> None:
        """Stops the server, loses its streams, and starts it again."""
        self.server.stop()
        shutil.rmtree(self.folder.nats / "jetstream")
        self.server.restart()

    def close(self) -> None:
        """Ends connections and server."""
        for login in self._logins:
            login.close()
        self.server.stop()


class Country:
    """The hub and two rutan, linked, with their streams."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._path, self._loop = path, loop
        self._looking: Login | None = None
        folder = Folder(path / HUB)
        enrol.make_hub(folder)
        self.hub = Place(folder, loop)
        self.places = [self.hub]
        self.a, self.b = self.enrol(A), self.enrol(B)
        self.hub.provision()

    def enrol(self, site: str) -> Place:
        """A further rutan, with its streams and its link; the hub does not read it before it is provisioned again."""
        folder = Folder(self._path / site)
        enrol.enrol_site(self.hub.folder, site, folder, f"nats-leaf://127.0.0.1:{self.hub.server.leaf_port}")
        self.hub.server.reload()
        return self.add(folder)

    def add(self, folder: Folder) -> Place:
        """Starts an enrolled rutan, with its streams, and waits for its link."""
        place = Place(folder, self._loop)
        self.places.append(place)
        place.provision()
        eventually(lambda: place.monitor("leafz")["leafs"])
        return place

    def arrived(self, site: str) -> dict[str, int]:
        """What the hub holds of a site: how often each subject, without the partition."""
        self._looking = self._looking or self.hub.login("provisioner")
        held = self._looking.subjects("NATIONAL")
        return {subject.split(".", 2)[2]: n for subject, n in held.items() if f".national.{site}." in subject}


def until_heard(say: Callable[[], None], heard: list[Msg]) -> None:
    """Says what nothing keeps until it is heard: it is lost while the hub's interest has not yet crossed the link."""

    def once() -> list[Msg]:
        say()
        return heard

    eventually(once)


@contextmanager
def country() -> Iterator[Country]:
    """All of it, as long as it is needed."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    # Not pytest's folder: see tests/node.
    with tempfile.TemporaryDirectory(prefix="jembatan-topology-") as name:
        places: list[Place] = []
        try:
            made = Country(Path(name), loop)
            places = made.places
            yield made
        finally:
            for place in reversed(places):
                place.close()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
