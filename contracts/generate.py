"""Writes what is derived from the event classes: JSON Schemas, the AsyncAPI document and docs/events.md.

`python contracts/generate.py` writes; with `--check` it only says what is stale. A change that would break a released
schema is refused in both cases: say a new version beside the old one instead.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from compatibility import breaks

from contracts import Event, event_classes

HERE = Path(__file__).parent
ROOT = HERE.parent
SUBJECTS = {
    "site": "site.{site}.%s",
    "national": "national.{site}.%s",
    "partner": "partner.{partner}.%s",
}
HEADERS = {
    "ce-specversion": "always 1.0",
    "ce-id": "the event's id; the same fact keeps it, however often it is sent",
    "ce-type": "the event's type",
    "ce-source": "/{site}/{service}",
    "ce-time": "when it happened, by the site's clock",
    "ce-site": "the site whose database holds the fact",
    "ce-service": "the service that says it",
    "ce-audience": "site, national or partner",
    "ce-epoch": "changes when the service's database was restored: numbers begin anew",
    "ce-seq": "its number in this feed: 1, 2, 3 … without gaps",
    "traceparent": "the W3C trace the fact began in",
}


def schema(event: type[Event]) -> dict[str, Any]:
    """One event's JSON Schema, as a reader may rely on it."""
    made = event.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": event.type, **made}


def addresses(event: type[Event]) -> Iterator[str]:
    """The subjects an event is said on."""
    audiences = ("site", "national") if event.audience == "national" else (event.audience,)
    for audience in audiences:
        what = event.type.partition(".")[2] if audience == "partner" else event.type
        yield SUBJECTS[audience] % what


def asyncapi() -> str:
    """One document for everybody who subscribes."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for type_, event in sorted(event_classes.items()):
        messages[type_] = {
            "name": type_,
            "title": event.__name__,
            "summary": _doc(event),
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/headers"},
            "payload": {"$ref": f"schemas/{type_}.json"},
        }
        for address in addresses(event):
            audience = address.partition(".")[0]
            channel = f"{audience}.{type_}"
            variables = [part[1:-1] for part in address.split(".") if part.startswith("{")]
            channels[channel] = {
                "address": address,
                "messages": {type_: {"$ref": f"#/components/messages/{type_}"}},
                "parameters": {name: {"description": f"the {name}'s code"} for name in variables},
            }
            operations[f"hear {channel}"] = {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}}
    headers = {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in HEADERS.items()},
        "required": [name for name in HEADERS if name != "traceparent"],
    }
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Jembatan",
            "version": "1",
            "description": "Every event of Jembatan: CloudEvents 1.0 in binary mode over NATS JetStream. `send` is said"
            " from the side of Jembatan. Header values are percent-encoded.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"headers": headers}},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def events_md() -> str:
    """The catalogue for people."""
    lines = [
        "# Events",
        "",
        "Generated from the classes in `contracts/contracts` by `make contracts`. Every event also has `event_id`,",
        "`site` and `occurred_at`. *National* events are said inside the rutan and may leave it; *site* events stay.",
        "",
    ]
    publisher = ""
    for type_, event in sorted(event_classes.items()):
        if event.__module__ != publisher:
            publisher = event.__module__
            lines += [f"## {publisher.rpartition('.')[2]}", ""]
        lines += [f"### `{type_}`", "", f"{_doc(event)} *{event.audience.capitalize()}*, `{event.__name__}`.", ""]
        lines += ["| field | type | |", "|---|---|---|"]
        described = schema(event)
        for name, shape in described["properties"].items():
            if name not in Event.model_fields:
                optional = "" if name in described["required"] else "optional"
                lines.append(f"| `{name}` | {_type(shape, described.get('$defs', {}))} | {optional} |")
        lines.append("")
    return "\n".join(lines)


def _doc(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").split())


def _type(shape: dict[str, Any], defs: dict[str, Any]) -> str:
    if "$ref" in shape:
        return _type(defs[shape["$ref"].rpartition("/")[2]], defs)
    if "enum" in shape:
        return ", ".join(f"`{word}`" for word in shape["enum"])
    if "const" in shape:
        return f"`{shape['const']}`"
    if "anyOf" in shape:
        return " or ".join(_type(s, defs) for s in shape["anyOf"] if s.get("type") != "null")
    if shape.get("type") == "array":
        return "set of " + _type(shape["items"], defs)
    if shape.get("type") == "object":
        names = _type(shape.get("propertyNames", {"type": "string"}), defs)
        return f"{_type(shape['additionalProperties'], defs)} by {names}"
    return str(shape.get("format") or shape["type"])


def generated() -> dict[Path, str]:
    """Every generated file and its content."""
    files = {
        HERE / "schemas" / f"{type_}.json": json.dumps(schema(event), indent=2, ensure_ascii=False) + "\n"
        for type_, event in event_classes.items()
    }
    files[HERE / "asyncapi.yaml"] = asyncapi()
    files[ROOT / "docs" / "events.md"] = events_md()
    return files


def broken() -> list[str]:
    """Every way in which the classes no longer honour a schema that was released."""
    found = []
    for path in sorted((HERE / "schemas").glob("*.json")):
        event = event_classes.get(path.stem)
        if event is None:
            found.append(f"{path.stem}: removed; a released event stays for ever")
        else:
            found += [f"{path.stem}: {what}" for what in breaks(json.loads(path.read_text()), schema(event))]
    return found


def main(check: bool) -> int:
    """Writes, or with `check` only compares."""
    if problems := broken():
        print("\n".join(problems), file=sys.stderr)
        print("A released event is never changed: add a new version beside it.", file=sys.stderr)
        return 1
    stale = [path for path, content in generated().items() if not path.exists() or path.read_text() != content]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is stale: run `make contracts`", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(generated()[path])
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
