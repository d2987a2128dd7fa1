"""A whole hub and whole rutan as an operator runs them, each node a process of its own, and links that can be cut."""

import asyncio
import contextlib
import shutil
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
from chassis.database import psycopg_url
from chassis.identity import Actor
from contracts.vocabulary import Role
from jembatan import enrol
from jembatan.demo.link import Link
from jembatan.demo.proof import SiteProof, prove_site
from jembatan.demo.run import Child
from jembatan.folder import Folder
from jembatan.servers import remembered_port

from support.rutan import a_person
from support.waiting import eventually


class Node:
    """One running node."""

    def __init__(self, data: Path, name: str, *argv: str) -> None:
        self.folder = Folder(data / name)
        self._argv = (*argv, "--data", str(data))
        self._child: Child | None = None

    def start(self) -> None:
        """Starts it, and waits until all of it is fit for work."""
        ready = self.folder.path / "running.json"
        self._child = Child(self.folder.path / "process", *self._argv, ready=ready)
        for url in self.folder.running["services"].values():
            eventually(lambda url=url: httpx2.get(f"{url}/readyz").status_code == 200, within_s=60)  # type: ignore[misc]

    def stop(self) -> None:
        """Ends it in good order."""
        if self._child:
            self._child.stop()
            self._child = None

    @contextlib.contextmanager
    def down(self) -> Any:
        """Stopped for as long as the block lasts."""
        self.stop()
        yield
        self.start()

    def wipe_streams(self) -> None:
        """Loses everything NATS holds. The node must be down."""
        shutil.rmtree(self.folder.nats / "jetstream")

    def request(self, service: str, method: str, path: str, body: dict[str, Any] | None = None) -> httpx2.Response:
        """A request of somebody with every role."""
        actor = Actor(uuid4(), self.folder.site, frozenset(Role))
        return self.request_as(actor, service, method, path, body)

    def request_as(
        self, actor: Actor, service: str, method: str, path: str, body: dict[str, Any] | None = None
    ) -> httpx2.Response:
        """A request of one member of staff."""
        token = self.folder.issuer().token(actor)
        headers = {"authorization": f"Bearer {token}", "jembatan-purpose": "service"}
        url = f"{self.folder.running['services'][service]}{path}"
        return httpx2.request(method, url, json=body or {}, headers=headers, timeout=30)

    def do(self, service: str, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """A request that must succeed, if need be once news has travelled."""

        def done() -> bool:
            answer = self.request(service, method, path, body)
            assert answer.is_success, f"{method} {path}: {answer.text}"
            return True

        eventually(done)

    def register(self, count: int) -> list[UUID]:
        """People, plainly made up."""
        people = [uuid4() for _ in range(count)]
        for person in people:
            answer = self.request("intake", "PUT", f"/people/{person}", a_person())
            assert answer.status_code == 201, answer.text
        return people

    def one(self, service: str, query: str, *parameters: Any) -> Any:
        """One value of a service's database."""
        url = psycopg_url(self.folder.running["databases"][service])
        with psycopg.connect(url) as connection:
            row = connection.execute(query.encode(), parameters).fetchone()
        assert row
        return row[0]


class Nation:
    """A hub, and rutan that join it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.hub = Node(data, "hub", "node", "hub")
        self._stack = contextlib.ExitStack()
        self._links: dict[str, Link] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._stack.callback(self.hub.stop)
        self.hub.start()

    def rutan(self) -> Node:
        """Enrols a rutan and starts it; its link goes through a wire that can be cut."""
        code = f"oz-{uuid4().hex[:8]}"
        self._links[code] = Link(int(self.hub.folder.running["leaf"].rpartition(":")[2]))
        port = remembered_port(self.data, f"link-{code}")
        self._wait(self._links[code].serve(port))
        enrol.enrol_site(self.hub.folder, code, Folder(self.data / code), f"nats-leaf://127.0.0.1:{port}")
        node = Node(self.data, code, "node", "site", code)
        self._stack.callback(node.stop)
        node.start()
        return node

    def cut(self, node: Node) -> None:
        """Breaks a rutan's link."""
        self._loop.call_soon_threadsafe(self._links[node.folder.site].cut)

    def restore(self, node: Node) -> None:
        """Mends it."""
        self._loop.call_soon_threadsafe(self._links[node.folder.site].restore)

    def proof(self, node: Node) -> SiteProof:
        """What the databases say of each other."""
        return prove_site(self.hub.folder, node.folder)

    def settled(self, node: Node, also: Callable[[SiteProof], bool] = lambda proof: True) -> SiteProof:
        """The proof once nothing is under way any more. A link may take minutes to come back."""

        def look() -> SiteProof | None:
            proof = self.proof(node)
            return proof if proof.in_flight == 0 == proof.unread_inside and also(proof) else None

        found = eventually(look, within_s=240)
        assert found
        return found

    def close(self) -> None:
        """Ends everything."""
        self._stack.close()
        for link in self._links.values():
            self._wait(link.close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _wait(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
