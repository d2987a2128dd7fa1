"""The users that services log in with can use streams and consumers, and change none."""

import json
from typing import Any

import pytest
from nats.aio.msg import Msg
from support import eventually
from support.topology import A, B, Country, Login

pytestmark = pytest.mark.servers


def changes(stream: str, subject: str) -> list[tuple[str, Any]]:
    """Everything that makes, alters or removes a stream or a consumer, in an order in which all of it is possible."""
    consumer = {"durable_name": "mine", "filter_subject": subject, "ack_policy": "explicit"}
    create = {"stream_name": stream, "config": consumer}
    config = {"name": stream, "subjects": [subject], "storage": "file", "retention": "limits"}
    return [
        ("STREAM.CREATE.OTHER", {**config, "name": "OTHER", "subjects": ["other"]}),
        (f"STREAM.UPDATE.{stream}", config),
        (f"STREAM.MSG.DELETE.{stream}", {"seq": 1}),
        (f"CONSUMER.CREATE.{stream}.mine.{subject}", create),
        (f"CONSUMER.DURABLE.CREATE.{stream}.mine", create),
        (f"CONSUMER.PAUSE.{stream}.mine", {"pause_until": "2020-01-01T00:00:00Z"}),
        (f"CONSUMER.DELETE.{stream}.mine", None),
        (f"STREAM.PURGE.{stream}", None),
        (f"STREAM.DELETE.{stream}", None),
    ]


def is_refused(login: Login, subject: str, body: Any = None) -> bool:
    """Whether the server says that this may not be published."""
    said_before = len(login.refused)
    login.say(subject, json.dumps(body).encode() if body else b"")
    # A server takes its own domain's name out of a subject before it looks at permissions.
    wanted = f'permissions violation for publish to "{subject}"'.replace(f"$JS.{A}.API", "$JS.API").lower()
    eventually(lambda: any(wanted in said for said in login.refused[said_before:]), within_s=10)
    return True


@pytest.mark.parametrize(
    ("user", "rightful", "stream", "subject"),
    [
        ("services", "provisioner", f"SITE_{A}", f"site.{A}.>"),
        ("services", "provisioner", f"RECEIPTS_{A}", f"receipt.{A}.>"),
        ("relay", "provisioner_link", f"NATIONAL_{A}", f"national.{A}.*.*.*"),
        ("relay", "provisioner_link", f"DOWN_{A}", f"down.{A}.>"),
    ],
)
def test_services_and_relay_change_no_stream_and_no_consumer(
    country: Country, user: str, rightful: str, stream: str, subject: str
) -> None:
    country.a.provision()
    login, owner = country.a.login(user), country.a.login(rightful)
    owner.store(subject.replace("*.*.*", "a.b.v1").replace(">", "a.b.v1"), b"")
    before = owner.ask(f"$JS.API.STREAM.INFO.{stream}")
    for request, body in changes(stream, subject):
        for api in ("$JS.API", f"$JS.{A}.API"):
            assert is_refused(login, f"{api}.{request}", body), request
    after = owner.ask(f"$JS.API.STREAM.INFO.{stream}")
    assert (after["config"], after["state"]) == (before["config"], before["state"])
    for request, body in changes(stream, subject):
        assert "error" not in owner.ask(f"$JS.API.{request}", body), request
    assert owner.ask("$JS.API.STREAM.DELETE.OTHER")["success"]
    country.a.provision()


def test_the_relay_cannot_read_what_stays_in_the_rutan(country: Country) -> None:
    country.a.provision()
    services, relay = country.a.login("services"), country.a.login("relay")
    services.store(f"site.{A}.intake.note_written.v1", b"SECRET")
    looks = {
        f"$JS.API.STREAM.INFO.SITE_{A}": None,
        f"$JS.API.STREAM.MSG.GET.SITE_{A}": {"last_by_subj": f"site.{A}.>"},
        f"$JS.API.CONSUMER.INFO.SITE_{A}.assessment": None,
    }
    for subject, body in looks.items():
        assert is_refused(relay, subject, body)
        assert "error" not in services.ask(subject, body)
    heard = relay.hear(f"site.{A}.>"), country.a.login("provisioner").hear(f"site.{A}.>")
    services.store(f"site.{A}.intake.note_written.v1", b"SECRET")
    eventually(lambda: heard[1])
    assert not heard[0]
    assert any(f'subscription to "site.{A}.>"' in said for said in relay.refused)


def test_services_and_relay_speak_only_where_they_belong(country: Country) -> None:
    services, relay = country.a.login("services"), country.a.login("relay")
    country.a.provision()
    services.store(f"site.{A}.intake.note_written.v1", b"")
    services.store(f"receipt.{A}.intake.assessment", b"")
    relay.store(f"national.{A}.intake.person_registered.v1", b"")
    for subject in (f"national.{A}.intake.person_registered.v1", f"site.{B}.x.y.v1", f"down.{A}.x", "$JS.ACK.X.1"):
        assert is_refused(services, subject)
    for subject in (f"national.{B}.x.y.v1", f"site.{A}.x.y.v1", f"down.{A}.x", f"sync.{A}.x", "partner.a.b"):
        assert is_refused(relay, subject)


def test_a_service_takes_and_acknowledges_what_others_said(country: Country) -> None:
    country.a.provision()
    services = country.a.login("services")
    services.store(f"site.{A}.intake.note_written.v1", b"heard")

    async def take() -> list[Msg]:
        pulls = await services.client.jetstream().pull_subscribe_bind("outcomes", f"SITE_{A}")
        messages = await pulls.fetch(100, timeout=10)
        for message in messages:
            await message.ack_sync()
        return messages

    assert services.do(take())[-1].data == b"heard"
    assert services.ask(f"$JS.API.CONSUMER.INFO.SITE_{A}.outcomes")["num_ack_pending"] == 0


def test_central_changes_nothing_at_the_hub_and_asks_no_rutan(country: Country) -> None:
    central, owner = country.hub.login("central"), country.hub.login("provisioner")
    central.store("partner.aksara.something.v1", b"")
    for request in (
        "STREAM.PURGE.NATIONAL",
        "STREAM.DELETE.PARTNER",
        "STREAM.UPDATE.NATIONAL",
        "STREAM.CREATE.OTHER",
        "CONSUMER.DELETE.NATIONAL.central_0",
        "CONSUMER.CREATE.NATIONAL",
    ):
        assert is_refused(central, f"$JS.API.{request}")
    for subject in (f"$JS.{B}.API.STREAM.INFO.NATIONAL_{B}", f"national.{A}.heartbeat", f"sync.{A}.x"):
        assert is_refused(central, subject)
    assert owner.messages("PARTNER") == 1
    assert owner.ask("$JS.API.STREAM.PURGE.PARTNER")["purged"] == 1
