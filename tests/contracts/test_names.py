import re
from pathlib import Path

import pytest

from contracts import Event, event_classes

CONTRACTS = Path(__file__).parents[2] / "contracts"
EVENTS = sorted(event_classes.items())
PUBLISHERS = {"intake", "assessment", "programs", "partner_matching", "outcomes", "partner_gateway"}
IRREGULAR = {"Found", "Given", "Withdrawn"}
EMPTY_WORDS = {"Created", "Updated", "Changed", "Deleted", "Status", "Processed", "Data", "Event"}

each_event = pytest.mark.parametrize(("type_", "event"), EVENTS, ids=[type_ for type_, _ in EVENTS])


def words(name: str) -> list[str]:
    return re.findall(r"[A-Z][a-z]*", name)


@each_event
def test_type_is_publisher_fact_and_version(type_: str, event: type[Event]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*", type_)
    assert event.type == type_
    assert type_.partition(".")[0] in PUBLISHERS


@each_event
def test_class_is_named_by_the_fact_of_its_type(type_: str, event: type[Event]) -> None:
    publisher, fact, version = type_.split(".")
    camel = "".join(word.capitalize() for word in fact.split("_")) + ("" if version == "v1" else version.upper())
    # The gateway tells a partner what matching told the nation: two classes, and only one word apart.
    assert event.__name__ == ("Partner" if publisher == "partner_gateway" else "") + camel


@each_event
def test_class_stands_in_the_module_of_its_publisher(type_: str, event: type[Event]) -> None:
    assert event.__module__ == f"contracts.{type_.partition('.')[0]}"


@each_event
def test_name_is_a_past_participle_in_the_words_of_staff(type_: str, event: type[Event]) -> None:
    last = words(event.__name__)[-1]
    assert last.endswith("ed") or last in IRREGULAR
    assert EMPTY_WORDS.isdisjoint(words(event.__name__))


@each_event
def test_published_event_says_what_it_means(type_: str, event: type[Event]) -> None:
    assert event.__doc__ and event.__doc__.strip() != (Event.__doc__ or "").strip()


@pytest.mark.parametrize("folder", ["schemas", "examples"])
def test_there_is_one_file_per_event_and_no_other(folder: str) -> None:
    assert {path.name for path in (CONTRACTS / folder).iterdir()} == {f"{type_}.json" for type_ in event_classes}


def test_a_type_belongs_to_one_class_only() -> None:
    with pytest.raises(TypeError, match="already the type of ConsentGiven"):
        type("ConsentGivenAgain", (Event,), {}, type="intake.consent_given.v1")
