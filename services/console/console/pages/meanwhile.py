"""Two officers at one record: whoever was slower sees both versions, and neither is lost."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.responses import Response

from console.pages.page import Page
from console.pages.wrong import Wrong
from console.services import Said
from console.typed import Typed

Shown = Callable[[], dict[str, Any]]


def attempt_change(
    page: Page,
    act: Callable[[], Response],
    again: str,
    *,
    typed: Typed,
    slug: str,
    theirs: Shown,
    known: Shown = dict,
    beside: Mapping[str, str] | None = None,
) -> Response:
    """As `page.attempt`. Refused as `slug`, the form is shown beside `theirs`, which it then takes the place of.

    What was seen is in the form's hidden field `seen`, from where `act` sends it as `instead_of`.
    """

    def careful() -> Response:
        try:
            return act()
        except Said as refusal:
            if refusal.slug != slug:
                raise
            found = theirs()
            anew, wrong = typed.but(seen=json.dumps(found)), Wrong.of(refusal)
            return page.render(again, status=409, wrong=wrong, theirs=found, typed=anew, **known())

    return page.attempt(careful, again, known=known, beside=beside, theirs=None, typed=typed)
