import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from contracts import Event, event_classes, parse

CONTRACTS = Path(__file__).parents[2] / "contracts"


def examples(type_: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CONTRACTS / "examples" / f"{type_}.json").read_text())
    return found


def parsed(type_: str, example: dict[str, Any]) -> Event:
    event = parse(type_, json.dumps(example).encode())
    assert event is not None
    return event


def settled(value: Any) -> Any:
    """Sets have no order in JSON."""
    if isinstance(value, list):
        return sorted(settled(item) for item in value)
    return {key: settled(item) for key, item in value.items()} if isinstance(value, dict) else value


each_type = pytest.mark.parametrize("type_", sorted(event_classes))


@each_type
def test_every_example_ever_released_still_parses_and_comes_back_unchanged(type_: str) -> None:
    assert examples(type_)
    for example in examples(type_):
        event = parsed(type_, example)
        again = json.loads(event.to_bytes())
        assert settled(again) == settled(example)
        assert parse(type_, event.to_bytes()) == event


@each_type
def test_every_field_is_shown_in_some_example(type_: str) -> None:
    shown = {field for example in examples(type_) for field in example}
    assert shown == set(event_classes[type_].model_fields)


@each_type
def test_every_example_is_valid_under_the_committed_schema(type_: str) -> None:
    schema = json.loads((CONTRACTS / "schemas" / f"{type_}.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    for example in examples(type_):
        validator.validate(example)
        for required in schema["required"]:
            without = {key: value for key, value in example.items() if key != required}
            assert not validator.is_valid(without), f"{required} is not asked for"


def test_no_two_examples_share_an_event_id() -> None:
    ids = [example["event_id"] for type_ in event_classes for example in examples(type_)]
    assert len(ids) == len(set(ids))


def test_a_type_that_this_release_does_not_know_is_not_an_error() -> None:
    assert parse("intake.person_teleported.v1", b"not even JSON") is None
    assert parse("intake.consent_given.v2", b"{}") is None


@each_type
def test_fields_that_this_release_does_not_know_are_ignored(type_: str) -> None:
    example = examples(type_)[0]
    assert parsed(type_, example | {"a_field_of_the_next_release": [1]}) == parsed(type_, example)


def test_a_known_type_with_a_body_of_another_kind_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValidationError) as refusal:
        parse("intake.consent_given.v1", json.dumps({"person": "Budi"}).encode())
    # The message goes to logs and into `parked`: what was sent may be somebody's name.
    assert "Budi" not in str(refusal.value)


@pytest.mark.parametrize("site", ["Jakarta", "jakarta pusat", "a.b", "*", ">", "", "x" * 41])
def test_a_site_is_a_code_that_is_safe_in_a_subject(site: str) -> None:
    example = examples("intake.person_released.v1")[0]
    with pytest.raises(ValidationError):
        parsed("intake.person_released.v1", example | {"site": site})


def test_a_time_without_a_zone_is_no_time() -> None:
    example = examples("intake.person_released.v1")[0]
    with pytest.raises(ValidationError):
        parsed("intake.person_released.v1", example | {"occurred_at": "2026-02-03T09:30:00"})


def test_an_event_cannot_be_changed_once_it_is_said() -> None:
    event = parsed("intake.person_released.v1", examples("intake.person_released.v1")[0])
    with pytest.raises(ValidationError):
        event.event_id = uuid4()  # type: ignore[misc]
