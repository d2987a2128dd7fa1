import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from contracts import event_classes

ROOT = Path(__file__).parents[2]


def check(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "contracts" / "generate.py"), "--check"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The contracts in a folder where they may be spoilt; a script's own folder is looked in first."""
    shutil.copytree(ROOT / "contracts", tmp_path / "contracts", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "events.md", tmp_path / "docs")
    return tmp_path


def test_everything_generated_is_fresh() -> None:
    done = check(ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["contracts/asyncapi.yaml", "docs/events.md"])
def test_a_generated_file_that_somebody_edited_is_found(copied: Path, name: str) -> None:
    with (copied / name).open("a") as file:
        file.write("an afterthought\n")
    done = check(copied)
    assert done.returncode == 1
    assert f"{name} is stale" in done.stderr


def test_a_class_that_drops_a_released_field_is_refused(copied: Path) -> None:
    module = copied / "contracts" / "contracts" / "intake.py"
    module.write_text(module.read_text().replace("    worked_before: bool | None = None\n", ""))
    done = check(copied)
    assert done.returncode == 1
    assert "intake.person_registered.v1: event: worked_before removed" in done.stderr


def test_an_event_that_is_taken_back_is_refused(copied: Path) -> None:
    gone = {"$defs": {}, "properties": {}, "required": [], "type": "object"}
    (copied / "contracts" / "schemas" / "intake.person_whispered.v1.json").write_text(json.dumps(gone))
    done = check(copied)
    assert done.returncode == 1
    assert "intake.person_whispered.v1: removed" in done.stderr


def test_the_asyncapi_document_knows_every_event_and_where_it_is_said() -> None:
    document = yaml.safe_load((ROOT / "contracts" / "asyncapi.yaml").read_text())
    assert document["asyncapi"].startswith("3.")
    assert set(document["components"]["messages"]) == set(event_classes)
    addresses = {channel["address"] for channel in document["channels"].values()}
    for type_, event in event_classes.items():
        expected = {
            "site": {f"site.{{site}}.{type_}"},
            "national": {f"site.{{site}}.{type_}", f"national.{{site}}.{type_}"},
            "partner": {f"partner.{{partner}}.{type_.partition('.')[2]}"},
        }[event.audience]
        assert expected <= addresses
        payload = document["components"]["messages"][type_]["payload"]["$ref"]
        assert (ROOT / "contracts" / payload).exists()
    assert {operation["channel"]["$ref"].rpartition("/")[2] for operation in document["operations"].values()} == set(
        document["channels"]
    )
