"""A hub that was taken over still cannot see what stays inside a rutan."""

import json
from typing import Any

import pytest
from chassis.topology import HEARTBEATS, heartbeat
from support import eventually
from support.topology import A, Country, Login, until_heard

pytestmark = pytest.mark.servers

API, SITE, NATIONAL = f"$JS.{A}.API", f"SITE_{A}", f"NATIONAL_{A}"
LOOKS: dict[str, Any] = {
    f"{API}.STREAM.NAMES": None,
    f"{API}.STREAM.LIST": None,
    f"{API}.INFO": None,
    f"{API}.STREAM.INFO.{SITE}": None,
    f"{API}.STREAM.MSG.GET.{SITE}": {"seq": 1},
    f"{API}.DIRECT.GET.{SITE}": {"seq": 1},
    f"{API}.CONSUMER.NAMES.{SITE}": None,
    f"{API}.CONSUMER.INFO.{SITE}.assessment": None,
    f"{API}.CONSUMER.MSG.NEXT.{SITE}.assessment": {"batch": 1},
    f"{API}.CONSUMER.DELETE.{SITE}.assessment": None,
    f"{API}.STREAM.PURGE.{SITE}": None,
    f"{API}.STREAM.DELETE.{SITE}": None,
    # What may leave it gets by sourcing, and in no other way.
    f"{API}.STREAM.INFO.{NATIONAL}": None,
    f"{API}.STREAM.MSG.GET.{NATIONAL}": {"seq": 1},
    f"{API}.STREAM.PURGE.{NATIONAL}": None,
    f"{API}.STREAM.DELETE.{NATIONAL}": None,
}


def consumer(stream: str, name: str, subject: str) -> tuple[str, dict[str, Any]]:
    """A request for a consumer that delivers where the rutan may send."""
    config = {"name": name, "filter_subject": subject, "deliver_subject": f"sync.{A}.{name}", "ack_policy": "none"}
    return f"{API}.CONSUMER.CREATE.{stream}.{name}.{subject}", {"stream_name": stream, "config": config}


def told(country: Country) -> Login:
    """The services of the rutan have an event between them."""
    country.a.login("services").store(f"site.{A}.intake.note_written.v1", b"SECRET")
    return country.a.login("provisioner")


def test_a_hub_with_every_right_of_its_own_gets_no_answer_about_the_streams_inside(country: Country) -> None:
    inside = told(country)
    before = inside.ask(f"$JS.API.STREAM.INFO.{SITE}")["state"]
    admin = country.hub.login("provisioner")
    heard = admin.hear(f"sync.{A}.>"), admin.hear(f"$JSC.R.{A}.x.{NATIONAL}.*")
    subject, body = consumer(SITE, "steal", f"site.{A}.>")
    for number, (look, what) in enumerate({**LOOKS, subject: body}.items()):
        # Of all replies the link lets through only these.
        admin.say(look, json.dumps(what).encode() if what else b"", reply=f"$JSC.R.{A}.x.{NATIONAL}.look-{number}")
    # The one question a hub may ask: answered last, so all others would have been.
    subject, body = consumer(NATIONAL, "sourcing", f"national.{A}.>")
    admin.say(subject, json.dumps(body).encode(), reply=f"$JSC.R.{A}.x.{NATIONAL}.control")
    eventually(lambda: [m for m in heard[1] if m.subject.endswith(".control")])
    *unheard, answer = heard[1]
    assert json.loads(answer.data)["name"] == "sourcing"
    # The hub's own server says that it knows nobody to ask.
    assert {(m.headers or {}).get("Status") for m in unheard} == {"503"}
    assert not [m for m in heard[0] if b"SECRET" in m.data]
    after = inside.ask(f"$JS.API.STREAM.INFO.{SITE}")["state"]
    assert after == before


def test_what_the_hub_may_ask_about_the_national_stream_opens_no_other(country: Country) -> None:
    told(country)
    admin = country.hub.login("provisioner")
    delivered, answers = admin.hear(f"sync.{A}.>"), admin.hear(f"$JSC.R.{A}.x.{NATIONAL}.*")
    for number, body in enumerate(
        [
            {"stream_name": SITE, "config": consumer(SITE, "steal", f"site.{A}.>")[1]["config"]},
            {"stream_name": NATIONAL, "config": consumer(SITE, "steal", f"site.{A}.>")[1]["config"]},
            {"stream_name": SITE, "config": consumer(SITE, "steal", f"national.{A}.>")[1]["config"]},
        ]
    ):
        subject, _ = consumer(NATIONAL, "steal", f"national.{A}.>")
        admin.say(subject, json.dumps(body).encode(), reply=f"$JSC.R.{A}.x.{NATIONAL}.{number}")
    eventually(lambda: len(answers) == 3)
    assert all("error" in json.loads(answer.data) for answer in answers)
    assert not [m for m in delivered if b"SECRET" in m.data]


def test_the_account_the_link_joins_does_not_know_the_streams_inside(country: Country) -> None:
    told(country)
    link = country.a.login("provisioner_link")
    assert link.ask("$JS.API.STREAM.NAMES")["streams"] == [f"DOWN_{A}", NATIONAL]
    for request in (f"STREAM.INFO.{SITE}", f"CONSUMER.INFO.{SITE}.assessment", f"CONSUMER.NAMES.{SITE}"):
        assert link.ask(f"$JS.API.{request}")["error"]["code"] == 404
    assert link.ask(f"$JS.API.STREAM.MSG.GET.{SITE}", {"seq": 1})["error"]["code"] == 404


def test_what_is_said_inside_is_not_heard_at_the_hub(country: Country) -> None:
    heard = country.hub.login("provisioner").hear(">")
    inside = country.a.login("provisioner").hear(f"site.{A}.>")
    told(country)
    eventually(lambda: inside)
    # Said later over the same link: what was to come would be here.
    relay, beats = country.a.login("relay"), country.hub.login("central").hear(HEARTBEATS)
    until_heard(lambda: relay.say(heartbeat(A)), beats)
    assert not [m for m in heard if b"SECRET" in m.data or "site." in m.subject]
