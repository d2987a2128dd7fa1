"""The proof: what the databases at the sites, at the hub and at the partner say of each other."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from chassis import topology
from chassis.broker import connect
from chassis.database import Database, psycopg_url
from intake.model.people import Person
from intake.queries.people import identity_of, numbers_of
from psycopg import sql

from jembatan.demo.people import MadeUp, Road
from jembatan.folder import VAULT, Folder
from jembatan.node import settings_for


@dataclass(frozen=True)
class SiteProof:
    """One rutan against the centre, in events that may leave it."""

    site: str
    committed: int
    """Written in the rutan's outboxes."""
    received: int
    """Committed at the centre without a gap before them."""
    in_flight: int
    lost: int
    """In an outbox there, and neither in the centre's log nor under way."""
    applied_twice: int
    """Rows of the centre's log beyond one per event."""
    unread_inside: int
    """Events that a service of the rutan has not read yet."""
    parked: int
    view_differs: int
    """Tables of the centre's view with more or fewer rows than the rutan's own, or than was promised."""


@dataclass(frozen=True)
class Proof:
    """Everything the table shows."""

    sites: tuple[SiteProof, ...]
    partner_expected: int
    partner_received: int
    partner_twice: int
    planted: int
    """Made-up names and numbers that were looked for in every row at the hub and at the rutan."""
    planted_found: int
    planted_sealed: int
    """How many of them the rutan's own vaults open: all must be kept, or finding none in the open says nothing."""

    def settled(self, later: int) -> bool:
        """Whether everything has arrived where it should, but `later` events that the partner is still to hear."""
        quiet = all(s.in_flight == 0 and s.unread_inside == 0 for s in self.sites)
        return quiet and self.partner_received >= self.partner_expected - later

    @property
    def holds(self) -> bool:
        """Whether every line of the table is as it must be."""
        good = all(
            s.committed > 0
            and (s.in_flight, s.lost, s.applied_twice, s.unread_inside, s.parked, s.view_differs) == (0,) * 6
            for s in self.sites
        )
        partner = self.partner_received == self.partner_expected > 0 and self.partner_twice == 0
        return good and partner and self.planted_sealed == self.planted > 0 == self.planted_found

    def to_json(self) -> str:
        """The table as JSON."""
        return json.dumps({**asdict(self), "holds": self.holds}, indent=2)


def prove(hub: Folder, sites: Sequence[Folder], people: Sequence[MadeUp], heard: Path, *, search: bool) -> Proof:
    """Looks at every database there is, and with `search` for everybody's name in all that the hub holds."""
    lines = [json.loads(line) for line in heard.read_text().splitlines()] if heard.exists() else []
    found = {line["event_id"] for line in lines}
    told = {(line["type"], line["placement"], line.get("days")) for line in lines}
    planted = [text for person in people for text in (person.name.split()[-1], person.nik, person.register_number)]
    rows = [_rows(site, service) for site in sites for service in (*site.services, VAULT)] if search else []
    everything = b"\n".join([_everything_at(hub), *rows]) if search else b""
    sealed = "\n".join(_sealed(site, people) for site in sites) if search else ""
    return Proof(
        sites=tuple(prove_site(hub, site, sum(p.site == site.site for p in people)) for site in sites),
        partner_expected=sum(map(partner_events, people)),
        partner_received=len(found),
        partner_twice=len(lines) - len(told),
        planted=len(planted) if search else 0,
        planted_found=sum(text.encode() in everything for text in planted),
        planted_sealed=sum(text in sealed for text in planted),
    )


def partner_events(person: MadeUp) -> int:
    """How many events the partner must hear of somebody, by what that person does."""
    if person.road not in (Road.WHOLE, Road.WITHDRAWS_SHARING_AT_THE_END):
        return 0
    started_reached, ended, withdrawn = 1 + 3, person.reenters, person.road is Road.WITHDRAWS_SHARING_AT_THE_END
    return started_reached + ended + withdrawn


def prove_site(hub: Folder, site: Folder, people: int | None = None) -> SiteProof:
    """One line of the table; `people` is how many were registered, as whoever registered them was told."""
    code = site.site
    written: set[Any] = set()
    committed = parked = unread = 0
    last: dict[str, int] = {}
    for service in site.services:
        with _open(site, service) as db:
            written |= {row[0] for row in db.execute("select event_id from outbox where audience = 'national'")}
            committed += _one(db, "select count(*) from outbox where audience = 'national'")
            parked += _one(db, "select count(*) from parked where resolved_at is null")
            last[service] = _one(db, "select count(*) from outbox where audience = 'site'")
    for service in site.services:
        with _open(site, service) as db:
            unread += sum(last.values()) - _contiguous(db, "site", code)
    with _open(hub, "central") as db:
        # Before the log: what comes in between the two looks is then still under way, and not lost.
        received = _contiguous(db, "national", code)
        logged = [row[0] for row in db.execute("select event_id from event_log where site = %s", [code])]
        parked += _one(db, "select count(*) from parked where resolved_at is null and headers->>'ce-site' = %s", code)
        differs = sum(_count(db, "view", table, code) != _truth(site, service, table) for service, table in TRUTH)
        differs += people is not None and _count(db, "view", "person", code) != people
    lost = len(written - set(logged)) - max(committed - received, 0)
    return SiteProof(
        site=code,
        committed=committed,
        received=received,
        in_flight=max(committed - received, 0),
        lost=max(lost, 0),
        applied_twice=len(logged) - len(set(logged)),
        unread_inside=unread,
        parked=parked,
        view_differs=differs,
    )


TRUTH = (
    ("intake", "person"),
    ("intake", "release"),
    ("programs", "enrolment"),
    ("partner_matching", "placement"),
    ("outcomes", "follow_up"),
)
"""Tables of the rutan of which the centre's view must hold as many rows."""


def _truth(site: Folder, service: str, table: str) -> int:
    with _open(site, service) as db:
        return _count(db, "public", table, code=site.site)


def _count(db: psycopg.Connection[Any], schema: str, table: str, code: str) -> int:
    query = sql.SQL("select count(*) from {} where site = %s").format(sql.Identifier(schema, table))
    return int((db.execute(query, [code]).fetchone() or (0,))[0])


def _contiguous(db: psycopg.Connection[Any], audience: str, site: str) -> int:
    """How many events of all feeds of a site are here without a gap, in each feed's latest epoch."""
    return _one(
        db,
        "select coalesce(sum(case when (spans->0->>0)::int = 1 then (spans->0->>1)::int else 0 end), 0) from"
        " (select distinct on (service) spans from position where audience = %s and site = %s"
        " order by service, received_at desc) as latest",
        audience,
        site,
    )


def _everything_at(hub: Folder) -> bytes:
    """Every row of every table of the hub, every message of its streams, and every file of its folder."""
    found = [_rows(hub, service) for service in hub.services]
    found.append(asyncio.run(_messages(hub)))
    found += [path.read_bytes() for path in sorted(hub.path.rglob("*")) if path.is_file() and not path.is_symlink()]
    return b"\n".join(found)


def _rows(hub: Folder, service: str) -> bytes:
    with _open(hub, service) as db:
        tables = db.execute(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows: list[str] = []
        for schema, table in tables:
            query = sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, table))
            rows += [row[0] for row in db.execute(query)]
        # Bodies of events are bytes, which a row's text shows in hexadecimal. The vault's database has no events.
        said = "select body from outbox union all select body from parked" if service != VAULT else "select ''::bytea"
        bodies = b"\n".join(row[0] for row in db.execute(said.encode()))
    return "\n".join(rows).encode() + bodies


def _sealed(site: Folder, people: Sequence[MadeUp]) -> str:
    """What the vault of a rutan opens of these people: who they are, and under which numbers."""
    database = Database(settings_for(site, "intake"), "intake")
    try:
        with database.transaction() as session:
            here = [person for made in people if (person := session.get(Person, made.id))]
            who = [identity_of(session, person).model_dump_json() for person in here]
            numbers = [number for person in here for number in numbers_of(session, person.id)]
    finally:
        database.close()
    return "\n".join([*who, *numbers])


async def _messages(hub: Folder) -> bytes:
    client = await connect(hub.running["nats"], hub.key("provisioner").seed, name="proof")
    found: list[bytes] = []
    try:
        for stream in (topology.NATIONAL, topology.PARTNER):
            jetstream = client.jetstream()
            state = (await jetstream.stream_info(stream)).state
            for seq in range(max(state.first_seq, 1), state.last_seq + 1):
                message = await jetstream.get_msg(stream, seq)
                found.append(json.dumps(message.headers or {}).encode() + (message.data or b""))
    finally:
        await client.close()
    return b"\n".join(found)


def _open(folder: Folder, service: str) -> psycopg.Connection[Any]:
    return psycopg.connect(psycopg_url(folder.running["databases"][service]))


def _one(db: psycopg.Connection[Any], query: str, *parameters: Any) -> int:
    row = db.execute(query.encode(), parameters).fetchone()
    assert row
    return int(row[0])


WORDS = {
    "in_flight": "dalam perjalanan",
    "lost": "hilang",
    "applied_twice": "diterapkan dua kali",
    "unread_inside": "belum dibaca layanan lain",
    "parked": "disisihkan",
    "view_differs": "tabel pusat berbeda",
}


def problems(proof: Proof) -> Iterable[str]:
    """What is not as it must be, in words."""
    for site in proof.sites:
        for name, word in WORDS.items():
            if value := getattr(site, name):
                yield f"{site.site}: {word} {value}"
    if proof.partner_received != proof.partner_expected or proof.partner_twice:
        yield f"mitra: {proof.partner_received} dari {proof.partner_expected}, {proof.partner_twice} dua kali"
    if proof.planted_found or proof.planted_sealed != proof.planted:
        yield f"nama rekaan: {proof.planted_found} terbuka, {proof.planted_sealed} dari {proof.planted} tersegel"
