"""From events to the national view: one statement per event type, over a whole batch at once.

Each statement only adds to what is known of a row, whichever event of that row comes first; what can be corrected keeps
the place in its feed that it was said at. So a late arrival, any batching and a rebuild end in the same place. `e`
holds the events of the batch, `n` their places.
"""

from collections import defaultdict
from collections.abc import Iterable

from contracts.assessment import NeedsAssessed
from contracts.intake import (
    BoardAdvised,
    BreachNotified,
    BreachOpened,
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    LevyReportClosed,
    LevyReported,
    PersonReentered,
    PersonRegistered,
    PersonReleased,
    PersonsMerged,
    PersonsUnmerged,
    ReadLogSealed,
    RegisterEntered,
    RightDecided,
    RightProposed,
    RightRevoked,
    TransferAccepted,
    TransferClosed,
    TransferOffered,
)
from contracts.outcomes import FollowUpAnswered, FollowUpCancelled, FollowUpScheduled, ObservationEnded
from contracts.partner_matching import PlacementEnded, PlacementReached, PlacementStarted
from contracts.programs import EnrolmentEnded, PersonEnrolled, PlanAgreed, ProgrammeCompleted
from psycopg import Connection

from contracts import Event

_STATEMENTS: dict[str, list[str]] = defaultdict(list)


def _on(event: type[Event], columns: str, statement: str) -> None:
    """`columns` are the fields that the statement reads, as SQL; every event has a site, a person and a time."""
    given = f"n bigint, site text, person uuid, occurred_at timestamptz, {columns}".rstrip(", ")
    _STATEMENTS[event.type].append(f"with e as (select * from json_to_recordset(%s::json) as e ({given})) {statement}")


def _step(event: type[Event], column: str) -> None:
    """The first time that a person took a step of the road."""
    _on(
        event,
        "",
        f"insert into person (site, person, {column}) select site, person, min(occurred_at) from e group by 1, 2"
        f" on conflict (site, person) do update set {column} = least(person.{column}, excluded.{column})",
    )


def _say(
    event: type[Event],
    columns: str,
    table: str,
    key: str,
    sets: dict[str, str],
    *,
    where: str = "",
    as_of: str | None = None,
    of_somebody: bool = True,
) -> None:
    """What an event says of a row; with `as_of`, the column that keeps its place, the last word of several counts."""
    if as_of:
        sets = {**sets, as_of: "n"}
    whose = {"person": "person"} if of_somebody and table != "person" else {}
    targets, values = ", ".join(sets), ", ".join(sets.values())
    update = ", ".join(f"{target} = excluded.{target}" for target in sets)
    newer = f" where {table}.{as_of} is null or {table}.{as_of} < excluded.{as_of}" if as_of else ""
    _on(
        event,
        columns,
        f"insert into {table} (site, {', '.join((table, *whose))}, {targets})"
        f" select distinct on (site, {key}) site, {', '.join((key, *whose))}, {values} from e {where}"
        f" order by site, {key}, n desc"
        f" on conflict (site, {table}) do update set {update}{newer}",
    )


_on(
    PersonRegistered,
    "legal_status text, sex text, birth_year int, marital_status text, prior_convictions int, worked_before bool",
    "insert into person (site, person, legal_status, status_as_of, sex, birth_year, marital_status, prior_convictions,"
    " worked_before, registered_at)"
    " select distinct on (site, person) site, person, legal_status, n, sex, birth_year, marital_status,"
    " prior_convictions, worked_before, occurred_at from e order by site, person, n desc"
    " on conflict (site, person) do update set sex = excluded.sex, birth_year = excluded.birth_year,"
    " marital_status = excluded.marital_status, prior_convictions = excluded.prior_convictions,"
    " worked_before = excluded.worked_before, registered_at = excluded.registered_at,"
    # Another register may have been entered since, and have come before this.
    " legal_status = case when person.status_as_of > excluded.status_as_of then person.legal_status"
    "  else excluded.legal_status end,"
    " status_as_of = greatest(person.status_as_of, excluded.status_as_of)",
)
_say(
    RegisterEntered,
    "legal_status text, book text",
    "person",
    "person",
    {"legal_status": "legal_status"},
    as_of="status_as_of",
)
_say(PersonsMerged, "kept uuid", "person", "person", {"merged_into": "kept"}, as_of="merged_as_of")
_say(PersonsUnmerged, "", "person", "person", {"merged_into": "null::uuid"}, as_of="merged_as_of")

for _event, _column, _counted in (
    (ConsentGiven, "given", "max(consent_epoch), 0"),
    (ConsentWithdrawn, "withdrawn", "0, max(consent_epoch)"),
    (ConsentExpired, "withdrawn", "0, max(consent_epoch)"),
):
    _on(
        _event,
        "purpose text, recipient text, consent_epoch int",
        f"insert into consent (site, person, purpose, recipient, given, withdrawn)"
        f" select site, person, purpose, coalesce(recipient, ''), {_counted}"
        f" from e group by 1, 2, 3, 4"
        f" on conflict (site, person, purpose, recipient) do update"
        f" set {_column} = greatest(consent.{_column}, excluded.{_column})",
    )

_step(NeedsAssessed, "assessed_at")
_step(PlanAgreed, "agreed_at")
_step(PersonEnrolled, "enrolled_at")
_step(ProgrammeCompleted, "completed_at")
_step(PlacementStarted, "placed_at")
_step(PersonReleased, "released_at")

_ENROLMENT = "enrolment_id uuid, programme text"
_say(PersonEnrolled, _ENROLMENT, "enrolment", "enrolment_id", {"programme": "programme"})
_say(
    ProgrammeCompleted,
    f"{_ENROLMENT}, completed_on date",
    "enrolment",
    "enrolment_id",
    {"programme": "programme", "completed_on": "completed_on"},
)
_say(
    EnrolmentEnded,
    f"{_ENROLMENT}, reason text",
    "enrolment",
    "enrolment_id",
    {"programme": "programme", "end_reason": "reason"},
)

_PLACEMENT = "placement_id uuid, partner text"
_say(
    PlacementStarted,
    f"{_PLACEMENT}, sector text, started_on date",
    "placement",
    "placement_id",
    {"partner": "partner", "sector": "sector", "started_on": "started_on"},
)
for _days in (30, 90, 180):
    _say(
        PlacementReached,
        f"{_PLACEMENT}, days int, employed text",
        "placement",
        "placement_id",
        {"partner": "partner", f"day_{_days}": "employed"},
        where=f"where days = {_days}",
        as_of=f"day_{_days}_as_of",
    )
_say(
    PlacementEnded,
    f"{_PLACEMENT}, ended_on date, reason text",
    "placement",
    "placement_id",
    {"partner": "partner", "ended_on": "ended_on", "end_reason": "reason"},
)

_say(
    PersonReleased,
    "release_id uuid, released_on date, mode text",
    "release",
    "release_id",
    {"released_on": "released_on", "mode": "mode"},
)
_say(
    PersonReentered,
    "release_id uuid, reentered_on date, reason text",
    "release",
    "release_id",
    {"reentered_on": "reentered_on", "reentry_reason": "reason"},
)
_on(
    ObservationEnded,
    "release_id uuid, observed_until date",
    "insert into release (site, release, person, observed_until)"
    " select site, release_id, person, max(observed_until) from e group by 1, 2, 3"
    " on conflict (site, release) do update"
    " set observed_until = greatest(release.observed_until, excluded.observed_until)",
)

_say(
    FollowUpScheduled,
    "follow_up_id uuid, days int, due_on date",
    "follow_up",
    "follow_up_id",
    {"days": "days", "due_on": "due_on", "cancelled": "false"},
    as_of="cancelled_as_of",
)
_say(
    FollowUpAnswered,
    "follow_up_id uuid, employed text, housed text",
    "follow_up",
    "follow_up_id",
    {"employed": "employed", "housed": "housed"},
    as_of="answered_as_of",
)
_say(
    FollowUpCancelled,
    "follow_up_id uuid",
    "follow_up",
    "follow_up_id",
    {"cancelled": "true"},
    as_of="cancelled_as_of",
)

_TRANSFER = "transfer_id uuid"
_say(TransferOffered, f"{_TRANSFER}, to_site text", "transfer", "transfer_id", {"to_site": "to_site"})
_say(TransferAccepted, f"{_TRANSFER}, from_site text", "transfer", "transfer_id", {"from_site": "from_site"})
_say(TransferClosed, f"{_TRANSFER}, arrived bool", "transfer", "transfer_id", {"arrived": "arrived"})

_PROPOSAL = 'proposal_id uuid, "right" text'
_say(RightProposed, _PROPOSAL, "proposal", "proposal_id", {"asked_for": '"right"'})
_say(
    BoardAdvised,
    "proposal_id uuid, advice text",
    "proposal",
    "proposal_id",
    {"advice": "advice"},
    as_of="advice_as_of",
)
_say(
    RightDecided,
    f"{_PROPOSAL}, granted bool, decided_on date",
    "proposal",
    "proposal_id",
    {"asked_for": '"right"', "granted": "granted", "decided_on": "decided_on"},
)
_say(
    RightRevoked,
    f"{_PROPOSAL}, revoked_on date",
    "proposal",
    "proposal_id",
    {"asked_for": '"right"', "revoked_on": "revoked_on"},
)

_say(
    LevyReported,
    "report_id uuid, step text",
    "levy",
    "report_id",
    {"step": "step", "reported_at": "occurred_at"},
    of_somebody=False,
)
_say(LevyReportClosed, "report_id uuid, upheld bool", "levy", "report_id", {"upheld": "upheld"}, of_somebody=False)

_BREACH = "breach_id uuid"
_say(
    BreachOpened,
    f"{_BREACH}, discovered_at timestamptz",
    "breach",
    "breach_id",
    {"discovered_at": "discovered_at"},
    of_somebody=False,
)
_say(
    BreachNotified,
    f"{_BREACH}, notified_at timestamptz",
    "breach",
    "breach_id",
    {"notified_at": "notified_at"},
    of_somebody=False,
)

_on(
    ReadLogSealed,
    "looks bigint",
    "insert into read_log (site, looks, most, as_of)"
    " select distinct on (site) site, looks, max(looks) over (partition by site), n from e order by site, n desc"
    " on conflict (site) do update set most = greatest(read_log.most, excluded.most),"
    " looks = case when read_log.as_of < excluded.as_of then excluded.looks else read_log.looks end,"
    " as_of = greatest(read_log.as_of, excluded.as_of)",
)


def types() -> list[str]:
    """The types that change the view. Every other type is still kept in the log."""
    return sorted(_STATEMENTS)


def project(connection: Connection, events: Iterable[tuple[str, int, bytes]], schema: str) -> None:
    """Applies events to the view in `schema`, each given as its type, its place in its feed, and its body.

    A later epoch of a feed has the higher places, whatever its numbers: see `EPOCH_STEP`.
    """
    rows: dict[str, list[bytes]] = defaultdict(list)
    for type_, place, body in events:
        if type_ in _STATEMENTS:
            # A body is a JSON object with at least a site: the place goes in as its first member.
            rows[type_].append(b'{"n":%d,' % place + body.lstrip()[1:])
    connection.execute(f'set local search_path to "{schema}", public'.encode())
    for type_, batch in rows.items():
        array = (b"[" + b",".join(batch) + b"]").decode()
        for statement in _STATEMENTS[type_]:
            connection.execute(statement.encode(), [array])
