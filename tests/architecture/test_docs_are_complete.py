"""What exists is written down."""

import re
from pathlib import Path

import pytest
from console.settings import ConsoleSettings

from contracts import event_classes

ROOT = Path(__file__).parents[2]
HEADINGS = ("Context", "Decision", "Consequences", "Alternatives")
DECISIONS = sorted(path for path in (ROOT / "docs" / "decisions").glob("*.md") if path.stem[:1].isdigit())


def written() -> str:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return "\n".join(path.read_text() for path in pages if path.exists())


def services() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml"))


def make_targets() -> list[str]:
    return re.findall(r"^([a-z][a-z-]*):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def settings() -> list[str]:
    # The console's are everybody's and its own.
    return [f"JEMBATAN_{name.upper()}" for name in ConsoleSettings.model_fields]


def missing(names: list[str], text: str) -> list[str]:
    return [name for name in names if not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text)]


def test_every_service_is_in_the_docs() -> None:
    assert missing(services(), written()) == []


def test_every_event_is_in_the_docs() -> None:
    assert missing(sorted(event_classes), written()) == []


def test_every_make_target_is_in_the_docs() -> None:
    assert make_targets()
    assert missing([f"make {target}" for target in make_targets()], written()) == []


def test_every_setting_is_in_the_docs() -> None:
    assert missing(settings(), written()) == []


def test_what_is_not_written_down_is_named() -> None:
    assert missing(["make test", "intake", "JEMBATAN_SITE"], "`make test-containers`, intakes, JEMBATAN_SITES") == [
        "make test",
        "intake",
        "JEMBATAN_SITE",
    ]


def test_there_are_decisions() -> None:
    assert DECISIONS


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.stem)
def test_a_decision_says_why_what_follows_and_what_else_there_was(path: Path) -> None:
    found = re.findall(r"^#+ (\w+)", path.read_text(), re.MULTILINE)
    assert [heading for heading in HEADINGS if heading not in found] == []


def test_continuous_integration_runs_what_everybody_runs() -> None:
    scripts = [path for path in (ROOT / ".ci").rglob("*") if path.is_file()]
    assert any(re.search(r"\bmake test\b", path.read_text()) for path in scripts), f"no `make test` in {scripts}"
