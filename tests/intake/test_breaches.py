"""A breach is told within three times 24 hours, and what was written of it stays in the vault."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from contracts.vocabulary import Role
from hypothesis import given
from hypothesis import strategies as st
from intake.model.breaches import Breach, BreachNotYetDiscovered, Told, ToldBeforeDiscovered
from support import Rutan, staff
from support.hearing import api

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
SAID = "Map berkas Siti Contohwati tertinggal di ruang kunjungan"
FOUND = {
    "kinds": ["identity_data", "case_data"],
    "description": SAID,
    "handling": "Berkas diambil kembali; lemari dikunci.\nPetugas diberi pengarahan.",
}


def found(hours_ago: float, **fields: Any) -> dict[str, Any]:
    return FOUND | {"discovered_at": (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()} | fields


def slug(answer: Any) -> str:
    return str(answer.json()["title"])


def said(rutan: Rutan) -> list[str]:
    rows = rutan.sql("intake", "select type from outbox where audience = 'national' order by id")
    return [row.type.split(".")[1] for row in rows]


def test_the_clock_runs_from_the_discovery_and_stops_once_both_were_told(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        early, late = f"/breaches/{uuid4()}", f"/breaches/{uuid4()}"
        sent = found(70)
        for _ in range(2):  # the same again changes nothing
            answer = intake.put(early, json=sent)
            assert answer.status_code == 201, answer.text
        assert 1.9 <= answer.json()["hours_left"] <= 2.0 and not answer.json()["overdue"]
        assert slug(intake.put(early, json=sent | {"description": "Lain"})) == "breach-id-taken"
        assert slug(intake.put(early, json=sent | {"people_count": 3})) == "breach-id-taken"
        intake.put(late, json=found(80))
        states = [(b["overdue"], b["people_count"]) for b in intake.get("/breaches").json()]
        assert states == [(False, None), (True, None)]
        now = datetime.now(UTC).isoformat()
        for breach in (early, late):
            assert intake.put(f"{breach}/told/people", json={"told_at": now}).status_code == 201
            for _ in range(2):
                body = {"told_at": now, "authority": "Lembaga Contoh"}
                answer = intake.put(f"{breach}/told/authority", json=body)
                assert (answer.status_code, answer.json()["hours_left"]) == (201, None)
                assert answer.json()["authority"] == "Lembaga Contoh"
        told = [(b["overdue"], b["told_late"]) for b in intake.get("/breaches").json()]
        assert told == [(False, False), (False, True)]
        assert said(rutan) == ["breach_opened"] * 2 + ["breach_notified"] * 2


def test_what_is_found_out_later_is_put_down_and_the_letter_says_the_three_things(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        breach = f"/breaches/{uuid4()}"
        intake.put(breach, json=found(5))
        assert "Jumlah orang yang terkena: belum diketahui" in intake.get(f"{breach}/letter").text
        more = FOUND | {"people_count": 12, "instead_of": FOUND}
        for _ in range(2):
            assert intake.put(f"{breach}/findings", json=more).status_code == 201
        # Who still sees the first version overwrites nothing.
        assert slug(intake.put(f"{breach}/findings", json=more | {"people_count": 3})) == "breach-amended-meanwhile"
        letter = intake.get(f"{breach}/letter").text
        what, when_and_how, handling = "catatan perkara, nama dan nomor identitas", SAID, "lemari dikunci"
        assert [part for part in (what, when_and_how, handling, "12", "Pasal 46") if part not in letter] == []


def test_a_story_of_several_lines_is_taken_as_windows_and_browsers_send_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        answer = intake.put(f"/breaches/{uuid4()}", json=found(1, description="Satu.\r\nDua.\tTiga."))
        assert (answer.status_code, answer.json()["description"]) == (201, "Satu.\r\nDua.\tTiga.")


def test_what_is_told_is_told_after_the_discovery_not_in_the_time_to_come_and_to_somebody(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        breach = f"/breaches/{uuid4()}"
        assert slug(intake.put(breach, json=found(-1))) == "breach-not-yet-discovered"
        intake.put(breach, json=found(2))
        now = datetime.now(UTC)
        at = {name: (now + timedelta(hours=hours)).isoformat() for name, hours in (("then", -3), ("soon", 1))}
        people, authority = f"{breach}/told/people", f"{breach}/told/authority"
        assert slug(intake.put(people, json={"told_at": at["then"]})) == "told-before-discovered"
        assert slug(intake.put(people, json={"told_at": at["soon"]})) == "breach-not-yet-discovered"
        assert slug(intake.put(people, json={"told_at": now.isoformat(), "authority": "X"})) == "recipient-missing"
        assert slug(intake.put(authority, json={"told_at": now.isoformat()})) == "recipient-missing"
        intake.put(people, json={"told_at": now.isoformat()})
        earlier = (now - timedelta(hours=1)).isoformat()
        assert slug(intake.put(people, json={"told_at": earlier})) == "already-told"
        assert intake.put(f"/breaches/{uuid4()}/told/people", json={"told_at": at["then"]}).status_code == 404
        assert said(rutan) == ["breach_opened"]


def test_no_word_of_it_stands_unsealed_and_only_the_privacy_officer_sees_it(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        breach = f"/breaches/{uuid4()}"
        intake.put(breach, json=found(2))
        rows = str(rutan.sql("intake", "select b::text, o::text from breach b, outbox o"))
        assert "Siti" not in rows and b"Siti".hex() not in rows
        for role in set(Role) - {Role.PRIVACY_OFFICER}:
            assert intake.get("/breaches", headers=staff(rutan.site, role)).status_code == 403
        assert intake.get("/breaches", headers=staff(rutan.site, Role.PRIVACY_OFFICER)).status_code == 200


hours = st.integers(min_value=-10, max_value=200)


@given(people=st.none() | hours, authority=st.none() | hours, now=st.integers(min_value=0, max_value=200))
def test_it_is_over_exactly_when_both_were_told(people: int | None, authority: int | None, now: int) -> None:
    breach = Breach(id=uuid4(), site="oz", discovered_at=AT, kinds=[], report=b"", opened_at=AT, opened_by=uuid4())
    at, told, events = AT + timedelta(hours=now), {}, []
    for whom, when in ((Told.PEOPLE, people), (Told.AUTHORITY, authority)):
        if when is not None:
            try:
                events.append(breach.tell(whom, AT + timedelta(hours=when), at=at))
                told[whom] = when
            except (BreachNotYetDiscovered, ToldBeforeDiscovered):
                assert when > now or when < 0
    both = len(told) == 2
    assert [event is not None for event in events if event] == [True] * both
    assert (breach.hours_left(at) is None) == both
    assert breach.late == (both and max(told.values()) > 72)
    if not both:
        assert breach.hours_left(at) == pytest.approx(72 - now)
