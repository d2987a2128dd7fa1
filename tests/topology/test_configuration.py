"""What the two files of NATS configuration must say."""

import re

import pytest
from jembatan.enrol import CONFIG

FILES = ("hub.conf", "site.conf")


def said(text: str) -> str:
    """A configuration without its comments."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def settings(text: str) -> dict[str, str]:
    """Every `name: value` of a configuration, as `block.name`."""
    found: dict[str, str] = {}
    blocks: list[str] = []
    for line in map(str.strip, said(text).splitlines()):
        if match := re.fullmatch(r"(\w*):?\s*[{\[]", line):
            blocks.append(match[1])
        elif re.fullmatch(r"[}\]],?", line):
            blocks.pop()
        elif match := re.fullmatch(r"(\w+):\s*(.+)", line):
            found[".".join([*blocks, match[1]])] = match[2]
    assert blocks == []
    return found


@pytest.mark.parametrize("file", FILES)
def test_what_is_acknowledged_is_on_disk_by_the_file(file: str) -> None:
    assert settings((CONFIG / file).read_text())["jetstream.sync_interval"] == "always"


def test_hub_and_site_files_agree_where_they_must() -> None:
    hub, site = (settings((CONFIG / file).read_text()) for file in FILES)
    shared = ("feature_flags.js_api_reply_v2", "feature_flags.js_ack_fc_v2", "max_payload", "ping_interval", "ping_max")
    assert {name: hub[name] for name in shared} == {name: site[name] for name in shared}
    assert hub["feature_flags.js_api_reply_v2"] == "true"
    assert hub["feature_flags.js_ack_fc_v2"] == "false"
    assert hub["leafnodes.no_advertise"] == hub["leafnodes.isolate_leafnode_interest"] == "true"
    assert site["leafnodes.remotes..account"] == "LINK"


@pytest.mark.parametrize("file", FILES)
def test_no_file_has_deny_rules_passwords_or_protocols_nobody_uses(file: str) -> None:
    words = set(re.findall(r"\w+", said((CONFIG / file).read_text()).lower()))
    assert not words & {"deny", "password", "pass", "token", "user", "mqtt", "websocket", "no_auth_user"}


@pytest.mark.parametrize("file", FILES)
def test_monitoring_is_bound_to_an_address_that_the_node_gives_and_no_other_listener_is_open(file: str) -> None:
    listeners = {name for name in settings((CONFIG / file).read_text()) if re.search("listen|http|port|host", name)}
    assert listeners - {"leafnodes.listen"} == {"listen", "http"}
