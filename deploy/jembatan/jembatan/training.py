"""A site to learn on: it fills itself with made-up people, as staff would enter them, and speaks to nobody outside."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import httpx2
from contracts.vocabulary import LegalStatus
from contracts.words import here

from jembatan import register_sample
from jembatan.demo.people import MadeUp, made_up
from jembatan.demo.walk import Rutan, Walk
from jembatan.folder import Folder, write

log = logging.getLogger(__name__)

PARTNER, TEXT_VERSION = "yayasan-contoh", "v1"
WALKED, HELD, SENTENCED = 10, 10, 12
"""People who went the whole road, who are held without a sentence, and who serve one."""
DAYS_LEFT = (-1, 0, 2, 3, 5, 8, 10, 20, 30, 40)
"""When the detention of those who are held ends: some of it is due today."""
SAMPLE = "contoh-sdp.xlsx"
"""A made-up export of the ministry's register, with mistakes in it, to try the import on."""


@asynccontextmanager
async def filling(folder: Folder) -> AsyncIterator[None]:
    """Meanwhile the site fills itself, if it has not yet. A node that ends goes on when it is started again."""
    work = asyncio.create_task(_fill_or_say_why(folder))
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def _fill_or_say_why(folder: Folder) -> None:
    try:
        await fill(folder)
    except Exception as trouble:
        # A site with too few made-up people is still one to learn on.
        log.error("training site not filled", extra={"error": type(trouble).__name__}, exc_info=trouble)


async def fill(folder: Folder) -> None:
    """Enters everybody. A fill that broke off goes on: what was entered before is entered again the same way."""
    note = folder.path / "training.json"
    known: dict[str, Any] = {"began_on": str(_today()), "filled": False}
    if note.exists():
        known = json.loads(note.read_text())
    write(note, json.dumps(known))
    if known["filled"]:
        return
    register_sample.write(folder.path / SAMPLE, register_sample.sample(rows=60, bad=6, seed=1)[0])
    began = date.fromisoformat(known["began_on"])
    everybody = made_up(folder.site, WALKED + HELD + SENTENCED, uuid5(NAMESPACE_DNS, folder.site))
    people = [replace(person, name=f"{person.name.split()[0]} Rekaan") for person in everybody]
    async with httpx2.AsyncClient(timeout=30) as http:
        rutan = Rutan(folder, http, PARTNER)
        await rutan.offer(len(people))
        for days_left, person in zip(DAYS_LEFT, people[WALKED:], strict=False):
            await _hold(rutan, person, began, days_left)
        for person in people[WALKED + HELD :]:
            await _sentence(rutan, person, began)
        async with asyncio.TaskGroup() as group:
            for person in people[:WALKED]:
                group.create_task(Walk(rutan, person, began).whole())
    write(note, json.dumps(known | {"filled": True}))
    log.info("training site filled", extra={"people": len(people)})


async def _hold(rutan: Rutan, person: MadeUp, today: date, days_left: int) -> None:
    """Somebody who waits for the court; every second agreed to see the family, who come today."""
    at = await _register(rutan, person, LegalStatus.TAHANAN, f"A.I {person.register_number[3:]}", today)
    until = today + timedelta(days=days_left)
    period = {"book": "a_i", "from_on": str(today - timedelta(days=20)), "until_on": str(until)}
    await rutan.do("intake", "put", f"{at}/detention-periods/{person.ref('period')}", period)
    if days_left % 2:
        return
    await _agree(rutan, at, "assessment")
    await _agree(rutan, at, "family_contact")
    contact = {"relation": "parent", "name": "Ibu Rekaan"}
    mother = person.ref("mother")
    await rutan.do("intake", "put", f"{at}/contacts/{mother}", contact)
    said = {"wish": "visits", "answer": "yes", "asked_on": str(today)}
    await rutan.do("intake", "put", f"{at}/contacts/{mother}/answers/{person.ref('wish')}", said)
    # No visit is planned for a day that has passed: a fill that goes on another day plans them for that day.
    day = str(_today())
    planned = {"contact": str(mother), "planned_on": day, "channel": "visit"}
    await rutan.do("intake", "put", f"{at}/visits/{person.ref(day)}", planned)


async def _sentence(rutan: Rutan, person: MadeUp, today: date) -> None:
    """Somebody who serves a sentence of two years; what is known of them differs, as it does."""
    at = await _register(rutan, person, LegalStatus.NARAPIDANA, f"B.I {person.register_number[3:]}", today)
    served = 300 + person.id.int % 400
    passed = {
        "decided_on": str(today - timedelta(days=served - 60)),
        "detained_since": str(today - timedelta(days=served)),
        "months": 24,
        "verdict_number": f"{person.id.int % 900}/Pid.B/REKAAN",
    }
    await rutan.do("intake", "put", f"{at}/sentences/{person.ref('sentence')}", passed)
    if person.id.int % 3 == 0:
        declined = f"{at}/consents/assessment/declination"
        return await rutan.do("intake", "post", declined, {"text_version": TEXT_VERSION})
    await _agree(rutan, at, "assessment")
    for code in ("active_in_programme", "community_accepts", "register_f_read"):
        answer = {"code": code, "answer": "yes", "source": "register"}
        await rutan.do("intake", "put", f"{at}/answers/{person.ref(code)}", answer)
    return None


async def _register(rutan: Rutan, person: MadeUp, status: LegalStatus, number: str, today: date) -> str:
    kept = ("name", "nik", "birth_year", "prior_convictions", "sex", "marital_status")
    body: dict[str, Any] = {name: getattr(person, name) for name in kept}
    body |= {"legal_status": status, "register_number": number, "registered_on": str(today - timedelta(days=20))}
    await rutan.do("intake", "put", f"/people/{person.id}", body)
    return f"/people/{person.id}"


async def _agree(rutan: Rutan, at: str, purpose: str) -> None:
    await rutan.do("intake", "post", f"{at}/consents/{purpose}", {"text_version": TEXT_VERSION})


def _today() -> date:
    return here(datetime.now(UTC)).date()
