"""NATS as every service uses it: it always comes back, declares nothing, and hands over raw batches to ack by hand."""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable

import nats.errors
from faststream import AckPolicy
from faststream.exceptions import SetupError
from faststream.message import StreamMessage
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber, CoreSubscriber
from nats.aio.client import DEFAULT_INBOX_PREFIX, DEFAULT_PENDING_SIZE, Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

logger = logging.getLogger(__name__)

BatchHandler = Callable[[list[Msg]], Awaitable[None]]
_PAUSE = 1.0  # seconds after a failure, so that no loop spins


class _Connection(Client):
    leaving = False

    async def close(self) -> None:
        self.leaving = True
        await super().close()

    async def drain(self) -> None:
        self.leaving = True
        # nats-py refuses to drain while reconnecting, and then would never close.
        await (super().drain() if self.is_connected else super().close())

    async def _close(self, status: int, do_cbs: bool = True) -> None:
        # A closed client never reconnects and only a new process cures it. Not closed_cb: nats-py skips
        # that when its last flush fails, which it does when the server has hung up.
        try:
            await super()._close(status, do_cbs)
        except asyncio.CancelledError:
            # The wait for the socket is shared with nats-py's reconnect task, whose cancellation then looks like ours.
            task = asyncio.current_task()
            if not self.leaving or (task and task.cancelling()):
                raise
        finally:
            if status == Client.CLOSED and not self.leaving:
                reason = type(self.last_error).__name__
                logger.critical("nats closed the connection for good", extra={"error": reason})
                logging.shutdown()
                os._exit(70)

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        # nats-py looks for spaces in every name letter by letter: half of what it costs to receive an event.
        headers = {}
        for line in raw.decode("utf-8", "replace").split("\r\n"):
            name, colon, value = line.partition(":")
            if colon and name.isascii() and len(name.split()) == 1:
                headers[name.strip()] = value.strip()
        return headers


async def _report(error: Exception) -> None:
    # Must not raise: nats-py awaits this inside its reconnect task, and FastStream's own callback kills it so.
    logger.warning("nats trouble", extra={"error": type(error).__name__})


async def connect(
    url: str, seed: str | None = None, *, name: str, inbox_prefix: str | None = None, pending_size: int = 0
) -> Client:
    """Connect, however long it takes; publishing fails at once while disconnected, unless `pending_size` buffers it."""
    client = _Connection()
    await client.connect(
        url,
        name=name,
        nkeys_seed_str=seed,
        inbox_prefix=inbox_prefix or DEFAULT_INBOX_PREFIX,
        pending_size=pending_size,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        error_cb=_report,
    )
    return client


class _Batches(BatchPullStreamSubscriber):
    """Binds without asking (pull_subscribe creates the consumer it does not find) and pulls without nats-py's fetch."""

    async def _create_subscription(self) -> None:
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()
        self._inbox = self.connection.new_inbox()
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{self.stream.name}.{self.config.durable_name}"
        self.subscription = await self.connection.subscribe(self._inbox, cb=self._arrived.put)  # type: ignore[assignment]
        self.add_task(self._consume_pull)

    async def _consume_pull(self) -> None:
        while self.running:
            try:
                # A pull published while disconnected is buffered, and all of them are sent on reconnect.
                messages = await self._pull() if self.connection.is_connected else await asyncio.sleep(0.1, [])
            except nats.errors.Error as error:
                logger.warning("%s: %r", self._next, error)
                await asyncio.sleep(_PAUSE)
            else:
                if messages:
                    await self.consume(messages)

    async def _pull(self) -> list[Msg]:
        # What is waiting, at once; else whatever comes first and its companions: no latency floor, full batches.
        size, wait = self.pull_sub.batch_size, self.pull_sub.timeout or 1.0
        if messages := await self._ask(size):
            return messages
        messages = await self._ask(1, wait)
        return messages + await self._ask(size - 1) if messages and size > 1 else messages

    async def _ask(self, batch: int, wait: float = 0) -> list[Msg]:
        request = {"batch": batch, "expires": int(wait * 1e9)} if wait else {"batch": batch, "no_wait": True}
        await self.connection.publish(self._next, json.dumps(request).encode(), self._inbox)
        messages: list[Msg] = []
        try:
            async with asyncio.timeout(wait + 1):
                while len(messages) < batch:
                    message = await self._arrived.get()
                    # Only the server's own notes lack a reply; fetch() goes by a Status header, which anyone can send.
                    if not message.reply:
                        if wait and (message.headers or {}).get("Status") != "408":
                            raise nats.errors.Error(f"nats: pull refused: {message.headers}")
                        break
                    messages.append(message)
        except TimeoutError:
            pass  # what comes later waits in the queue for the next pull
        return messages


async def _raw(message: StreamMessage[list[Msg]]) -> list[Msg]:
    return message.raw_message


class Broker(NatsBroker):
    """NatsBroker without its traps."""

    def __init__(self, url: str, seed: str | None = None, *, name: str, inbox_prefix: str | None = None) -> None:
        # apply_types would validate the batch before the handler: one poisonous message and none is handled.
        super().__init__(url, name=name, apply_types=False, ack_policy=AckPolicy.MANUAL, logger=None)
        self._how = (url, seed, name, inbox_prefix)

    async def _connect(self) -> Client:
        url, seed, name, inbox_prefix = self._how
        client = await connect(url, seed, name=name, inbox_prefix=inbox_prefix, pending_size=DEFAULT_PENDING_SIZE)
        self.config.connect(client)
        return client

    async def start(self) -> None:
        """Refuse what FastStream would overwrite (a provisioned stream) or create (a consumer with its defaults)."""
        declared = [stream.name for stream, _ in self._stream_builder.objects.values() if stream.declare]
        foreign = [sub for sub in self.subscribers if not isinstance(sub, _Batches | CoreSubscriber)]
        if declared or foreign:
            raise SetupError(f"provisioned elsewhere, so declare=False and on_batch() only: {declared} {foreign}")
        await super().start()

    def on_batch(
        self, stream: str, durable: str, handler: BatchHandler, *, batch_size: int = 500, timeout: float = 1.0
    ) -> None:
        """Give the handler raw messages, in order, one batch at a time; only the handler acks."""
        # The durable must ack explicitly: under ack_policy=all, the first ack after a crash acks what the crash left
        # unhandled. Its max_ack_pending must exceed batch_size: a pull it cuts short gets no notice and costs a second.

        async def consume(messages: list[Msg]) -> None:
            try:
                await handler(messages)
            except Exception:
                logger.exception("the batch from %s/%s failed and comes again", stream, durable)
                # Left alone they come after ack_wait, overtaken by newer ones; due when we pull next, they go first.
                for message in messages:
                    if not message.is_acked:
                        await message.nak(_PAUSE)
                await asyncio.sleep(_PAUSE * 1.2)

        subscriber = self.subscriber(
            stream=JStream(stream, declare=False),
            durable=durable,
            config=ConsumerConfig(durable_name=durable),
            pull_sub=PullSub(batch_size=batch_size, timeout=timeout, batch=True),
            ack_policy=AckPolicy.MANUAL,
            decoder=_raw,
            no_reply=True,
            include_in_schema=False,
        )
        subscriber.__class__ = _Batches  # FastStream offers no way to name the subscriber's class
        subscriber(consume)

    @property
    def client(self) -> Client:
        """The connection itself, for what is not a batch: receipts and heartbeats."""
        if self._connection is None:
            raise SetupError("start the broker first")
        return self._connection

    async def usable(self, stream: str) -> bool:
        """Whether JetStream answers for this stream within a second (ping() only knows the socket)."""
        if self._connection is None or not self._connection.is_connected:
            return False
        try:
            async with asyncio.timeout(1):
                await self._connection.jetstream().stream_info(stream)
        except (nats.errors.Error, TimeoutError):
            return False
        return True
