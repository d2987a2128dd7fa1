"""The provisioner makes streams as they must be, from whatever it finds, and may run as often as it likes."""

from typing import Any

import pytest
from jembatan import enrol, provision
from jembatan.folder import SITE_SERVICES
from support import eventually
from support.topology import A, B, Country, Place

pytestmark = pytest.mark.servers

OUTBOUND = {
    "hub": [("provisioner", "NATIONAL"), ("provisioner", "PARTNER")],
    A: [("provisioner", f"SITE_{A}"), ("provisioner_link", f"NATIONAL_{A}")],
}


def everything(place: Place) -> dict[str, Any]:
    """Every stream of a place with its consumers, as configured."""
    found: dict[str, Any] = {}
    for user in ("provisioner",) if place.site == "hub" else ("provisioner", "provisioner_link"):
        admin = place.login(user)
        for stream in admin.ask("$JS.API.STREAM.LIST")["streams"]:
            name = stream["config"]["name"]
            consumers = admin.ask(f"$JS.API.CONSUMER.LIST.{name}")["consumers"]
            found[name] = (
                stream["created"],
                stream["config"],
                {c["name"]: (c["created"], c["config"]) for c in consumers},
            )
        admin.close()
    return found


def test_to_provision_again_changes_nothing(country: Country) -> None:
    for place in (country.hub, country.a):
        before = everything(place)
        assert before
        place.provision()
        assert everything(place) == before


def test_a_changed_stream_and_a_lost_consumer_are_mended_and_what_was_stored_stays(country: Country) -> None:
    relay, admin = country.a.login("relay"), country.a.login("provisioner_link")
    relay.store(f"national.{A}.intake.person_registered.v1", b"kept")
    before = {place.site: everything(place) for place in (country.hub, country.a)}
    held = admin.messages(f"NATIONAL_{A}")
    for place in (country.hub, country.a):
        for user, stream in OUTBOUND[place.site]:
            owner = place.login(user)
            config = owner.ask(f"$JS.API.STREAM.INFO.{stream}")["config"]
            spoilt = config | {"discard": "old", "max_age": 3600 * 10**9, "duplicate_window": 10**9}
            if "sources" in config:
                spoilt["sources"] = [source for source in config["sources"] if B not in source["name"]]
            assert "error" not in owner.ask(f"$JS.API.STREAM.UPDATE.{stream}", spoilt)
    assert country.hub.login("provisioner").ask("$JS.API.CONSUMER.DELETE.NATIONAL.central_3")["success"]
    assert country.a.login("provisioner").ask(f"$JS.API.CONSUMER.DELETE.SITE_{A}.outcomes")["success"]
    for place in (country.hub, country.a):
        assert configs(everything(place)) != configs(before[place.site])
        place.provision()
        assert configs(everything(place)) == configs(before[place.site])
    assert admin.messages(f"NATIONAL_{A}") == held


def configs(found: dict[str, Any]) -> dict[str, Any]:
    """The same without when it was made, which a mended consumer does not keep."""
    return {n: (config, {c: made[1] for c, made in consumers.items()}) for n, (_, config, consumers) in found.items()}


def test_every_stream_that_sends_refuses_when_full_and_forgets_nothing_to_make_room(country: Country) -> None:
    for place in (country.hub, country.a):
        for user, stream in OUTBOUND[place.site]:
            config = place.login(user).ask(f"$JS.API.STREAM.INFO.{stream}")["config"]
            assert (config["discard"], config["retention"], config["storage"]) == ("new", "limits", "file")
            assert (config["max_msgs"], config["max_msgs_per_subject"], config["max_bytes"]) == (-1, -1, -1)


def test_every_source_at_the_hub_begins_at_the_beginning_and_takes_its_own_subjects_only(country: Country) -> None:
    sources = country.hub.login("provisioner").ask("$JS.API.STREAM.INFO.NATIONAL")["config"]["sources"]
    assert [source["name"] for source in sources] == [f"NATIONAL_{site}" for site in sorted((A, B))]
    for source in sources:
        site = source["name"].removeprefix("NATIONAL_")
        assert source["opt_start_seq"] == 1
        assert source["filter_subject"] == f"national.{site}.>"
        assert source["external"] == {"api": f"$JS.{site}.API", "deliver": f"sync.{site}"}


def test_every_consumer_asks_for_each_acknowledgement_and_never_gives_up(country: Country) -> None:
    consumers = {
        (stream, name): config
        for place in (country.hub, country.a)
        for stream, (_, _, found) in everything(place).items()
        for name, (_, config) in found.items()
    }
    assert {name for stream, name in consumers if stream == f"SITE_{A}"} == {*SITE_SERVICES}
    assert {name for stream, name in consumers if stream == "NATIONAL"} == {
        *(f"central_{p}" for p in range(4)),
        "partner_gateway",
    }
    for config in consumers.values():
        assert (config["ack_policy"], config["max_deliver"], config["deliver_policy"]) == ("explicit", -1, "all")
        assert config["max_ack_pending"] == provision.PENDING_MAX


def test_a_rutan_that_joins_a_hub_which_has_forgotten_its_oldest_events_brings_its_whole_backlog(
    country: Country,
) -> None:
    admin, relay = country.hub.login("provisioner"), country.a.login("relay")
    late = country.enrol("medan")
    backlog = [str(number).encode() for number in range(20)]
    subject = "national.medan.intake.person_registered.v1"
    late.login("relay").store(subject, *backlog)
    # The hub's newest event is younger than the backlog, and its oldest have reached their age.
    before = sum(country.arrived(A).values())
    relay.store(f"national.{A}.intake.person_registered.v1", b"1", b"2", b"3")
    eventually(lambda: sum(country.arrived(A).values()) == before + 3)
    assert admin.ask("$JS.API.STREAM.PURGE.NATIONAL", {"keep": 1})["success"]
    country.hub.provision()
    eventually(lambda: country.arrived("medan") == {subject: len(backlog)})
    assert admin.bodies("NATIONAL", f"p.*.{subject}", len(backlog)) == backlog
    assert set(enrol.registry(country.hub.folder)["sites"]) == {A, B, "medan"}
