"""Waiting without sleeping blindly."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within_s: float = 30) -> T:
    """What `look` returns once it is true. Exceptions count as "not yet"; the last one is raised in the end."""
    deadline = time.monotonic() + within_s
    while True:
        failure: BaseException | None = None
        try:
            if found := look():
                return found
        except Exception as error:
            failure = error
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time") from failure
        time.sleep(0.02)
