"""Receipts: a reader tells each feed's relay how far it is and what it lacks."""

import asyncio
import logging

from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from chassis import inbox, topology
from chassis.broker import Broker
from chassis.database import Database
from chassis.inbox import Position

log = logging.getLogger(__name__)

EVERY_S = 2
ALL_EVERY_S = 30
"""Also what has not changed is told again this often: for a site that was cut off, or a stream that was wiped."""


class Receipts:
    """Tells the receipts of one reader."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database, self._broker = database, broker
        self._committed = asyncio.Event()
        self._told: dict[tuple[str, str, str], Position] = {}

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
        for position in await asyncio.to_thread(self._positions):
            feed = position.feed
            key = (feed.site, feed.service, feed.audience)
            if self._told.get(key) != position:
                subject = topology.receipt(self._database.site, feed.site, feed.service, self._database.service)
                # No acknowledgement: a receipt that is lost is told again.
                await self._broker.client.publish(subject, position.receipt())
                self._told[key] = position

    def _positions(self) -> list[Position]:
        # Of several epochs of one feed only the one heard last is alive.
        with self._database.transaction() as session:
            latest = {(p.feed.site, p.feed.service, p.feed.audience): p for p in inbox.positions(session)}
        return list(latest.values())
