"""What NATS servers that run on our configuration say of themselves."""

import re

import pytest
from jembatan.servers import ServerFailed
from support.topology import A, B, Country

pytestmark = pytest.mark.servers


def test_what_is_acknowledged_is_on_disk_by_every_running_server(country: Country) -> None:
    for place in (country.hub, country.a, country.b):
        assert place.monitor("jsz")["config"]["sync_always"] is True, place.site


def test_running_servers_agree_on_the_forms_the_permissions_are_written_for(country: Country) -> None:
    found = [place.monitor("varz") for place in (country.hub, country.a, country.b)]
    for server in found:
        assert server["feature_flags"]["js_api_reply_v2"] is True
        assert server["feature_flags"]["js_ack_fc_v2"] is False
        assert server["max_payload"] == 256 * 1024
        assert (server["ping_interval"], server["ping_max"]) == (20 * 10**9, 2)
    assert {server["version"] for server in found} == {found[0]["version"]}
    # Older ones have holes in their leaf port or lose a stream that was made anew.
    assert tuple(map(int, found[0]["version"].split("."))) >= (2, 15, 1)


def test_no_file_of_a_running_server_has_deny_rules_passwords_or_protocols_nobody_uses(
    country: Country,
) -> None:
    for place in (country.hub, country.a, country.b):
        files = [*place.folder.nats.glob("*.conf")]
        assert {"identity.conf"} < {file.name for file in files}
        for file in files:
            lines = [line for line in file.read_text().lower().splitlines() if not line.lstrip().startswith("#")]
            words = set(re.findall(r"\w+", " ".join(lines)))
            assert not words & {"deny", "password", "pass", "token", "mqtt", "websocket", "no_auth_user"}, file
        running = place.monitor("varz")
        assert (running["mqtt"], running["websocket"], running["cluster"], running["gateway"]) == ({}, {}, {}, {})
        assert running["auth_required"] is True


def test_every_user_has_a_list_of_what_it_may_say_and_hear(country: Country) -> None:
    for place in (country.hub, country.a, country.b):
        identity = (place.folder.nats / "identity.conf").read_text()
        users = len(re.findall(r"nkey: U", identity))
        assert users >= 4
        for rule in (r"publish: { allow: \[\"", r"subscribe: { allow: \[\"", "allowed_connection_types: "):
            assert len(re.findall(rule, identity)) == users, rule


def test_everything_a_rutan_may_exchange_with_the_hub_names_that_rutan(country: Country) -> None:
    identity = (country.hub.folder.nats / "identity.conf").read_text()
    for site in (A, B):
        user = identity.split(f"# leaf of {site}\n")[1].split("# ")[0]
        allowed = re.findall(r'"([^"]+)"', user)
        assert len(allowed) == 7
        assert all(re.search(rf"(^|[._]){site}(\.|$)", subject) for subject in allowed), allowed


def test_a_file_with_a_mistake_is_refused_and_the_server_runs_on(country: Country) -> None:
    identity = country.hub.folder.nats / "identity.conf"
    rightful = identity.read_text()
    try:
        identity.write_text(rightful.replace("CENTRE {", "CENTRE ["))
        with pytest.raises(ServerFailed, match="has a mistake"):
            country.hub.server.reload()
    finally:
        identity.write_text(rightful)
    assert country.hub.login("central").ask("$JS.API.STREAM.INFO.NATIONAL")["config"]["name"] == "NATIONAL"
