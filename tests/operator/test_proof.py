"""The demonstration's proof can fail, and its people are the same at every look."""

import io
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from jembatan.demo.people import ROADS, MadeUp, Road, made_up
from jembatan.demo.proof import Proof, SiteProof, partner_events, problems
from jembatan.demo.run import SITES, show
from rich.console import Console

SEED = UUID(int=7)


def a_site(**changes: Any) -> SiteProof:
    well = SiteProof(
        site="oz-rekaan",
        committed=5,
        received=5,
        in_flight=0,
        lost=0,
        applied_twice=0,
        unread_inside=0,
        parked=0,
        view_differs=0,
    )
    return replace(well, **changes)


def a_proof(*sites: SiteProof, **changes: Any) -> Proof:
    well = Proof(
        sites=sites or (a_site(), a_site(site="oz-lain")),
        partner_expected=4,
        partner_received=4,
        partner_twice=0,
        planted=12,
        planted_found=0,
        planted_sealed=12,
    )
    return replace(well, **changes)


def a_person(road: Road, *, reenters: bool = False) -> MadeUp:
    return replace(made_up("oz-rekaan", 1, SEED)[0], road=road, reenters=reenters)


def test_the_proof_holds_when_every_line_is_as_it_must_be() -> None:
    assert a_proof().holds
    assert list(problems(a_proof())) == []
    assert json.loads(a_proof().to_json())["holds"] is True


def test_a_narrow_terminal_shows_the_names_of_the_rutan_whole() -> None:
    output = io.StringIO()
    show(
        a_proof(*(a_site(site=site, committed=12_345, received=12_345) for site in SITES)),
        Console(file=output, width=80),
    )
    assert all(f"│ {site} " in output.getvalue() for site in SITES)
    assert "…" not in output.getvalue()


@pytest.mark.parametrize(
    "wrong",
    [
        {"in_flight": 1},
        {"lost": 1},
        {"applied_twice": 1},
        {"unread_inside": 1},
        {"parked": 1},
        {"view_differs": 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_one_line_of_one_site_is_enough_for_the_proof_to_fail(wrong: dict[str, int]) -> None:
    proof = a_proof(a_site(), a_site(**wrong))
    assert not proof.holds
    assert len(list(problems(proof))) == 1
    assert json.loads(proof.to_json())["holds"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"partner_received": 3},
        {"partner_received": 5},
        {"partner_twice": 1},
        {"planted_found": 1},
        {"planted_sealed": 11},
    ],
    ids=str,
)
def test_one_line_about_the_partner_or_the_search_is_enough_for_the_proof_to_fail(wrong: dict[str, int]) -> None:
    proof = a_proof(**wrong)
    assert not proof.holds
    assert len(list(problems(proof))) == 1


def test_a_run_in_which_nothing_happened_proves_nothing() -> None:
    assert not a_proof(a_site(committed=0, received=0)).holds
    assert not a_proof(partner_expected=0, partner_received=0).holds
    assert not a_proof(planted=0, planted_sealed=0).holds


def test_every_field_of_the_proof_is_tried_above() -> None:
    # `received` is what `in_flight` is reckoned from; a new field must find its place in a test, and in `holds`.
    sites = {"site", "committed", "received", "in_flight", "lost", "applied_twice", "unread_inside", "parked"}
    assert set(SiteProof.__dataclass_fields__) == sites | {"view_differs"}
    partner = {"partner_expected", "partner_received", "partner_twice"}
    assert set(Proof.__dataclass_fields__) == {"sites", "planted", "planted_found", "planted_sealed"} | partner


def test_all_is_settled_when_only_what_the_partner_hears_later_is_missing() -> None:
    assert a_proof(partner_received=3).settled(later=1)
    assert not a_proof(partner_received=3).settled(later=0)
    assert not a_proof(a_site(in_flight=1)).settled(later=0)
    assert not a_proof(a_site(unread_inside=1)).settled(later=0)


@pytest.mark.parametrize(
    ("road", "stays", "reenters"),
    [
        (Road.WHOLE, 4, 5),
        (Road.WITHDRAWS_SHARING_AT_THE_END, 5, 6),
        (Road.WITHDRAWS_SHARING_BEFORE_PLACEMENT, 0, 0),
        (Road.WITHDRAWS_PROGRAMME, 0, 0),
        (Road.DECLINES_PLAN, 0, 0),
        (Road.DECLINES_ASSESSMENT, 0, 0),
    ],
)
def test_a_partner_hears_only_of_those_who_came_to_work_and_let_it(road: Road, stays: int, reenters: int) -> None:
    # A start and three milestones; the end of the work; that the consent was taken back.
    assert partner_events(a_person(road)) == stays
    assert partner_events(a_person(road, reenters=True)) == reenters


def test_the_same_seed_makes_the_same_people() -> None:
    assert made_up("oz-rekaan", 20, SEED) == made_up("oz-rekaan", 20, SEED)
    assert made_up("oz-rekaan", 20, SEED)[:5] == made_up("oz-rekaan", 5, SEED)


def test_another_seed_or_another_site_makes_other_people() -> None:
    here, there, later = (
        made_up("oz-rekaan", 20, SEED),
        made_up("oz-lain", 20, SEED),
        made_up("oz-rekaan", 20, UUID(int=8)),
    )
    everybody = here + there + later
    for what in ({p.id for p in everybody}, {p.nik for p in everybody}, {p.name.split()[-1] for p in everybody}):
        assert len(what) == 60


def test_no_made_up_number_could_be_a_real_persons() -> None:
    for person in made_up("oz-rekaan", 200, SEED):
        assert len(person.nik) == 16
        assert person.nik.isdecimal()
        assert person.nik.startswith("99")


def test_what_is_searched_for_at_the_hub_could_not_be_there_by_chance() -> None:
    people = made_up("oz-rekaan", 200, SEED) + made_up("oz-lain", 200, SEED)
    planted = [text for p in people for text in (p.name.split()[-1], p.nik, p.register_number)]
    assert len(set(planted)) == len(planted)
    assert min(map(len, planted)) >= 15


def test_every_road_is_walked_by_somebody_of_the_first_ten() -> None:
    assert {person.road for person in made_up("oz-rekaan", len(ROADS), SEED)} == set(Road)
    assert any(person.reenters for person in made_up("oz-rekaan", 4, SEED))
