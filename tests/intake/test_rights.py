from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.identity import Actor, Tokens
from contracts.vocabulary import ReleaseMode, Role
from fastapi.testclient import TestClient
from intake.commands.duplicates import merge_people
from intake.queries.rights import release_mode_of
from support import Rutan, a_person, staff
from support.hearing import api

NOW = datetime.now(UTC)
TODAY = NOW.date()
PAPERS = ["putusan", "laporan_pembinaan", "pemberitahuan_kejari", "register_f", "daftar_perubahan", "surat_pernyataan"]
FOREIGN = ["jaminan_kedutaan", "surat_imigrasi", "surat_interpol"]


def day(days: int) -> str:
    """So many days from today."""
    return str(TODAY + timedelta(days=days))


def put(intake: TestClient, path: str, sent: dict[str, Any], **options: Any) -> tuple[int, str]:
    """The status, and what was refused."""
    answer = intake.put(path, json=sent, **options)
    return answer.status_code, str(answer.json().get("title", ""))


def sentenced(intake: TestClient, *, months: int = 24, served: int = 500, **fields: Any) -> str:
    """A person who was sentenced, and of whom the regulations' questions are answered."""
    person = f"/people/{uuid4()}"
    assert intake.put(person, json=a_person(**fields)).status_code == 201
    passed = {
        "decided_on": day(-served + 30),
        "detained_since": day(-served),
        "months": months,
        "verdict_number": "9/Pid",
    }
    assert put(intake, f"{person}/sentences/{uuid4()}", passed) == (201, "")
    for code, answer in (
        ("active_in_programme", "yes"),
        ("community_accepts", "yes"),
        ("register_f_read", "yes"),
        ("foreign_national", "no"),
    ):
        said = {"code": code, "answer": answer, "source": "register"}
        assert put(intake, f"{person}/answers/{uuid4()}", said) == (201, "")
    for level, days in (("tinggi", -300), ("sedang", -30)):
        assert put(intake, f"{person}/risk-levels/{uuid4()}", {"assessed_on": day(days), "level": level}) == (201, "")
    return person


def proposed(intake: TestClient, person: str, right: str = "pb") -> str:
    at = f"{person}/proposals/{uuid4()}"
    assert put(intake, at, {"right": right, "wanted_by_person_on": day(-20)}) == (201, "")
    return at


def completed(intake: TestClient, person: str, right: str = "pb") -> str:
    at = proposed(intake, person, right)
    for code in PAPERS:
        assert put(intake, f"{at}/documents/{code}", {"received_on": day(-15), "number": "W9/1"}) == (201, "")
    litmas = {"requested_on": day(-19), "received_on": day(-14), "advice": "supported", "number": "W9/L"}
    assert put(intake, f"{at}/litmas", litmas) == (201, "")
    surety = {"contact": str(uuid4()), "village_statement_on": day(-13)}
    assert put(intake, f"{at}/guarantor", surety) == (201, "")
    assert put(intake, f"{at}/completion", {"on": day(-13)}) == (201, "")
    return at


class Board:
    """Three who sit."""

    def __init__(self, rutan: Rutan, intake: TestClient) -> None:
        self.intake, self.headers = intake, staff(rutan.site, Role.ASSESSMENT_BOARD)
        claims = rutan.settings("intake")
        self.me = member(self.headers, claims.token_key, rutan.site)
        self.members = [str(self.me), str(uuid4()), str(uuid4())]

    def sitting(self, *proposals: str, on: int = -10, members: list[str] | None = None) -> str:
        at = f"/sittings/{uuid4()}"
        assert self.plan(at, *proposals, on=on, members=members) == (201, "")
        return at

    def planned(self, *proposals: str, on: int = -10, members: list[str] | None = None) -> dict[str, Any]:
        agenda = [ref(proposal) for proposal in proposals]
        return {"held_on": day(on), "agenda": agenda, "members": self.members if members is None else members}

    def plan(self, at: str, *proposals: str, instead_of: dict[str, Any] | None = None, **said: Any) -> tuple[int, str]:
        return put(self.intake, at, self.planned(*proposals, **said) | {"instead_of": instead_of})

    def advise(self, sitting: str, proposal: str, advice: str = "recommended", **said: Any) -> tuple[int, str]:
        sent = {"advice": advice, "minutes": ["Rekaan Uji hadir."], **said}
        return put(self.intake, f"{sitting}/advice/{ref(proposal)}", sent, headers=self.headers)


def member(headers: dict[str, str], key: str, site: str) -> UUID:
    return Tokens(key, site).actor(headers["authorization"].removeprefix("Bearer ")).id


def ref(path: str) -> str:
    return path.rsplit("/", 1)[1]


def said(rutan: Rutan, *types: str) -> list[dict[str, Any]]:
    rows = rutan.sql(
        "intake",
        "select type, convert_from(body, 'utf8')::json as said from outbox where audience = 'site' order by id",
    )
    return [row.said for row in rows if row.type.split(".")[1] in types]


def state(intake: TestClient, proposal: str) -> dict[str, Any]:
    [found] = [p for p in intake.get(proposal.rsplit("/", 1)[0]).json() if p["proposal"] == ref(proposal)]
    return dict(found)


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


def test_a_proposal_rests_on_the_estimate_of_its_day_and_names_nobody(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        person = sentenced(intake)
        at = proposed(intake, person)
        shown = state(intake, at)
        pb = next(right for right in intake.get(f"{person}/rights").json() if right["right"] == "pb")
        assert shown["basis"] == pb
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
        put(intake, f"{at}/guarantor", {"contact": str(uuid4())})
        refused = intake.put(f"{at}/completion", json={"on": day(-1)}).json()
        assert refused["title"] == "documents-missing"
        assert all(named in str(refused["missing"]) for named in ("putusan", "litmas", "Surat jaminan"))
        papers = {paper["code"]: paper["present"] for paper in state(intake, at)["documents"]}
        assert {code for code, present in papers.items() if not present} == {"putusan", "litmas", "surat_jaminan"}
        missing = next(r for r in intake.get(at.rsplit("/", 2)[0] + "/rights").json() if r["right"] == "pb")
        assert {p["code"] for p in missing["missing_documents"]} == {"putusan", "litmas", "surat_jaminan"}


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
        at = completed(intake, sentenced(intake))
        there = {"received_on": day(-15), "number": "W9/1"}
        assert put(intake, f"{at}/documents/putusan", {"instead_of": there}) == (409, "not-its-turn")
        assert put(intake, f"{at}/documents/putusan", there) == (201, "")
        shown = state(intake, at)
        surety = {"contact": shown["guarantor"], "village_statement_on": shown["village_statement_on"]}
        other = {"contact": str(uuid4()), "instead_of": surety}
        assert put(intake, f"{at}/guarantor", other) == (409, "not-its-turn")
        assert put(intake, f"{at}/completion", {"on": day(-13)}) == (201, "")
        assert put(intake, f"{at}/completion", {"on": day(-12)}) == (409, "step-already-taken")


def test_two_officers_who_fill_in_one_proposal_are_told_of_each_other(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        at, contact = proposed(intake, sentenced(intake)), str(uuid4())
        for part, first, second in (
            ("documents/putusan", {"received_on": day(-15), "number": "W9/1"}, {"received_on": day(-14)}),
            ("litmas", {"requested_on": day(-15)}, {"requested_on": day(-14)}),
            ("guarantor", {"contact": contact}, {"contact": str(uuid4())}),
        ):
            assert put(intake, f"{at}/{part}", first) == (201, "")
            assert put(intake, f"{at}/{part}", first) == (201, "")
            assert put(intake, f"{at}/{part}", second) == (409, "entry-changed-meanwhile")
            assert put(intake, f"{at}/{part}", second | {"instead_of": first}) == (201, "")
            assert put(intake, f"{at}/{part}", first | {"instead_of": first}) == (409, "entry-changed-meanwhile")


def test_the_board_needs_three_members_its_day_and_one_of_them_to_say_so(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        board = Board(rutan, intake)
        at = completed(intake, sentenced(intake))
        two = board.sitting(at, members=board.members[:2])
        assert board.advise(two, at) == (409, "no-quorum")
        thrice = board.sitting(at, members=[board.members[0]] * 3)
        assert board.advise(thrice, at) == (409, "no-quorum")
        without_me = board.sitting(at, members=[str(uuid4()) for _ in range(3)])
        assert board.advise(without_me, at) == (403, "not-sitting")
        assert board.advise(board.sitting(at, on=5), at) == (409, "day-not-come")
        assert board.advise(board.sitting(at, on=-14), at) == (409, "dates-out-of-order")
        assert board.advise(board.sitting(), at) == (404, "not-on-the-agenda")
        assert said(rutan, "board_advised") == []
        assert state(intake, at)["state"] == "complete"


def test_only_what_is_complete_is_put_before_the_board_each_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        board = Board(rutan, intake)
        person = sentenced(intake)
        early, at = proposed(intake, person, "asimilasi"), completed(intake, person)
        sitting = f"/sittings/{uuid4()}"
        for agenda in ((early,), (at, at), (at, f"/{uuid4()}")):
            assert board.plan(sitting, *agenda) == (409, "not-ready-for-the-board")
        assert intake.get(sitting).json()["title"] == "sitting-not-here"


def test_no_advice_is_given_twice_in_one_sitting_and_what_was_postponed_comes_again(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        board = Board(rutan, intake)
        at = completed(intake, sentenced(intake))
        first = board.sitting(at)
        assert board.advise(first, at, "postponed") == (409, "reason-missing")
        assert board.advise(first, at, "postponed", reasons=["litmas"]) == (201, "")
        assert board.advise(first, at, "recommended") == (409, "already-advised")
        assert board.advise(first, at, "postponed", reasons=["litmas"], minutes=["Lain."]) == (409, "already-advised")
        assert board.plan(first) == (409, "sitting-under-way")
        assert board.plan(first, at) == (201, "")
        second = board.sitting(at, on=-9)
        assert board.advise(second, at) == (201, "")
        assert [event["advice"] for event in said(rutan, "board_advised")] == ["postponed", "recommended"]


def test_two_sittings_at_once_advise_once(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake, ThreadPoolExecutor(4) as pool:
        board = Board(rutan, intake)
        at = completed(intake, sentenced(intake))
        sittings = [board.sitting(at) for _ in range(4)]
        assert sorted(pool.map(lambda s: board.advise(s, at)[0], sittings)) == [201, 409, 409, 409]
        assert len(said(rutan, "board_advised")) == 1


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


def test_an_agenda_is_read_and_printed_in_its_order_and_every_look_is_logged(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        board = Board(rutan, intake)
        people = [sentenced(intake, name=name) for name in ("#Rekaan [Satu]", "Rekaan Dua")]
        proposals = [completed(intake, person) for person in people]
        sitting = board.sitting(*proposals)
        assert board.plan(sitting, *reversed(proposals)) == (409, "entry-changed-meanwhile")
        first = board.planned(*proposals)
        assert board.plan(sitting, *reversed(proposals), instead_of=first) == (201, "")
        assert board.plan(sitting, *proposals, instead_of=first) == (409, "entry-changed-meanwhile")
        board.sitting(on=5)
        listed = [(one["held_on"], one["points"], one["advised"]) for one in intake.get("/sittings").json()]
        assert listed == [(day(5), 0, 0), (day(-10), 2, 0)]
        late = {p["proposal"]: p["here"]["late"] for p in intake.get("/proposals").json()}
        assert set(late) == {ref(proposal) for proposal in proposals}
        points = intake.get(sitting, headers=board.headers).json()["points"]
        assert [(p["position"], p["name"]) for p in points] == [(1, "Rekaan Dua"), (2, "#Rekaan [Satu]")]
        page = intake.get(f"{sitting}/agenda.pdf", headers=board.headers)
        assert (page.status_code, page.headers["content-type"], page.content[:5]) == (200, "application/pdf", b"%PDF-")
        looks = "select subject, actor, purpose from read_log"
        assert sorted((row.subject, row.actor, row.purpose) for row in rutan.sql("intake", looks)) == sorted(
            (UUID(ref(person)), board.me, "service") for person in people for _ in range(2)
        )
        assert intake.put(f"{people[0]}/restriction", json={"restricted": True}).status_code == 204
        seen = {p["name"] for p in intake.get(sitting, headers=board.headers).json()["points"]}
        assert seen == {None, "Rekaan Dua"}
        purposeless = {"authorization": board.headers["authorization"], "jembatan-purpose": ""}
        assert intake.get(sitting, headers=purposeless).status_code == 422


def test_minutes_of_somebody_erased_are_gone_and_those_of_the_others_stay(rutan: Rutan) -> None:
    with api(rutan, "intake") as intake:
        board = Board(rutan, intake)
        people = [sentenced(intake) for _ in range(2)]
        proposals = [completed(intake, person) for person in people]
        sitting = board.sitting(*proposals)
        for proposal in proposals:
            board.advise(sitting, proposal)
        vault = rutan.database("intake").vault
        assert vault
        vault.destroy(UUID(ref(people[0])))
        erased, stays = (state(intake, proposal) for proposal in proposals)
        assert (erased["advice"][0]["minutes"], erased["litmas_number"]) == (None, None)
        assert (stays["advice"][0]["minutes"], stays["litmas_number"]) == (["Rekaan Uji hadir."], "W9/L")
        assert [point["name"] for point in intake.get(sitting).json()["points"]] == [None, "Rekaan Uji"]
        assert intake.get(f"{sitting}/agenda.pdf").status_code == 200


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
