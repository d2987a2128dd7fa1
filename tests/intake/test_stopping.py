import asyncio

from jembatan.node import service_of
from support import Rutan


def test_a_service_that_is_stopped_while_it_starts_stops_at_once(rutan: Rutan) -> None:
    async def start_and_stop(after_s: float) -> None:
        app = service_of("intake").app(rutan.settings("intake"))
        async with asyncio.timeout(after_s + 5), app.router.lifespan_context(app):
            # Not a wait for anything: the moment of the stop, which must not matter.
            await asyncio.sleep(after_s)

    for step in range(16):
        asyncio.run(start_and_stop(step / 100))
