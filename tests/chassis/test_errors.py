"""Every error reaches the client as a problem document that repeats nothing of what was sent."""

from typing import Annotated

import pytest
from chassis.errors import Conflict, NotFound, Refused, Unauthenticated, add_error_handlers
from chassis.forms import Form, Line
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import Field


class ConsentAlreadyWithdrawn(Conflict):
    detail = "Persetujuan ini sudah ditarik."


class Sent(Form):
    name: Line
    age: Annotated[int, Field(ge=0)] = 0
    levels: Annotated[dict[str, int], Field(default_factory=dict)]


REFUSALS = [(ConsentAlreadyWithdrawn, 409), (NotFound, 404), (Unauthenticated, 401)]


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    add_error_handlers(app, {})

    @app.get("/refuse/{which}")
    def refuse(which: int) -> None:
        raise REFUSALS[which][0]

    @app.get("/fail")
    def fail() -> None:
        raise RuntimeError("Siti Rekaan")

    @app.post("/send")
    def send(sent: Sent) -> None: ...

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("which", range(len(REFUSALS)))
def test_a_refusal_is_answered_with_its_status_its_slug_and_its_words(client: TestClient, which: int) -> None:
    refusal, status = REFUSALS[which]
    answer = client.get(f"/refuse/{which}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": f"/problems/{refusal.slug()}",
        "title": refusal.slug(),
        "status": status,
        "detail": refusal.detail,
    }


def test_a_slug_is_the_name_of_the_refusal() -> None:
    assert ConsentAlreadyWithdrawn.slug() == "consent-already-withdrawn"
    assert Refused.status == 403


def test_a_fault_tells_that_nothing_was_saved_and_not_what_broke(client: TestClient) -> None:
    answer = client.get("/fail")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/fault")
    assert "Siti" not in answer.text
    assert "Data belum tersimpan" in answer.json()["detail"]


def test_a_malformed_form_is_told_where_it_is_wrong(client: TestClient) -> None:
    answer = client.post("/send", json={"age": -1})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    wrong = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert wrong == {("/body/name", "missing"), ("/body/age", "greater_than_equal")}


@pytest.mark.parametrize(
    "sent",
    [
        {"name": {"Siti Rekaan": 1}},
        {"name": "x", "Siti Rekaan": 1},
        {"name": "x", "levels": {"Siti Rekaan": "y"}},
        {"name": "x", "age": "Siti Rekaan"},
        ["Siti Rekaan"],
        "Siti Rekaan",
    ],
    ids=str,
)
def test_nothing_of_a_malformed_form_is_repeated_not_even_its_keys(client: TestClient, sent: object) -> None:
    answer = client.post("/send", json=sent)
    assert answer.status_code == 422
    assert "Siti" not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/fail", 405)])
def test_what_the_framework_refuses_is_a_problem_too(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_a_body_that_cannot_be_read_is_not_called_a_wrong_address(client: TestClient) -> None:
    answer = client.post("/send", content=b"\xff{", headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert "alamat" not in answer.json()["detail"]
    answer = client.post("/send", content=b"--x", headers={"content-type": "multipart/form-data"})
    assert "alamat" not in answer.json()["detail"]
