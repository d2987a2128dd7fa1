"""Who may ask what: every route names the roles it is for, and everybody else is turned away alike."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.identity import Actor, Issuer
from chassis.settings import Settings
from contracts.vocabulary import Role
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from httpx2 import Response
from jembatan.node import service_of
from starlette.routing import BaseRoute

SITE, ISSUER = "oz-uji", Issuer.new()
OPEN = {
    ("central", "/"),
    ("central", "/api/sites"),
    ("intake", "/services-and-fees"),
    ("intake", "/levy-reports/{report}"),
    ("intake", "/levy-reports/answers"),
}
"""The national view says nothing of anybody; a levy is reported by whoever was asked to pay."""


@pytest.fixture
def client(service: str) -> TestClient:
    """The service, not started: nobody gets as far as a database."""
    nowhere = Settings(
        site=SITE,
        database_url="postgresql+psycopg://nobody@127.0.0.1:1/none",
        nats_url="nats://127.0.0.1:1",
        token_key=ISSUER.public_jwk(),
    )
    return TestClient(service_of(service).app(nowhere), raise_server_exceptions=False)


def routes(found: Sequence[BaseRoute]) -> Iterator[APIRoute]:
    """Every route of ours. They stand side by side: one inside an included router would go unchecked."""
    for route in found:
        assert isinstance(route, APIRoute), route
        yield route


def roles_of(dependant: Dependant) -> frozenset[Role] | None:
    """The roles that a route asks for, or None when it asks for none."""
    for needed in dependant.dependencies:
        roles = getattr(needed.call, "roles", None) or roles_of(needed)
        if roles:
            return frozenset(roles)
    return None


def guarded(service: str) -> list[tuple[APIRoute, frozenset[Role]]]:
    found = [(route, roles_of(route.dependant)) for route in routes(service_of(service).router.routes)]
    return [(route, roles) for route, roles in found if roles]


def headers(roles: frozenset[Role], *, site: str = SITE, by: Issuer = ISSUER, hours: int = 1) -> dict[str, str]:
    token = by.token(Actor(uuid4(), site, frozenset(roles)), timedelta(hours=hours))
    return {"authorization": f"Bearer {token}"}


def ask(client: TestClient, route: APIRoute, sent: dict[str, str]) -> Response:
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", str(uuid4()))
    return client.request(min(route.methods or ()), path, headers=sent)


def is_problem(answer: Response, status: int, slug: str) -> bool:
    kind, body = answer.headers["content-type"], answer.json()
    return (answer.status_code, kind, body["type"]) == (status, "application/problem+json", f"/problems/{slug}")


def test_every_route_names_its_roles_except_those_open_to_all(service: str) -> None:
    every = list(routes(service_of(service).router.routes))
    assert every
    assert {(service, route.path) for route in every if roles_of(route.dependant) is None} == {
        (name, path) for name, path in OPEN if name == service
    }


def test_a_service_describes_itself(client: TestClient, service: str) -> None:
    described = client.get("/openapi.json")
    assert described.status_code == 200
    assert described.json()["info"]["title"] == service
    known = {route.path for route in routes(service_of(service).router.routes) if route.include_in_schema}
    assert set(described.json()["paths"]) >= known - {"/"}
    assert isinstance(client.app, FastAPI)


def test_every_route_is_one_transaction(service: str) -> None:
    # Made by FastAPI's own router it would commit nothing, and show a closed record without a line in the log.
    found = routes(service_of(service).router.routes)
    assert [r.path for r in found if not any(n.name == "transaction" for n in r.dependant.dependencies)] == []


def test_nobody_unknown_gets_in(client: TestClient, service: str) -> None:
    for route, roles in guarded(service):
        strangers = {
            "no token": {},
            "no bearer": {"authorization": "Basic c2l0aTpyYWhhc2lh"},
            "no token at all": {"authorization": "Bearer x.y.z"},
            "another site's": headers(roles, site="oz-lain"),
            "another issuer's": headers(roles, by=Issuer.new()),
            "yesterday's": headers(roles, hours=-24),
        }
        answers = {why: ask(client, route, sent) for why, sent in strangers.items()}
        assert [why for why, answer in answers.items() if not is_problem(answer, 401, "unauthenticated")] == []


def test_whoever_has_another_role_is_refused(client: TestClient, service: str) -> None:
    for route, roles in guarded(service):
        for role in set(Role) - roles:
            assert is_problem(ask(client, route, headers(frozenset({role}))), 403, "not-your-role"), route.path
        assert is_problem(ask(client, route, headers(frozenset())), 403, "not-your-role"), route.path


def test_whoever_has_the_role_gets_past_the_door(client: TestClient, service: str) -> None:
    for route, roles in guarded(service):
        for role in roles:
            assert ask(client, route, headers(frozenset({role}))).status_code not in (401, 403), route.path


def test_being_alive_is_nobodys_secret(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_an_address_that_does_not_exist_is_a_problem_like_any_other(client: TestClient) -> None:
    assert is_problem(client.get("/tidak-ada"), 404, "http-error")


def test_a_look_at_what_cannot_be_anybodys_id_is_malformed_like_any_other_request(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]
    shown = [path for path, ways in described.items() if "{person}" in path and "get" in ways]
    for path in shown:
        sent = headers(frozenset(Role)) | {"jembatan-purpose": "service"}
        answer = client.get(path.replace("{person}", "bukan-nomor"), headers=sent)
        assert is_problem(answer, 422, "malformed"), path
        assert {"pointer": "/path/person", "code": "uuid_parsing"} in answer.json()["errors"]


def test_a_service_describes_its_refusals_as_the_problems_that_they_are(client: TestClient, service: str) -> None:
    described = client.get("/openapi.json").json()["paths"]
    for route in routes(service_of(service).router.routes):
        for way in described.get(route.path, {}).values():
            assert "422" not in way["responses"], route.path
            assert list(way["responses"]["default"]["content"]) == ["application/problem+json"], route.path
