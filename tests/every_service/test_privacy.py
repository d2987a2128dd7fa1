"""Names and numbers of people stay in the tables: no log and no answer to a mistake carries them."""

import logging
from collections.abc import Iterator

import pytest
from chassis.telemetry import JsonFormatter
from every_service.cases import ASKED, HEARD, Asked, refuse_commits
from fastapi import FastAPI
from support import Rutan, a_person, eventually, staff

NAME, NIK = "Siti Rekaan", "9971234107900001"
SECRETS = ("Siti", "Rekaan", NIK, "9971234107900")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Every line that is logged from now on, as it is written in production."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith("httpx"):  # the test's own client
                lines.append(self.format(record))

    handler, root = Kept(logging.DEBUG), logging.getLogger()
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    level, before = logging.INFO, root.level
    root.setLevel(level)
    yield lines
    root.setLevel(before)
    root.removeHandler(handler)


def planted(texts: list[str]) -> list[str]:
    """The texts in which somebody is named."""
    return [text for text in texts if any(secret in text for secret in SECRETS)]


def malformed() -> list[bytes]:
    """Bodies that no form accepts, each about somebody."""
    return [
        f'{{"{NAME}": "{NIK}"}}'.encode(),
        f'{{"name": ["{NAME}"], "nik": "{NIK}x", "levels": {{"{NAME}": 1}}, "capacity": "{NAME}"}}'.encode(),
        f'["{NAME}", {NIK}]'.encode(),
        f'"{NAME}"'.encode(),
        f'{{"name": "{NAME} {NIK}'.encode(),
        NAME.encode("utf-16"),
        f'{{"name": "{NAME}\\u0000", "register_number": "{NIK}\\ud800"}}'.encode(),
    ]


def writing_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Each route that takes a body, as method and path."""
    paths = app.openapi()["paths"]
    return [(method, path) for path, ways in paths.items() for method, way in ways.items() if "requestBody" in way]


def test_what_was_wrong_in_a_request_is_said_without_repeating_it(here: Rutan, service: str, logged: list[str]) -> None:
    with here.running(service) as client:
        assert isinstance(client.app, FastAPI)
        answers = [
            client.request(method, path.replace("{", "").replace("}", f"-{NAME}"), content=body, headers=JSON)
            for method, path in writing_routes(client.app)
            for body in malformed()
        ]
        answers.append(client.get(f"/{NAME}"))
    assert {answer.status_code for answer in answers} <= {404, 422}
    assert planted([answer.text for answer in answers]) == []
    assert planted(logged) == []


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: str(asked.service))
def test_a_failing_database_quotes_nobody_in_the_log(rutan: Rutan, asked: Asked, logged: list[str]) -> None:
    asked.before(rutan)
    refuse_commits(rutan, asked.service, asked.table)
    body = {**asked.body, **({"name": NAME} if "name" in asked.body else {})}
    with rutan.running(asked.service) as client:
        answer = client.put(asked.path, json=body)
    assert answer.status_code == 500
    assert any("request failed" in line for line in logged)
    assert planted([answer.text, *logged]) == []


def test_a_whole_morning_at_the_register_leaves_no_name_in_the_log(rutan: Rutan, logged: list[str]) -> None:
    person = f"/people/{'0' * 8}-0000-4000-8000-{'0' * 12}"
    sent = a_person(name=NAME, nik=NIK, register_number=NIK)
    with rutan.running("intake") as client:
        assert client.put(person, json=sent).status_code == 201
        assert client.put(person, json=sent | {"name": f"{NAME} Lain"}).status_code == 409
        assert client.get(person).json()["name"] == NAME
        assert client.get(person, headers=staff("oz-lain")).status_code == 401
        assert client.post(f"{person}/consents/assessment/withdrawal", json={}).status_code == 409
        eventually(lambda: rutan.one("intake", "select count(*) from outbox where published_at is not null") == 2)
    assert planted(logged) == []
    assert planted([str(row) for row in rutan.sql("intake", "select * from outbox")]) == []


def test_a_poisonous_event_is_logged_without_what_was_in_it(rutan: Rutan, logged: list[str]) -> None:
    heard = next(h for h in HEARD if h.service == "assessment")
    event = heard.new(rutan)
    epoch = event.event_id
    with rutan.running("assessment"):
        heard.tell(rutan, event, 1, epoch, body=f'{{"person": "{NAME}"}}'.encode())
        eventually(lambda: rutan.one("assessment", "select count(*) from parked") == 1, within_s=60)
    assert any("event failed" in line for line in logged)
    assert planted(logged) == []
    assert planted([str((row.trace, row.reason)) for row in rutan.sql("assessment", "select * from parked")]) == []
