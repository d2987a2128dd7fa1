"""Comparing re-entry with and without a programme, on the Rossi data (Maryland, 432 men) and on random people."""

import dataclasses
import io
import json
import math
from collections.abc import Sequence
from random import Random

import pytest
from central.evaluation import (
    DEFINITIONS,
    Evaluation,
    NoReentries,
    TooFewPeople,
    evaluate,
    kaplan_meier,
    log_rank,
)
from central.model import Observation
from hypothesis import given, settings
from hypothesis import strategies as st
from jembatan.evaluate import render
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_rossi
from lifelines.statistics import logrank_test
from rich.console import Console

CAUSAL_WORDS = ("pengaruh", "dampak", "efek", "akibat", "berkat", "menurunkan", "mengurangi", "berhasil")
observation = st.builds(Observation, st.integers(0, 400), st.booleans(), st.booleans(), st.just({}))
people = st.lists(observation, min_size=10, max_size=80)


def rossi() -> list[Observation]:
    return [
        Observation(int(r.week) * 7, bool(r.arrest), bool(r.fin), {"umur": float(r.age), "vonis": float(r.prio)})
        for r in load_rossi().itertuples()
    ]


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(rossi(), adjust=("umur", "vonis"))


def group(size: int, *, treated: bool, reentered: int = 20, **covariates: float) -> list[Observation]:
    return [Observation(1 + i * 7 % 365, i < reentered, treated, covariates) for i in range(size)]


def lifelines_curve(of: Sequence[Observation]) -> KaplanMeierFitter:
    return KaplanMeierFitter().fit([o.days for o in of], [o.reentered for o in of])


def test_people_and_reentries_are_counted_per_arm(evaluation: Evaluation) -> None:
    assert (evaluation.with_programme.people, evaluation.with_programme.reentries) == (216, 48)
    assert (evaluation.without_programme.people, evaluation.without_programme.reentries) == (216, 66)


def test_a_year_after_release_the_rossi_arms_stay_out_as_published(evaluation: Evaluation) -> None:
    with_programme, without_programme = (
        evaluation.with_programme.survival[-1],
        evaluation.without_programme.survival[-1],
    )
    assert (with_programme.day, without_programme.day) == (364, 364)
    assert with_programme.survival == pytest.approx(0.778, abs=5e-4)
    assert without_programme.survival == pytest.approx(0.694, abs=5e-4)


def test_at_risk_counts_those_still_observed_at_the_start_of_the_day(evaluation: Evaluation) -> None:
    event_table = lifelines_curve([o for o in rossi() if o.treated]).event_table
    assert evaluation.with_programme.survival[-1].at_risk == event_table["at_risk"][364.0]


def test_the_rossi_log_rank_test_is_as_published(evaluation: Evaluation) -> None:
    assert evaluation.log_rank is not None
    assert round(evaluation.log_rank.chi2, 2) == 3.84
    assert round(evaluation.log_rank.p, 3) == 0.050


def test_an_inconclusive_comparison_asks_for_more_people(evaluation: Evaluation) -> None:
    assert "perlu lebih banyak orang" in evaluation.reading


def test_a_clear_difference_is_read_as_a_difference() -> None:
    clear = evaluate(group(80, treated=True, reentered=5) + group(80, treated=False, reentered=60))
    assert clear.reading.startswith("Ada perbedaan")


def test_the_rossi_cox_coefficients_are_as_published(evaluation: Evaluation) -> None:
    rows = evaluation.cox.coefficients
    assert [row.covariate for row in rows] == ["treated", "umur", "vonis"]
    assert [round(row.coefficient, 3) for row in rows] == [-0.347, -0.067, 0.097]


def test_a_hazard_ratio_and_its_interval_follow_from_the_coefficient(evaluation: Evaluation) -> None:
    for row in evaluation.cox.coefficients:
        assert row.hazard_ratio == pytest.approx(math.exp(row.coefficient))
        assert row.low == pytest.approx(math.exp(row.coefficient - 1.959964 * row.standard_error))
        assert row.high == pytest.approx(math.exp(row.coefficient + 1.959964 * row.standard_error))


def test_age_breaks_proportional_hazards_in_the_rossi_data(evaluation: Evaluation) -> None:
    doubtful = [row.covariate for row in evaluation.cox.coefficients if row.schoenfeld_p < 0.05]
    assert doubtful == ["umur"]


def test_an_arm_under_sixty_people_is_refused_with_both_counts() -> None:
    with pytest.raises(TooFewPeople, match="paling sedikit 60 orang") as refusal:
        evaluate(group(59, treated=True) + group(200, treated=False))
    assert (refusal.value.with_programme, refusal.value.without_programme) == (59, 200)
    assert "59 orang dengan program dan 200 orang tanpa program" in str(refusal.value)
    evaluate(group(60, treated=True) + group(60, treated=False))


def test_nobody_re_entered_is_refused() -> None:
    with pytest.raises(NoReentries, match="belum ada yang masuk kembali"):
        evaluate(group(60, treated=True, reentered=0) + group(60, treated=False, reentered=0))


@pytest.mark.parametrize("adjust", [("umur", "umur"), ("treated",), ("days",)])
def test_a_covariate_is_named_once_and_not_as_a_column_of_ours(adjust: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="adjust"):
        evaluate(rossi(), adjust=adjust)


def test_nobody_is_observed_for_a_negative_time() -> None:
    with pytest.raises(ValueError, match="negative"):
        evaluate([*rossi(), Observation(-1, False, True, {})])


def test_the_curve_is_hidden_below_ten_people_at_risk() -> None:
    sample = [Observation(100, False, True, {})] * 9 + [Observation(50, True, True, {})] * 20
    shown, hidden = (
        kaplan_meier([*sample, Observation(100, True, True, {})], [100])[0],
        kaplan_meier(sample, [100])[0],
    )
    assert (shown.at_risk, shown.withheld) == (10, None)
    assert (hidden.at_risk, hidden.survival, hidden.low, hidden.high) == (9, None, None, None)
    assert hidden.withheld == "Disembunyikan: kurang dari 10 orang masih diamati pada hari ke-100."


def test_a_curve_without_re_entries_yet_has_no_interval_but_a_reason() -> None:
    point = kaplan_meier([Observation(100, True, True, {})] * 20, [99])[0]
    assert (point.survival, point.low, point.high) == (1, None, None)
    assert point.withheld is not None
    assert "belum ada" in point.withheld


def test_a_re_entry_comes_before_a_censoring_on_the_same_day() -> None:
    tied = [Observation(30, True, True, {})] * 5 + [Observation(30, False, True, {})] * 15
    assert kaplan_meier(tied, [30])[0].survival == pytest.approx(0.75)


def test_a_log_rank_test_without_a_shared_re_entry_is_undefined() -> None:
    early, late = ([Observation(10, False, True, {})] * 60, [Observation(20, True, False, {})] * 60)
    assert log_rank(early, late) is None
    assert "perlu lebih banyak orang" in evaluate(early + late).reading


def test_people_with_an_unknown_covariate_are_counted_and_stay_on_the_curve(evaluation: Evaluation) -> None:
    blanks: list[dict[str, float]] = [{"umur": 20.0}, {"umur": math.nan, "vonis": 1.0}, {}]
    some = [dataclasses.replace(o, covariates=blanks[i]) if i < 3 else o for i, o in enumerate(rossi())]
    partial = evaluate(some, adjust=("umur", "vonis"))
    assert partial.with_programme.unknown + partial.without_programme.unknown == 3
    assert partial.cox.unknown == {"umur": 2, "vonis": 2}
    assert (partial.cox.people, partial.cox.reentries) == (429, 114 - sum(o.reentered for o in rossi()[:3]))
    assert partial.with_programme.people + partial.without_programme.people == 432
    assert partial.with_programme.survival == evaluation.with_programme.survival
    assert partial.log_rank == evaluation.log_rank


def test_too_few_complete_people_leave_the_cox_model_out_with_a_reason() -> None:
    some = [o if i % 4 == 0 else dataclasses.replace(o, covariates={}) for i, o in enumerate(rossi())]
    partial = evaluate(some, adjust=("umur",))
    assert partial.cox.coefficients == ()
    assert partial.cox.withheld is not None
    assert "60" in partial.cox.withheld
    assert partial.cox.unknown == {"umur": 324}


def test_an_arm_without_re_entries_leaves_the_cox_model_out() -> None:
    lopsided = evaluate(group(80, treated=True, reentered=0) + group(80, treated=False))
    assert lopsided.cox.coefficients == ()
    assert lopsided.cox.withheld is not None
    assert lopsided.with_programme.survival[0].survival == 1


def test_a_covariate_that_says_nothing_leaves_the_cox_model_out() -> None:
    uniform = evaluate(group(80, treated=True, x=3.0) + group(80, treated=False, x=3.0), adjust=("x",))
    assert uniform.cox.coefficients == ()
    assert uniform.cox.withheld is not None
    assert "tidak mantap" in uniform.cox.withheld


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_figures_too_large_to_trust_leave_the_cox_model_out_rather_than_infinite() -> None:
    some = [dataclasses.replace(o, covariates={"x": 1e9 + i % 7 / 7}) for i, o in enumerate(rossi())]
    json.dumps(dataclasses.asdict(evaluate(some, adjust=("x",))), allow_nan=False)


def test_an_evaluation_survives_json(evaluation: Evaluation) -> None:
    document = json.loads(json.dumps(dataclasses.asdict(evaluation), allow_nan=False))
    assert document["with_programme"]["survival"][0]["day"] == 90
    assert document["definitions"]["survival"] == list(DEFINITIONS["survival"])


def test_nothing_shown_claims_a_cause(evaluation: Evaluation) -> None:
    shown = rendered(evaluation).lower()
    assert "perbedaan" in shown
    assert [word for word in CAUSAL_WORDS if word in shown] == []


def test_the_screen_shows_every_figure_with_its_definition_and_freshness(evaluation: Evaluation) -> None:
    shown = rendered(evaluation)
    for text in ("77,8 %", "69,4 %", "χ² 3,84, p 0,050", "−0,347", "0,707", "< 0,001", "0,013 *", "program"):
        assert text in shown
    for texts in DEFINITIONS.values():
        assert all(text in shown for text in texts)
    assert shown.rstrip().endswith("Data sampai [31 Juli 2026].")


def test_the_screen_says_why_a_figure_is_missing() -> None:
    early, late = ([Observation(10, False, True, {})] * 60, [Observation(20, True, False, {})] * 1_200)
    shown = rendered(evaluate(early + late, adjust=("x[/b]",)))
    for text in ("Disembunyikan", "Log-rank: tidak dapat dihitung", "Salah satu kelompok", "x[/b] 1.260", "1.200"):
        assert text in shown


def test_a_narrow_screen_cuts_no_covariate_and_no_heading() -> None:
    some = [dataclasses.replace(o, covariates={"prior_convictions": o.covariates["vonis"]}) for o in rossi()]
    shown = rendered(evaluate(some, adjust=("prior_convictions",)), width=80)
    assert "│ prior_convictions │" in shown
    assert "Schoenfeld ┃" in shown
    assert "…" not in shown


def rendered(evaluation: Evaluation, width: int = 400) -> str:
    console = Console(file=io.StringIO(), width=width)
    render(evaluation, console, freshness="Data sampai [31 Juli 2026].")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@given(people)
def test_the_curve_never_rises_and_starts_at_one(of: list[Observation]) -> None:
    points = kaplan_meier(of, range(-1, 401, 10))
    shown = [point.survival for point in points if point.survival is not None]
    assert shown[0] == 1
    assert shown == sorted(shown, reverse=True)


@given(people)
def test_without_censoring_the_curve_is_one_minus_the_share_re_entered(of: list[Observation]) -> None:
    everyone = [dataclasses.replace(o, reentered=True) for o in of]
    for point in kaplan_meier(everyone, range(0, 401, 20)):
        if point.survival is not None:
            share = sum(o.days <= point.day for o in everyone) / len(everyone)
            assert point.survival == pytest.approx(1 - share)


@given(people)
def test_the_curve_and_its_interval_agree_with_lifelines(of: list[Observation]) -> None:
    curve = lifelines_curve(of)
    for point in kaplan_meier(of, range(0, 401, 20)):
        if point.survival is not None:
            assert point.survival == pytest.approx(curve.predict(point.day), abs=1e-12)
        if point.low is not None:
            interval = curve.confidence_interval_
            latest = interval[interval.index <= point.day].iloc[-1]
            assert [point.low, point.high] == pytest.approx([*latest], abs=1e-9)


@given(people, people)
def test_the_log_rank_test_agrees_with_lifelines(treated: list[Observation], untreated: list[Observation]) -> None:
    ours = log_rank(treated, untreated)
    if ours is None:
        return
    arms = (treated, untreated)
    theirs = logrank_test(*([o.days for o in arm] for arm in arms), *([o.reentered for o in arm] for arm in arms))
    assert ours.chi2 == pytest.approx(theirs.test_statistic, abs=1e-9)
    assert ours.p == pytest.approx(theirs.p_value, abs=1e-9)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_people_changes_nothing(random: Random) -> None:
    some = rossi()
    random.shuffle(some)
    assert evaluate(some, adjust=("umur", "vonis")) == evaluate(rossi(), adjust=("umur", "vonis"))
