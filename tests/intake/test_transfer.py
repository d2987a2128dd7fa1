import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from intake.model.days import today
from intake.model.transfers import CODE_BYTES, Bundle, BundleNotOpened, from_paper, on_paper
from support import Rutan, Servers, a_person, staff
from support.hearing import api

WHO = {"name": "Siti Rekaan", "nik": "9971014107900001", "birth_date": "1990-07-01", "register_number": "A.I 5/2026"}


@pytest.fixture
def there(run_servers: Servers, worker_id: str) -> Iterator[Rutan]:
    """Another rutan, with keys of its own."""
    made = Rutan(run_servers, worker_id)
    yield made
    made.close()


@pytest.fixture
def sender(rutan: Rutan) -> Iterator[TestClient]:
    with api(rutan, "intake") as intake:
        yield intake


@pytest.fixture
def receiver(there: Rutan) -> Iterator[TestClient]:
    with api(there, "intake") as intake:
        yield intake


def registered(intake: TestClient, **fields: Any) -> UUID:
    person = uuid4()
    answer = intake.put(f"/people/{person}", json=a_person(**fields))
    assert answer.status_code == 201, answer.text
    return person


def title(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["title"]


def said(rutan: Rutan) -> list[str]:
    rows = rutan.sql("intake", "select type from outbox where audience = 'site' order by id")
    return [row.type.split(".")[1] for row in rows]


def offered(sender: TestClient, to: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """The path of a transfer, and what was answered."""
    path = f"/people/{registered(sender, **fields)}/transfers/{uuid4()}"
    answer = sender.put(path, json={"to_site": to})
    assert answer.status_code == 201, answer.text
    return path, answer.json()


def accept(receiver: TestClient, offer: dict[str, Any], **changes: Any) -> Any:
    sent = {"bundle": offer["bundle"], "code": offer["code"], "person": str(uuid4())} | changes
    return receiver.post("/transfers/acceptance", json=sent)


@given(st.binary(min_size=1, max_size=20), st.sampled_from([str, str.lower, lambda code: code.replace("-", " ")]))
def test_a_code_survives_the_paper(code: bytes, typed: Any) -> None:
    printed = on_paper(code)
    assert from_paper(typed(printed), len(code)) == code
    assert from_paper(printed.replace("0", "O").replace("1", "l"), len(code)) == code
    assert from_paper(printed + "A", len(code)) == b""


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_bundle_that_was_changed_anywhere_is_not_opened(place: int, by: int) -> None:
    bundle = Bundle(
        transfer=UUID(int=7),
        from_site="a",
        to_site="b",
        secret="00" * 32,
        identity={"name": "Rekaan Uji"},
        sex="male",
        legal_status="tahanan",
    )
    sealed = bytearray(bundle.sealed(bytes(CODE_BYTES), bytes(12)))
    assert Bundle.opened(bytes(sealed), bytes(CODE_BYTES)) == bundle
    sealed[place % len(sealed)] ^= by
    with pytest.raises(BundleNotOpened):
        Bundle.opened(bytes(sealed), bytes(CODE_BYTES))
    with pytest.raises(BundleNotOpened):
        Bundle.opened(bytes(sealed[: place % len(sealed)]), bytes(CODE_BYTES))


def test_a_person_moves_with_all_that_is_known_and_both_rutan_know_it(
    rutan: Rutan, there: Rutan, sender: TestClient, receiver: TestClient
) -> None:
    person = registered(sender, **WHO, legal_status="tahanan", admitted_on="2026-01-05")
    day = today(datetime.now(UTC))
    held = {"book": "a_i", "from_on": str(day), "until_on": str(day + timedelta(days=5))}
    assert sender.put(f"/people/{person}/detention-periods/{uuid4()}", json=held).status_code == 201
    sender.post(f"/people/{person}/consents/programme", json={"text_version": "v1"})
    sender.post(f"/people/{person}/consents/research/declination", json={"text_version": "v1"})
    path = f"/people/{person}/transfers/{uuid4()}"
    offer = sender.put(path, json={"to_site": there.site}).json()
    assert len(base64.b64decode(offer["bundle"])) < 4000
    # Until the other rutan has the person, this one is responsible.
    assert sender.get(f"/people/{person}").json()["inside"] is True

    new = uuid4()
    answers = [accept(receiver, offer, person=str(new), register_number="A.I 77/2026") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    accepted = answers[0].json()
    assert accepted == answers[1].json()
    assert (accepted["from_site"], accepted["agreed_there"]) == (
        rutan.site,
        [{"purpose": "programme", "recipient": None}],
    )
    told = receiver.get(f"/people/{new}").json()
    assert (told["name"], told["identity"]["nik"], told["birth_year"]) == (WHO["name"], WHO["nik"], 1990)
    assert [(r["number"], r["site"], r["closed_on"] is None) for r in told["registers"]] == [
        ("A.I 77/2026", there.site, True),
        ("A.I 5/2026", rutan.site, False),
    ]
    (stay,) = receiver.get(f"/people/{new}/stays").json()
    assert (stay["how"], stay["admitted_on"]) == ("transfer", str(day))
    assert [a["until_on"] for a in receiver.get("/alerts/detention").json()] == [held["until_on"]]
    assert receiver.get(f"/people/{new}/consents").json() == []
    assert said(there) == ["person_registered", "transfer_accepted"]

    for _ in range(2):
        closed = sender.post(f"{path}/closure", json={"acceptance_code": accepted["acceptance_code"].lower()})
        assert (closed.status_code, closed.json()["arrived"]) == (201, True)
    (left,) = sender.get(f"/people/{person}/stays").json()
    assert (left["mode"], left["ended_on"]) == ("dialihkan", str(day))
    assert said(rutan)[-3:] == ["transfer_offered", "transfer_closed", "person_released"]
    assert sender.get("/alerts/detention").json() == []


def test_the_code_is_shown_once_and_kept_nowhere(rutan: Rutan, there: Rutan, sender: TestClient) -> None:
    path, offer = offered(sender, there.site, **WHO, legal_status="tahanan")
    again = sender.put(path, json={"to_site": there.site}).json()
    assert (again["transfer"], again["bundle"], again["code"]) == (offer["transfer"], None, None)
    assert title(sender.put(path, json={"to_site": "rutan-lain"})) == (409, "transfer-id-taken")
    code = from_paper(offer["code"], CODE_BYTES)
    for text in ("Siti", WHO["nik"].encode(), b"A.I 5/2026"):
        assert (text.encode() if isinstance(text, str) else text) not in base64.b64decode(offer["bundle"])
    kept = str(rutan.sql("intake", "select * from transfer")) + str(rutan.sql("intake", "select * from outbox"))
    assert offer["code"] not in kept and code.hex() not in kept and offer["bundle"] not in kept


def test_what_does_not_fit_is_refused_plainly_and_nobody_is_registered(
    there: Rutan, sender: TestClient, receiver: TestClient
) -> None:
    _, offer = offered(sender, there.site)
    _, elsewhere = offered(sender, "rutan-lain")
    sealed = base64.b64decode(offer["bundle"])
    tampered = base64.b64encode(sealed[:-1] + bytes([sealed[-1] ^ 1])).decode()
    assert title(accept(receiver, offer, code=elsewhere["code"])) == (409, "bundle-not-opened")
    assert title(accept(receiver, offer, code="salah")) == (409, "bundle-not-opened")
    assert title(accept(receiver, offer, bundle=tampered)) == (409, "bundle-not-opened")
    assert title(accept(receiver, offer, bundle="bukan berkas")) == (409, "bundle-not-opened")
    assert title(accept(receiver, elsewhere)) == (409, "bundle-for-another-site")
    assert there.one("intake", "select count(*) from person") == 0
    assert accept(receiver, offer).status_code == 201
    assert title(accept(receiver, offer)) == (409, "transfer-accepted-already")
    assert there.one("intake", "select count(*) from person") == 1


def test_of_many_who_accept_one_person_at_once_one_succeeds(
    there: Rutan, sender: TestClient, receiver: TestClient
) -> None:
    _, offer = offered(sender, there.site)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: accept(receiver, offer).status_code, range(8)))
    assert sorted(answers) == [201] + [409] * 7
    assert there.one("intake", "select count(*) from person") == 1


def test_nothing_closes_a_transfer_but_its_own_answer(sender: TestClient, receiver: TestClient, there: Rutan) -> None:
    path, offer = offered(sender, there.site)
    _, other = offered(sender, there.site)
    wrong = accept(receiver, other).json()["acceptance_code"]
    for code in (wrong, "salah", offer["code"]):
        assert title(sender.post(f"{path}/closure", json={"acceptance_code": code})) == (409, "acceptance-code-wrong")
    person = path.split("/")[2]
    released = sender.put(f"/people/{person}/releases/{uuid4()}", json={"released_on": "2026-02-03", "mode": "pb"})
    assert title(released) == (409, "transfer-still-open")
    assert title(sender.put(f"/people/{person}/transfers/{uuid4()}", json={"to_site": "rutan-lain"})) == (
        409,
        "transfer-still-open",
    )


def test_a_transfer_that_was_cancelled_leaves_the_person_and_cannot_be_closed(
    rutan: Rutan, there: Rutan, sender: TestClient, receiver: TestClient
) -> None:
    path, offer = offered(sender, there.site)
    for _ in range(2):
        assert sender.post(f"{path}/cancellation").json()["arrived"] is False
    assert said(rutan)[-1] == "transfer_closed" and said(rutan).count("transfer_closed") == 1
    code = accept(receiver, offer).json()["acceptance_code"]
    assert title(sender.post(f"{path}/closure", json={"acceptance_code": code})) == (409, "transfer-closed-already")
    person = path.split("/")[2]
    assert sender.get(f"/people/{person}").json()["inside"] is True
    assert sender.put(f"/people/{person}/transfers/{uuid4()}", json={"to_site": there.site}).status_code == 201


def test_nobody_is_sent_to_where_they_are_or_from_where_they_are_not(rutan: Rutan, sender: TestClient) -> None:
    person = registered(sender)
    at = f"/people/{person}/transfers/{uuid4()}"
    assert title(sender.put(at, json={"to_site": rutan.site})) == (409, "transfer-to-itself")
    sender.put(f"/people/{person}/releases/{uuid4()}", json={"released_on": "2026-02-03", "mode": "pb"})
    assert title(sender.put(at, json={"to_site": "rutan-lain"})) == (409, "person-not-inside")
    assert title(sender.post(f"{at}/cancellation")) == (404, "transfer-not-here")


def test_of_many_who_offer_one_person_at_once_one_succeeds(rutan: Rutan, sender: TestClient) -> None:
    person = registered(sender)
    with ThreadPoolExecutor(8) as pool:
        sent = {"to_site": "rutan-lain"}
        answers = list(
            pool.map(lambda _: sender.put(f"/people/{person}/transfers/{uuid4()}", json=sent).status_code, range(8))
        )
    assert sorted(answers) == [201] + [409] * 7


def test_somebody_who_comes_back_by_transfer_is_taken_in_anew(
    rutan: Rutan, there: Rutan, sender: TestClient, receiver: TestClient
) -> None:
    path, offer = offered(sender, there.site, **WHO, legal_status="tahanan")
    new = uuid4()
    code = accept(receiver, offer, person=str(new)).json()["acceptance_code"]
    sender.post(f"{path}/closure", json={"acceptance_code": code})
    back = receiver.put(f"/people/{new}/transfers/{uuid4()}", json={"to_site": rutan.site}).json()
    again = uuid4()
    assert accept(sender, back, person=str(again)).status_code == 201
    likely = sender.get(f"/people/{again}/likely-duplicates").json()
    assert [like["person"] for like in likely] == [path.split("/")[2]]
    assert sender.get(f"/people/{again}").json()["register_number"] == WHO["register_number"]


def test_a_person_s_transfers_are_listed_the_latest_first_and_show_neither_bundle_nor_code(
    sender: TestClient, rutan: Rutan
) -> None:
    path, _ = offered(sender, "rutan-lain")
    person, first = path.split("/transfers/")
    sender.post(f"{path}/cancellation")
    second = str(uuid4())
    sender.put(f"{person}/transfers/{second}", json={"to_site": "rutan-ketiga"})
    listed = sender.get(f"{person}/transfers").json()
    assert [(one["transfer"], one["arrived"]) for one in listed] == [(second, None), (first, False)]
    assert {one["bundle"] or one["code"] for one in listed} == {None}
    assert sender.get(f"{person}/transfers", headers=staff(rutan.site, Role.HEAD)).status_code == 403
