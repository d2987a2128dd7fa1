"""Streams are a transport and may be lost; what was in them comes again, and nothing after it is skipped."""

import shutil

import pytest
from support import eventually
from support.topology import A, Country, Place

pytestmark = pytest.mark.servers

EVENT = "national.{}.intake.person_registered.v1"


def some(first: int, count: int = 100) -> list[bytes]:
    """Bodies that can be told apart."""
    return [str(number).encode() for number in range(first, first + count)]


def at_hub(country: Country, place: Place, count: int, within_s: float = 30) -> list[bytes]:
    """What the hub holds of a rutan, once it is so many."""
    eventually(lambda: sum(country.arrived(place.site).values()) == count, within_s=within_s)
    return country.hub.login("provisioner").bodies("NATIONAL", f"p.*.{EVENT.format(place.site)}", count)


def test_a_hub_that_lost_its_streams_has_everything_again(country: Country) -> None:
    for place in (country.a, country.b):
        place.login("relay").store(EVENT.format(place.site), *some(0))
        assert at_hub(country, place, 100) == some(0)
    country.hub.wipe()
    # Without the links every source would wait for its next attempt, which takes most of a minute.
    eventually(lambda: len(country.hub.monitor("leafz")["leafs"]) == 2)
    country.hub.provision()
    for place in (country.a, country.b):
        place.login("relay").store(EVENT.format(place.site), *some(100))
        assert at_hub(country, place, 200, within_s=60) == some(0, 200)


def test_nothing_new_is_skipped_after_a_rutan_lost_its_stream_or_got_back_an_old_one(country: Country) -> None:
    restored, wiped = country.a, country.b
    before = {place: held(place) for place in (restored, wiped)}
    restored.server.stop()
    old = restored.folder.path / "yesterday"
    shutil.copytree(restored.folder.nats / "jetstream", old)
    restored.server.restart()
    for place in (restored, wiped):
        place.login("relay").store(EVENT.format(place.site), *some(before[place]))
        at_hub(country, place, before[place] + 100, within_s=120)
    restored.server.stop()
    shutil.rmtree(restored.folder.nats / "jetstream")
    shutil.move(old, restored.folder.nats / "jetstream")
    restored.server.restart()
    wiped.wipe()
    assert (held(restored), held(wiped)) == (before[restored], 0)
    for place in (restored, wiped):
        # What the relay's database says was acknowledged.
        place.provision({f"NATIONAL_{place.site}": before[place] + 100})
        state = place.login("provisioner_link").ask(f"$JS.API.STREAM.INFO.NATIONAL_{place.site}")["state"]
        assert (state["messages"], state["last_seq"]) == (0, before[place] + 100)
        place.login("relay").store(EVENT.format(place.site), *some(1000))
    # The hub notices by its own, slow, clock that a stream is another one.
    for place in (restored, wiped):
        assert at_hub(country, place, before[place] + 200, within_s=120)[-100:] == some(1000)


def held(place: Place) -> int:
    """How many events stand in a rutan's national stream; none when it is gone."""
    info = place.login("provisioner_link").ask(f"$JS.API.STREAM.INFO.NATIONAL_{place.site}")
    return int(info["state"]["last_seq"]) if "state" in info else 0


def test_streams_of_the_rutan_are_as_before_when_nothing_was_lost(country: Country) -> None:
    place = country.a
    country.a.login("relay").store(EVENT.format(A), b"kept")
    before = held(place)
    place.server.kill()
    place.server.restart()
    place.provision({f"NATIONAL_{A}": before})
    assert held(place) == before
