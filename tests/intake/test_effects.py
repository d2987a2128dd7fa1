from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.outbox import publish
from contracts.intake import PersonErased
from contracts.vocabulary import Role
from every_service.cases import refuse_commits
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from intake.commands.effects import follow, note_effects
from intake.commands.sweep import sweep
from intake.model.effects import Effect, EffectUnknown, Followed
from intake.queries.effects import overdue, proof_of
from jembatan.folder import SITE_SERVICES
from sqlalchemy import text
from support import Rutan, a_person, eventually, staff
from support.hearing import api

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
ASKED = {"text_version": "v1"}
AT_HUB = ("central", "partner_gateway")


def run(rutan: Rutan, statement: str, **parameters: Any) -> None:
    with rutan.database("intake").engine.begin() as connection:
        connection.execute(text(statement), parameters)


def numbered(rutan: Rutan) -> None:
    """As the relay does: every row has its place in its feed."""
    for audience in ("site", "national"):
        run(rutan, "insert into feed (audience) values (:audience) on conflict do nothing", audience=audience)
        run(
            rutan,
            "update outbox set number = new.place, published_at = now() from (select id, row_number() over"
            " (order by id) as place from outbox where audience = :audience) as new where outbox.id = new.id",
            audience=audience,
        )


def told(rutan: Rutan, reader: str, contiguous: int = 1000, parked: list[int] | None = None) -> None:
    """A receipt of a reader, as the relay notes it."""
    run(
        rutan,
        "insert into receipt (audience, reader, epoch, contiguous, parked)"
        " select audience, :reader, epoch, :contiguous, :parked from feed where audience = :audience"
        " on conflict (audience, reader) do update set contiguous = excluded.contiguous, parked = excluded.parked",
        reader=reader,
        contiguous=contiguous,
        parked=parked or [],
        audience="national" if reader in AT_HUB else "site",
    )


def withdrawn(intake: TestClient, purpose: str = "programme", **asked: str) -> str:
    """The path of a consent that was given and taken back."""
    person = uuid4()
    assert intake.put(f"/people/{person}", json=a_person()).status_code == 201
    at = f"/people/{person}/consents/{purpose}"
    assert intake.post(at, json=ASKED | asked).status_code == 201
    assert intake.post(f"{at}/withdrawal", json=asked).status_code == 201
    return at


def proof(intake: TestClient, at: str, **query: str) -> dict[str, Any]:
    answer = intake.get(f"{at}/withdrawal-proof", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def swept(rutan: Rutan) -> None:
    with rutan.database("intake").transaction() as session:
        sweep(session, datetime.now(UTC))


def lacking(found: dict[str, Any]) -> set[str]:
    return {reader["reader"] for reader in found["readers"] if reader["applied_at"] is None}


def test_the_proof_names_every_service_and_is_complete_when_all_have_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = withdrawn(intake)
        first = proof(intake, at)
        assert lacking(first) == {*SITE_SERVICES, *AT_HUB}
        assert all(reader["waiting_since"] == first["withdrawn_at"] for reader in first["readers"])
        due = datetime.fromisoformat(first["due_at"]) - datetime.fromisoformat(first["withdrawn_at"])
        assert due == timedelta(hours=72) and not first["overdue"]
        numbered(rutan)
        for reader in SITE_SERVICES:
            told(rutan, reader)
        inside = proof(intake, at)
        assert lacking(inside) == set(AT_HUB) and inside["complete_at"] is None
        for reader in AT_HUB:
            told(rutan, reader)
        done = proof(intake, at)
        assert lacking(done) == set() and done["complete_at"]
        # What was noticed first stands.
        assert proof(intake, at) == done
        kept = {r["reader"]: r["applied_at"] for r in inside["readers"] if r["applied_at"]}
        assert kept.items() <= {r["reader"]: r["applied_at"] for r in done["readers"]}.items()


def test_many_who_look_at_once_note_each_reader_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        at = withdrawn(intake)
        numbered(rutan)
        told(rutan, "assessment")
        sweeps = [pool.submit(swept, rutan) for _ in range(4)]
        found = list(pool.map(lambda _: proof(intake, at), range(8)))
        assert all(sweep.result() is None for sweep in sweeps)
        assert {frozenset(lacking(each)) for each in found} == {frozenset({*SITE_SERVICES, *AT_HUB} - {"assessment"})}
        assert rutan.one("intake", "select count(*) from effect") == len(SITE_SERVICES) + len(AT_HUB)


def test_for_sharing_the_gateway_says_no_more_than_can_be_proven(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        found = proof(intake, withdrawn(intake, "partner_sharing", recipient="mitra"), recipient="mitra")
    [gateway] = [reader for reader in found["readers"] if reader["reader"] == "partner_gateway"]
    assert "tidak ada lagi yang disampaikan kepada mitra" in gateway["name"]
    assert "mitra diminta menghapus" in gateway["name"] and found["recipient"] == "mitra"


def test_a_reader_that_has_not_come_so_far_waits(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = withdrawn(intake)
        numbered(rutan)
        number = rutan.one("intake", "select number from outbox where audience = 'site' and type like '%withdrawn%'")
        told(rutan, "assessment", contiguous=number - 1)
        assert "assessment" in lacking(proof(intake, at))
        told(rutan, "assessment", contiguous=number)
        assert "assessment" not in lacking(proof(intake, at))


def test_a_reader_that_parked_the_withdrawal_has_not_applied_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = withdrawn(intake)
        numbered(rutan)
        number = rutan.one("intake", "select number from outbox where audience = 'site' and type like '%withdrawn%'")
        for reader in (*SITE_SERVICES, *AT_HUB):
            told(rutan, reader, parked=[number] if reader == "programs" else None)
        found = proof(intake, at)
        assert lacking(found) == {"programs"} and found["complete_at"] is None
        told(rutan, "programs")
        assert proof(intake, at)["complete_at"]


def test_a_service_that_really_parks_the_withdrawal_shows_as_waiting_until_it_takes_it(rutan: Rutan) -> None:
    readers = {"readers": ("assessment",), "national_readers": ()}
    with rutan.running("intake", **readers) as intake, rutan.running("assessment"):
        at = withdrawn(intake, "assessment")
        eventually(lambda: proof(intake, at)["complete_at"])
        refuse_commits(rutan, "assessment", "gate")
        second = withdrawn(intake, "assessment")
        eventually(lambda: rutan.one("assessment", "select count(*) from parked") == 2, within_s=90)
        # The receipt has come: it says that nothing is missing, and what was put aside.
        contiguous = "select contiguous from receipt where reader = 'assessment'"
        numbers = "select max(number) from outbox where audience = 'site'"
        eventually(lambda: rutan.one("intake", contiguous) == rutan.one("intake", numbers))
        assert lacking(proof(intake, second)) == {"assessment"}


def test_what_the_outbox_has_forgotten_stays_proven_as_it_was_noted(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = withdrawn(intake)
        numbered(rutan)
        told(rutan, "assessment")
        before = proof(intake, at)
        run(rutan, "delete from outbox")
        assert proof(intake, at) == before


def test_after_three_days_the_privacy_officer_sees_who_still_lacks_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        late, timely = withdrawn(intake), withdrawn(intake)
        numbered(rutan)
        told(rutan, "assessment")
        proof(intake, late)
        officer = staff(rutan.site, Role.PRIVACY_OFFICER)
        assert intake.get("/withdrawals/overdue", headers=officer).json() == []
        person = UUID(late.split("/")[2])
        run(
            rutan,
            "update followed_event set due_at = now() - interval '1 hour' from consent"
            " where end_event = event_id and person = :person",
            person=person,
        )
        [found] = intake.get("/withdrawals/overdue", headers=officer).json()
        assert found["person"] == str(person) and found["overdue"]
        assert {reader["reader"] for reader in found["readers"] if reader["overdue"]} == lacking(found)
        assert "assessment" not in lacking(found)
        assert not proof(intake, timely)["overdue"]
        for reader in (*SITE_SERVICES, *AT_HUB):
            told(rutan, reader)
        swept(rutan)
        assert intake.get("/withdrawals/overdue", headers=officer).json() == []
        assert intake.get("/withdrawals/overdue", headers=staff(rutan.site, Role.REGISTRAR)).status_code == 403


def test_what_has_not_ended_has_no_proof_and_a_new_consent_takes_none_away(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = withdrawn(intake)
        before = proof(intake, at)
        assert intake.post(at, json=ASKED).status_code == 201
        assert proof(intake, at)["withdrawn_at"] == before["withdrawn_at"]
        other = at.replace("programme", "follow_up")
        answer = intake.get(f"{other}/withdrawal-proof")
        assert (answer.status_code, answer.json()["title"]) == (404, "consent-not-ended")


def test_whoever_looks_at_a_proof_is_in_the_read_log(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = withdrawn(intake)
        found = proof(intake, at)
        # A page may watch the same without a look each time: this names nobody.
        watched = intake.get(f"/withdrawals/{found['event']}").json()
        assert watched == {name: found[name] for name in watched} and "person" not in watched
        assert rutan.one("intake", "select count(*) from read_log where subject = :p", p=UUID(at.split("/")[2])) == 1


def test_any_event_can_be_followed_and_following_twice_changes_nothing(rutan: Rutan) -> None:
    erased = PersonErased(site=rutan.site, occurred_at=NOW, person=uuid4(), erasure_id=uuid4())
    with rutan.database("intake").transaction() as session:
        publish(session, erased)
        for at in (NOW, NOW + timedelta(days=1)):
            follow(session, erased.event_id, at)
        note_effects(session, NOW)
        found = proof_of(session, erased.event_id)
        assert found.followed.due_at == NOW + timedelta(hours=72)
        assert {effect.reader for effect in found.effects} == {*SITE_SERVICES, *AT_HUB}
        assert [late.followed.event_id for late in overdue(session, NOW + timedelta(hours=73))] == [erased.event_id]
        with pytest.raises(EffectUnknown):
            proof_of(session, uuid4())


READERS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.booleans())


@given(st.lists(READERS, max_size=8))
def test_what_was_noticed_is_never_unnoticed_and_complete_means_that_all_have_it(looks: list[dict[str, bool]]) -> None:
    followed, known = Followed.of(uuid4(), "contoh-rutan", NOW), dict[str, Effect]()

    def ever(reader: str, upto: int) -> bool:
        return any(look.get(reader) for look in looks[: upto + 1])

    for n, look in enumerate(looks):
        before = {reader: effect.applied_at for reader, effect in known.items() if effect.applied_at}
        known |= {effect.reader: effect for effect in followed.note(known, look, NOW + timedelta(hours=n))}
        assert {reader for reader, effect in known.items() if effect.applied_at} == {r for r in known if ever(r, n)}
        assert all(known[reader].applied_at == at for reader, at in before.items())
        if known and all(effect.applied_at for effect in known.values()):
            assert followed.complete_at
