"""A key opens one door."""

import asyncio
from pathlib import Path

import nats
import pytest
from jembatan import nats_config
from jembatan.folder import KeyPair, write_secret
from nats.errors import Error as NatsError
from support import eventually
from support.topology import A, B, Country, Place

pytestmark = pytest.mark.servers


def lets_in(place: Place, seed: str) -> bool:
    """Whether a client with this key may log in."""

    said: list[str] = []

    async def note(error: Exception) -> None:
        said.append(str(error).lower())

    async def go() -> bool:
        try:
            await (
                await nats.connect(place.server.url, nkeys_seed_str=seed, allow_reconnect=False, error_cb=note)
            ).close()
        except NatsError:
            return False
        return True

    let_in = asyncio.run(go())
    assert let_in or any("authorization violation" in line for line in said), said
    return let_in


def test_the_key_of_a_leaf_is_no_login_for_a_client(country: Country) -> None:
    leaf = country.a.folder.key("leaf").seed
    for place in (country.hub, country.a, country.b):
        assert not lets_in(place, leaf)
    assert country.a.monitor("leafz")["leafs"]
    assert lets_in(country.hub, country.hub.folder.key("central").seed)


def test_every_user_of_one_place_is_a_stranger_at_the_others(country: Country) -> None:
    places = (country.hub, country.a, country.b)
    users = {
        place.site: ("central", "provisioner")
        if place is country.hub
        else ("services", "provisioner", "relay", "provisioner_link")
        for place in places
    }
    for place in places:
        for user in users[place.site]:
            seed = place.folder.key(user).seed
            assert [other.site for other in places if lets_in(other, seed)] == [place.site]
    assert not lets_in(country.hub, KeyPair.new().seed)


@pytest.mark.parametrize("key", ["central", "provisioner", "of another rutan's client", "unknown"])
def test_only_the_key_of_a_leaf_opens_the_leaf_port(country: Country, key: str) -> None:
    seed = {
        "of another rutan's client": country.a.folder.key("relay").seed,
        "unknown": KeyPair.new().seed,
    }.get(key) or country.hub.folder.key(key).seed
    config, log = country.b.folder.nats / "leaf.conf", country.b.folder.nats / "nats-server.log"
    rightful = config.read_text()
    country.b.server.stop()
    said = len(log.read_text())
    try:
        write_secret(config, nats_config.leaf_key(seed))
        country.b.server.restart()
        eventually(lambda: "Authorization Violation" in log.read_text()[said:])
        assert not country.b.monitor("leafz")["leafs"]
        assert [leaf["name"] for leaf in country.hub.monitor("leafz")["leafs"]] == [A]
    finally:
        country.b.server.stop()
        write_secret(config, rightful)
        country.b.server.restart()
    eventually(lambda: {leaf["name"] for leaf in country.hub.monitor("leafz")["leafs"]} == {A, B})


def test_secrets_are_readable_by_their_owner_alone(country: Country) -> None:
    for place in (country.hub, country.a, country.b):
        secrets = [file for file in place.folder.path.rglob("*") if file.is_file() and _holds_a_seed(file, place)]
        assert secrets
        assert {file.stat().st_mode & 0o077 for file in secrets} == {0}, secrets


def _holds_a_seed(file: Path, place: Place) -> bool:
    names = ("provisioner", "central") if place.site == "hub" else ("provisioner", "leaf", "relay", "services")
    content = file.read_bytes()
    return any(place.folder.key(name).seed.encode() in content for name in names)
