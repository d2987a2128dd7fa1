"""Who may import whom is checked, and the check bites."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = ROOT / ".venv" / "bin" / "lint-imports"
MEMBERS = ["contracts", "deploy/jembatan", *(f"services/{path.name}" for path in sorted((ROOT / "services").iterdir()))]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    # Before the installed packages, so that the copy is what is looked at.
    found = os.pathsep.join(str(root / member) for member in MEMBERS)
    return subprocess.run(
        [str(LINT), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": found},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for member in MEMBERS:
        shutil.copytree(ROOT / member, tmp_path / member, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return tmp_path


def test_nobody_imports_what_they_may_not() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


WRONG = {
    "one service knows another": ("services/programs/programs/handlers.py", "from intake import commands"),
    "the chassis knows a service": ("services/chassis/chassis/gate.py", "import intake"),
    "the language knows the chassis": ("contracts/contracts/intake.py", "import chassis"),
    "a rule knows the web": ("services/outcomes/outcomes/model.py", "import fastapi"),
    "a rule knows the outbox": ("services/outcomes/outcomes/model.py", "import chassis.outbox"),
    "a rule knows the commands": ("services/intake/intake/model/people.py", "import intake.commands"),
    "a command knows the web": ("services/intake/intake/commands/people.py", "import fastapi"),
    "a service speaks to the broker": ("services/assessment/assessment/commands.py", "import nats"),
    "a file has a name of its own": ("services/intake/intake/helpers.py", "x = 1"),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_import_that_is_not_allowed_is_found(copied: Path, what: str) -> None:
    name, line = WRONG[what]
    path = copied / name
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")
    done = lint(copied)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
