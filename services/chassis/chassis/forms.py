"""What people type: kept as they wrote it, refused only where it cannot be kept."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


def _storable(value: str, allowed: str = "") -> str:
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co") and letter not in allowed for letter in value):
        raise ValueError("control character")
    # One spelling for letters that look the same, or a search would miss half of them.
    return unicodedata.normalize("NFC", value)


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_storable)]
"""One line of text. Names are never "cleaned": one word, an apostrophe or another script are all names."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(lambda value: _storable(value, "\r\n\t")),
]
"""Several lines of text."""


class Form(BaseModel):
    """A request body. A field that we do not know is a mistake of the sender, and is told."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
