"""What the services know before requests are made up, so that those come further than to a 404."""

import base64
import io
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from contracts.assessment import NeedsFound
from contracts.intake import ConsentGiven, PersonReleased
from contracts.vocabulary import Domain, LegalStatus, NeedLevel, Purpose, ReleaseMode, Sex
from intake.model.people import Identity
from intake.model.transfers import CODE_BYTES, Bundle, from_paper, on_paper
from openpyxl import Workbook
from schemathesis import Case
from support import a_person
from support.days import TODAY, day

from contracts import Event

CODE = "rekaan"
CODES = dict.fromkeys(("code", "partner", "programme", "recipient"), CODE) | {"text_version": "v1"}
LEFT = TODAY - timedelta(days=100)
PAPERS = ("putusan", "laporan_pembinaan", "pemberitahuan_kejari", "register_f", "daftar_perubahan", "surat_pernyataan")


def known(name: str) -> UUID:
    """The one id that stands for every path parameter and field of a name: what one route makes another finds."""
    return uuid5(known("release"), "30") if name == "follow_up" else uuid5(NAMESPACE_OID, name)


def a_workbook() -> bytes:
    """A register of one person."""
    book, file = Workbook(), io.BytesIO()
    for row in (("Nama", "No. Registrasi", "JK", "Register"), ("Rekaan Tiga", "B.I 3/UJI", "L", "B.I")):
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


@dataclass(frozen=True)
class Sent:
    """A right request. What stands in its path is what is known, unless it says otherwise."""

    method: str
    path: str
    body: Any = None
    at: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


Asked = Generator[Sent, Any, None]
"""Requests in their order; each is answered before the next."""


def first(service: str, site: str, me: UUID) -> Asked:
    """What is sent to a service first, by somebody who is `me`."""
    person = "/people/{person}"
    match service:
        case "intake":
            yield Sent("PUT", person, a_person(birth_date="1990-02-05", admitted_on=day(-500)))
            yield from _family()
            yield from _a_right(me)
            yield from _two_entries()
            yield from _transfers(site)
            yield from _forgotten()
            yield Sent("PUT", "/register-imports/{import_id}", a_workbook(), query={"apply": "true"})
            yield Sent("POST", "/register-imports/{import_id}/undo")
        case "assessment":
            found = {"levels": dict.fromkeys(Domain, 2), "wants_help": list(Domain)}
            yield Sent("PUT", f"{person}/needs-assessments/{{assessment}}", found)
        case "programs":
            programme = {"name": "Rekaan", "domain": "work", "sector": "garment", "capacity": 5}
            yield Sent("PUT", "/programmes/{code}", programme)
        case "partner_matching":
            yield Sent("PUT", "/partners/{code}", {"name": "Rekaan"})


def _family() -> Asked:
    person, contact = "/people/{person}", "/people/{person}/contacts/{contact}"
    yield Sent("POST", f"{person}/consents/{{purpose}}", {"text_version": "v1"}, at={"purpose": Purpose.FAMILY_CONTACT})
    yield Sent("PUT", contact, {"name": "Ibu Rekaan", "relation": "parent"})
    for wish in ("visits", "guarantor"):
        agreed = {"wish": wish, "answer": "yes", "asked_on": day(0)}
        yield Sent("PUT", f"{contact}/answers/{{answer}}", agreed, at={"answer": known(wish)})
    visit = {"contact": str(known("contact")), "planned_on": day(0), "channel": "visit"}
    yield Sent("PUT", f"{person}/visits/{{visit}}", visit)
    guarantor = f"{person}/guarantors/{{guarantor}}"
    yield Sent("PUT", guarantor, {"contact": str(known("contact"))})
    yield Sent("POST", f"{guarantor}/letter", {"received_on": day(0)})
    signed = {"countersigned_on": day(0), "countersigned_by": "kades"}
    yield Sent("POST", f"{guarantor}/countersignature", signed)
    yield Sent("PUT", f"{person}/family-needs/{{need}}", {"kind": "documents"})
    yield Sent("PUT", f"{person}/family-needs/{{need}}/referrals/{{referral}}", {"office": "village"})


def _a_right(me: UUID) -> Asked:
    person, proposal = "/people/{person}", "/people/{person}/proposals/{proposal}"
    entry = {"number": "BI-2/UJI", "book": "b_i", "from_on": day(-400)}
    yield Sent("PUT", f"{person}/register-entries/{{entry}}", entry)
    passed = {"decided_on": day(-400), "detained_since": day(-500), "months": 24, "verdict_number": "1/UJI"}
    yield Sent("PUT", f"{person}/sentences/{{sentence}}", passed)
    known_not = {"code": "foreign_national", "answer": "no", "source": "register"}
    yield Sent("PUT", f"{person}/answers/{{answer}}", known_not)
    yield Sent("PUT", proposal, {"right": "pb", "wanted_by_person_on": day(0)})
    for code in PAPERS:
        yield Sent("PUT", f"{proposal}/documents/{{code}}", {"received_on": day(0)}, at={"code": code})
    litmas = {"requested_on": day(0), "received_on": day(0), "advice": "supported"}
    yield Sent("PUT", f"{proposal}/litmas", litmas)
    yield Sent("PUT", f"{proposal}/guarantor", {"contact": str(known("contact"))})
    yield Sent("PUT", f"{proposal}/completion", {"on": day(0)})
    members = [str(me), *(str(known(who)) for who in "bc")]
    sitting = {"held_on": day(0), "agenda": [str(known("proposal"))], "members": members}
    yield Sent("PUT", "/sittings/{sitting}", sitting)
    yield Sent("PUT", "/sittings/{sitting}/advice/{proposal}", {"advice": "recommended"})
    yield Sent("PUT", f"{proposal}/dispatch", {"on": day(0)})
    decree = {"on": day(0), "decree_number": "PAS-1"}
    yield Sent("PUT", f"{proposal}/decision", decree | {"granted": True})
    yield Sent("PUT", f"{proposal}/revocation", decree)


def _two_entries() -> Asked:
    for n, name in enumerate(("into", "dropped")):
        entry = a_person(name=f"Rekaan {name}", register_number=f"BI-{n + 5}/UJI")
        yield Sent("PUT", "/people/{person}", entry, at={"person": known(name)})
    at = {"person": known("dropped")}
    yield Sent("POST", "/people/{person}/merge", {"into": str(known("into"))}, at=at)
    yield Sent("POST", "/people/{person}/unmerge", at=at)


def _transfers(site: str) -> Asked:
    """Somebody goes to another rutan, and somebody comes from there."""
    at = {"person": known("into")}
    offered = yield Sent("PUT", "/people/{person}/transfers/{transfer}", {"to_site": "oz-lain"}, at=at)
    bundle = Bundle.opened(base64.b64decode(offered["bundle"]), from_paper(offered["code"], CODE_BYTES))
    closure = {"acceptance_code": bundle.answer()}
    yield Sent("POST", "/people/{person}/transfers/{transfer}/closure", closure, at=at)
    code = bytes(CODE_BYTES)
    comes = Bundle(
        transfer=known("arrival"),
        from_site="oz-lain",
        to_site=site,
        secret="ab" * 32,
        identity=Identity(name="Rekaan Empat"),
        sex=Sex.MALE,
        legal_status=LegalStatus.TAHANAN,
    )
    sealed = base64.b64encode(comes.sealed(code, bytes(12))).decode()
    accepted = {"bundle": sealed, "code": on_paper(code), "person": str(known("arrived")), "register_number": "A-4/UJI"}
    yield Sent("POST", "/transfers/acceptance", accepted)


def _forgotten() -> Asked:
    at, erasure = {"person": known("dropped")}, "/people/{person}/erasures/{erasure}"
    released = {"released_on": day(-1), "mode": "murni"}
    yield Sent("PUT", "/people/{person}/releases/{release}", released, at=at)
    yield Sent("PUT", erasure, {"received_on": day(0), "ground": "asked"}, at=at)
    yield Sent("PUT", f"{erasure}/decision", {"outcome": "done"}, at=at)
    yield Sent("GET", f"{erasure}/certificate", at=at)


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


def in_path(name: str) -> str:
    """What stands for a part of a path."""
    return CODES.get(name, str(known(name)))


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
