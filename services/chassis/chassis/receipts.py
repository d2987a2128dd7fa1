"""Receipts: a reader tells each feed's relay how far it is, so that nothing is forgotten too early or missed for long."""

import asyncio
import logging

from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from chassis import inbox, topology
from chassis.broker import Broker
from chassis.database import Database
from chassis.envelope import Feed
from chassis.received import Received

log = logging.getLogger(__name__)

EVERY_S = 2
ALL_EVERY_S = 60
"""Also what has not changed is told again this often, for a relay or a stream that lost it."""


class Receipts:
    """Tells the receipts of one reader."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database, self._broker = database, broker
        self._committed = asyncio.Event()
        self._told: dict[tuple[str, str, str], tuple[Feed, Received]] = {}

    async def committed(self) -> None:
        """A batch was committed: there is something to tell."""
        self._committed.set()

    async def run(self) -> None:
        """Tells until cancelled."""
        told_all_at = asyncio.get_running_loop().time()
        while True:
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._committed.wait()
            except TimeoutError:
                pass
            self._committed.clear()
            if asyncio.get_running_loop().time() - told_all_at > ALL_EVERY_S:
                self._told.clear()
                told_all_at = asyncio.get_running_loop().time()
            try:
                await self._tell()
            except (SQLAlchemyError, NatsError, OSError, TimeoutError) as trouble:
                log.warning("receipts wait", extra={"error": type(trouble).__name__})
                await asyncio.sleep(1)

    async def _tell(self) -> None:
        for feed, received in await asyncio.to_thread(self._positions):
            key = (feed.site, feed.service, feed.audience)
            if self._told.get(key) != (feed, received):
                subject = topology.receipt(self._database.site, feed.site, feed.service, self._database.service)
                await self._broker.jetstream().publish(subject, inbox.receipt(received, feed.epoch), timeout=5)
                self._told[key] = (feed, received)

    def _positions(self) -> list[tuple[Feed, Received]]:
        # Of several epochs of one feed only the one heard last is alive.
        with self._database.transaction() as session:
            latest = {(f.site, f.service, f.audience): (f, received) for f, received in inbox.positions(session)}
        return list(latest.values())
