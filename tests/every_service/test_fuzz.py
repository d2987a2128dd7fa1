"""Whatever is sent to any route of any service is answered as its OpenAPI document says, and never with a fault."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import requests
import schemathesis
from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven, PersonReleased
from contracts.vocabulary import Domain, NeedLevel, Purpose, ReleaseMode
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
from support import Rutan, a_person, staff
from support.hearing import api, hear

from contracts import Event

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
CODE = "rekaan"
CODES = dict.fromkeys(("code", "partner", "programme", "recipient"), CODE) | {"text_version": "v1"}
TODAY = datetime.now(UTC).date()
LEFT = TODAY - timedelta(days=100)


def known(name: str) -> UUID:
    """The one id that stands for every path parameter and field of a name: what one route makes another finds."""
    return uuid5(known("release"), "30") if name == "follow_up" else uuid5(NAMESPACE_OID, name)


def day(days: int) -> str:
    """So many days from today."""
    return str(TODAY + timedelta(days=days))


PERSON = f"/people/{known('person')}"
PROPOSAL = f"{PERSON}/proposals/{known('proposal')}"
FIRST: dict[str, dict[str, Any]] = {
    "intake": {
        PERSON: a_person(birth_date="1990-02-05", admitted_on=day(-500)),
        f"{PERSON}/contacts/{known('contact')}": {"name": "Ibu Rekaan", "relation": "parent"},
        f"{PERSON}/register-entries/{known('entry')}": {"number": "BI-2/UJI", "book": "b_i", "from_on": day(-400)},
        f"{PERSON}/sentences/{known('sentence')}": {
            "decided_on": day(-400),
            "detained_since": day(-500),
            "months": 24,
            "verdict_number": "1/UJI",
        },
        PROPOSAL: {"right": "pb", "wanted_by_person_on": day(-3)},
        f"{PROPOSAL}/guarantor": {"contact": str(known("contact"))},
        f"/sittings/{known('sitting')}": {
            "held_on": day(-1),
            "agenda": [],
            "members": [str(known(who)) for who in "abc"],
        },
    },
    "assessment": {
        f"{PERSON}/needs-assessments/{known('assessment')}": {
            "levels": dict.fromkeys(Domain, 2),
            "wants_help": list(Domain),
        }
    },
    "programs": {f"/programmes/{CODE}": {"name": "Rekaan", "domain": "work", "sector": "garment", "capacity": 5}},
    "partner_matching": {f"/partners/{CODE}": {"name": "Rekaan"}},
}
"""What is put first, so that requests come further than to a 404."""


def heard(site: str) -> Iterator[Event]:
    """What the services of a rutan have heard of the known person, so that requests come further than to a 403."""
    about: dict[str, Any] = {"site": site, "occurred_at": datetime.now(UTC), "person": known("person")}
    for purpose in Purpose:
        recipient = CODE if purpose is Purpose.PARTNER_SHARING else None
        yield ConsentGiven(purpose=purpose, recipient=recipient, consent_epoch=1, **about)
    yield NeedsFound(levels=dict.fromkeys(Domain, NeedLevel(2)), wants_help=frozenset(Domain), **about)
    yield PersonReleased(release_id=known("release"), released_on=LEFT, mode=ReleaseMode.PB, **about)


def aimed(case: Case[Any]) -> Case[Any]:
    """The same request at what is known."""
    case.path_parameters = {name: _meant(name, value) for name, value in case.path_parameters.items()}
    if isinstance(case.body, dict):
        case.body = {name: _meant(name, value) for name, value in case.body.items()}
    return case


def _meant(name: str, value: Any) -> Any:
    if name in CODES and isinstance(value, str):
        return CODES[name]
    with suppress(ValueError):
        UUID(str(value))
        return str(known(name))
    with suppress(ValueError):
        date.fromisoformat(str(value))
        return str(TODAY)
    return value


def answers(app: Any, client: requests.Session, operation: APIOperation[Any, Any, Any, Any]) -> None:
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


def test_every_request_is_answered_as_the_document_says(here: Rutan, service: str) -> None:
    if service in SITE_SERVICES:
        hear(here.database(service), *heard(here.site))
    faults: list[BaseException] = []
    with api(here, service) as client:
        app: Any = client.app
        for path, body in FIRST.get(service, {}).items():
            answer = client.put(path, json=body)
            assert answer.is_success, answer.text
        schema = schemathesis.openapi.from_dict(app.openapi())
        # Who is let in is said elsewhere.
        schema.config.generation.with_security_parameters = False
        session = asgi.get_client(app)
        session.headers.update(staff(here.site))
        for operation in [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]:
            if operation.path == NEEDS_A_BROKER:
                continue
            try:
                answers(app, session, operation)
            except (Exception, FailureGroup) as fault:
                fault.add_note(operation.label)
                faults.append(fault)
    if faults:
        raise BaseExceptionGroup(service, faults)
