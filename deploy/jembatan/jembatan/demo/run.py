"""Runs the demonstration from start to table."""

import asyncio
import contextlib
import json
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import psycopg
from contracts.words import here
from nats.errors import Error as NatsError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from jembatan import enrol
from jembatan.demo.link import Link
from jembatan.demo.people import MadeUp, Road, made_up
from jembatan.demo.proof import Proof, problems, prove
from jembatan.demo.walk import Rutan, Walk
from jembatan.folder import Folder, write
from jembatan.servers import remembered_port
from jembatan.servers.process import Server

SITES = ("jakarta-pusat", "makassar")
CUT = "makassar"
CUT_S = 10
PARTNER = "yayasan-contoh"
AT_ONCE = 6
"""People who are attended to at the same time at one site."""
SETTLE_S = 240
"""How long the rest may take to arrive: a link that was down is tried again within minutes, not seconds."""


class Child(Server):
    """One of our own programs as a child: it ends with us, and is started again when it dies."""

    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, *argv: str, ready: Path | None = None) -> None:
        self._argv, self._ready = argv, ready
        super().__init__(folder)

    def _start(self) -> None:
        if self._ready:
            self._ready.unlink(missing_ok=True)
        self._process = self._spawn([sys.executable, "-m", "jembatan", *self._argv], {"PATH": "/usr/bin:/bin"})
        self._wait_until(lambda: self._ready is None or self._ready.exists())


class Demo:
    """Two rutan, the hub and a partner. What happened so far is kept in the folder: a run that was killed goes on."""

    def __init__(self, data: Path, people: int, console: Console) -> None:
        self.data, self.console = data.resolve(), console
        self.state = self._state(people)
        self.hub = Folder(self.data / "hub")
        self.sites = {site: Folder(self.data / site) for site in SITES}
        self.heard = self.data / "heard.jsonl"
        self.today = date.fromisoformat(self.state["today"])
        self.people = [p for site in SITES for p in made_up(site, self.state["people"], UUID(self.state["seed"]))]
        self._children: dict[str, Child] = {}

    def _state(self, people: int) -> dict[str, Any]:
        note = self.data / "demo.json"
        if note.exists() and not (state := json.loads(note.read_text()))["finished"]:
            self.console.print("Melanjutkan peragaan yang terhenti.")
            return dict(state)
        if not note.exists() and self.data.exists() and any(self.data.iterdir()):
            # It may hold the keys and data of real nodes.
            raise SystemExit(f"{self.data} berisi data lain. Pilih folder kosong untuk peragaan.")
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        today = here(datetime.now(UTC)).date().isoformat()
        write(note, json.dumps({"seed": str(uuid4()), "today": today, "people": people, "finished": False}))
        return dict(json.loads(note.read_text()))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Link]:
        """Everything runs; whatever dies is started again."""
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self._stop)
            await self._start("hub", "node", "hub")
            link = Link(int(self.hub.running["leaf"].rpartition(":")[2]))
            await link.serve(remembered_port(self.data, "link"))
            stack.push_async_callback(link.close)
            for site, folder in self.sites.items():
                way = f"nats-leaf://127.0.0.1:{remembered_port(self.data, 'link')}"
                await asyncio.to_thread(
                    enrol.enrol_site, self.hub, site, folder, way if site == CUT else self.hub.running["leaf"]
                )
                await self._start(site, "node", "site", site)
            await self._add_partner()
            watch = asyncio.create_task(self._watch())
            try:
                yield link
            finally:
                watch.cancel()

    async def _start(self, name: str, *argv: str, ready: str = "running.json") -> None:
        folder = self.data / name
        self._children[name] = await asyncio.to_thread(
            Child, folder / "process", *argv, "--data", str(self.data), ready=folder / ready
        )

    async def _add_partner(self) -> None:
        credentials = self.data / f"{PARTNER}.json"
        if not credentials.exists():
            await self._command("partner", "add", PARTNER, "--data", str(self.data), "--out", str(credentials))
        self._children["partner"] = await asyncio.to_thread(
            Child, self.data / "partner", "partner", "listen", str(credentials), "--out", str(self.heard)
        )

    async def _command(self, *argv: str) -> None:
        done = await asyncio.create_subprocess_exec(sys.executable, "-m", "jembatan", *argv)
        if await done.wait():
            raise RuntimeError(f"jembatan {' '.join(argv[:2])} failed")

    async def _watch(self) -> None:
        while True:
            for child in self._children.values():
                if not child.alive:
                    await asyncio.to_thread(child.restart)
            await asyncio.sleep(0.5)

    def _stop(self) -> None:
        for child in reversed(self._children.values()):
            child.stop()

    async def walk(self, link: Link) -> None:
        """Everybody goes their road; halfway one site's link is cut for a while, and its work goes on."""
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
        ) as progress:
            bars = {site: progress.add_task(site, total=self.state["people"]) for site in SITES}
            async with httpx2.AsyncClient(timeout=30) as http:
                rutan = {site: Rutan(folder, http, PARTNER) for site, folder in self.sites.items()}
                for one in rutan.values():
                    await one.offer(self.state["people"])
                halfway = asyncio.Event()
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._cut(link, halfway, progress))
                    for site in SITES:
                        group.create_task(self._walk_all(rutan[site], progress, bars[site], halfway))
                bar = progress.add_task("menunggu semuanya sampai", total=None)
                await self._settle(later=sum(p.road is Road.WITHDRAWS_SHARING_AT_THE_END for p in self.people))
                progress.update(bar, description="menarik persetujuan berbagi data")
                for person in self.people:
                    await Walk(rutan[person.site], person, self.today).farewell()
                progress.update(bar, description="menunggu semuanya sampai")

    async def _walk_all(self, rutan: Rutan, progress: Progress, bar: TaskID, halfway: asyncio.Event) -> None:
        mine = [person for person in self.people if person.site == rutan.folder.site]
        free = asyncio.Semaphore(AT_ONCE)

        async def one(person: MadeUp) -> None:
            async with free:
                await Walk(rutan, person, self.today).whole()
            progress.advance(bar)
            if progress.tasks[bar].completed * 2 >= len(mine):
                halfway.set()

        async with asyncio.TaskGroup() as group:
            for person in mine:
                group.create_task(one(person))

    async def _cut(self, link: Link, halfway: asyncio.Event, progress: Progress) -> None:
        await halfway.wait()
        bar = progress.add_task(f"[red]sambungan {CUT} putus[/red]", total=CUT_S)
        link.cut()
        for _ in range(CUT_S):
            await asyncio.sleep(1)
            progress.advance(bar)
        link.restore()
        progress.update(bar, description=f"sambungan {CUT} pulih")

    async def _settle(self, later: int = 0) -> None:
        """Waits until everything has arrived but `later` partner events, or for so long that it never will."""
        deadline = asyncio.get_running_loop().time() + SETTLE_S
        while True:
            try:
                if (await self._look(search=False)).settled(later):
                    return
            except (psycopg.OperationalError, NatsError, OSError):
                pass  # a node is being started again
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(1)

    async def _look(self, *, search: bool) -> Proof:
        sites = [*self.sites.values()]
        return await asyncio.to_thread(prove, self.hub, sites, self.people, self.heard, search=search)

    async def prove(self) -> Proof:
        """The table's figures, once everything has arrived."""
        await self._settle()
        proof = await self._look(search=True)
        state = {**self.state, "finished": True}
        write(self.data / "demo.json", json.dumps(state))
        return proof


def show(proof: Proof, console: Console) -> None:
    """The table."""
    table = Table(title="Bukti: tidak ada yang hilang, tidak ada yang diterapkan dua kali")
    for heading in ("", "tercatat di rutan", "diterima pusat", "dalam perjalanan", "hilang", "diterapkan dua kali"):
        # What a line is about stays whole in a narrow terminal; headings may break instead.
        table.add_column(heading, justify="right" if heading else "left", no_wrap=not heading)
    for site in proof.sites:
        row = (site.committed, site.received, site.in_flight, site.lost, site.applied_twice)
        table.add_row(site.site, *map(str, row))
    console.print(table)
    rest = Table(show_header=False)
    rest.add_row("peristiwa untuk mitra: seharusnya", str(proof.partner_expected))
    rest.add_row("peristiwa untuk mitra: diterima", str(proof.partner_received))
    rest.add_row("peristiwa untuk mitra: diterima dua kali", str(proof.partner_twice))
    rest.add_row("belum dibaca layanan lain di rutan", str(sum(s.unread_inside for s in proof.sites)))
    rest.add_row("disisihkan karena gagal", str(sum(s.parked for s in proof.sites)))
    rest.add_row("tabel pusat yang berbeda dari rutan", str(sum(s.view_differs for s in proof.sites)))
    rest.add_row(
        f"nama dan nomor rekaan yang dicari di pusat dan rutan: {proof.planted}; terbaca tanpa kunci",
        str(proof.planted_found),
    )
    console.print(rest)
    for problem in problems(proof):
        console.print(f"[red]{problem}[/red]")


async def run(data: Path, people: int, *, leave: bool, report: Path | None) -> int:
    """Runs it. Returns 0 only if every line of the table holds."""
    console = Console()
    stop = asyncio.Event()
    main = asyncio.current_task()
    assert main

    def end() -> None:
        # While the pages are served nothing is cut short: that is how a demonstration ends.
        stop.set()
        if not serving.is_set():
            main.cancel()

    serving = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    demo = Demo(data, people, console)
    try:
        async with demo.running() as link:
            await demo.walk(link)
            proof = await demo.prove()
            show(proof, console)
            if report:
                write(report, proof.to_json())
            if not leave:
                console.print(
                    f"Pandangan nasional: {demo.hub.running['services']['central']}/   (Ctrl-C untuk berhenti)"
                )
                serving.set()
                await stop.wait()
    except asyncio.CancelledError:
        if not stop.is_set():
            raise
        return 130
    return 0 if proof.holds else 1
