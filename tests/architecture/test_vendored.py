"""What is taken from others is what was taken: nobody changes it in passing."""

import tomllib
from hashlib import sha512
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "services/ui/ui/static/vendor"
OURS = {"vendored.toml", "README.md"}


def test_every_file_of_others_has_the_sum_that_was_noted() -> None:
    noted = tomllib.loads((VENDOR / "vendored.toml").read_text())
    files = [file for file in VENDOR.rglob("*") if file.is_file() and file.name not in OURS]
    assert {str(file.relative_to(VENDOR)): sha512(file.read_bytes()).hexdigest() for file in files} == noted
