"""Pages on paper: a template and its data as a PDF that a screen reader can read."""

import json
from pathlib import Path
from typing import Any

import typst


def pdf(template: Path, data: dict[str, Any]) -> bytes:
    """The page (PDF/UA-1). All words come as data, so that none of them is markup."""
    # The fonts are those inside typst: no other machine's, and no network.
    made: bytes = typst.compile(
        template, format="pdf", ignore_system_fonts=True, sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"]
    )
    return made
