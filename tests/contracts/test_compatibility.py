"""Whoever wrote or reads events of a released schema must not notice a new one."""

import copy
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

CONTRACTS = Path(__file__).parents[2] / "contracts"
# It stands beside the package, not in it: nobody needs it at run time.
_spec = importlib.util.spec_from_file_location("compatibility", CONTRACTS / "compatibility.py")
assert _spec and _spec.loader
compatibility = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(compatibility)

RELEASED = {path.stem: json.loads(path.read_text()) for path in (CONTRACTS / "schemas").glob("*.json")}
Schema = dict[str, Any]

OLD: Schema = {
    "type": "object",
    "$defs": {"Word": {"enum": ["yes", "no"], "type": "string"}},
    "properties": {
        "code": {"type": "string", "maxLength": 40, "pattern": "^[a-z]+$"},
        "free": {"type": "string"},
        "count": {"type": "integer", "minimum": 1},
        "word": {"$ref": "#/$defs/Word"},
        "words": {"type": "array", "items": {"$ref": "#/$defs/Word"}, "uniqueItems": True},
        "by_word": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "propertyNames": {"$ref": "#/$defs/Word"},
        },
        "days": {"type": "integer", "enum": [30, 90, 180]},
        "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    "required": ["code"],
}


def breaks(old: Schema, new: Schema) -> list[str]:
    found: list[str] = compatibility.breaks(old, new)
    return found


def changed(*path: str | int, to: Any) -> Schema:
    new = copy.deepcopy(OLD)
    at: Any = new
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return new


def without(*path: str) -> Schema:
    new = copy.deepcopy(OLD)
    at = new
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return new


BREAKS = {
    "a field removed": without("properties", "free"),
    "a field retyped": changed("properties", "free", "type", to="integer"),
    "a field given a format": changed("properties", "free", "format", to="uuid"),
    "a field newly required": changed("required", to=["code", "free"]),
    "a new field that is required": changed("properties", to={**OLD["properties"], "new": {"type": "string"}})
    | {"required": ["code", "new"]},
    "an enum word removed": changed("$defs", "Word", "enum", to=["yes"]),
    "a literal removed": changed("properties", "days", "enum", to=[30, 90]),
    "any string became one of some words": changed("properties", "free", "enum", to=["yes"]),
    "a pattern added": changed("properties", "free", "pattern", to="^[a-z]+$"),
    "a pattern changed": changed("properties", "code", "pattern", to="^[a-z-]+$"),
    "a minimum raised": changed("properties", "count", "minimum", to=2),
    "a minimum added": changed(
        "properties", "maybe", "anyOf", to=[{"type": "integer", "minimum": 0}, {"type": "null"}]
    ),
    "a maximum added": changed("properties", "count", "maximum", to=9),
    "a maxLength lowered": changed("properties", "code", "maxLength", to=39),
    "a maxLength added": changed("properties", "free", "maxLength", to=40),
    "null no longer allowed": changed("properties", "maybe", to={"type": "integer"}),
    "one value no longer a list": changed("properties", "words", to={"$ref": "#/$defs/Word"}),
    "items of a list retyped": changed("properties", "words", "items", to={"type": "integer"}),
    "values of a map retyped": changed("properties", "by_word", "additionalProperties", to={"type": "string"}),
    "keys of a map narrowed": changed("properties", "by_word", "propertyNames", to={"enum": ["yes"], "type": "string"}),
}
SAFE = {
    "nothing changed": copy.deepcopy(OLD),
    "an optional field added": changed("properties", "new", to={"type": "string"}),
    "an enum word added": changed("$defs", "Word", "enum", to=["yes", "no", "unknown"]),
    "a literal added": changed("properties", "days", "enum", to=[30, 90, 180, 365]),
    "a minimum lowered": changed("properties", "count", "minimum", to=0),
    "a maxLength raised": changed("properties", "code", "maxLength", to=60),
    "a pattern dropped": without("properties", "code", "pattern"),
    "another description": changed("properties", "free", "description", to="in other words"),
}


@pytest.mark.parametrize("what", BREAKS)
def test_what_removes_retypes_requires_or_narrows_is_a_break(what: str) -> None:
    assert breaks(OLD, BREAKS[what])


@pytest.mark.parametrize("what", SAFE)
def test_what_only_adds_is_no_break(what: str) -> None:
    assert breaks(OLD, SAFE[what]) == []


@given(st.data())
def test_removing_any_field_of_any_released_event_is_a_break(data: st.DataObject) -> None:
    old = RELEASED[data.draw(st.sampled_from(sorted(RELEASED)))]
    gone = data.draw(st.sampled_from(sorted(old["properties"])))
    new = copy.deepcopy(old)
    del new["properties"][gone]
    new["required"] = [name for name in new["required"] if name != gone]
    assert any(gone in what for what in breaks(old, new))


@given(st.data())
def test_removing_any_word_of_any_released_vocabulary_is_a_break(data: st.DataObject) -> None:
    with_words = [
        name for name, schema in RELEASED.items() if any("enum" in d for d in schema.get("$defs", {}).values())
    ]
    old = RELEASED[data.draw(st.sampled_from(sorted(with_words)))]
    vocabularies = {name: d for name, d in old["$defs"].items() if "enum" in d}
    vocabulary = data.draw(st.sampled_from(sorted(vocabularies)))
    word = data.draw(st.sampled_from(vocabularies[vocabulary]["enum"]))
    new = copy.deepcopy(old)
    new["$defs"][vocabulary]["enum"].remove(word)
    assert breaks(old, new)


@pytest.mark.parametrize("type_", sorted(RELEASED))
def test_a_schema_does_not_break_itself(type_: str) -> None:
    assert breaks(RELEASED[type_], copy.deepcopy(RELEASED[type_])) == []
