"""No event can carry personal data: not because nobody would, but because no field could hold it."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from contracts.assessment import NeedsFound
from contracts.event import SLUG
from contracts.intake import ReentryReason
from contracts.partner_matching import MatchReason, PlacementEnd
from contracts.programs import EnrolmentEnd, Presence
from contracts.vocabulary import Domain, NeedLevel
from pydantic import AwareDatetime, StringConstraints

from contracts import Event, event_classes

NUMBERS = {
    "birth_year",
    "prior_convictions",
    "instrument_version",
    "consent_epoch",
    "days",
    "days_since_release",
    "looks",
}
DAYS = {"occurred_at", "released_on", "reentered_on", "due_on", "observed_until"} | {
    "session_on",
    "completed_on",
    "started_on",
    "ended_on",
    "since",
    "expires_on",
    "discovered_at",
    "notified_at",
    "ends_on",
    "granted_on",
    "decided_on",
    "revoked_on",
}
CODES = {"site": SLUG, "recipient": SLUG, "partner": SLUG, "programme": SLUG}
CODES |= {"to_site": SLUG, "from_site": SLUG, "fingerprint": r"^[0-9a-f]{64}$"}
PSEUDONYMS = {"person": r"^[A-Z2-7]{26}$", "placement": r"^[A-Z2-7]{26}$"}
SAID_TO_THE_NATION = {
    *("event_id", "site", "occurred_at", "person", "consent_epoch", "purpose", "recipient"),
    *("legal_status", "sex", "birth_year", "marital_status", "prior_convictions", "worked_before"),
    *("release_id", "released_on", "mode", "reentered_on", "reason", "days_since_release", "observed_until"),
    *("instrument_version", "plan_id", "enrolment_id", "programme", "sector", "completed_on"),
    *("placement_id", "partner", "started_on", "ended_on", "days", "employed"),
    *("follow_up_id", "due_on", "housed"),
    *("book", "since", "kept", "transfer_id", "to_site", "from_site", "arrived", "erasure_id"),
    *("breach_id", "discovered_at", "notified_at", "proposal_id", "right", "advice", "granted", "decided_on"),
    *("revoked_on", "report_id", "step", "upheld", "looks", "fingerprint"),
}
REASONS_SAID_TO_THE_NATION = {ReentryReason, PlacementEnd, EnrolmentEnd}
STAYS_INSIDE = {Domain, NeedLevel, MatchReason, Presence}


def leaves(annotation: Any) -> Iterator[Any]:
    """What a value consists of in the end; a constrained string keeps its constraints."""
    origin = get_origin(annotation)
    if origin is Annotated:
        base = get_args(annotation)[0]
        yield from [annotation] if base is str else leaves(base)
    elif origin in (Union, UnionType, dict, frozenset, list, set, tuple):
        for inner in get_args(annotation):
            yield from leaves(inner)
    elif annotation is not type(None):
        yield annotation


def can_hold_anything(name: str, leaf: Any) -> bool:
    """Whether somebody could be recognised by what this field may hold."""
    if get_origin(leaf) is Annotated:
        patterns = {c.pattern for c in get_args(leaf)[1:] if isinstance(c, StringConstraints) and c.pattern}
        return not patterns or not patterns <= {CODES.get(name), PSEUDONYMS.get(name)}
    if get_origin(leaf) is Literal:
        return False
    if leaf is int:
        return name not in NUMBERS
    if leaf in (date, datetime, AwareDatetime):
        return name not in DAYS
    return not (leaf in (UUID, bool) or (isinstance(leaf, type) and issubclass(leaf, Enum)))


def fields(event: type[Event]) -> dict[str, list[Any]]:
    hints = get_type_hints(event, include_extras=True)
    return {name: list(leaves(hints[name])) for name in event.model_fields}


def unsafe(event: type[Event]) -> list[str]:
    return [name for name, found in fields(event).items() if any(can_hold_anything(name, leaf) for leaf in found)]


each_event = pytest.mark.parametrize("event", [cls for _, cls in sorted(event_classes.items())], ids=lambda e: e.type)


@each_event
def test_no_field_of_an_event_can_carry_personal_data(event: type[Event]) -> None:
    assert unsafe(event) == []


def _wrong(**annotations: Any) -> type[Event]:
    namespace = {"__annotations__": annotations, "__module__": __name__}
    return type("PersonNamed", (Event,), namespace, type="intake.person_named.v1")


NIK = Annotated[str, StringConstraints(pattern=r"^\d{16}$")]
SHORT = Annotated[str, StringConstraints(max_length=40)]


@pytest.mark.parametrize(
    "made",
    [
        lambda: _wrong(name=str),
        lambda: _wrong(name=str | None),
        lambda: _wrong(note=SHORT),
        lambda: _wrong(nik=NIK),
        lambda: _wrong(site=SHORT),
        lambda: _wrong(nickname=Annotated[str, StringConstraints(pattern=SLUG)]),
        lambda: _wrong(aliases=frozenset[str]),
        lambda: _wrong(answers=dict[Domain, str]),
        lambda: _wrong(answers=dict[str, NeedLevel]),
        lambda: _wrong(phone=int),
        lambda: _wrong(born_on=date),
        lambda: _wrong(anything=Any),
        lambda: _wrong(photo=bytes),
        lambda: _wrong(cell=float),
    ],
)
def test_a_field_that_could_carry_personal_data_is_found(made: Callable[[], type[Event]]) -> None:
    try:
        assert len(unsafe(made())) == 1
    finally:
        event_classes.pop("intake.person_named.v1")


@each_event
def test_what_leaves_the_rutan_is_on_the_list(event: type[Event]) -> None:
    if event.audience != "national":
        return
    assert set(event.model_fields) <= SAID_TO_THE_NATION
    found = {leaf for each in fields(event).values() for leaf in each if isinstance(leaf, type)}
    assert STAYS_INSIDE.isdisjoint(found), "a need, an answer or a presence would leave the rutan"
    assert set(fields(event).get("reason", ())) <= REASONS_SAID_TO_THE_NATION


def test_needs_and_refusals_and_attendance_stay_inside_the_rutan() -> None:
    inside = {type_ for type_, event in event_classes.items() if event.audience == "site"}
    assert NeedsFound.type in inside
    assert {
        "intake.consent_declined.v1",
        "programs.plan_declined.v1",
        "programs.attendance_recorded.v1",
        "partner_matching.match_declined.v1",
        "partner_matching.match_suggested.v1",
    } <= inside


@each_event
def test_only_the_gateway_speaks_to_partners_and_never_of_a_person_by_their_own_id(event: type[Event]) -> None:
    assert (event.audience == "partner") == event.type.startswith("partner_gateway.")
    if event.audience == "partner":
        own = {name: found for name, found in fields(event).items() if name != "event_id"}
        assert UUID not in [leaf for found in own.values() for leaf in found]
