"""A partner hears what is meant for it, with `jembatan.partner.listen`, and can do nothing else at the hub."""

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chassis.envelope import Envelope, Feed
from jembatan import enrol
from jembatan.nats_config import PARTNER_API, inbox_prefix
from jembatan.partner import listen
from nats.aio.msg import Msg
from support import eventually
from support.topology import Country, Login

pytestmark = pytest.mark.servers

FEED = Feed("hub", "partner_gateway", "partner", uuid4())


class Partner:
    """A partner with the credentials it was given."""

    def __init__(self, country: Country, code: str) -> None:
        self.code, self.hub = code, country.hub
        self.credentials = country.hub.folder.path / f"{code}.json"
        enrol.add_partner(country.hub.folder, code, self.credentials, country.hub.server.url)
        country.hub.server.reload()
        country.hub.provision()

    def login(self) -> Login:
        """A connection with its key, for what `listen` never does."""
        return self.hub.login_with(json.loads(self.credentials.read_text())["seed"], inbox_prefix(self.code))

    def is_told(self, *notes: str) -> None:
        """The hub's gateway says something to it."""
        for note in notes:
            event_id = uuid4()
            headers = Envelope(event_id, "partner_gateway.told.v1", FEED, 1, datetime.now(UTC)).headers()
            body = json.dumps({"event_id": str(event_id), "note": note}).encode()
            subject = f"partner.{self.code}.partner_gateway.told.v1"
            central = self.hub.login("central")
            central.do(central.client.jetstream().publish(subject, body, headers=headers))
            central.close()

    def hears(self, count: int, out: Path | None = None) -> list[str]:
        """What the next `count` events say; the last of them is not acknowledged, as when it crashes there."""

        async def go() -> list[str]:
            async with aclosing(listen(self.credentials, out)) as events:  # type: ignore[type-var]
                async with asyncio.timeout(30):
                    return [(await anext(events))["note"] for _ in range(count)]

        return asyncio.run(go())

    def info(self) -> dict[str, Any]:
        """Its consumer, as the hub sees it."""
        return self.hub.login("provisioner").ask(f"$JS.API.CONSUMER.INFO.PARTNER.{self.code}")


@pytest.fixture
def aksara(country: Country) -> Partner:
    """A partner that only this test knows."""
    return Partner(country, f"aksara-{uuid4().hex[:6]}")


@pytest.fixture
def bina(country: Country) -> Partner:
    """Another."""
    return Partner(country, f"bina-{uuid4().hex[:6]}")


def refused(country: Country, login: Login, requests: dict[str, Any]) -> None:
    """Asks for all of it, is refused each time, and finds the hub as it was."""
    admin = country.hub.login("provisioner")
    before = admin.subjects("PARTNER")
    inbox = login.client.new_inbox()
    answers = login.hear(inbox)
    for subject, body in requests.items():
        login.say(subject, json.dumps(body).encode() if body else b"", reply=inbox)
    eventually(lambda: len(login.refused) == len(requests))
    assert admin.subjects("PARTNER") == before
    assert answers == []


def test_a_partner_takes_its_own_events_and_resumes_where_it_stopped(aksara: Partner, bina: Partner) -> None:
    out = aksara.credentials.with_name("heard.jsonl")
    aksara.is_told("1", "2", "3")
    bina.is_told("not for aksara")
    assert aksara.hears(3, out) == ["1", "2", "3"]
    assert aksara.info()["num_ack_pending"] == 1
    aksara.is_told("4")
    assert aksara.hears(1, out) == ["4"]
    assert [json.loads(line)["note"] for line in out.read_text().splitlines()] == ["1", "2", "3", "4"]
    # It did acknowledge, so that without its file it does not begin again either.
    aksara.is_told("5")
    assert aksara.hears(1) == ["5"]
    assert aksara.info()["ack_floor"]["consumer_seq"] == 2


def test_a_partner_cannot_have_its_events_delivered_into_a_stream(
    country: Country, aksara: Partner, bina: Partner
) -> None:
    login, pull = aksara.login(), f"{PARTNER_API}.CONSUMER.MSG.NEXT.PARTNER.{aksara.code}"
    replies = [f"partner.{code}.partner_gateway.forged.v1" for code in (aksara.code, bina.code)]
    replies += ["down.bandung.forged", "national.bandung.heartbeat"]
    admin = country.hub.login("provisioner")
    heard = [admin.hear(reply) for reply in replies]
    before = admin.subjects("PARTNER")
    for reply in replies:
        login.say(pull, json.dumps({"batch": 100}).encode(), reply=reply)
    # The pulls were taken up: that is the attack. What they bring goes to nobody.
    aksara.is_told("bait")
    eventually(lambda: aksara.info()["num_pending"] == 0)
    assert admin.subjects("PARTNER") == before | {f"partner.{aksara.code}.partner_gateway.told.v1": 1}
    assert not any(heard)


@pytest.mark.parametrize("prefix", ["$JS.API", PARTNER_API, "$JS.hub.API"])
def test_a_partner_can_ask_about_nothing_but_its_own_events(
    country: Country, aksara: Partner, bina: Partner, prefix: str
) -> None:
    bina.is_told("not for aksara")
    create = {"stream_name": "PARTNER", "config": {"durable_name": "steal", "ack_policy": "none"}}
    requests: dict[str, Any] = {
        f"CONSUMER.INFO.PARTNER.{bina.code}": None,
        f"CONSUMER.MSG.NEXT.PARTNER.{bina.code}": {"batch": 1},
        "CONSUMER.MSG.NEXT.NATIONAL.central_0": {"batch": 1},
        "CONSUMER.NAMES.PARTNER": None,
        "STREAM.INFO.PARTNER": None,
        "STREAM.MSG.GET.PARTNER": {"seq": 1},
        "STREAM.NAMES": None,
        "DIRECT.GET.PARTNER": {"seq": 1},
        "CONSUMER.CREATE.PARTNER.steal": create,
        f"CONSUMER.DELETE.PARTNER.{aksara.code}": None,
        "STREAM.PURGE.PARTNER": None,
        "STREAM.DELETE.PARTNER": None,
    }
    login = aksara.login()
    refused(country, login, {f"{prefix}.{request}": body for request, body in requests.items()})
    admin = country.hub.login("provisioner")
    for request in ("STREAM.INFO.PARTNER", f"CONSUMER.INFO.PARTNER.{bina.code}", "CONSUMER.NAMES.PARTNER"):
        assert "error" not in admin.ask(f"$JS.API.{request}")
    assert login.ask(f"{PARTNER_API}.CONSUMER.INFO.PARTNER.{aksara.code}")["name"] == aksara.code


def test_a_partner_cannot_acknowledge_or_say_anything_for_another(
    country: Country, aksara: Partner, bina: Partner
) -> None:
    bina.is_told("not for aksara")

    async def take(login: Login) -> Msg:
        pulls = await login.client.jetstream(prefix=PARTNER_API).pull_subscribe_bind(bina.code, "PARTNER")
        [message] = await pulls.fetch(1, timeout=10)
        return message

    owner, thief = bina.login(), aksara.login()
    message = owner.do(take(owner))
    said = (message.reply, f"partner.{aksara.code}.x.y.v1", f"partner.{bina.code}.x.y.v1", "national.bandung.heartbeat")
    refused(country, thief, dict.fromkeys(said))
    assert bina.info()["num_ack_pending"] == 1
    owner.do(message.ack_sync())
    assert bina.info()["num_ack_pending"] == 0


def test_a_partner_hears_only_its_own_inbox_and_nobody_hears_that(
    country: Country, aksara: Partner, bina: Partner
) -> None:
    spy = aksara.login()
    heard = [
        spy.hear(subject)
        for subject in (">", "_INBOX.>", f"{inbox_prefix(bina.code)}.>", f"partner.{aksara.code}.>", "$JS.>")
    ]
    eventually(lambda: len(spy.refused) == len(heard))
    overheard = country.hub.login("provisioner").hear(inbox_prefix(aksara.code) + ".>")
    aksara.is_told("private")
    assert aksara.hears(1) == ["private"]
    assert not any(heard)
    assert not overheard


def test_a_partner_added_at_a_running_hub_is_let_in_and_nobody_is_disturbed(country: Country, aksara: Partner) -> None:
    others = [country.hub.login("central"), country.hub.login("provisioner"), aksara.login()]
    leafs = {leaf["id"] for leaf in country.hub.monitor("leafz")["leafs"]}
    late = Partner(country, f"citra-{uuid4().hex[:6]}")
    late.is_told("welcome")
    assert late.hears(1) == ["welcome"]
    assert [login.hung_up for login in others] == [0, 0, 0]
    assert {leaf["id"] for leaf in country.hub.monitor("leafz")["leafs"]} == leafs
    aksara.is_told("still here")
    assert aksara.hears(1) == ["still here"]
