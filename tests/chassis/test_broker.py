"""What the broker connection must survive, against a real nats-server."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import nats
import nats.errors
import nkeys
import pytest
from chassis.broker import Broker, connect
from faststream.exceptions import SetupError
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, ConsumerInfo, DiscardPolicy, StreamConfig

PERMISSIONS = """{
  publish: ["$JS.API.CONSUMER.MSG.NEXT.EVT.svc", "$JS.API.STREAM.INFO.EVT", "$JS.ACK.EVT.svc.>"]
  subscribe: "mine.>"
}"""


class Server:
    """One nats-server: an administrator without password, and a service that may only pull and ack as svc."""

    def __init__(self, directory: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.directory = directory
        self.config, self.log = directory / "nats.conf", directory / "nats.log"
        self.seed, self.key = new_key()
        self.process: subprocess.Popen[bytes] | None = None
        self.admit(self.key)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def admit(self, key: str, extra: str = "") -> None:
        self.config.write_text(f"""
            listen: "127.0.0.1:{self.port}", log_file: "{self.log}"
            jetstream {{ store_dir: "{self.directory}/js" }}
            authorization {{
              users: [{{ user: admin, password: admin }}, {{ nkey: {key}, permissions: {PERMISSIONS} }}]
            }}
            no_auth_user: admin
            {extra}
        """)

    def start(self) -> None:
        binary = shutil.which("nats-server", path=str(Path(sys.executable).parent))
        assert binary, "nats-server is missing from the virtual environment"
        self.process = subprocess.Popen([binary, "-c", str(self.config)], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 5
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def reload(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGHUP)


def new_key() -> tuple[str, str]:
    seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
    return seed.decode(), nkeys.from_seed(bytearray(seed)).public_key.decode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    it = Server(tmp_path)
    it.start()
    yield it
    it.stop()


def run(scenario: Awaitable[None]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario, 9)

    asyncio.run(bounded())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(8):
        while not true():  # noqa: ASYNC110 - what is awaited happens in other processes
            await asyncio.sleep(0.01)


async def provision(
    server: Server, bodies: list[bytes], headers: dict[str, str] | None = None, ack_wait: float = 0.5
) -> Client:
    admin = await nats.connect(server.url)
    js = admin.jetstream()
    await js.add_stream(StreamConfig("EVT", subjects=["evt.>"], max_bytes=10_000_000, discard=DiscardPolicy.NEW))
    await js.add_consumer("EVT", ConsumerConfig(durable_name="svc", ack_wait=ack_wait, max_ack_pending=100))
    for body in bodies:
        await js.publish("evt.x", body, headers=headers)
    return admin


async def state(admin: Client) -> ConsumerInfo:
    info: ConsumerInfo = await admin.jetstream().consumer_info("EVT", "svc")
    return info


def service(server: Server) -> Broker:
    return Broker(server.url, server.seed, name="svc", inbox_prefix="mine")


def test_a_broker_refused_while_reconnecting_comes_back_once_it_is_admitted(server: Server) -> None:
    async def scenario() -> None:
        await (await provision(server, [])).close()
        got: list[bytes] = []

        async def handler(messages: list[Msg]) -> None:
            got.extend(message.data for message in messages)

        broker = service(server)
        broker.on_batch("EVT", "svc", handler)
        await broker.start()
        server.stop()
        server.admit(new_key()[1])
        server.start()
        await until(lambda: "authentication error" in server.log.read_text())
        server.stop()
        server.admit(server.key)
        server.start()
        admin = await nats.connect(server.url)
        await admin.jetstream().publish("evt.x", b"after")
        await until(lambda: b"after" in got)
        await broker.stop()
        await admin.close()

    run(scenario())


SERVICE = """
import asyncio, sys
from chassis.broker import Broker
async def handler(messages): ...
async def main():
    broker = Broker(sys.argv[1], sys.argv[2], name="svc", inbox_prefix="mine")
    broker.on_batch("EVT", "svc", handler)
    await broker.start()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await broker.stop()
asyncio.run(main())
"""


@pytest.fixture
def running(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    async def prepare() -> None:
        await (await provision(server, [])).close()

    run(prepare())
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", SERVICE, server.url, server.seed], stdin=pipe, stdout=pipe)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.kill()
    process.communicate()


def test_a_connection_closed_for_good_ends_the_process_for_its_supervisor(
    server: Server, running: subprocess.Popen[bytes]
) -> None:
    server.admit(server.key, "max_control_line: 16")  # any -ERR that is not about a permission will do
    server.reload()
    assert running.wait(8) == 70


def test_stopping_the_broker_ourselves_does_not_end_the_process(running: subprocess.Popen[bytes]) -> None:
    running.communicate(b"stop\n", timeout=8)
    assert running.returncode == 0


def test_stopping_while_the_server_is_away_does_not_end_the_process(
    server: Server, running: subprocess.Popen[bytes]
) -> None:
    server.stop()
    running.communicate(b"stop\n", timeout=8)
    assert running.returncode == 0


def test_a_wait_for_the_socket_that_another_task_took_with_it_does_not_end_whoever_closes(server: Server) -> None:
    async def scenario() -> None:
        client = await connect(server.url, name="svc")
        # What the reconnect task leaves behind when it is cancelled just while it waits for the old socket.
        writer = client._transport._io_writer  # type: ignore[union-attr]
        writer._protocol._get_close_waiter(writer).cancel()
        await client.close()
        assert client.is_closed

    run(scenario())


def test_a_stream_that_the_broker_would_declare_is_refused_and_stays_as_provisioned(server: Server) -> None:
    async def scenario() -> None:
        admin = await provision(server, [])
        before = (await admin.jetstream().stream_info("EVT")).config
        broker = Broker(server.url, name="svc")

        @broker.subscriber("evt.>", stream="EVT")
        async def handler(body: bytes) -> None: ...

        try:
            with pytest.raises(SetupError):
                await broker.start()
        finally:
            await broker.stop()
        assert (await admin.jetstream().stream_info("EVT")).config == before
        await admin.close()

    run(scenario())


def test_a_durable_that_nobody_provisioned_is_awaited_and_not_created(server: Server) -> None:
    async def scenario() -> None:
        admin = await provision(server, [b"waiting"])
        js = admin.jetstream()
        await js.delete_consumer("EVT", "svc")
        got: list[bytes] = []

        async def handler(messages: list[Msg]) -> None:
            got.extend(message.data for message in messages)

        broker = Broker(server.url, name="svc")  # with every permission
        broker.on_batch("EVT", "svc", handler)
        await broker.start()
        await until(lambda: broker.connection.stats["in_msgs"] >= 2)  # refused twice
        assert await js.consumers_info("EVT") == []
        await js.add_consumer("EVT", ConsumerConfig(durable_name="svc"))
        await until(lambda: got == [b"waiting"])
        await broker.stop()
        await admin.close()

    run(scenario())


def test_nothing_is_acked_unless_the_handler_does_it_and_a_failed_batch_comes_again_unhurried_and_first(
    server: Server,
) -> None:
    async def scenario() -> None:
        admin = await provision(server, [b"%d" % n for n in range(6)], ack_wait=60)
        calls: list[float] = []
        got: list[int] = []

        async def handler(messages: list[Msg]) -> None:
            calls.append(time.monotonic())
            if len(calls) == 1:
                raise RuntimeError("the database hiccups")
            for message in messages:
                got.append(int(message.data))
                await message.ack()

        broker = service(server)
        broker.on_batch("EVT", "svc", handler, batch_size=2)
        await broker.start()
        await until(lambda: len(calls) == 1)
        failed = await state(admin)
        assert failed.num_ack_pending == 2
        assert failed.ack_floor
        assert failed.ack_floor.stream_seq == 0
        await until(lambda: len(got) >= 6)
        assert got == [0, 1, 2, 3, 4, 5]
        assert calls[1] - calls[0] > 0.5
        await broker.connection.flush()
        done = await state(admin)
        assert done.ack_floor
        assert done.ack_floor.stream_seq == 6
        await broker.stop()
        await admin.close()

    run(scenario())


def test_poison_and_strange_headers_reach_the_handler_together_with_their_neighbours(server: Server) -> None:
    async def scenario() -> None:
        admin = await provision(server, [b"good", b"{poison"], {"content-type": "application/json"})
        js = admin.jetstream()
        for strange in ({"Status": "503"}, {"Status": "404"}, {"reply_to": "evt.x"}, {"ce-subject": "é \u202e ñ"}):
            await js.publish("evt.x", b"", headers=strange)
        got: list[Msg] = []

        async def handler(messages: list[Msg]) -> None:
            got.extend(messages)
            for message in messages:
                await message.ack()

        broker = service(server)
        broker.on_batch("EVT", "svc", handler)
        await broker.start()
        await until(lambda: len(got) >= 6)
        assert [message.metadata.sequence.stream for message in got] == [1, 2, 3, 4, 5, 6]
        assert [message.data for message in got[:2]] == [b"good", b"{poison"]
        assert [message.header for message in got[2:4]] == [{"Status": "503"}, {"Status": "404"}]
        await broker.stop()
        assert (await js.stream_info("EVT")).state.messages == 6
        await admin.close()

    run(scenario())


def test_batches_are_handled_one_at_a_time_and_in_order(server: Server) -> None:
    async def scenario() -> None:
        admin = await provision(server, [b"%d" % n for n in range(100)])
        got: list[int] = []
        at_once: list[int] = []
        busy = 0

        async def handler(messages: list[Msg]) -> None:
            nonlocal busy
            busy += 1
            at_once.append(busy)
            for message in messages:
                await asyncio.sleep(0)
                got.append(int(message.data))
                await message.ack()
            busy -= 1

        broker = service(server)
        broker.on_batch("EVT", "svc", handler, batch_size=20)
        await broker.start()
        await until(lambda: len(got) >= 100)
        assert got == list(range(100))
        assert at_once == [1] * 5
        await broker.stop()
        await admin.close()

    run(scenario())


def test_binding_needs_no_permission_but_to_pull_and_to_ack(server: Server) -> None:
    async def scenario() -> None:
        admin = await provision(server, [b"1"])
        got: list[Msg] = []

        async def handler(messages: list[Msg]) -> None:
            for message in messages:
                await message.ack_sync()
            got.extend(messages)

        broker = service(server)
        broker.on_batch("EVT", "svc", handler)
        await broker.start()
        await until(lambda: len(got) == 1)
        assert await broker.usable("EVT")
        assert not re.search("violation", server.log.read_text(), re.IGNORECASE)
        assert not await broker.usable("OTHER")
        await broker.stop()
        await admin.close()

    run(scenario())


def test_a_broker_without_server_is_not_usable_and_a_relay_fails_at_once(server: Server) -> None:
    async def scenario() -> None:
        await (await provision(server, [])).close()
        broker = service(server)
        assert not await broker.usable("EVT")
        await broker.connect()
        assert await broker.usable("EVT")
        relay = await connect(server.url, name="relay")
        server.stop()
        await until(lambda: relay.is_reconnecting and broker.connection.is_reconnecting)
        assert not await broker.usable("EVT")
        with pytest.raises(nats.errors.OutboundBufferLimitError):
            await relay.publish("evt.x", b"")
        server.start()
        await until(lambda: relay.is_connected)
        await relay.jetstream().publish("evt.x", b"")
        await relay.close()
        await broker.stop()

    run(scenario())
