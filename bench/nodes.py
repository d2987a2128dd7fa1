"""A whole site and a whole hub: how long a fact takes to be seen, and how much memory a site needs."""

import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
import psycopg
from chassis import topology
from chassis.broker import connect
from chassis.database import psycopg_url
from chassis.identity import Actor
from contracts.vocabulary import Role
from jembatan import enrol
from jembatan.demo.run import Child
from jembatan.folder import Folder
from nats.aio.msg import Msg

from bench.figures import Figure
from bench.machine import SITE

FACTS = 100
HOPS = 500
WITHIN_S = 120


def measure() -> list[Figure]:
    """Starts both as an operator would."""
    with tempfile.TemporaryDirectory(prefix="jembatan-bench-") as name, contextlib.ExitStack() as stack:
        data = Path(name)
        hub, site = Folder(data / "hub"), Folder(data / SITE)
        _start(stack, hub, data, "node", "hub")
        enrol.enrol_site(hub, SITE, site, hub.running["leaf"])
        _start(stack, site, data, "node", "site", SITE)
        facts = _facts(hub, site)
        hops = asyncio.run(_hops(hub, site))
        figures = [
            Figure(f"commit to centre, {name}", of(facts), "ms", of(hops), f"one raw leaf hop, {name}")
            for name, of in (("p50", _p50), ("p99", _p99))
        ]
        return [*figures, Figure("resident memory of a site node", _memory_mb(site), "MB", at_most=450)]


def _start(stack: contextlib.ExitStack, folder: Folder, data: Path, *argv: str) -> None:
    ready = folder.path / "running.json"
    child = Child(folder.path / "process", *argv, "--data", str(data), ready=ready)
    stack.callback(child.stop)
    for url in folder.running["services"].values():
        _until(lambda url=url: httpx2.get(f"{url}/readyz").status_code == 200)  # type: ignore[misc]


def _facts(hub: Folder, site: Folder) -> list[float]:
    """Milliseconds from a registration's answer until the ministry's view has the person."""
    intake = site.running["services"]["intake"]
    headers = {"authorization": f"Bearer {site.issuer().token(Actor(uuid4(), SITE, frozenset(Role)))}"}
    person = {"name": "Rekaan", "register_number": "BI-1", "legal_status": "tahanan", "sex": "male"}
    taken = []
    with psycopg.connect(psycopg_url(hub.running["databases"]["central"]), autocommit=True) as central:

        def here(who: UUID) -> bool:
            return central.execute("select from view.person where person = %s", [who]).fetchone() is not None

        for n in range(FACTS + 1):
            who = uuid4()
            httpx2.put(f"{intake}/people/{who}", json=person, headers=headers).raise_for_status()
            began = time.perf_counter()
            _until(lambda who=who: here(who))  # type: ignore[misc]
            if n:  # the first one waits for the link
                taken.append(1000 * (time.perf_counter() - began))
    return taken


async def _hops(hub: Folder, site: Folder) -> list[float]:
    """Milliseconds for one message from the site's server to the hub's, with nothing stored."""
    sender = await connect(site.running["nats"], site.key("relay").seed, name="bench")
    receiver = await connect(hub.running["nats"], hub.key("central").seed, name="bench")
    arrived: asyncio.Queue[float] = asyncio.Queue()

    async def note(message: Msg) -> None:
        if message.data.startswith(b"bench"):
            arrived.put_nowait(time.perf_counter())

    await receiver.subscribe(topology.HEARTBEATS, cb=note)
    await receiver.flush()
    taken = []
    for n in range(HOPS + 1):
        began = time.perf_counter()
        while arrived.empty():
            await sender.publish(topology.heartbeat(SITE), b"bench")
            with contextlib.suppress(TimeoutError):
                at = await asyncio.wait_for(arrived.get(), 1)
                break
        if n:
            taken.append(1000 * (at - began))
    await sender.close()
    await receiver.close()
    return taken


def _memory_mb(site: Folder) -> float:
    """What the node, its PostgreSQL and its NATS hold, each shared page counted once."""
    _until(lambda: bool(site.running["processes"]))
    pids = {int(pid) for pid in site.running["processes"].values()}
    pids |= {int(pid) for pid in _children(site.running["processes"]["postgres"])}
    total = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _children(pid: int) -> Iterator[str]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] == str(pid):
                yield stat.parent.name


def _p50(values: list[float]) -> float:
    return statistics.median(values)


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


def _until(so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while True:
        with contextlib.suppress(httpx2.TransportError, json.JSONDecodeError):
            if so():
                return
        if time.monotonic() > deadline:
            raise TimeoutError("the benchmark did not get there")
        time.sleep(0.002)
