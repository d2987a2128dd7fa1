"""A historical cohort is read line by line: what is good is kept, what is not is named."""

import csv
from pathlib import Path

import pytest
from jembatan import cohort
from jembatan.cohort import BadRow, Member, Row

GOOD = {
    "sex": "male",
    "birth_year": "1990",
    "legal_status": "narapidana",
    "marital_status": "married",
    "prior_convictions": "1",
    "worked_before": "true",
    "programmes_completed": "menjahit;las",
    "released_on": "2024-01-31",
    "release_mode": "pb",
    "reentered_on": "2024-06-01",
    "followed_until": "2024-12-31",
}
UNKNOWN = ("birth_year", "marital_status", "prior_convictions", "worked_before", "reentered_on")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cohort.csv"


def write(file: Path, *lines: dict[str, str], columns: list[str] | None = None) -> Path:
    with file.open("w", newline="", encoding="utf-8") as text:
        rows = csv.DictWriter(text, columns or list(GOOD), extrasaction="ignore")
        rows.writeheader()
        rows.writerows(lines)
    return file


def write_raw(file: Path, line: str) -> Path:
    """A good line, and one that is written as it stands."""
    write(file, GOOD)
    with file.open("a", encoding="utf-8") as text:
        text.write(line + "\n")
    return file


def read(file: Path, site: str = "oz-rekaan") -> tuple[list[Member], list[BadRow]]:
    return cohort.read(file, site)


def test_a_good_line_is_read_as_it_stands(file: Path) -> None:
    [member], bad = read(write(file, GOOD))
    assert bad == []
    assert member.row.model_dump(mode="json") == {
        **GOOD,
        "birth_year": 1990,
        "prior_convictions": 1,
        "worked_before": True,
        "programmes_completed": ["menjahit", "las"],
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sex", ""),
        ("sex", "laki-laki"),
        ("birth_year", "1899"),
        ("birth_year", "sembilan"),
        ("legal_status", ""),
        ("legal_status", "terpidana"),
        ("marital_status", "cerai"),
        ("prior_convictions", "-1"),
        ("prior_convictions", "100"),
        ("worked_before", "mungkin"),
        ("programmes_completed", "Menjahit Dasar"),
        ("released_on", ""),
        ("released_on", "31-01-2024"),
        ("released_on", "2024-02-30"),
        ("released_on", "86400"),
        ("release_mode", ""),
        ("release_mode", "kabur"),
        ("reentered_on", "kemarin"),
        ("followed_until", ""),
        ("followed_until", "1704067200"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_its_column_and_the_good_lines_stay(
    file: Path, field: str, value: str
) -> None:
    good, bad = read(write(file, GOOD, {**GOOD, field: value}, GOOD))
    assert len(good) == 2
    [row] = bad
    assert row.line == 3
    assert field in row.reason
    # It may stand in the wrong column, and be somebody's name.
    assert len(value) < 4 or value not in row.reason


@pytest.mark.parametrize("field", ["reentered_on", "followed_until"])
def test_days_before_the_release_are_a_mistake(file: Path, field: str) -> None:
    good, [bad] = read(write(file, {**GOOD, field: "2024-01-30"}, GOOD))
    assert len(good) == 1
    assert bad == BadRow(2, f"{field} lebih awal dari released_on")


def test_whoever_came_back_or_was_last_seen_on_the_very_day_is_taken(file: Path) -> None:
    same_day = {**GOOD, "reentered_on": GOOD["released_on"], "followed_until": GOOD["released_on"]}
    good, bad = read(write(file, same_day))
    assert (len(good), bad) == (1, [])


@pytest.mark.parametrize("line", ["male,1990", ",".join([*GOOD.values(), "x"])], ids=["too few", "too many"])
def test_a_line_with_another_number_of_fields_is_reported_and_does_not_stop_the_rest(file: Path, line: str) -> None:
    good, bad = read(write_raw(file, line))
    assert len(good) == 1
    [row] = bad
    assert row.line == 3
    assert row.reason
    # No field is named that the file does not have.
    assert "None" not in row.reason


def test_a_line_that_was_cut_off_is_not_taken_for_one_with_unknown_fields(file: Path) -> None:
    columns = [*(column for column in GOOD if column not in UNKNOWN), *UNKNOWN]
    write(file, GOOD, columns=columns)
    with file.open("a", encoding="utf-8") as text:
        text.write(",".join(GOOD[column] for column in columns if column not in UNKNOWN) + "\n")
    good, bad = read(file)
    assert (len(good), [row.line for row in bad]) == (1, [3])


def test_lines_are_counted_as_an_editor_counts_them(file: Path) -> None:
    # A field in quotes may span lines, and an empty line is nobody.
    write_raw(file, '"fe\nmale",' + ",".join(list(GOOD.values())[1:]))
    with file.open("a", encoding="utf-8") as text:
        text.write("\n" + ",".join({**GOOD, "sex": "x"}.values()) + "\n")
    good, bad = read(file)
    assert len(good) == 1
    assert [row.line for row in bad] == [4, 6]


def test_two_lines_that_say_the_same_are_two_people(file: Path) -> None:
    good, _ = read(write(file, GOOD, GOOD))
    assert len({member.id for member in good}) == 2


@pytest.mark.parametrize("field", UNKNOWN)
def test_an_empty_field_is_unknown_and_not_no(file: Path, field: str) -> None:
    [member], bad = read(write(file, {**GOOD, field: ""}))
    assert bad == []
    assert getattr(member.row, field) is None


def test_no_programme_is_none_and_spaces_around_codes_do_not_count(file: Path) -> None:
    good, bad = read(
        write(file, {**GOOD, "programmes_completed": ""}, {**GOOD, "programmes_completed": " menjahit ; las;"})
    )
    assert bad == []
    assert [member.row.programmes_completed for member in good] == [(), ("menjahit", "las")]


@pytest.mark.parametrize(
    "columns",
    [
        [column for column in GOOD if column != "sex"],
        [*GOOD, "nama"],
        [*GOOD, "sex"],
        ["Sex", *list(GOOD)[1:]],
    ],
    ids=["one too few", "one too many", "one twice", "another spelling"],
)
def test_another_heading_is_refused_and_the_right_one_named(file: Path, columns: list[str]) -> None:
    with pytest.raises(ValueError, match=r"sex, birth_year, .*followed_until"):
        read(write(file, GOOD, columns=columns))


def test_an_empty_file_is_refused(file: Path) -> None:
    file.write_text("")
    with pytest.raises(ValueError, match="Kolom"):
        read(file)


def test_columns_may_stand_in_any_order_and_a_spreadsheets_mark_does_not_matter(file: Path) -> None:
    [straight], _ = read(write(file, GOOD))
    write(file, GOOD, columns=list(reversed(GOOD)))
    file.write_text(file.read_text(), encoding="utf-8-sig")
    [turned], _ = read(file)
    assert straight == turned


def test_the_same_file_gives_the_same_ids_and_another_site_others(file: Path) -> None:
    write(file, GOOD, GOOD, {**GOOD, "sex": "female"})
    ids = {member.id for member in read(file)[0]}
    assert ids == {member.id for member in read(file)[0]}
    assert not ids & {member.id for member in read(file, "oz-lain")[0]}


def test_a_line_added_at_the_end_changes_nobody_before_it(file: Path) -> None:
    before = read(write(file, GOOD, GOOD))[0]
    assert read(write(file, GOOD, GOOD, GOOD))[0][:2] == before


def test_the_rossi_study_has_its_published_figures() -> None:
    men = list(cohort.rossi())
    assert len(men) == 432
    assert sum(bool(man["reentered_on"]) for man in men) == 114
    assert sum(man["programmes_completed"] == "bantuan-keuangan" for man in men) == 216


def test_the_rossi_files_can_be_imported_without_a_bad_line(tmp_path: Path) -> None:
    files = cohort.write_rossi(tmp_path, 2)
    taken = [cohort.read(file, f"oz-{n}") for n, file in enumerate(files)]
    assert [(len(good), bad) for good, bad in taken] == [(216, []), (216, [])]
    assert {row for good, _ in taken for member in good for row in member.row.programmes_completed} == {
        "bantuan-keuangan"
    }
    assert list(GOOD) == list(Row.model_fields)
