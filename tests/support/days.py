"""Which day it is for a test: the rutan's, where it is tomorrow already when UTC has evening."""

from datetime import UTC, datetime, timedelta

from contracts.words import here

TODAY = here(datetime.now(UTC)).date()


def day(days: int) -> str:
    """So many days from today."""
    return str(TODAY + timedelta(days=days))
