from uuid import UUID, uuid4

import pytest
from contracts.vocabulary import ReleaseMode
from intake.queries.rights import release_mode_of
from support import Rutan, a_person
from support.days import day
from support.hearing import api
from support.rights import PAPERS, Board, completed, proposed, put, ref, sentenced


def test_an_estimate_says_when_why_what_is_missing_and_that_it_costs_nothing(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        rights = {right["right"]: right for right in intake.get(f"{person}/rights").json()}
        pb, cb = rights["pb"], rights["cb"]
        assert (pb["possible"], pb["label"]) == ("now", "Perkiraan, bukan keputusan.")
        assert cb["possible"] == "not_possible"
        assert {reason["met"] for reason in pb["reasons"]} == {"yes"}
        for source in (reason["source"] for right in rights.values() for reason in right["reasons"]):
            assert source["clause"]
            assert source["rule_set"]
            assert source["version"] >= 1
        assert pb["doubts"]
        assert {paper["code"] for paper in pb["missing_documents"]} == {*PAPERS, "litmas", "surat_jaminan"}
        assert all("gratis" in step["fee"].lower() for right in rights.values() for step in right["way"]["steps"])
        assert [step["working_days"] for step in pb["way"]["steps"] if step["working_days"]] == [7, 7]


def test_an_estimate_is_that_of_the_day_asked_for(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake, served=200)
        pb = {r["right"]: r for r in intake.get(f"{person}/rights").json()}["pb"]
        assert pb["possible"] == "from_date"
        later = intake.get(f"{person}/rights", params={"on": pb["earliest_on"]}).json()
        assert {r["right"]: r["possible"] for r in later}["pb"] == "now"
        assert intake.get(f"{person}/rights", params={"on": "9999-12-31"}).status_code == 422


def test_a_tahanan_is_told_kindly_that_there_is_nothing_to_count_yet(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = f"/people/{uuid4()}"
        intake.put(person, json=a_person(legal_status="tahanan"))
        assert {right["possible"] for right in intake.get(f"{person}/rights").json()} == {"not_possible"}
        refused = intake.put(f"{person}/proposals/{uuid4()}", json={"right": "pb", "wanted_by_person_on": day(-1)})
        assert refused.json()["title"] == "right-not-possible"


def test_the_horizon_names_references_whose_turn_comes_and_nobody_who_was_proposed(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        soon, later = sentenced(intake, served=440), sentenced(intake, served=410)
        ends = sentenced(intake, months=12, served=350)
        intake.put(f"/people/{uuid4()}", json=a_person(legal_status="tahanan"))

        def of(person: str, days: int, *rights: str | None) -> list[str | None]:
            found = intake.get("/rights/horizon", params={"days": days}).json()
            return [c["right"] for c in found if c["person"] == ref(person) and c["right"] in rights]

        assert of(soon, 60, "pb") == ["pb"]
        assert (of(later, 60, "pb"), of(later, 90, "pb")) == ([], ["pb"])
        assert of(ends, 30, None) == [None]
        everything = intake.get("/rights/horizon", params={"days": 90})
        assert "Rekaan" not in everything.text
        assert {c["legal_status"] for c in everything.json()} == {"narapidana"}
        proposed(intake, soon)
        assert of(soon, 60, "pb") == []
        assert of(later, 90, "pb") == ["pb"]
        left = {"released_on": day(-1), "mode": "murni"}
        intake.put(f"{ends}/releases/{uuid4()}", json=left)
        assert of(ends, 90, None, "asimilasi") == []
        assert intake.get("/rights/horizon", params={"days": 45}).status_code == 422


@pytest.mark.parametrize(("right", "mode"), [("pb", ReleaseMode.PB), ("asimilasi", None)])
def test_a_right_that_was_granted_says_how_the_person_will_leave(
    rutan: Rutan, right: str, mode: ReleaseMode | None
) -> None:
    with api(rutan, "intake") as intake:
        board, person = Board(rutan, intake), sentenced(intake)

        def to_leave() -> ReleaseMode | None:
            with rutan.database("intake").transaction() as session:
                return release_mode_of(session, UUID(ref(person)))

        at = completed(intake, person, right)
        board.advise(board.sitting(at), at)
        put(intake, f"{at}/dispatch", {"on": day(-9)})
        assert to_leave() is None
        put(intake, f"{at}/decision", {"on": day(-2), "granted": True, "decree_number": "PAS-9"})
        assert to_leave() is mode
        put(intake, f"{at}/revocation", {"on": day(-1), "decree_number": "PAS-10"})
        assert to_leave() is None


def test_remisi_khusus_is_reckoned_by_the_day_of_the_religion_that_the_person_named(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        unsaid, said_so = sentenced(intake), sentenced(intake, religion="Kristen Protestan")
        unknown, known = (
            {right["right"]: right for right in intake.get(f"{person}/rights").json()}["remisi_khusus"]
            for person in (unsaid, said_so)
        )
        assert unknown["possible"] == "unknown"
        assert known["earliest_on"].endswith("-12-25")
