"""A rutan that was taken over, up to its administrator, can neither read, alter nor speak for anyone else."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from chassis.topology import HEARTBEATS, heartbeat
from support import eventually
from support.topology import A, B, Country, until_heard

pytestmark = [
    pytest.mark.servers,
    pytest.mark.parametrize("attacker", ["relay", "provisioner_link"]),
]
Request = tuple[str, Any]


def over_and_back(country: Country) -> None:
    """Whatever was said before has now crossed the link, been worked on, and its answer has come."""
    central, admin = country.hub.login("central"), country.hub.login("provisioner")
    up, down = central.hear(HEARTBEATS), country.a.login("provisioner_link").hear(f"down.{A}.back")
    relay = country.a.login("relay")
    until_heard(lambda: relay.say(heartbeat(A)), up)
    admin.ask("$JS.API.STREAM.INFO.NATIONAL")
    central.say(f"down.{A}.back")
    eventually(lambda: down)


def answered(country: Country, attacker: str, requests: Iterable[Request]) -> list[str]:
    """What came back to a rutan that asks for answers on the one subject the hub may send it."""
    heard = country.a.login("provisioner_link").hear(f"down.{A}.stolen.>")
    login = country.a.login(attacker)
    for number, (subject, body) in enumerate(requests):
        login.say(subject, json.dumps(body).encode() if body else b"", reply=f"down.{A}.stolen.{number}")
    over_and_back(country)
    return [message.subject for message in heard]


def filled(country: Country) -> tuple[int, int]:
    """Both rutan have something at the hub, and so has a partner."""
    subject = "national.{}.intake.person_registered.v1"
    for place in (country.a, country.b):
        place.login("relay").store(subject.format(place.site), b"SECRET")
        eventually(lambda p=place: country.arrived(p.site))  # type: ignore[misc]
    country.hub.login("central").store("partner.aksara.something.v1", b"SECRET")
    return held(country)


def held(country: Country) -> tuple[int, int]:
    """How many messages of B the hub holds, and how many for partners."""
    return sum(country.arrived(B).values()), country.hub.login("provisioner").messages("PARTNER")


def reads(domain: str, stream: str, subject: str) -> list[Request]:
    """Every way to look into a stream."""
    config = {"name": "steal", "filter_subject": subject, "deliver_subject": f"down.{A}.stolen.push"}
    create = {"stream_name": stream, "config": {**config, "ack_policy": "none"}}
    return [
        (f"{domain}.STREAM.INFO.{stream}", None),
        (f"{domain}.STREAM.NAMES", None),
        (f"{domain}.STREAM.MSG.GET.{stream}", {"seq": 1}),
        (f"{domain}.DIRECT.GET.{stream}", {"seq": 1}),
        (f"{domain}.CONSUMER.CREATE.{stream}.steal.{subject}", create),
        (f"{domain}.CONSUMER.CREATE.{stream}", create),
    ]


def test_it_cannot_read_the_stream_of_another(country: Country, attacker: str) -> None:
    filled(country)
    requests = reads(f"$JS.{B}.API", f"NATIONAL_{B}", f"national.{B}.>")
    assert answered(country, attacker, requests) == []
    owner = country.b.login("provisioner_link")
    assert owner.ask(f"$JS.API.CONSUMER.NAMES.NATIONAL_{B}")["consumers"] == []
    for subject, body in requests[:3]:
        assert "error" not in owner.ask(subject, body)


def test_it_cannot_read_the_streams_of_the_hub(country: Country, attacker: str) -> None:
    filled(country)
    requests = reads("$JS.hub.API", "NATIONAL", "p.>") + reads("$JS.hub.API", "PARTNER", "partner.>")
    requests += [(f"$JS.hub.API.CONSUMER.MSG.NEXT.NATIONAL.central_{p}", {"batch": 1}) for p in range(4)]
    assert answered(country, attacker, requests) == []
    owner = country.hub.login("provisioner")
    assert "steal" not in owner.ask("$JS.API.CONSUMER.NAMES.NATIONAL")["consumers"]
    for subject, body in requests[:3]:
        assert "error" not in owner.ask(subject, body)


def test_it_cannot_purge_or_delete_at_the_hub_or_at_another(country: Country, attacker: str) -> None:
    before = filled(country)
    verbs = ("STREAM.PURGE", "STREAM.DELETE", "STREAM.UPDATE", "STREAM.MSG.DELETE")
    requests: list[Request] = [
        (f"$JS.{domain}.API.{verb}.{stream}", {"seq": 1} if "MSG" in verb else None)
        for verb in verbs
        for domain, stream in (("hub", "NATIONAL"), ("hub", "PARTNER"), (B, f"NATIONAL_{B}"), (B, f"DOWN_{B}"))
    ]
    requests += [("$JS.hub.API.CONSUMER.DELETE.NATIONAL.central_0", None)]
    assert answered(country, attacker, requests) == []
    assert held(country) == before
    owner = country.hub.login("provisioner")
    assert owner.ask("$JS.hub.API.STREAM.PURGE.PARTNER")["success"]
    assert held(country) == (before[0], 0)


def test_it_cannot_speak_as_another_or_as_the_hub(country: Country, attacker: str) -> None:
    before = filled(country)
    login, at_hub = country.a.login(attacker), country.hub.login("provisioner")
    heard, at_b = at_hub.hear(">"), country.b.login("provisioner_link").hear(f"down.{B}.>")
    deliveries = [s for s in country.b.monitor("leafz?subs=1")["leafs"][0]["subscriptions_list"] if "sync." in s]
    assert deliveries
    event = f"national.{B}.intake.person_registered.v1"
    for subject in (
        heartbeat(B),
        event,
        f"p.0.{event}",
        *deliveries,
        f"down.{B}.receipt.intake.central",
        "partner.a.b.c",
    ):
        login.say(subject, b"FORGED", reply=event)
    over_and_back(country)
    assert not [m for m in heard if m.data == b"FORGED"]
    assert (at_b, held(country)) == ([], before)
    country.b.login("relay").say(heartbeat(B), b"RIGHTFUL")
    eventually(lambda: [m for m in heard if m.data == b"RIGHTFUL"])


def test_it_hears_nothing_that_is_not_its_own(country: Country, attacker: str) -> None:
    heard = country.a.login(attacker).hear(">"), country.a.login(attacker).hear("national.>")
    before, _ = filled(country)
    at_hub = country.hub.login("central").hear(HEARTBEATS)
    relay = country.b.login("relay")
    until_heard(lambda: relay.say(heartbeat(B), b"SECRET"), at_hub)
    country.hub.login("central").say(f"down.{B}.receipt.intake.central", b"SECRET")
    country.b.login("relay").store(f"national.{B}.intake.person_registered.v1", b"SECRET")
    eventually(lambda: held(country)[0] == before + 1)
    over_and_back(country)
    ours = (f"national.{A}.", f"down.{A}.", "_INBOX.", "$JS.", "$JSC.R.", f"sync.{A}.")
    # The administrator hears what there is to hear, in its own time; the relay's user does not even that.
    if attacker == "provisioner_link":
        eventually(lambda: any(m.subject == f"down.{A}.back" for m in heard[0]))
    else:
        assert not any(m.subject == f"down.{A}.back" for m in heard[0])
    assert {m.subject for both in heard for m in both if not m.subject.startswith(ours)} == set()
