"""A cohort file through the operator's own command, from a rutan to the ministry's tables."""

import subprocess
import sys
from pathlib import Path

import pytest
from jembatan.cohort import Row
from support import eventually
from support.nation import Nation, Node

FILE = """\
male,1990,narapidana,married,0,true,,2024-01-31,pb,,2024-12-31
male,1985,narapidana,not_married,2,false,,2024-02-01,murni,2024-05-01,2024-12-31
female,1992,narapidana,,,,menjahit,2024-02-02,pb,,2024-12-31
female,1992,narapidana,,,,menjahit,2024-02-02,pb,,2024-12-31
male,1990,narapidana,married,0,true,,kemarin,pb,,2024-12-31
male,,tahanan,,,,,2024-03-01,bebas_demi_hukum,,2024-12-31
"""
PEOPLE = 5
OUTBOXES = ("intake", "programs", "outcomes")


def jembatan(nation: Nation, *argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jembatan", *argv, "--data", str(nation.data)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def written(rutan: Node) -> dict[str, int]:
    """How much each service has said so far."""
    return {service: rutan.one(service, "select count(*) from outbox") for service in OUTBOXES}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "people.csv"
    made.write_text(",".join(Row.model_fields) + "\n" + FILE)
    return made


def test_a_cohort_reaches_the_ministry_once_however_often_it_is_imported(
    nation: Nation, rutan: Node, file: Path
) -> None:
    site = rutan.folder.site

    done = jembatan(nation, "cohort", "import", str(file), "--site", site)
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines() == [f"{PEOPLE} orang baru, 0 sudah tercatat, 1 baris ditolak"]
    assert "baris 6: released_on: " in done.stderr
    assert "kemarin" not in done.stderr
    assert "Traceback" not in done.stderr

    nation.settled(rutan, lambda proof: proof.committed > 0)
    of_site = " from view.{} where site = %s"
    releases = "select count(*)" + of_site.format("release")
    assert nation.hub.one("central", releases, site) == PEOPLE
    observed = " and observed_until = '2024-12-31'"
    eventually(lambda: nation.hub.one("central", releases + observed, site) == PEOPLE, within_s=60)
    assert nation.hub.one("central", releases + " and reentered_on = '2024-05-01'", site) == 1
    assert nation.hub.one("central", releases + " and reentered_on is not null", site) == 1
    finished = "select count(*)" + of_site.format("enrolment")
    assert nation.hub.one("central", finished, site) == 2
    assert nation.hub.one("central", finished + " and programme = 'menjahit' and completed_on is not null", site) == 2
    # What the file leaves empty is not known here either.
    unknown = "select count(*)" + of_site.format("person") + " and prior_convictions is null and worked_before is null"
    assert nation.hub.one("central", unknown, site) == 3

    before = written(rutan)
    again = jembatan(nation, "cohort", "import", str(file), "--site", site)
    assert again.returncode == 1
    assert again.stdout.splitlines() == [f"0 orang baru, {PEOPLE} sudah tercatat, 1 baris ditolak"]
    nation.settled(rutan)
    assert written(rutan) == before
    assert nation.hub.one("central", releases, site) == PEOPLE
    assert nation.proof(rutan).view_differs == 0


def test_an_unreadable_file_is_refused_before_anything_is_taken_in(nation: Nation, rutan: Node, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("nama,umur\nSiti Rekaan,30\n")
    missing = tmp_path / "missing.csv"
    for file in (wrong, missing):
        done = jembatan(nation, "cohort", "import", str(file), "--site", rutan.folder.site)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert rutan.one("intake", "select count(*) from person") == 0


def test_too_few_people_are_not_compared_and_both_counts_are_told(nation: Nation, rutan: Node, file: Path) -> None:
    site = rutan.folder.site
    # A programme that no other test knows, so that one side is known; the other is whoever the hub has heard of.
    code = f"hanya-{site}"
    file.write_text(file.read_text().replace("menjahit", code))
    assert jembatan(nation, "cohort", "import", str(file), "--site", site).returncode == 1
    observed = "select count(*) from view.release where site = %s and observed_until is not null"
    eventually(lambda: nation.hub.one("central", observed, site) == PEOPLE, within_s=120)
    nation.settled(rutan)

    done = jembatan(nation, "evaluate", "--programme", code)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "paling sedikit 60 orang" in done.stderr
    assert "2 orang dengan program dan" in done.stderr
    # Of this site two narapidana without it; the tahanan is not counted.
    without = int(done.stderr.partition(" orang tanpa program")[0].split()[-1])
    counted = (
        "select count(*) from view.release r join view.person p using (site, person)"
        " where p.legal_status = 'narapidana' and coalesce(r.reentered_on, r.observed_until) is not null"
    )
    assert without + 2 == nation.hub.one("central", counted)
    assert "Traceback" not in done.stderr


def test_an_unknown_covariate_is_refused_and_the_known_ones_are_named(nation: Nation) -> None:
    done = jembatan(nation, "evaluate", "--programme", "menjahit", "--adjust", "age,shoe_size")
    assert done.returncode == 2
    assert "shoe_size" in done.stderr
    assert "prior_convictions" in done.stderr
