from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

from support import Rutan
from support.days import day
from support.hearing import api
from support.rights import Board, completed, proposed, ref, said, sentenced, state


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
