"""Whatever is sent to any route of any service is answered as its OpenAPI document says, and never with a fault."""

import re
from contextlib import suppress
from typing import Any

import requests
import schemathesis
from chassis.identity import Tokens
from every_service.known import aimed, first, heard, in_path
from hypothesis import HealthCheck, Phase, given, settings, strategies
from jembatan.folder import SITE_SERVICES
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from support import Rutan, staff
from support.hearing import api, hear

EXAMPLES = 15
"""Requests to each route: as many as keep all services together under a minute."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SPREADSHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
schemathesis.serializer.alias(SPREADSHEETS, "application/octet-stream")
NEEDS_A_BROKER = "/readyz"

Operation = APIOperation[Any, Any, Any, Any]


def answers(app: Any, client: requests.Session, operation: Operation) -> None:
    """Sends right and wrong requests to one route, half of them at what is known."""
    every = strategies.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(every | every.map(aimed))
    def answered(case: Case[Any]) -> None:
        answer = case.call_and_validate(app=app, session=client, checks=CHECKS)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]

    answered()


def begins(app: Any, client: requests.Session, service: str, here: Rutan, operations: dict[str, Operation]) -> None:
    """Sends what is to be known, and sees that what succeeds is answered as the document says as well."""
    token = str(client.headers["authorization"]).removeprefix("Bearer ")
    me = Tokens(here.settings(service).token_key, here.site).actor(token).id
    asked, said = first(service, here.site, me), None
    with suppress(StopIteration):
        while sent := asked.send(said):
            case = operations[f"{sent.method} {sent.path}"].Case(
                path_parameters={name: in_path(name) for name in re.findall(r"{(\w+)}", sent.path)} | sent.at,
                query=sent.query,
                **({} if sent.body is None else {"body": sent.body}),
            )
            answer = case.call_and_validate(app=app, session=client, checks=CHECKS)
            assert answer.status_code < 300, (sent, answer.text)
            said = answer.json()


def test_every_request_is_answered_as_the_document_says(here: Rutan, service: str) -> None:
    if service in SITE_SERVICES:
        hear(here.database(service), *heard(here.site))
    faults: list[BaseException] = []
    with api(here, service) as client:
        app: Any = client.app
        schema = schemathesis.openapi.from_dict(app.openapi())
        # Who is let in is said elsewhere.
        schema.config.generation.with_security_parameters = False
        session = asgi.get_client(app)
        session.headers.update(staff(here.site))
        operations = {
            op.label: op for op in (found.ok() for found in schema.get_all_operations() if isinstance(found, Ok))
        }
        begins(app, session, service, here, operations)
        for operation in operations.values():
            if operation.path == NEEDS_A_BROKER:
                continue
            try:
                answers(app, session, operation)
            except (Exception, FailureGroup) as fault:
                fault.add_note(operation.label)
                faults.append(fault)
    if faults:
        raise BaseExceptionGroup(service, faults)
