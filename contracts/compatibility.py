"""Which changes of a JSON Schema break somebody who wrote or reads events of the old one.

Knows the closed subset that pydantic makes for our events. Safe: a new optional field. Everything that removes,
retypes, newly requires or narrows is a break. A new word in an enum is safe to write: older readers park it.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
_LOWER = {"minimum": 1, "exclusiveMinimum": 1, "minLength": 1, "minItems": 1}
_UPPER = {"maximum": -1, "exclusiveMaximum": -1, "maxLength": -1, "maxItems": -1}
_SAME = ("type", "format", "pattern", "const", "uniqueItems")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Every break between two versions of one event's schema, in words."""
    return list(_compare("", old, new, old.get("$defs", {}), new.get("$defs", {})))


def _compare(path: str, old: Schema, new: Schema, old_defs: Schema, new_defs: Schema) -> Iterator[str]:
    old, new = _resolved(old, old_defs), _resolved(new, new_defs)
    yield from _compare_values(path or "event", old, new)
    yield from _compare_fields(path, old, new, old_defs, new_defs)
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
            yield from _compare(f"{path}.{key}", old[key], new[key], old_defs, new_defs)
        elif old.get(key) != new.get(key):
            yield f"{path}: {key} was {old.get(key)}, is {new.get(key)}"
    yield from _compare_choices(path, old, new, old_defs, new_defs)


def _compare_values(path: str, old: Schema, new: Schema) -> Iterator[str]:
    """What a single value may be."""
    for key in _SAME:
        if old.get(key) != new.get(key) and not (key in ("pattern", "uniqueItems") and key not in new):
            yield f"{path}: {key} was {old.get(key)}, is {new.get(key)}"
    for key, sign in (_LOWER | _UPPER).items():
        if key in new and (key not in old or (new[key] - old[key]) * sign > 0):
            yield f"{path}: {key} was {old.get(key)}, is {new[key]}"
    for word in old.get("enum", []):
        if word not in new.get("enum", [word]):
            yield f"{path}: {word!r} was allowed"
    if "enum" in new and "enum" not in old:
        yield f"{path}: any value was allowed"


def _compare_fields(path: str, old: Schema, new: Schema, old_defs: Schema, new_defs: Schema) -> Iterator[str]:
    """Which fields there are and must be."""
    before, after = old.get("properties", {}), new.get("properties", {})
    if gone := sorted(before.keys() - after.keys()):
        yield f"{path or 'event'}: {', '.join(gone)} removed"
    if required := sorted(set(new.get("required", [])) - set(old.get("required", []))):
        yield f"{path or 'event'}: {', '.join(required)} newly required"
    for name in sorted(before.keys() & after.keys()):
        yield from _compare(f"{path}.{name}", before[name], after[name], old_defs, new_defs)


def _compare_choices(path: str, old: Schema, new: Schema, old_defs: Schema, new_defs: Schema) -> Iterator[str]:
    """Every alternative that was allowed must still be."""
    if "anyOf" in new and "anyOf" not in old:
        return
    for choice in old.get("anyOf", []):
        candidates = new.get("anyOf", [new])
        if all(any(_compare(path, choice, c, old_defs, new_defs)) for c in candidates):
            yield f"{path}: {_resolved(choice, old_defs).get('type')} was allowed"


def _resolved(schema: Schema, defs: Schema) -> Schema:
    if "$ref" in schema:
        return dict(defs[schema["$ref"].rpartition("/")[2]])
    return schema
