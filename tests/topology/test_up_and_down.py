"""What crosses the link between a rutan and the hub when all is well."""

import re

import pytest
from chassis.topology import HEARTBEATS, PARTITIONS, heartbeat, receipt
from support import eventually
from support.topology import A, B, Country, until_heard

pytestmark = pytest.mark.servers

MANY = [f"{number:06}".encode() + b"." * 1018 for number in range(4000)]


def test_events_of_every_rutan_arrive_at_the_hub_in_order_and_more_than_flow_control_lets_through(
    country: Country,
) -> None:
    # 4 MB each: without the site's right to hear flow control, everything after the first 2 MB never arrives.
    subjects = {place: f"national.{place.site}.intake.person_registered.v1" for place in (country.a, country.b)}
    for place, subject in subjects.items():
        place.login("relay").store(subject, *MANY)
    admin = country.hub.login("provisioner")
    for place, subject in subjects.items():
        eventually(lambda p=place, s=subject: country.arrived(p.site) == {s: len(MANY)}, within_s=60)  # type: ignore[misc]
        assert admin.bodies("NATIONAL", f"p.*.{subject}", len(MANY)) == MANY


def test_everything_of_a_rutan_is_in_one_partition_and_central_takes_it_from_there(country: Country) -> None:
    relay, central = country.a.login("relay"), country.hub.login("central")
    subjects = [f"national.{A}.{service}.something.v1" for service in ("assessment", "outcomes")]
    for subject in subjects:
        relay.store(subject, b"")
    eventually(lambda: {*subjects} <= {*country.arrived(A)})
    held = country.hub.login("provisioner").subjects("NATIONAL")
    found = [re.fullmatch(rf"p\.(\d+)\.national\.{A}\..*", subject) for subject in held]
    partitions = {int(match[1]) for match in found if match}
    assert len(partitions) == 1
    assert partitions < set(range(PARTITIONS))

    async def take() -> str:
        pulls = await central.client.jetstream().pull_subscribe_bind(f"central_{min(partitions)}", "NATIONAL")
        [message] = await pulls.fetch(1, timeout=10)
        await message.ack_sync()
        return message.subject

    assert central.do(take()).startswith(f"p.{min(partitions)}.national.")


def test_a_heartbeat_arrives_and_is_kept_nowhere(country: Country) -> None:
    heard = country.hub.login("central").hear(HEARTBEATS)
    relay = country.b.login("relay")
    until_heard(lambda: relay.say(heartbeat(B), b"42"), heard)
    assert {(m.subject, m.data) for m in heard} == {(f"national.{B}.heartbeat", b"42")}
    assert f"national.{B}.heartbeat" not in country.b.login("provisioner_link").subjects(f"NATIONAL_{B}")


def test_a_receipt_told_at_the_hub_reaches_its_own_rutan_only_and_the_latest_counts(country: Country) -> None:
    central = country.hub.login("central")
    for told in (b"1", b"2"):
        for site in (A, B):
            central.say(receipt("hub", site, "intake", "central"), told + site.encode())
    for place in (country.a, country.b):
        stream, subject = f"DOWN_{place.site}", f"down.{place.site}.receipt.intake.central"
        admin = place.login("provisioner_link")
        latest = b"2" + place.site.encode()
        eventually(lambda a=admin, m=(stream, subject, latest): a.bodies(m[0], m[1], 1) == [m[2]])  # type: ignore[misc]
        assert admin.subjects(stream) == {subject: 1}
