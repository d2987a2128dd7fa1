from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis import about
from contracts.vocabulary import Role
from fastapi.testclient import TestClient
from httpx2 import Response
from intake.model.table import Table
from support import Rutan, a_person, staff
from support.days import day
from support.hearing import api

CONTACT = {"relation": "parent", "name": "Ibu Rekaan", "phone": "0812-3456-7890", "address": "Jalan Rekaan 1"}
TOMORROW = day(1)


class Home:
    """A person and their mother, who both agree to visits unless told otherwise."""

    def __init__(self, intake: TestClient, *, person_agrees: bool = True) -> None:
        self.intake, self.person, self.mother = intake, uuid4(), uuid4()
        self.at = f"/people/{self.person}"
        assert intake.put(self.at, json=a_person()).status_code == 201
        if person_agrees:
            self.post("consents/family_contact", text_version="v1")
        assert self.put(f"contacts/{self.mother}", **CONTACT).status_code == 201

    def put(self, path: str, **body: Any) -> Response:
        return self.intake.put(f"{self.at}/{path}", json=body)

    def post(self, path: str, **body: Any) -> Response:
        return self.intake.post(f"{self.at}/{path}", json=body)

    def get(self, path: str) -> Any:
        return self.intake.get(f"{self.at}/{path}").json()

    def asks(self, wish: str, said: str = "yes") -> Response:
        return self.put(f"contacts/{self.mother}/answers/{uuid4()}", wish=wish, answer=said, asked_on=day(0))

    def changes(self, contact: object, **details: Any) -> Response:
        """As if nobody had changed it before."""
        seen = {name: CONTACT[name] for name in ("name", "phone", "address")}
        return self.post(f"contacts/{contact}/details", **details, instead_of=seen)

    def plans(self, visit: UUID | None = None, on: str = TOMORROW, **more: Any) -> Response:
        body = {"contact": str(self.mother), "planned_on": on, "channel": "visit", **more}
        return self.put(f"visits/{visit or uuid4()}", **body)


def slug(answer: Response) -> str:
    return str(answer.json()["title"])


def said(rutan: Rutan) -> list[str]:
    rows = rutan.sql("intake", "select type from outbox where audience = 'site' order by id")
    return [row.type.split(".")[1] for row in rows if "person_reg" not in row.type and "consent" not in row.type]


def test_a_contact_is_sealed_and_said_without_who_it_is(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake)
        assert home.put(f"contacts/{home.mother}", **CONTACT).status_code == 201
        assert slug(home.put(f"contacts/{home.mother}", **CONTACT | {"name": "Ibu Lain"})) == "entry-id-taken"
        assert slug(home.put(f"contacts/{home.mother}", **CONTACT | {"relation": "spouse"})) == "entry-id-taken"
        assert said(rutan) == ["contact_added"]
        assert rutan.one("intake", "select count(*) from read_log") == 0
        [known] = home.get("contacts")
        assert known["details"] == {**{k: CONTACT[k] for k in ("name", "phone", "address")}, "notes": None}
        assert rutan.one("intake", "select subject from read_log") == home.person
    kept = str(rutan.sql("intake", "select * from contact")) + str(rutan.sql("intake", "select * from outbox"))
    assert "Rekaan" not in kept and "3456" not in kept


def test_a_family_is_read_in_one_look_with_the_part_that_is_asked_for(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake)
        home.asks("visits")
        assert home.plans().status_code == 201
        home.put(f"contact-restrictions/{uuid4()}", kind="own_wish", from_on=TOMORROW)
        home.put(f"family-needs/{uuid4()}", kind="school")
        alone = home.get("family")
        assert alone["contacts"] == home.get("contacts")
        parts = {"restrictions": "contact-restrictions", "visits": "visits", "needs": "family-needs"}
        for part, apart in (parts | {"guarantors": "guarantors"}).items():
            assert alone[part] is None, "what was not asked for is not said to be empty"
            before = rutan.one("intake", "select count(*) from read_log")
            assert home.get(f"family?part={part}")[part] == home.get(apart)
            assert rutan.one("intake", "select count(*) from read_log") == before + 2
        assert intake.get(f"{home.at}/family?part=address").status_code == 422


def test_details_change_and_another_person_s_contact_is_not_here(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home, other = Home(intake), Home(intake)
        assert home.changes(home.mother, name="Ibu Rekaan", phone="021 555 1234").status_code == 201
        assert home.get("contacts")[0]["details"]["phone"] == "021 555 1234"
        assert slug(other.changes(home.mother, name="X")) == "entry-not-here"
        assert slug(other.plans(contact=str(home.mother))) == "entry-not-here"


def test_of_two_officers_who_change_a_contact_the_second_is_told(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(4) as pool:
        home = Home(intake)
        answers = list(pool.map(lambda n: home.changes(home.mother, name=f"Ibu {n}"), range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        assert {slug(answer) for answer in answers if answer.status_code == 409} == {"contact-changed-meanwhile"}
        [kept] = [n for n, answer in enumerate(answers) if answer.is_success]
        assert home.changes(home.mother, name=f"Ibu {kept}").status_code == 201
        assert home.get("contacts")[0]["details"]["name"] == f"Ibu {kept}"


def test_each_contact_is_asked_for_each_thing_and_may_take_it_back_at_any_time(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake)
        assert slug(home.plans()) == "contact-has-not-agreed"
        for answer_ in ("unknown", "no"):
            assert home.asks("visits", answer_).status_code == 201
            assert slug(home.plans()) == "contact-has-not-agreed"
        assert home.asks("visits").status_code == 201
        assert home.plans().status_code == 201
        assert slug(home.plans(channel="letter")) == "contact-has-not-agreed"
        for _ in range(2):
            assert home.post(f"contacts/{home.mother}/withdrawal", wish="visits").status_code == 201
        assert slug(home.plans()) == "contact-has-not-agreed"
        assert slug(home.post(f"contacts/{home.mother}/withdrawal", wish="phone")) == "contact-has-not-agreed"
        answers_ = [(a["answer"], a["withdrawn_at"] is None) for a in home.get("contacts")[0]["answers"]]
        assert answers_ == [("unknown", True), ("no", True), ("yes", False)]


def test_without_the_person_s_own_consent_nothing_is_planned(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake, person_agrees=False)
        home.asks("visits")
        assert slug(home.plans()) == "person-has-not-agreed"
        home.post("consents/family_contact", text_version="v1")
        assert home.plans().status_code == 201
        home.post("consents/family_contact/withdrawal")
        assert slug(home.plans()) == "person-has-not-agreed"


def test_the_list_of_a_day_names_who_meets_whom_and_is_a_look_at_each(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        first, second, _ = homes = [Home(intake) for _ in range(3)]
        for home in homes:
            home.asks("visits")
            assert home.plans().status_code == 201
        # What changed since it was planned stands in the list: the desk must know whom to turn away, and why.
        first.put(f"contact-restrictions/{uuid4()}", kind="court", from_on="2026-02-03")
        second.post("consents/family_contact/withdrawal")
        due = {one["person"]: one for one in intake.get("/visits", params={"on": TOMORROW}).json()}
        assert [due[str(home.person)]["hindrance"] for home in homes] == ["restricted", "person_has_not_agreed", None]
        assert {(one["person_name"], one["contact_name"]) for one in due.values()} == {("Rekaan Uji", "Ibu Rekaan")}
        looked = {row.subject for row in rutan.sql("intake", "select subject from read_log")}
        assert looked == {home.person for home in homes}
        assert intake.get("/visits", params={"on": "2026-02-03"}).json() == []
        assert rutan.one("intake", "select count(*) from read_log") == 3
        nameless = {k: v for k, v in staff(rutan.site).items() if k == "authorization"} | {"jembatan-purpose": ""}
        assert intake.get("/visits", params={"on": TOMORROW}, headers=nameless).status_code == 422


def test_the_family_of_two_entries_that_are_one_person_is_one(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        dropped, kept = Home(intake), Home(intake)
        for home in (dropped, kept):
            home.asks("visits")
        planned, mother = uuid4(), str(dropped.mother)
        assert dropped.plans(planned).status_code == 201
        assert dropped.post("merge", into=str(kept.person)).status_code == 201
        assert {one["contact"] for one in kept.get("contacts")} == {mother, str(kept.mother)}
        assert kept.changes(mother, name="Ibu Rekaan Dua").status_code == 201
        assert kept.plans(contact=mother).status_code == 201
        due = intake.get("/visits", params={"on": TOMORROW}).json()
        assert {(one["person"], one["contact_name"], one["hindrance"]) for one in due} == {
            (str(kept.person), "Ibu Rekaan Dua", None)
        }
        # What bars one entry bars the person, and the visit that was planned under the other is still theirs.
        assert kept.put(f"contact-restrictions/{uuid4()}", kind="court", from_on="2026-02-03").status_code == 201
        due = intake.get("/visits", params={"on": TOMORROW}).json()
        assert [one["hindrance"] for one in due] == ["restricted"] * 2
        assert kept.post(f"visits/{planned}/outcome", kept="no", reason="not_allowed").status_code == 201


def test_a_record_that_is_closed_is_closed_under_every_entry_in_the_list_of_a_day(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        dropped, kept = Home(intake), Home(intake)
        dropped.asks("visits")
        assert dropped.plans().status_code == 201
        assert dropped.post("merge", into=str(kept.person)).status_code == 201
        assert kept.put("restriction", restricted=True).status_code == 204
        listed = intake.get("/visits", params={"on": TOMORROW}, headers=staff(rutan.site, Role.REGISTRAR)).json()
        assert listed == []


def test_a_restriction_bars_its_days_and_is_lifted_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home, bar = Home(intake), uuid4()
        home.asks("visits")
        order = {"kind": "own_wish", "from_on": "2026-02-03", "contact": str(home.mother)}
        for _ in range(2):
            assert home.put(f"contact-restrictions/{bar}", **order).status_code == 201
        assert slug(home.put(f"contact-restrictions/{bar}", **order | {"kind": "court"})) == "entry-id-taken"
        assert slug(home.plans()) == "contact-restricted"
        for _ in range(2):
            assert home.post(f"contact-restrictions/{bar}/lifting", lifted_on=TOMORROW).status_code == 201
        lifted = home.post(f"contact-restrictions/{bar}/lifting", lifted_on="2026-02-04")
        assert slug(lifted) == "restriction-already-lifted"
        assert home.put(f"contact-restrictions/{bar}", **order).status_code == 201
        assert home.plans().status_code == 201
        backwards = home.put(f"contact-restrictions/{uuid4()}", **order | {"until_on": "2026-02-02"})
        assert slug(backwards) == "restriction-dates-out-of-order"
        assert len(home.get("contact-restrictions")) == 1


def test_a_visit_and_a_restriction_entered_at_once_are_never_a_visit_without_a_hindrance(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            home = Home(intake)
            home.asks("visits")
            bars = pool.submit(home.put, f"contact-restrictions/{uuid4()}", kind="safety", from_on="2026-02-03")
            planned = pool.submit(home.plans)
            assert bars.result().status_code == 201
            assert planned.result().status_code == 201 or slug(planned.result()) == "contact-restricted"
        due = intake.get("/visits", params={"on": TOMORROW}).json()
        assert {one["hindrance"] for one in due} <= {"restricted"}


def test_the_same_plan_again_is_one_visit_also_after_its_outcome(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home, visit_ = Home(intake), uuid4()
        home.asks("visits")
        declined = {"kept": "no", "reason": "person_declined"}
        assert home.plans(visit_).status_code == 201
        assert home.post(f"visits/{visit_}/outcome", **declined).status_code == 201
        assert home.plans(visit_).json()["reason"] == "person_declined"
        assert slug(home.plans(visit_, channel="video")) == "entry-id-taken"
        assert [one["kept"] for one in home.get("visits")] == ["no"]


def test_nobody_who_has_left_is_visited(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake)
        home.asks("visits")
        home.put(f"releases/{uuid4()}", released_on="2026-02-03", mode="pb")
        assert slug(home.plans()) == "person-not-inside"


def test_a_guarantor_agrees_first_and_is_confirmed_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(4) as pool:
        home, stands = Home(intake), uuid4()
        at = f"guarantors/{stands}"
        assert slug(home.put(at, contact=str(home.mother))) == "contact-has-not-agreed"
        home.asks("guarantor")
        for _ in range(2):
            assert home.put(at, contact=str(home.mother)).status_code == 201
        assert slug(home.put(f"guarantors/{uuid4()}", contact=str(home.mother))) == "guarantor-already-named"
        letter = (f"{at}/letter", {"received_on": "2026-02-03"})
        signed = (f"{at}/countersignature", {"countersigned_on": "2026-02-02", "countersigned_by": "lurah"})
        steps = [letter, signed] * 4
        assert {answer_.status_code for answer_ in pool.map(lambda s: home.post(s[0], **s[1]), steps)} == {201}
        assert said(rutan).count("guarantor_confirmed") == 1
        assert home.get("guarantors")[0]["confirmed_at"] is not None


def test_whoever_no_longer_agrees_to_be_a_guarantor_is_none(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake)
        ways: list[Callable[[UUID], Response]] = [
            lambda stands: home.post(f"guarantors/{stands}/withdrawal"),
            lambda _: home.post(f"contacts/{home.mother}/withdrawal", wish="guarantor"),
            lambda _: home.asks("guarantor", "no"),
        ]
        for takes_back in ways:
            stands = uuid4()
            home.asks("guarantor")
            assert home.put(f"guarantors/{stands}", contact=str(home.mother)).status_code == 201
            assert takes_back(stands).status_code == 201
            late = home.post(f"guarantors/{stands}/letter", received_on="2026-02-03")
            assert slug(late) == "guarantor-withdrew"
        assert len(home.get("guarantors")) == 3


def test_a_family_s_need_is_referred_and_what_became_of_it_is_known_or_not(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home, need, referral = Home(intake), uuid4(), uuid4()
        at = f"family-needs/{need}/referrals"
        assert slug(home.put(f"{at}/{referral}", office="baznas")) == "entry-not-here"
        assert home.put(f"family-needs/{need}", kind="school", contact=str(home.mother)).status_code == 201
        for body in ({}, {"office": "baznas", "partner": "yayasan-contoh"}):
            assert slug(home.put(f"{at}/{referral}", **body)) == "one-recipient-only"
        for _ in range(2):
            assert home.put(f"{at}/{referral}", partner="yayasan-contoh").status_code == 201
        for outcome in ("unknown", "declined", "declined"):
            assert home.post(f"family-referrals/{referral}/outcome", outcome=outcome).status_code == 201
        assert slug(home.post(f"family-referrals/{referral}/outcome", outcome="done")) == "referral-already-answered"
        assert said(rutan).count("family_referred") == 1
        [known] = home.get("family-needs")
        assert (known["kind"], [r["outcome"] for r in known["referrals"]]) == ("school", ["declined"])


READS = ("contacts", "contact-restrictions", "visits", "guarantors", "family-needs")


@pytest.mark.parametrize("path", READS)
def test_every_page_of_a_family_is_a_look_at_the_person(rutan: Rutan, path: str) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake)
        assert intake.get(f"{home.at}/{path}").status_code == 200
        assert rutan.one("intake", "select subject from read_log") == home.person
        assert intake.get(f"{home.at}/{path}", headers=staff(rutan.site, Role.INSTRUCTOR)).status_code == 403


def test_an_erasure_takes_the_whole_family_along(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        home = Home(intake)
        for wish in ("visits", "guarantor"):
            home.asks(wish)
        home.plans()
        home.put(f"contact-restrictions/{uuid4()}", kind="safety", from_on="2026-02-03")
        home.put(f"guarantors/{uuid4()}", contact=str(home.mother))
        need = uuid4()
        home.put(f"family-needs/{need}", kind="food")
        home.put(f"family-needs/{need}/referrals/{uuid4()}", office="village")
        database = rutan.database("intake")
        with database.transaction() as session:
            tables = {table.name for table, _ in about.rows_about(session, Table.metadata, "person", home.person)}
            ours = {"contact", "contact_answer", "contact_restriction", "visit", "guarantee"}
            assert tables >= ours | {"family_need", "family_referral"}
            session.info["vault"].destroy(home.person)
        assert home.get("contacts") == []
        assert intake.get("/visits", params={"on": TOMORROW}).json() == []
