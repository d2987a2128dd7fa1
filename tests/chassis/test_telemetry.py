"""One trace follows a fact: from the request through the outbox and the stream to whoever hears of it, however late."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from chassis.telemetry import JsonFormatter
from pydantic import SecretStr
from support import Rutan

SCENARIO = """
import json, sys
from uuid import UUID
from chassis import telemetry
from chassis.settings import Settings
from fastapi.testclient import TestClient
from jembatan.node import service_of
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text
from support import a_person, eventually, rutan

spans = InMemorySpanExporter()
telemetry.start("oz", None, processor=SimpleSpanProcessor(spans))
given = json.load(sys.stdin)
rutan.ISSUER = rutan.Issuer.of(given["issuer"])
person = f"/people/{UUID(int=1)}"
staff = rutan.staff(given["site"])


def running(service):
    app = service_of(service).app(Settings(**given["settings"][service]))
    return TestClient(app, raise_server_exceptions=False, headers=staff)


def look(client, query):
    with client.app.state.database.engine.connect() as connection:
        return connection.execute(text(query)).scalar()


with running("intake") as client:
    assert client.put(person, json=a_person(name="Siti Rekaan")).status_code == 201
    assert client.post(f"{person}/consents/assessment", json={"text_version": "v1"}).status_code == 201
    eventually(lambda: look(client, "select bool_and(published_at is not null) from outbox"))
    row = look(client, "select traceparent from outbox where type = 'intake.consent_given.v1' limit 1")
    given["break"] and client.app.state.database.engine.dispose()
    if given["break"]:
        with client.app.state.database.engine.begin() as connection:
            connection.execute(text("alter table person add constraint nobody check (sex = 'x') not valid"))
        other = client.put(f"/people/{UUID(int=2)}", json=a_person(name="Siti Rekaan"))
        assert other.status_code == 500
with running("assessment") as client:
    eventually(lambda: look(client, "select count(*) from gate") == 1)
    eventually(lambda: any(span.name.startswith("on ") for span in spans.get_finished_spans()))
print(json.dumps({"row": row, "spans": [json.loads(span.to_json()) for span in spans.get_finished_spans()]}))
"""


def scenario(rutan: Rutan, *, broken: bool = False) -> dict[str, object]:
    """What was traced, in a process of its own: the tracer is one for the whole process."""
    from support.rutan import ISSUER  # noqa: PLC0415

    given = {
        "site": rutan.site,
        "issuer": ISSUER.private_jwk(),
        "break": broken,
        "settings": {name: told(rutan, name) for name in ("intake", "assessment")},
    }
    done = subprocess.run(
        [sys.executable, "-c", SCENARIO],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    traced: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return traced


def told(rutan: Rutan, service: str) -> dict[str, object]:
    settings = rutan.settings(service).model_dump(exclude_none=True)
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in settings.items()
    }


def test_one_trace_leads_from_the_request_to_a_handler_that_starts_later(rutan: Rutan) -> None:
    traced = scenario(rutan)
    spans = traced["spans"]
    assert isinstance(spans, list)
    [request] = [span for span in spans if span["name"] == "POST /people/{person}/consents/{purpose}"]
    [handled] = [span for span in spans if span["name"] == "on intake.consent_given.v1"]
    assert handled["context"]["trace_id"] == request["context"]["trace_id"]
    assert str(traced["row"]).split("-")[1] == request["context"]["trace_id"].removeprefix("0x")
    assert "00000000-0000-0000-0000-000000000001" not in {span["name"] for span in spans}


def test_a_trace_quotes_nobody_when_a_request_fails(rutan: Rutan) -> None:
    assert "Siti" not in json.dumps(scenario(rutan, broken=True)["spans"])


def test_a_log_line_holds_an_exceptions_type_and_place_and_not_its_words() -> None:
    try:
        raise ValueError("Siti Rekaan")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "request failed", (), sys.exc_info())
    record.__dict__["attempt"] = 3
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["message"], line["error"], line["attempt"]) == (
        "error",
        "request failed",
        "ValueError",
        3,
    )
    assert __file__ in line["where"]
    assert "Siti" not in json.dumps(line)


@pytest.mark.parametrize("value", [object(), {"a": object()}, "é\n"], ids=["object", "nested object", "text"])
def test_a_log_record_is_always_one_line_of_json(value: object) -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "said", (), None)
    record.__dict__["extra"] = value
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "said"
