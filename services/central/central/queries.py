"""What the ministry can ask: every figure with what it counts and how fresh it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.vocabulary import Answer
from sqlalchemy import text
from sqlmodel import Session

from central.model import BREACH_NOTICE_HOURS, LEVY_ANSWER_DAYS, Cohort, Count, Observation, Stage, Transport, shown


@dataclass(frozen=True)
class ReadLogView:
    """How many looks at records a site's log had when it was last sealed."""

    looks: int
    shortened: bool


@dataclass(frozen=True)
class SiteView:
    """What is shown of one rutan."""

    site: str
    complete_at: datetime | None
    """"Data s.d.": everything the site had written by then is in these figures. None: never complete."""
    transport: Transport
    stages: dict[str, Count]
    placements: dict[str, Count]
    follow_ups: dict[str, Count]
    rights: dict[str, Count]
    transfers_open: int
    """People who were sent and of whom neither side has said that they arrived. A count of moves."""
    levies: dict[str, int]
    breaches: dict[str, int]
    read_log: ReadLogView | None
    """None: its length was never told."""


def sites(session: Session, now: datetime) -> list[SiteView]:
    """Every rutan that was ever heard of, in the order of its code."""
    today = now.date()
    session.execute(text("set local search_path to view, public"))
    transport, complete = _transport(session), _complete(session)
    stages, placements, follow_ups = (_stages(session), _placements(session), _follow_ups(session, today))
    rights, transfers, watched = _rights(session), _transfers_open(session), _watched(session, now)
    logs = _read_logs(session)
    return [
        SiteView(
            site=site,
            complete_at=complete.get(site),
            transport=transport[site],
            stages=shown(stages.get(site, dict.fromkeys(Stage, 0))),
            placements=shown(placements.get(site, {"started": 0, "ended": 0})),
            follow_ups=shown(follow_ups.get(site, {"due": 0, "done": 0, "unknown": 0})),
            rights=shown(rights.get(site, dict.fromkeys(RIGHTS, 0))),
            transfers_open=transfers.get(site, 0),
            levies=watched["levy"].get(site, dict.fromkeys(WATCHED, 0)),
            breaches=watched["breach"].get(site, dict.fromkeys(WATCHED, 0)),
            read_log=logs.get(site),
        )
        for site in sorted(transport)
    ]


def cohort(session: Session, programme: str, adjust: Sequence[str]) -> Cohort:
    """Everybody's first release with what is known of the time after it, and whether they had finished a programme.

    Narapidana only (a tahanan who is let go was not convicted), nobody who died or was handed on, and an entry that
    was merged into another one is not a second person. Re-entry is definition D2. Ages
    are years at release, by the year of birth.
    """
    session.execute(text("set local search_path to view, public"))
    rows = (
        session.execute(
            text(
                "select distinct on (r.site, r.person)"
                " coalesce(r.reentered_on, r.observed_until) - r.released_on as days,"
                " r.reentered_on is not null as reentered,"
                " exists (select from enrolment e where e.site = r.site and e.person = r.person"
                "  and e.programme = :programme and e.completed_on <= r.released_on) as treated,"
                " extract(year from r.released_on)::int - p.birth_year as age, p.prior_convictions,"
                " p.worked_before::int as worked_before, (p.marital_status = 'married')::int as married,"
                " (p.sex = 'female')::int as female"
                " from release r join person p using (site, person)"
                " where p.legal_status = 'narapidana' and r.mode not in ('meninggal', 'dialihkan')"
                " and p.merged_into is null"
                " and coalesce(r.reentered_on, r.observed_until, r.released_on) >= r.released_on"
                " order by r.site, r.person, r.released_on"
            ),
            {"programme": programme},
        )
        .mappings()
        .all()
    )
    observed = [row for row in rows if row["days"] is not None]
    return Cohort(
        observations=[
            Observation(
                days=row["days"],
                reentered=row["reentered"],
                treated=row["treated"],
                covariates={name: float(row[name]) for name in adjust if row[name] is not None},
            )
            for row in observed
        ],
        unobserved=len(rows) - len(observed),
    )


COVARIATES = ("age", "prior_convictions", "worked_before", "married", "female")
"""What a comparison can be adjusted for."""


def freshness(session: Session) -> dict[str, datetime | None]:
    """Per site, until when its data are complete here."""
    return {site: _complete(session).get(site) for site in _transport(session)}


def _transport(session: Session) -> dict[str, Transport]:
    rows = session.execute(
        text(
            "with feed as (select distinct on (site, service) site, service, epoch, spans, seen from position"
            " where audience = 'national' order by site, service, received_at desc),"
            " counted as (select coalesce(f.site, h.site) as site, h.written,"
            "  case when (f.spans->0->>0)::bigint = 1 then (f.spans->0->>1)::bigint else 0 end as contiguous,"
            "  (select coalesce(sum((s->>1)::bigint - (s->>0)::bigint + 1), 0)"
            "   from jsonb_array_elements(f.spans) s) as here, coalesce(f.seen, 0) as highest"
            "  from feed f full join heard h on h.site = f.site and h.service = f.service and h.epoch = f.epoch)"
            " select site, sum(written)::bigint as written, sum(contiguous)::bigint as received,"
            " sum(highest - here)::bigint as missing,"
            " sum(greatest(written - contiguous, 0))::bigint as in_flight from counted group by site"
        )
    )
    return {r.site: Transport(r.written, r.received, r.missing, r.in_flight) for r in rows}


def _complete(session: Session) -> dict[str, datetime | None]:
    # The whole site is only as fresh as its stalest service.
    rows = session.execute(
        text(
            "select site, case when bool_and(complete_at is not null) then min(complete_at) end as at"
            " from heard group by site"
        )
    )
    return {r.site: r.at for r in rows}


def _stages(session: Session) -> dict[str, dict[str, int]]:
    rows = session.execute(
        text(
            "select site, case when released_at is not null then 'released' when placed_at is not null then 'placed'"
            " when completed_at is not null then 'completed' when enrolled_at is not null then 'enrolled'"
            " when agreed_at is not null then 'agreed' when assessed_at is not null then 'assessed'"
            " else 'registered' end as stage, count(*) as people from person p where merged_into is null"
            # Whoever has arrived at another rutan is counted there: by its word, or by the sender's.
            " and not exists (select from transfer t left join transfer there on there.transfer = t.transfer"
            "  and there.site = t.to_site and there.from_site = t.site"
            "  where t.site = p.site and t.person = p.person and t.to_site is not null"
            "  and (t.arrived or there.transfer is not null)) group by 1, 2"
        )
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.site, {str(stage): 0 for stage in Stage})[row.stage] = row.people
    return found


def _placements(session: Session) -> dict[str, dict[str, int]]:
    rows = session.execute(
        text(
            "select site, count(*) filter (where started_on is not null) as started,"
            " count(*) filter (where ended_on is not null) as ended from placement group by 1"
        )
    )
    return {r.site: {"started": r.started, "ended": r.ended} for r in rows}


def _follow_ups(session: Session, today: date) -> dict[str, dict[str, int]]:
    rows = session.execute(
        text(
            "select site, count(*) filter (where employed is null and cancelled is not true and due_on <= :today)"
            " as due,"
            " count(*) filter (where employed is not null and employed <> :unknown) as done,"
            " count(*) filter (where employed = :unknown) as unknown from follow_up group by 1"
        ),
        {"today": today, "unknown": Answer.UNKNOWN.value},
    )
    return {r.site: {"due": r.due, "done": r.done, "unknown": r.unknown} for r in rows}


RIGHTS = ("proposed", "advised", "granted", "refused", "revoked")
WATCHED = ("all", "open", "late")


def _rights(session: Session) -> dict[str, dict[str, int]]:
    """Proposals, which are of one person each."""
    rows = session.execute(
        text(
            "select site, count(*) as proposed, count(*) filter (where advice is not null) as advised,"
            " count(*) filter (where granted) as granted, count(*) filter (where not granted) as refused,"
            " count(*) filter (where revoked_on is not null) as revoked from proposal group by 1"
        )
    )
    return {r.site: {name: getattr(r, name) for name in RIGHTS} for r in rows}


def _transfers_open(session: Session) -> dict[str, int]:
    rows = session.execute(
        text(
            "select t.site, count(*) as moves from transfer t left join transfer there on there.transfer = t.transfer"
            " and there.site = t.to_site and there.from_site = t.site"
            " where t.to_site is not null and t.arrived is null and there.transfer is null group by 1"
        )
    )
    return {r.site: r.moves for r in rows}


def _watched(session: Session, now: datetime) -> dict[str, dict[str, dict[str, int]]]:
    """Reports of levies and breaches of personal data: counts of cases, not of people."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for table, begun, ended, patience in (
        ("levy", "reported_at", "upheld", timedelta(days=LEVY_ANSWER_DAYS)),
        ("breach", "discovered_at", "notified_at", timedelta(hours=BREACH_NOTICE_HOURS)),
    ):
        rows = session.execute(
            text(
                f'select site, count(*) as "all", count(*) filter (where {ended} is null) as open,'
                f" count(*) filter (where {ended} is null and {begun} < :since) as late from {table} group by 1"
            ),
            {"since": now - patience},
        ).mappings()
        found[table] = {row["site"]: {name: row[name] for name in WATCHED} for row in rows}
    return found


def _read_logs(session: Session) -> dict[str, ReadLogView]:
    rows = session.execute(text("select site, looks, looks < most as shortened from read_log"))
    return {r.site: ReadLogView(r.looks, r.shortened) for r in rows}
