"""What a partner runs: listens to its own events and resumes where it stopped."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from chassis import topology
from chassis.broker import connect
from chassis.envelope import Envelope
from nats.errors import TimeoutError as NothingCame

from jembatan.nats_config import PARTNER_API, inbox_prefix


async def listen(credentials: Path, out: Path | None) -> AsyncIterator[dict[str, Any]]:
    """Yields each event once it is safe: written to `out` when given, and only then acknowledged.

    After a crash the last events may come a second time; those that stand in `out` are not yielded again.
    """
    known = json.loads(credentials.read_text())  # noqa: ASYNC240 - before there is anything to hold up
    heard = _heard(out)
    prefix = inbox_prefix(known["partner"])
    client = await connect(known["url"], known["seed"], name=f"partner {known['partner']}", inbox_prefix=prefix)
    try:
        jetstream = client.jetstream(prefix=PARTNER_API)
        pulls = await jetstream.pull_subscribe_bind(known["partner"], topology.PARTNER)
        while True:
            try:
                messages = await pulls.fetch(50, timeout=5)
            except (TimeoutError, NothingCame):
                continue
            for message in messages:
                envelope = Envelope.of(message.headers or {})
                event = {"type": envelope.type, **json.loads(message.data)}
                if event["event_id"] not in heard:
                    if out:
                        _keep(out, event)
                    heard.add(event["event_id"])
                    yield event
                await message.ack_sync()
    finally:
        await client.close()


def _heard(out: Path | None) -> set[str]:
    lines = out.read_text().splitlines() if out and out.exists() else []
    return {json.loads(line)["event_id"] for line in lines}


def _keep(out: Path, event: dict[str, Any]) -> None:
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
        file.write(json.dumps(event) + "\n")
        file.flush()
        os.fsync(file.fileno())
