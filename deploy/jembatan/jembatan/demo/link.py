"""A wire that can be cut: the site dials it instead of the hub."""

import asyncio
import contextlib


class Link:
    """Passes bytes between one site and the hub's leaf port while it is up."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._up = True
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, port: int) -> None:
        """Begins to listen."""
        self._server = await asyncio.start_server(self._join, "127.0.0.1", port)

    def cut(self) -> None:
        """Breaks what is open and refuses what comes."""
        self._up = False
        for writer in list(self._open):
            writer.transport.abort()

    def restore(self) -> None:
        """Lets connections through again."""
        self._up = True

    async def close(self) -> None:
        """Ends."""
        self._server.close()
        self.cut()
        while self._open:  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(0.01)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._up:
            writer.transport.abort()
            return
        try:
            hub_reader, hub_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, hub_writer}
        self._open |= both
        await asyncio.gather(_pass(reader, hub_writer), _pass(hub_reader, writer))
        self._open -= both


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
