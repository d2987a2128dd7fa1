from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from contracts.vocabulary import Answer, LegalStatus, Right
from intake.model.cases import Case, Remission, Sentence
from intake.model.estimates import LABEL, Estimate, Possibility, estimate
from intake.model.regulations import Category, load
from intake.model.terms import Term, after, before

RULES = load()
START = date(2026, 3, 2)
SOON = date(2026, 3, 20)
ALL_FACTS = sorted({fact for rules in RULES for fact in rules.facts})
WELL = dict.fromkeys(ALL_FACTS, Answer.YES)


def a_case(term: Term | None = None, category: Category = Category.GENERAL, **known: Any) -> Case:
    fields: dict[str, Any] = {
        "legal_status": LegalStatus.NARAPIDANA,
        "detained_since": START,
        "sentences": (Sentence(term or Term(36), category),),
        "register_f": (),
        "facts": WELL,
        "religion": "kristen",
    }
    return Case(**fields | known)


def of(case: Case, right: Right, on: date = SOON) -> Estimate:
    return next(e for e in estimate(case, RULES, on) if e.right is right)


def met(found: Estimate, part_of_the_text: str) -> Answer:
    return next(r.met for r in found.reasons if part_of_the_text in r.text)


@pytest.mark.parametrize(
    ("term", "pb", "cb"),
    [
        (Term(12), None, Term(8)),
        (Term(13, 15), Term(9), Term(9)),
        (Term(18), Term(12), Term(12)),
        (Term(19), Term(12, 20), None),
        (Term(24), Term(16), None),
    ],
    ids=["12 m: PB no, CB yes", "13 m 15 d: PB at 9 m", "18 m: both", "19 m: PB only", "24 m: PB at 16 m, not 18"],
)
def test_pb_needs_two_thirds_of_nine_months_and_cb_a_sentence_up_to_eighteen(
    term: Term, pb: Term | None, cb: Term | None
) -> None:
    for right, served in ((Right.PB, pb), (Right.CB, cb)):
        found = of(a_case(term), right)
        assert found.earliest_on == (after(START, served) if served else None)
        assert found.possible is (Possibility.FROM_DATE if served else Possibility.NOT_POSSIBLE)


@pytest.mark.parametrize("never", [Sentence(Term(), life=True), Sentence(Term(), death=True)], ids=["life", "death"])
def test_whoever_is_sentenced_to_life_or_death_has_none(never: Sentence) -> None:
    case = a_case(sentences=(never, Sentence(Term(24))))
    for found in estimate(case, RULES, date(2028, 8, 17)):
        assert (found.possible, found.earliest_on) == (Possibility.NOT_POSSIBLE, None)
        assert met(found, "seumur hidup") is Answer.NO
        assert found.key_days == ()


def test_from_its_day_on_a_right_can_be_proposed() -> None:
    day = after(START, Term(24))
    assert of(a_case(), Right.PB, day - timedelta(days=1)).possible is Possibility.FROM_DATE
    assert of(a_case(), Right.PB, day).possible is Possibility.NOW


def test_asimilasi_is_at_a_half_and_for_special_offences_at_two_thirds() -> None:
    assert of(a_case(), Right.ASIMILASI).earliest_on == after(START, Term(18))
    assert of(a_case(category=Category.TERRORISM), Right.ASIMILASI).earliest_on == after(START, Term(24))


def test_of_two_sentences_the_terms_add_up_and_the_conditions_of_both_count() -> None:
    both = a_case(sentences=(Sentence(Term(12)), Sentence(Term(24), Category.CORRUPTION)))
    assert of(both, Right.ASIMILASI).earliest_on == after(START, Term(24))
    unpaid = replace(both, facts=WELL | {"fines_paid": Answer.NO})
    assert of(unpaid, Right.ASIMILASI).possible is Possibility.NOT_POSSIBLE
    assert "bukti_denda" in {paper.code for paper in of(both, Right.PB).missing_documents}


def test_cmb_is_as_long_as_the_last_remission_and_at_most_six_months() -> None:
    assert of(a_case(), Right.CMB).possible is Possibility.NOT_POSSIBLE
    two = a_case(remissions=(Remission(Right.REMISI_UMUM, Term(2), SOON),))
    assert of(two, Right.CMB).earliest_on == before(after(START, Term(34)), Term(2))
    eight = a_case(remissions=(Remission(Right.REMISI_UMUM, Term(8), SOON),))
    assert of(eight, Right.CMB).earliest_on == before(after(START, Term(28)), Term(6))


def test_a_newer_and_smaller_remission_shortens_cmb_as_the_regulation_says() -> None:
    six = Remission(Right.REMISI_UMUM, Term(6), SOON - timedelta(days=1))
    small = Remission(Right.REMISI_KHUSUS, Term(0, 15), SOON)
    day, later = (of(a_case(remissions=r), Right.CMB).earliest_on for r in ((six,), (six, small)))
    assert day and later and day < later


def test_a_remission_never_takes_pb_away() -> None:
    # Two thirds of what is left are less than nine months, two thirds of the sentence are not.
    case = a_case(Term(13, 15), remissions=(Remission(Right.REMISI_UMUM, Term(1), SOON),))
    assert of(case, Right.PB).earliest_on == after(START, Term(9))


def test_a_breach_of_discipline_begins_the_months_of_good_conduct_again() -> None:
    breach = after(START, Term(23))
    found = of(a_case(register_f=(breach,)), Right.PB, after(START, Term(24)))
    assert found.earliest_on == after(breach, Term(9))
    assert found.possible is Possibility.FROM_DATE
    assert met(found, "Berkelakuan baik") is Answer.NO


def test_a_register_f_that_nobody_looked_at_is_unknown() -> None:
    found = of(a_case(register_f=None), Right.PB)
    assert found.possible is Possibility.UNKNOWN
    assert found.earliest_on == after(START, Term(24))


@pytest.mark.parametrize("fact", ["active_in_programme", "risk_declined", "community_accepts"])
def test_what_is_not_known_is_neither_yes_nor_no(fact: str) -> None:
    for answer, possible in ((Answer.UNKNOWN, Possibility.UNKNOWN), (Answer.NO, Possibility.NOT_POSSIBLE)):
        assert of(a_case(facts=WELL | {fact: answer}), Right.PB).possible is possible


def test_the_decline_of_risk_counts_since_the_law_of_2022() -> None:
    case = a_case(detained_since=date(2020, 1, 6), facts=WELL | {"risk_declined": Answer.NO})
    assert of(case, Right.PB, date(2022, 8, 2)).possible is Possibility.NOW
    assert of(case, Right.PB, date(2022, 8, 3)).possible is Possibility.NOT_POSSIBLE


def test_narcotics_of_five_years_need_asimilasi_over_half_of_what_was_left() -> None:
    case, since = a_case(Term(60), Category.NARCOTICS_5Y), after(START, Term(40))
    assert of(case, Right.PB, since).possible is Possibility.UNKNOWN
    not_yet = replace(case, facts=WELL | {"assimilated": Answer.NO})
    assert of(not_yet, Right.PB, since).possible is Possibility.NOT_POSSIBLE
    late = after(START, Term(60)) - timedelta(days=301)
    known = replace(case, assimilated_since=late)
    assert of(known, Right.PB, late).earliest_on == late + timedelta(days=151)


def test_a_fine_that_is_not_paid_is_served_and_one_nobody_knows_of_leaves_it_open() -> None:
    sentences = (Sentence(Term(36), subsidiary=Term(3)),)

    def pb(answer: Answer) -> Estimate:
        return of(a_case(sentences=sentences, facts=WELL | {"fines_paid": answer}), Right.PB)

    assert pb(Answer.YES).earliest_on == after(START, Term(24))
    assert pb(Answer.NO).earliest_on == after(START, Term(27))
    assert (pb(Answer.UNKNOWN).possible, pb(Answer.UNKNOWN).earliest_on) == (
        Possibility.UNKNOWN,
        after(START, Term(24)),
    )


def test_a_tahanan_has_none_yet_and_hears_what_would_make_it_possible() -> None:
    found = estimate(a_case(legal_status=LegalStatus.TAHANAN, sentences=()), RULES, SOON)
    assert [e.right for e in found] == list(Right)
    for each in found:
        assert (each.possible, each.earliest_on) == (Possibility.NOT_POSSIBLE, None)
        (reason,) = each.reasons
        assert "putusan berkekuatan hukum tetap" in reason.text and "masa tahanan" in reason.text
        assert reason.source.clause == "Ps. 10 ayat (1)"


def test_without_a_recorded_sentence_nothing_is_claimed() -> None:
    for found in estimate(a_case(sentences=()), RULES, SOON):
        assert found.possible is Possibility.UNKNOWN


def test_without_the_regulation_of_a_category_nothing_is_claimed() -> None:
    # In 2020 the data has Permenkumham 3/2018, and of it nothing on PB for narcotics.
    both = a_case(
        detained_since=date(2018, 6, 4), sentences=(Sentence(Term(12)), Sentence(Term(60), Category.NARCOTICS_5Y))
    )
    assert of(both, Right.PB, date(2020, 1, 6)).possible is Possibility.UNKNOWN


def test_when_the_sentence_is_over_no_right_is_left() -> None:
    for found in estimate(a_case(), RULES, after(START, Term(36))):
        assert found.possible is Possibility.NOT_POSSIBLE


# Remission.


@pytest.mark.parametrize(
    ("year", "umum", "khusus"),
    [
        (1, Term(1), Term(0, 15)),
        (2, Term(3), Term(1)),
        (3, Term(4), Term(1)),
        (4, Term(5), Term(1, 15)),
        (5, Term(5), Term(1, 15)),
        (6, Term(6), Term(2)),
        (9, Term(6), Term(2)),
    ],
)
def test_remission_grows_with_the_years(year: int, umum: Term, khusus: Term) -> None:
    case = a_case(Term(180), detained_since=date(2026, 1, 5))
    assert of(case, Right.REMISI_UMUM, date(2025 + year, 8, 17)).award == umum
    assert of(case, Right.REMISI_KHUSUS, date(2025 + year, 12, 25)).award == khusus


def test_the_first_remission_is_by_the_time_in_detention() -> None:
    half_a_year, a_year = date(2027, 2, 1), date(2026, 8, 18)
    assert of(a_case(Term(60), detained_since=half_a_year), Right.REMISI_UMUM, half_a_year).award == Term(1)
    found = of(a_case(Term(60), detained_since=a_year), Right.REMISI_UMUM, a_year)
    assert (found.earliest_on, found.award) == (date(2027, 8, 17), Term(2))
    christmas = of(a_case(Term(60), detained_since=half_a_year), Right.REMISI_KHUSUS, half_a_year)
    assert (christmas.earliest_on, christmas.award) == (date(2027, 12, 25), Term(0, 15))


def test_six_months_before_the_day_of_remission_are_180_days() -> None:
    day = date(2026, 8, 17)
    assert of(a_case(detained_since=day - timedelta(days=180)), Right.REMISI_UMUM).earliest_on == day
    late = of(a_case(detained_since=day - timedelta(days=179)), Right.REMISI_UMUM)
    assert late.earliest_on == date(2027, 8, 17)


def test_remisi_khusus_is_on_the_day_of_the_persons_own_religion() -> None:
    case = a_case(detained_since=date(2026, 1, 5))
    assert of(replace(case, religion="islam"), Right.REMISI_KHUSUS).earliest_on == date(2027, 3, 10)
    assert of(replace(case, religion="hindu"), Right.REMISI_KHUSUS).earliest_on == date(2027, 3, 8)
    assert of(replace(case, religion=None), Right.REMISI_KHUSUS).possible is Possibility.UNKNOWN
    far = replace(case, religion="islam", sentences=(Sentence(Term(180)),))
    assert of(far, Right.REMISI_KHUSUS, date(2029, 1, 1)).possible is Possibility.UNKNOWN


def test_remisi_tambahan_is_a_half_for_service_to_the_state_and_a_third_for_helping() -> None:
    def award(**facts: Answer) -> Term | None:
        case = a_case(Term(120), detained_since=date(2020, 1, 6), facts=WELL | facts)
        return of(case, Right.REMISI_TAMBAHAN).award

    assert award() == Term(3)
    assert award(served_the_state=Answer.NO) == Term(2)
    neither = a_case(facts=WELL | dict.fromkeys(["served_the_state", "helped_others"], Answer.NO))
    assert of(neither, Right.REMISI_TAMBAHAN).possible is Possibility.NOT_POSSIBLE


# What staff are told with it.


def test_documents_that_are_there_are_not_asked_for_again() -> None:
    papers = [paper.code for paper in of(a_case(), Right.PB).missing_documents]
    assert papers[:3] == ["putusan", "laporan_pembinaan", "litmas"]
    rest = of(a_case(documents=frozenset({"litmas"})), Right.PB).missing_documents
    assert [paper.code for paper in rest] == [code for code in papers if code != "litmas"]


def test_papers_of_foreigners_are_asked_for_unless_the_person_is_known_to_be_none() -> None:
    for answer in Answer:
        papers = {p.code for p in of(a_case(facts=WELL | {"foreign_national": answer}), Right.CB).missing_documents}
        assert ("surat_interpol" in papers) is (answer is not Answer.NO)


def test_an_estimate_says_that_it_is_one_what_it_costs_and_what_is_in_doubt() -> None:
    found = of(a_case(), Right.CB)
    assert found.label == LABEL == "Perkiraan, bukan keputusan."
    assert found.way and found.way.fee == "Gratis, tidak dipungut biaya."
    assert [step.working_days for step in found.way.steps if step.working_days] == [7, 7]
    for open_point in ("PAS-26", "Permenkumham 16/2023"):
        assert any(open_point in doubt for doubt in found.doubts)
    special = of(a_case(Term(18), Category.TERRORISM), Right.CB)
    assert any("UU 22/2022" in doubt for doubt in special.doubts)
