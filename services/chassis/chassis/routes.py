"""A service's routes: each is one transaction, begun, committed and ended by the one thread that answers."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session

from chassis.database import Transaction
from chassis.errors import PROBLEMS


class Router(APIRouter):
    """Takes routes as FastAPI's own does, and runs each whole in one thread.

    FastAPI would go through its pool of threads for a dependency that asks the database, for the route, for its answer
    and for the commit, and hold a connection meanwhile: with many requests at once those that have a connection wait
    for a thread, and those that have a thread for a connection.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(responses=PROBLEMS, **how)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:
        """The route: a plain function, which waits as it likes."""
        super().add_api_route(path, _in_one_thread(endpoint), **how)


def before_anything(session: Session, check: Callable[[], None]) -> None:
    """Has `check` run as the first of a route's transaction: what it raises is the answer."""
    session.info.setdefault("before_anything", []).append(check)


def _in_one_thread(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    assert not inspect.iscoroutinefunction(endpoint), "it would hold up everybody else while it waits for the database"

    # Committed before the answer is written: a client must not hear 201 of what a failing commit takes back.
    def answer(transaction: Session, given: dict[str, Any]) -> Any:
        with transaction, transaction.begin():
            for check in transaction.info.pop("before_anything", ()):
                check()
            return endpoint(**given)

    @wraps(endpoint)
    async def answered(*, transaction: Session, **given: Any) -> Any:
        return await run_in_threadpool(answer, transaction, given)

    # FastAPI reads what to give. One request has one session, so this is also the one that the route names.
    asked = inspect.signature(endpoint)
    own = inspect.Parameter("transaction", inspect.Parameter.KEYWORD_ONLY, annotation=Transaction)
    answered.__dict__["__signature__"] = asked.replace(parameters=[*asked.parameters.values(), own])
    return answered
