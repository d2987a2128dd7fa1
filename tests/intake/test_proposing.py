from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from chassis.identity import Actor
from contracts.vocabulary import Role
from intake.commands.duplicates import merge_people
from intake.model.rights import SURETY
from support import Rutan, a_person, staff
from support.days import day
from support.hearing import api
from support.rights import (
    FOREIGN,
    NOW,
    PAPERS,
    Board,
    agreeing,
    completed,
    proposed,
    put,
    ref,
    said,
    sentenced,
    stand_surety,
    state,
    surety,
)


def test_a_proposal_rests_on_the_estimate_of_its_day_and_names_nobody(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        at = proposed(intake, person)
        shown = state(intake, at)
        pb = next(right for right in intake.get(f"{person}/rights").json() if right["right"] == "pb")
        assert pb == shown["basis"] | {"proposal": ref(at)}
        kept = str(rutan.sql("intake", "select * from proposal, proposal_document, outbox"))
        assert not any(secret in kept for secret in ("Rekaan", "9/Pid", "BI-1"))
        assert [event["right"] for event in said(rutan, "right_proposed")] == ["pb"]


def test_what_the_law_rules_out_is_refused_with_its_places_and_no_value(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake, months=24)
        refused = intake.put(f"{person}/proposals/{uuid4()}", json={"right": "cb", "wanted_by_person_on": day(-1)})
        assert (refused.status_code, refused.json()["title"]) == (409, "right-not-possible")
        assert "Permenkumham Nomor 3 Tahun 2018 Ps. 114" in refused.json()["clauses"]
        assert rutan.one("intake", "select count(*) from proposal") == 0
        assert said(rutan, "right_proposed") == []


def test_what_is_unknown_is_not_no_and_may_be_proposed(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        unknown = {"code": "active_in_programme", "answer": "unknown", "source": "programme"}
        put(intake, f"{person}/answers/{uuid4()}", unknown)
        assert state(intake, proposed(intake, person))["basis"]["possible"] == "unknown"


def test_nobody_is_proposed_without_being_asked(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        at = f"{person}/proposals/{uuid4()}"
        assert put(intake, at, {"right": "pb"}) == (409, "person-not-asked")
        assert put(intake, at, {"right": "pb", "wanted_by_person_on": day(3)}) == (409, "day-not-come")


def test_whoever_has_left_is_not_proposed(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        intake.put(f"{person}/releases/{uuid4()}", json={"released_on": day(-1), "mode": "murni"})
        sent = {"right": "pb", "wanted_by_person_on": day(-2)}
        assert put(intake, f"{person}/proposals/{uuid4()}", sent) == (409, "person-not-inside")


def test_two_entries_of_one_person_are_one_case_and_one_proposal(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, rutan.database("intake").transaction() as session:
        kept, dropped = sentenced(intake), f"/people/{uuid4()}"
        board = Board(rutan, intake)
        at = completed(intake, kept)
        # Nothing is moved by a merge, so what stands at the other entry is looked for there.
        intake.put(dropped, json=a_person(register_number="BI-2/UJI"))
        merge_people(session, UUID(ref(kept)), UUID(ref(dropped)), by=Actor(uuid4(), rutan.site, frozenset()), at=NOW)
        session.commit()
        assert {r["right"]: r["possible"] for r in intake.get(f"{dropped}/rights").json()}["pb"] == "now"
        moved = at.replace(kept, dropped)
        assert state(intake, moved)["litmas_number"] == "W9/L"
        sent = {"right": "pb", "wanted_by_person_on": day(-1)}
        assert put(intake, f"{dropped}/proposals/{uuid4()}", sent) == (409, "right-already-proposed")
        assert put(intake, f"{at}/withdrawal", {"on": day(-1)}) == (409, "merged-into-another")
        assert put(intake, f"{moved}/withdrawal", {"on": day(-1)}) == (201, "")
        assert board.plan(f"/sittings/{uuid4()}", at) == (409, "not-ready-for-the-board")


def test_of_two_officers_who_propose_at_once_one_succeeds(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(8) as pool:
        person = sentenced(intake)
        sent = {"right": "pb", "wanted_by_person_on": day(-1)}
        for right in ("pb", "asimilasi"):
            ids = [uuid4() for _ in range(8)]
            tried = list(
                pool.map(lambda one, r=right: put(intake, f"{person}/proposals/{one}", sent | {"right": r})[0], ids)
            )
            assert sorted(tried) == [201] + [409] * 7
        one = uuid4()
        other = sentenced(intake)
        again = pool.map(lambda _: put(intake, f"{other}/proposals/{one}", sent)[0], range(8))
        assert set(again) == {201}
        assert len(said(rutan, "right_proposed")) == 3


def test_the_whole_way_from_the_wish_to_the_decree_and_back(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person, board = sentenced(intake), Board(rutan, intake)
        at = completed(intake, person)
        decision = {"on": day(-2), "granted": True, "decree_number": "PAS-9.PK.05.09"}
        assert put(intake, f"{at}/dispatch", {"on": day(-9)}) == (409, "not-its-turn")
        assert put(intake, f"{at}/decision", decision) == (409, "not-its-turn")
        sitting = board.sitting(at)
        assert board.advise(sitting, at, reasons=["conduct"]) == (201, "")
        assert board.advise(sitting, at, reasons=["conduct"]) == (201, "")
        assert put(intake, f"{at}/decision", decision) == (409, "not-its-turn")
        assert put(intake, f"{at}/dispatch", {"on": day(-11)}) == (409, "dates-out-of-order")
        for _ in range(2):
            assert put(intake, f"{at}/dispatch", {"on": day(-9)}) == (201, "")
        assert put(intake, f"{at}/dispatch", {"on": day(-8)}) == (409, "step-already-taken")
        assert put(intake, f"{at}/decision", decision, headers=staff(rutan.site, Role.REGISTRAR))[0] == 403
        for _ in range(2):
            assert put(intake, f"{at}/decision", decision) == (201, "")
        for other in ({"granted": False}, {"on": day(-1)}, {"decree_number": "PAS-8"}):
            assert put(intake, f"{at}/decision", decision | other) == (409, "step-already-taken")
        shown = state(intake, at)
        assert (shown["state"], shown["decree_number"], shown["litmas_number"]) == (
            "decided",
            "PAS-9.PK.05.09",
            "W9/L",
        )
        assert [item["minutes"] for item in shown["advice"]] == [["Rekaan Uji hadir."]]
        taken_back = {"on": day(-1), "decree_number": "PAS-10"}
        for _ in range(2):
            assert put(intake, f"{at}/revocation", taken_back) == (201, "")
        assert put(intake, f"{at}/withdrawal", {"on": day(0)}) == (409, "not-its-turn")
        told = said(rutan, "right_proposed", "board_advised", "right_decided", "right_revoked")
        assert [event["proposal_id"] for event in told] == [ref(at)] * 4
        assert (told[1]["advice"], told[2]["granted"], told[3]["revoked_on"]) == ("recommended", True, day(-1))
        kept = str(rutan.sql("intake", "select * from proposal, proposal_document, sitting_item, outbox"))
        assert not any(secret in kept for secret in ("Rekaan", "PAS-", "W9/"))


def test_nothing_is_complete_while_a_paper_is_missing_and_the_refusal_names_the_paper(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at = proposed(intake, sentenced(intake))
        assert put(intake, f"{at}/documents/ijazah", {"received_on": day(-1)}) == (404, "document-not-asked")
        for code in ("litmas", "surat_jaminan"):
            assert put(intake, f"{at}/documents/{code}", {"received_on": day(-1)}) == (409, "document-follows")
        for code in PAPERS[1:]:
            put(intake, f"{at}/documents/{code}", {"received_on": day(-15)})
        litmas = {"requested_on": day(-19)}
        assert put(intake, f"{at}/litmas", litmas | {"received_on": day(-9)}) == (409, "litmas-unclear")
        early = litmas | {"received_on": day(-20), "advice": "supported"}
        assert put(intake, f"{at}/litmas", early) == (409, "dates-out-of-order")
        put(intake, f"{at}/litmas", litmas)
        put(intake, f"{at}/guarantor", {"contact": agreeing(intake, at.rsplit("/", 2)[0])})
        refused = intake.put(f"{at}/completion", json={"on": day(-1)}).json()
        assert refused["title"] == "documents-missing"
        assert all(named in str(refused["missing"]) for named in ("putusan", "litmas", "Surat jaminan"))
        papers = {paper["code"]: paper["present"] for paper in state(intake, at)["documents"]}
        assert {code for code, present in papers.items() if not present} == {"putusan", "litmas", "surat_jaminan"}
        missing = next(r for r in intake.get(at.rsplit("/", 2)[0] + "/rights").json() if r["right"] == "pb")
        assert {p["code"] for p in missing["missing_documents"]} == {"putusan", "litmas", "surat_jaminan"}


def test_the_surety_s_letter_is_there_while_the_guarantor_stands(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        at, mother = proposed(intake, person), agreeing(intake, person)

        def letter() -> str | None:
            [day_] = [paper["received_on"] for paper in state(intake, at)["documents"] if paper["code"] == SURETY]
            return None if day_ is None else str(day_)

        nobody_of_theirs = agreeing(intake, sentenced(intake))
        assert put(intake, f"{at}/guarantor", {"contact": nobody_of_theirs}) == (404, "entry-not-here")
        assert put(intake, f"{at}/guarantor", {"contact": mother}) == (201, "")
        assert letter() is None
        guarantor = stand_surety(intake, person, mother)
        assert letter() == day(-13)
        assert intake.post(f"{guarantor}/withdrawal").status_code == 201
        assert letter() is None
        stand_surety(intake, person, mother)
        assert letter() == day(-13)
        no_longer = {"wish": "guarantor", "answer": "no", "asked_on": day(0)}
        assert put(intake, f"{person}/contacts/{mother}/answers/{uuid4()}", no_longer) == (201, "")
        assert letter() is None
        instead = {"contact": surety(intake, person), "instead_of": mother}
        assert put(intake, f"{at}/guarantor", instead) == (201, "")
        assert letter() == day(-13)


def test_a_foreigner_needs_the_embassy_and_whoever_might_be_one_too(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        put(
            intake,
            f"{person}/answers/{uuid4()}",
            {"code": "foreign_national", "answer": "unknown", "source": "register"},
        )
        papers = {paper["code"] for paper in state(intake, proposed(intake, person))["documents"]}
        assert papers == {*PAPERS, *FOREIGN, "litmas", "surat_jaminan"}


def test_the_checklist_is_closed_once_it_is_complete(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        at, other = completed(intake, person), agreeing(intake, person)
        there = {"received_on": day(-15), "number": "W9/1"}
        assert put(intake, f"{at}/documents/putusan", {"instead_of": there}) == (409, "not-its-turn")
        assert put(intake, f"{at}/documents/putusan", there) == (201, "")
        changed = {"contact": other, "instead_of": state(intake, at)["guarantor"]}
        assert put(intake, f"{at}/guarantor", changed) == (409, "not-its-turn")
        assert put(intake, f"{at}/completion", {"on": day(-13)}) == (201, "")
        assert put(intake, f"{at}/completion", {"on": day(-12)}) == (409, "step-already-taken")


def test_two_officers_who_fill_in_one_proposal_are_told_of_each_other(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        at, (one, other) = proposed(intake, person), [agreeing(intake, person) for _ in range(2)]
        for part, first, second in (
            ("documents/putusan", {"received_on": day(-15), "number": "W9/1"}, {"received_on": day(-14)}),
            ("litmas", {"requested_on": day(-15)}, {"requested_on": day(-14)}),
        ):
            assert put(intake, f"{at}/{part}", first) == (201, "")
            assert put(intake, f"{at}/{part}", first) == (201, "")
            assert put(intake, f"{at}/{part}", second) == (409, "entry-changed-meanwhile")
            assert put(intake, f"{at}/{part}", second | {"instead_of": first}) == (201, "")
            assert put(intake, f"{at}/{part}", first | {"instead_of": first}) == (409, "entry-changed-meanwhile")
        assert put(intake, f"{at}/guarantor", {"contact": one}) == (201, "")
        assert put(intake, f"{at}/guarantor", {"contact": other}) == (409, "entry-changed-meanwhile")
        assert put(intake, f"{at}/guarantor", {"contact": other, "instead_of": one}) == (201, "")


def test_what_the_board_advised_against_ends_and_may_be_proposed_anew(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        board, person = Board(rutan, intake), sentenced(intake)
        at = completed(intake, person)
        assert put(intake, f"{person}/proposals/{uuid4()}", {"right": "pb", "wanted_by_person_on": day(-1)})[0] == 409
        assert board.advise(board.sitting(at), at, "not_recommended", reasons=["risk", "conduct"]) == (201, "")
        assert put(intake, f"{at}/dispatch", {"on": day(-1)}) == (409, "not-its-turn")
        proposed(intake, person)


def test_whoever_no_longer_wants_it_says_so_in_one_step(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        at = completed(intake, person)
        for _ in range(2):
            assert put(intake, f"{at}/withdrawal", {"on": day(-1)}) == (201, "")
        assert put(intake, f"{at}/dispatch", {"on": day(0)}) == (409, "not-its-turn")
        proposed(intake, person)
