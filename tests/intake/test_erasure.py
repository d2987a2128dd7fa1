"""Whoever is erased is gone from every table, stream and log, and gets a proof that names nobody."""

import contextlib
import logging
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import gate
from chassis.telemetry import JsonFormatter
from chassis.vault import Vault
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from intake.commands.sweep import sweep
from intake.model.effects import NAMES
from intake.model.erasures import (
    ArticleMissing,
    Decision,
    Erasure,
    ErasureAlreadyDecided,
    ErasureGround,
    ErasureOutcome,
    HoldAlreadyOver,
    HoldArticle,
    LegalHold,
    ProcedureOpen,
    RetentionRuns,
    StillInside,
)
from intake.model.people import Person
from intake.model.stays import Release
from intake.queries.erasures import hold_on
from jembatan.folder import SITE_SERVICES, VAULT
from nats.js.errors import NotFoundError
from sqlalchemy import Boolean, Column, MetaData, Table, Uuid, text
from support import Rutan, a_person, eventually, staff
from support.hearing import api

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
ASKED = {"received_on": "2026-03-01", "ground": "asked"}
DONE = {"outcome": "done"}
PARTLY = {"outcome": "partly", "article": "ps_44_retention", "until_on": "2099-01-01"}
NAME, NIK, NUMBER = "Siti Contohwati", "9971014107900001", "BI-77/CONTOH"
ADDRESS, PHONE, MOTHER = "Gang Rekaan Raya 7", "0812-9999-7777", "Ibu Contohasih"
DAY = "1990-07-01"


def planted(**fields: Any) -> dict[str, Any]:
    """A person of whom every word would be known again. No two stand under one number."""
    sent = a_person(name=NAME, nik=NIK, register_number=f"{NUMBER}-{uuid4().hex[:8]}", marital_status="married")
    return (
        sent
        | {"aliases": ["Siti Rekaanita"], "birth_place": "Kotarekaan", "birth_date": DAY, "address": ADDRESS}
        | fields
    )


def registered(intake: TestClient, *, released: bool = True) -> str:
    person = f"/people/{uuid4()}"
    answer = intake.put(person, json=planted())
    assert answer.status_code == 201, answer.text
    if released:
        leaves = {"released_on": "2026-02-03", "mode": "murni"}
        assert intake.put(f"{person}/releases/{uuid4()}", json=leaves).status_code == 201
    return person


def asked(intake: TestClient, person: str) -> str:
    erasure = f"{person}/erasures/{uuid4()}"
    assert intake.put(erasure, json=ASKED).status_code == 201
    return erasure


def slug(answer: Any) -> str:
    return str(answer.json()["title"])


def test_done_leaves_an_opaque_id_and_what_nobody_can_be_known_by(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        intake.post(f"{person}/consents/programme", json={"text_version": "v1"})
        erasure = asked(intake, person)
        for _ in range(2):  # the same decision again changes nothing
            answer = intake.put(f"{erasure}/decision", json=DONE)
            assert (answer.status_code, answer.json()["outcome"]) == (201, "done"), answer.text
        assert slug(intake.put(f"{erasure}/decision", json=PARTLY)) == "erasure-already-decided"
        [row] = rutan.sql("intake", "select * from person")
        left = {name: value for name, value in row._asdict().items() if value is not None}
        assert left.keys() == {
            *("id", "site", "sex", "legal_status", "inside"),
            *("registered_at", "registered_by", "identity_version"),
        }
        assert (left["registered_at"].day, left["registered_at"].hour, left["registered_at"].minute) == (1, 0, 0)
        for table in ("register_entry", "release", "consent"):
            assert rutan.one("intake", f"select count(*) from {table}") == 0
        said = rutan.sql("intake", "select audience from outbox where type = 'intake.person_erased.v1'")
        assert sorted(row.audience for row in said) == ["national", "site"]
        with rutan.database("intake").transaction() as session:
            assert gate.is_forgotten(session, UUID(person.rpartition("/")[2]))


def test_later_news_of_somebody_who_was_erased_makes_nothing_anew(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        erasure = asked(intake, person)
        intake.put(f"{erasure}/decision", json=DONE)
        rows = rutan.one("intake", "select count(*) from outbox")
        again = planted()
        attempts = [
            intake.put(person, json=again),
            intake.put(person, json=a_person(register_number=NUMBER)),
            intake.get(person),
            intake.post(f"{person}/consents/programme", json={"text_version": "v1"}),
            intake.put(f"{person}/releases/{uuid4()}", json={"released_on": "2026-02-03", "mode": "murni"}),
            intake.put(f"{person}/erasures/{uuid4()}", json=ASKED),
        ]
        assert {answer.status_code for answer in attempts} <= {404, 409}, [a.text for a in attempts]
        assert intake.put(erasure, json=ASKED).status_code == 201
        assert rutan.one("intake", "select count(*) from outbox") == rows
        assert rutan.one("intake", "select count(*) from register_entry") == 0


def test_a_commit_that_fails_after_the_key_is_gone_is_mended_by_deciding_again(
    rutan: Rutan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        erasure = asked(intake, person)
        destroy = Vault.destroy

        def destroy_and_fail(vault: Vault, *subjects: UUID) -> None:
            destroy(vault, *subjects)
            raise ConnectionError

        with monkeypatch.context() as patched:
            patched.setattr(Vault, "destroy", destroy_and_fail)
            assert intake.put(f"{erasure}/decision", json=DONE).status_code == 500
        assert rutan.one("intake", "select outcome from erasure") is None
        assert rutan.one("intake", "select count(*) from register_entry") == 1
        assert slug(intake.get(person)) == "person-not-here"
        assert intake.put(f"{erasure}/decision", json=DONE).status_code == 201
        assert rutan.one("intake", "select count(*) from register_entry") == 0
        assert rutan.one("intake", "select count(*) from outbox where type like '%erased%'") == 2  # inside and outside


def test_a_key_that_comes_back_with_a_backup_is_destroyed_again(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, other = registered(intake), registered(intake)
        backup = rutan.one(VAULT, "select wrapped from key where subject = :person", person=UUID(person[8:]))
        intake.put(f"{asked(intake, person)}/decision", json=DONE)
        with rutan.database(VAULT).engine.begin() as keys:
            restored = {"wrapped": backup, "person": UUID(person[8:])}
            keys.execute(text("update key set wrapped = :wrapped where subject = :person"), restored)
        with rutan.database("intake").transaction() as session:
            sweep(session, AT)
        alive = rutan.sql(VAULT, "select subject from key where wrapped is not null")
        assert [row.subject for row in alive] == [UUID(other[8:])]


def test_nothing_goes_while_the_key_cannot_be_destroyed(rutan: Rutan, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(vault: Vault, *subjects: UUID) -> None:
        raise ConnectionError

    with api(rutan, "intake") as intake:
        person = registered(intake)
        erasure = asked(intake, person)
        with monkeypatch.context() as patched:
            patched.setattr(Vault, "destroy", away)
            assert intake.put(f"{erasure}/decision", json=DONE).status_code == 500
        assert intake.get(person).json()["name"] == NAME
        assert rutan.one("intake", "select count(*) from outbox where type like '%erased%'") == 0


def test_whoever_is_inside_is_not_erased_but_what_consent_covered_is(
    rutan: Rutan, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Any table may say that consent alone carries it; here one that is not about consent serves.
    monkeypatch.setitem(Release.metadata.tables["release"].info, "by_consent", True)
    with api(rutan, "intake") as intake:
        person = registered(intake)
        intake.post(f"{person}/reentries", json={"reentered_on": "2026-02-20"})
        partner = {"text_version": "v1", "recipient": "yayasan-satu"}
        intake.post(f"{person}/consents/partner_sharing", json=partner)
        erasure = asked(intake, person)
        refused = intake.put(f"{erasure}/decision", json=DONE)
        assert (refused.status_code, slug(refused)) == (409, "still-inside")
        assert "sebagian" in refused.json()["detail"]
        assert intake.put(f"{erasure}/decision", json=PARTLY).status_code == 201
        assert intake.get(person).json()["name"] == NAME
        assert rutan.one("intake", "select count(*) from release") == 0
        assert rutan.one("intake", "select count(*) from consent where given and ended_at is null") == 0
        assert rutan.one("intake", "select count(*) from outbox where type like '%withdrawn%'") == 2
        certificate = intake.get(f"{erasure}/certificate").json()
        assert certificate["dasar"].endswith("masa simpan belum berakhir")
        assert certificate["disimpan sampai"] == "1 Januari 2099"
        assert certificate["yang disimpan"] == [
            "data diri",
            "jawaban atas permintaan persetujuan",
            "penanda untuk pencarian",
            "nomor register",
            "masa tinggal",
        ]


def test_what_an_earlier_decision_kept_until_a_day_is_kept_until_that_day(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        first, second = asked(intake, person), asked(intake, person)
        refused = PARTLY | {"outcome": "refused"}
        assert intake.put(f"{first}/decision", json=refused).status_code == 201
        assert slug(intake.put(f"{second}/decision", json=DONE)) == "retention-runs"
        with rutan.database("intake").transaction() as session:
            known = session.get(Person, UUID(person.rpartition("/")[2]))
            assert known
            assert hold_on(session, [known], date(2098, 12, 31)) is RetentionRuns
            assert hold_on(session, [known], date(2099, 1, 1)) is None


def test_an_undecided_procedure_in_any_table_that_declares_it_is_a_hold(rutan: Rutan) -> None:
    metadata = MetaData()
    proposal = Table(
        "some_procedure",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("person", Uuid),
        Column("decided", Boolean),
        info={"undecided": lambda row: row.decided.is_(False)},
    )
    with api(rutan, "intake") as intake:
        person = UUID(registered(intake).rpartition("/")[2])
    with rutan.database("intake").transaction() as session:
        metadata.create_all(session.connection())
        known = session.get(Person, person)
        assert known
        assert hold_on(session, [known], AT.date(), metadata) is None
        session.execute(proposal.insert().values(id=uuid4(), person=uuid4(), decided=False))
        session.execute(proposal.insert().values(id=uuid4(), person=person, decided=True))
        assert hold_on(session, [known], AT.date(), metadata) is None
        session.execute(proposal.insert().values(id=uuid4(), person=person, decided=False))
        assert hold_on(session, [known], AT.date(), metadata) is ProcedureOpen


def test_only_the_privacy_officer_decides_and_the_same_request_is_one(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = registered(intake)
        erasure = asked(intake, person)
        assert intake.put(erasure, json=ASKED).status_code == 201
        assert slug(intake.put(erasure, json=ASKED | {"ground": "unlawful"})) == "erasure-id-taken"
        registrar = staff(rutan.site, Role.REGISTRAR)
        assert intake.put(f"{erasure}/decision", json=DONE, headers=registrar).status_code == 403
        assert slug(intake.get(f"{erasure}/certificate")) == "erasure-not-decided"
        other = registered(intake)
        strange = f"{other}/erasures/{erasure.rpartition('/')[2]}"
        assert intake.put(f"{strange}/decision", json=DONE).status_code == 404
        assert rutan.one("intake", "select count(*) from erasure") == 1


def test_the_certificate_says_what_was_done_where_and_nothing_of_whom(rutan: Rutan) -> None:
    with rutan.running("intake") as intake:
        person = registered(intake)
        erasure = asked(intake, person)
        intake.put(f"{erasure}/decision", json=DONE)
        certificate = intake.get(f"{erasure}/certificate").json()
        assert certificate["keputusan"] == "dihapus"
        assert states(certificate) == dict.fromkeys(NAMES.values(), WAITS) | {NAMES["intake"]: HERE}
        with rutan.running("programs"):
            done = eventually(lambda: programs(intake, erasure) != WAITS and programs(intake, erasure), within_s=60)
        assert isinstance(done, str) and done.startswith("dilaksanakan, ")
        answer = intake.get(f"{erasure}/certificate.pdf")
        assert answer.content.startswith(b"%PDF")
        assert all(secret not in str(certificate) for secret in (NAME, NIK, NUMBER, DAY, person[8:]))


WAITS, HERE = "belum ada kabar pelaksanaannya", "dilaksanakan saat diputuskan"


def states(certificate: Any) -> dict[str, str]:
    return {row["layanan"]: row["keadaan"] for row in certificate["pelaksanaan"]}


def programs(intake: TestClient, erasure: str) -> str:
    return states(intake.get(f"{erasure}/certificate").json())[NAMES["programs"]]


def test_all_entries_of_one_person_are_erased_together(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, other = registered(intake), registered(intake)
        merged = intake.post(f"{other}/merge", json={"into": person[8:]})
        assert merged.status_code == 201, merged.text
        erasure = asked(intake, other)
        assert intake.put(f"{erasure}/decision", json=DONE).status_code == 201
        assert intake.put(f"{erasure}/decision", json=DONE).status_code == 201
        assert rutan.one("intake", "select count(*) from person where identity is null") == 2
        assert rutan.one("intake", "select count(*) from person where merged_into is not null") == 1
        assert rutan.one("intake", "select count(*) from register_entry") == 0
        assert rutan.one(VAULT, "select count(*) from key where wrapped is not null") == 0
        assert rutan.one("intake", "select count(*) from outbox where type like '%erased%' and audience = 'site'") == 2


def an_erasure(**fields: Any) -> Erasure:
    given = {"ground": ErasureGround.ASKED, "received_on": AT.date(), "recorded_at": AT, "recorded_by": uuid4()}
    return Erasure(id=uuid4(), site="oz-uji", person=uuid4(), **{**given, **fields})


days = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))


@given(
    outcome=st.sampled_from(ErasureOutcome),
    article=st.none() | st.sampled_from(HoldArticle),
    until_on=st.none() | days,
    hold=st.sampled_from([None, StillInside, ProcedureOpen, RetentionRuns]),
)
def test_done_keeps_nothing_and_never_against_the_law_and_the_rest_names_an_article(
    outcome: ErasureOutcome, article: HoldArticle | None, until_on: date | None, hold: type[LegalHold] | None
) -> None:
    erasure = an_erasure()
    try:
        done = erasure.decide(Decision(outcome=outcome, article=article, until_on=until_on), hold, by=uuid4(), at=AT)
    except (ArticleMissing, HoldAlreadyOver, LegalHold):
        assert erasure.outcome is None
        return
    assert done == (outcome is ErasureOutcome.DONE) == (article is None)
    assert not done or hold is None
    assert until_on is None or until_on > AT.date()
    with pytest.raises(ErasureAlreadyDecided):
        erasure.decide(Decision(outcome=outcome, article=article, until_on=until_on), hold, by=uuid4(), at=AT)


def test_nothing_planted_stands_unsealed_and_after_erasing_it_cannot_be_opened(
    rutan: Rutan, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with rutan.running("intake") as intake, rutan.running("programs"):
        person = registered(intake)
        intake.get(person)
        mother = {"relation": "parent", "name": MOTHER, "phone": PHONE, "address": ADDRESS, "notes": f"Ibu dari {NAME}"}
        assert intake.put(f"{person}/contacts/{uuid4()}", json=mother).status_code == 201
        asked_why = {"reason": f"{NAME} dibawa ke rumah sakit"}
        assert intake.post(f"{person}/emergency-looks", json=asked_why).status_code == 201
        corrected = planted(version=1, address=f"{ADDRESS} belakang")
        for field in ("register_number", "legal_status", "sex", "marital_status"):
            del corrected[field]
        answer = intake.put(f"{person}/identity", json=corrected)
        assert answer.is_success, answer.text
        before = everything(rutan)
        erasure = asked(intake, person)
        assert intake.put(f"{erasure}/decision", json=DONE).status_code == 201
        eventually(lambda: rutan.one("intake", "select count(*) from outbox where published_at is null") == 0)
        after = everything(rutan)
    logged = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert [secret for secret in SECRETS if secret in logged + caplog.text] == []
    for held in (before, after):
        assert person[8:] in held["intake"]  # it is searched where people are
        assert [name for name, kept in held.items() if any(secret in kept for secret in SECRETS)] == []
    assert rutan.one(VAULT, "select count(*) from key where wrapped is not null") == 0


PLANTED = (NAME, "Contohwati", "Rekaanita", "Kotarekaan", NIK, NUMBER, DAY, ADDRESS, PHONE, MOTHER, "Contohasih")
SECRETS = [text for secret in PLANTED for text in (secret, secret.encode().hex())]


def everything(rutan: Rutan) -> dict[str, str]:
    """Every row of every table of every database as text, and every message that NATS keeps."""
    held = {}
    for service in (*SITE_SERVICES, VAULT):
        tables = rutan.sql(
            service,
            "select format('%I.%I', schemaname, tablename) as name from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')",
        )
        rows = [row for table in tables for row in rutan.sql(service, f"select t::text from {table.name} t")]
        held[service] = "\n".join(row[0] for row in rows)
    held["nats"] = rutan.with_nats(messages)
    return held


async def messages(client: Any) -> str:
    jetstream, kept = client.jetstream(), []
    for info in await jetstream.streams_info():
        for seq in range(max(info.state.first_seq, 1), info.state.last_seq + 1):
            # A stream that keeps the latest of each subject has forgotten some.
            with contextlib.suppress(NotFoundError):
                message = await jetstream.get_msg(info.config.name, seq)
                kept.append(f"{message.subject} {message.headers} {message.data.decode()}")
    return "\n".join(kept)


def test_requests_are_listed_for_the_privacy_officer_those_that_wait_first_and_without_names(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        decided, later, sooner = (asked(intake, registered(intake)) for _ in range(3))
        assert intake.put(f"{decided}/decision", json=DONE).status_code == 201
        listed = intake.get("/erasures")
        assert [one["erasure"] for one in listed.json()] == [path[-36:] for path in (later, sooner, decided)]
        assert listed.json()[2]["person"] == decided.split("/")[2]
        assert NAME not in listed.text
        assert intake.get("/erasures", headers=staff(rutan.site, Role.REGISTRAR)).status_code == 403
