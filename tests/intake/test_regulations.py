import shutil
from datetime import date
from pathlib import Path

import pytest
from contracts.vocabulary import Answer, LegalStatus, Right
from intake.model.cases import Case, Remission, Sentence
from intake.model.estimates import Estimate, Possibility, estimate
from intake.model.regulations import (
    FOLDER,
    Category,
    RegulationRefused,
    key_dates_of,
    load,
    newest_first,
    rules_of,
    service_of,
)
from intake.model.terms import Term

SOON = date(2026, 3, 20)
NEW = """
id = "permen-contoh-1-2027"
version = 3
number = "Permen Contoh Nomor 1 Tahun 2027"
title = "Contoh"
rank = "ministerial"
issued_on = 2027-01-04
effective_from = 2027-02-01

[[rules]]
rights = ["cb"]
categories = ["general"]
clause = "Ps. 9"

[[rules.conditions]]
kind = "sentence_at_most"
months = 24
clause = "Ps. 9 huruf a"
text = "Pidana penjara paling lama 2 tahun."

[[rules.conditions]]
kind = "served"
part = { numerator = 2, denominator = 3 }
of = "sentence"
clause = "Ps. 9 huruf b"
text = "Telah menjalani 2/3 masa pidana."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def add(folder: Path, text: str = NEW, name: str = "permen-contoh-1-2027.toml") -> Path:
    (folder / name).write_text(text)
    return folder


def cb_of_nineteen_months(folder: Path, on: date) -> Estimate:
    known = dict.fromkeys(["active_in_programme", "risk_declined"], Answer.YES)
    case = Case(LegalStatus.NARAPIDANA, date(2026, 3, 2), (Sentence(Term(19)),), register_f=(), facts=known)
    return next(e for e in estimate(case, load(folder), on) if e.right is Right.CB)


def test_a_new_regulation_is_one_file_and_answers_from_its_day_on(folder: Path) -> None:
    add(folder)
    before, after = (cb_of_nineteen_months(folder, on) for on in (date(2027, 1, 31), date(2027, 2, 1)))
    assert before.possible is Possibility.NOT_POSSIBLE
    assert after.possible is Possibility.FROM_DATE
    assert after.earliest_on == date(2027, 3, 22)
    assert "permenkumham-3-2018" in {r.source.rule_set for r in before.reasons}
    assert ("permen-contoh-1-2027", 3, "Permen Contoh Nomor 1 Tahun 2027", "Ps. 9 huruf a") in {
        (r.source.rule_set, r.source.version, r.source.number, r.source.clause) for r in after.reasons
    }
    assert "permenkumham-3-2018" not in {r.source.rule_set for r in after.reasons}


def test_a_new_regulation_leaves_what_it_does_not_speak_of(folder: Path) -> None:
    after = cb_of_nineteen_months(add(folder), date(2027, 2, 1))
    assert {"putusan", "litmas"} <= {paper.code for paper in after.missing_documents}
    assert after.way and after.way.source.rule_set == "permenkumham-3-2018"
    # A ministry's regulation does not undo the law's conditions.
    assert "uu-22-2022" in {r.source.rule_set for r in after.reasons}


def test_a_key_date_taken_of_the_sentence_as_passed_never_lies_behind_the_end(folder: Path) -> None:
    name = "permenkumham-3-2018.toml"
    add(folder, (folder / name).read_text().replace('of = "sentence_less_remission"', 'of = "sentence"'), name)
    halved = (Remission(Right.REMISI_UMUM, Term(6), date(2026, 3, 2)), Remission(Right.REMISI_UMUM, Term(6), SOON))
    case = Case(LegalStatus.NARAPIDANA, date(2026, 3, 2), (Sentence(Term(24)),), halved)
    days = {day.name: day.on for day in estimate(case, load(folder), SOON)[0].key_days}
    assert days["half"] == days["two_thirds"] == days["expiry"] == date(2027, 3, 2)


def test_when_the_newer_has_ended_the_older_answers_again(folder: Path) -> None:
    add(folder, NEW.replace("2027-02-01\n", "2027-02-01\neffective_to = 2027-03-31\n"))
    assert cb_of_nineteen_months(folder, date(2027, 3, 31)).possible is Possibility.NOW
    assert cb_of_nineteen_months(folder, date(2027, 4, 1)).possible is Possibility.NOT_POSSIBLE


REFUSED = {
    "an unknown key": ("version = 3", "version = 3\nvesion = 4", "Extra inputs are not permitted"),
    "an unknown key in a condition": ("months = 24", "months = 24\nmonth = 24", "Extra inputs are not permitted"),
    "an unknown kind of condition": ('"sentence_at_most"', '"sentence_at_least"', "sentence_at_least"),
    "an unknown right": ('["cb"]', '["cbb"]', "rights"),
    "no rights at all": ('["cb"]', "[]", "rights"),
    "more than the whole": ("numerator = 2", "numerator = 4", "4/3 is more than the whole"),
    "a part of nothing": ("denominator = 3", "denominator = 0", "denominator"),
    "an end before the beginning": ("title =", "effective_to = 2027-01-31\ntitle =", "lies before effective_from"),
    "a condition without a clause": ('clause = "Ps. 9 huruf a"\n', "", "clause: Field required"),
    "an empty clause": ('"Ps. 9 huruf a"', '" "', "clause"),
    "a doubt without a note": ('clause = "Ps. 9"', 'clause = "Ps. 9"\nconfirmed = false', "needs a note"),
    "no day of effect": ("effective_from = 2027-02-01\n", "", "effective_from: Field required"),
    "no TOML": ("version = 3", "version = ", "permen-contoh-1-2027.toml"),
    "a question nobody asks": (
        'kind = "sentence_at_most"\nmonths = 24',
        'kind = "answered"\nfacts = ["vaccinated"]',
        "rests on vaccinated, which no file asks",
    ),
}


AWARD = """
[rules.award]
clause = "Ps. 10"
text = "Diberikan setiap tanggal 17 Agustus."
every = "08-17"
amounts = [{ year = 2, months = 3 }]
"""
REFUSED["an award without a first year"] = ('Telah menjalani 2/3 masa pidana."', f'Telah."\n{AWARD}', "first year")
REFUSED["an award on no day"] = (
    'Telah menjalani 2/3 masa pidana."',
    f'Telah."\n{AWARD}'.replace("08-17", "x"),
    "every",
)


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_cannot_be_a_rule_is_refused_with_its_name_and_the_reason(folder: Path, what: str) -> None:
    old, new, reason = REFUSED[what]
    assert NEW.count(old) >= 1
    with pytest.raises(RegulationRefused, match=r"permen-contoh-1-2027\.toml") as refused:
        load(add(folder, NEW.replace(old, new, 1)))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_files_for_the_same_right_from_the_same_day_are_refused(folder: Path) -> None:
    add(folder)
    add(folder, NEW.replace("permen-contoh-1-2027", "permen-contoh-2-2027"), "permen-contoh-2-2027.toml")
    with pytest.raises(RegulationRefused, match="cb for general from 2027-02-01") as refused:
        load(folder)
    assert "permen-contoh-1-2027.toml and permen-contoh-2-2027.toml" in str(refused.value)


def test_two_files_with_one_id_are_refused(folder: Path) -> None:
    add(folder)
    add(folder, NEW.replace("2027-02-01", "2028-02-01"), "twin.toml")
    with pytest.raises(RegulationRefused, match="the id permen-contoh-1-2027 is given twice"):
        load(folder)


def test_every_right_of_every_category_has_a_rule_below_the_law_and_a_service_that_is_free() -> None:
    in_force = newest_first(load(), date(2026, 1, 5))
    for right in Right:
        for category in Category:
            assert len(rules_of(in_force, right, category)) >= 2, (right, category)
        found = service_of(in_force, right)
        assert found and found[1].fee.startswith("Gratis")
    cb = service_of(in_force, Right.CB)
    assert cb and [step.working_days for step in cb[1].steps if step.working_days] == [7, 7]


def test_the_newest_rule_of_each_rank_answers() -> None:
    def ids(right: Right, category: Category, on: date) -> list[str]:
        return [rules.id for rules, _ in rules_of(newest_first(load(), on), right, category)]

    assert ids(Right.PB, Category.GENERAL, date(2021, 6, 1)) == ["permenkumham-3-2018"]
    assert ids(Right.PB, Category.GENERAL, date(2022, 8, 2)) == ["permenkumham-3-2018"]
    assert ids(Right.PB, Category.NARCOTICS_5Y, date(2022, 8, 3)) == ["uu-22-2022", "permenkumham-7-2022"]
    assert ids(Right.REMISI_UMUM, Category.CORRUPTION, date(2026, 1, 1)) == [
        "uu-22-2022",
        "keppres-174-1999",
        "permenkumham-3-2018",
    ]


def test_what_the_research_left_open_is_marked_as_such() -> None:
    rule_sets = load()
    fractions = [c for rules in rule_sets for rule in rules.rules for c in rule.conditions if c.kind == "served"]
    assert fractions and not any(c.confirmed for c in fractions)
    for right in (Right.CB, Right.CMB):
        for category in set(Category) - {Category.GENERAL}:
            newest = rules_of(newest_first(rule_sets, date(2026, 1, 5)), right, category)[-1][1]
            assert not newest.confirmed and newest.note


def test_every_sentence_has_the_four_days_that_staff_look_for() -> None:
    names = [key.name for _, key in key_dates_of(newest_first(load(), date(2026, 1, 5)))]
    assert names == ["start", "half", "two_thirds", "expiry"]


def test_whatever_is_not_confirmed_is_told_wherever_it_stands() -> None:
    written = {path.stem: path.read_text(encoding="utf-8").count("confirmed = false") for path in FOLDER.glob("*.toml")}
    found = {rules.id: rules.unconfirmed() for rules in load()}
    assert {id: len(entries) for id, entries in found.items()} == written
    assert all(entry.note for entries in found.values() for entry in entries)
