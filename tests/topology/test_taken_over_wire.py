"""A rutan whose machine was taken over says on the wire what it likes: its own server no longer checks anything."""

import json
import re
import socket
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from uuid import uuid4

import pytest
from chassis.topology import HEARTBEATS, heartbeat
from jembatan import enrol
from jembatan.folder import Folder
from nkeys import from_seed
from support import eventually
from support.topology import A, B, Country, Login, Place, until_heard

pytestmark = pytest.mark.servers

EVENT = "national.{}.intake.person_registered.v1"


class Wire:
    """The link of one rutan, with somebody on it who has its key."""

    def __init__(self, country: Country) -> None:
        self.site = f"rutan-{uuid4().hex[:6]}"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._hub_port = country.hub.server.leaf_port
        self.up, self.down = bytearray(), bytearray()
        threading.Thread(target=self._run, daemon=True).start()
        self.place = self._enrol(country)

    def _enrol(self, country: Country) -> Place:
        folder = Folder(country.hub.folder.path.parent / self.site)
        address = f"nats-leaf://127.0.0.1:{self._listener.getsockname()[1]}"
        enrol.enrol_site(country.hub.folder, self.site, folder, address)
        config = folder.nats / "site.conf"
        # Else the lines on the wire are packed, and we would have to pack ours.
        config.write_text(config.read_text().replace("account: LINK", "account: LINK\n      compression: off"))
        country.hub.server.reload()
        place = country.add(folder)
        country.hub.provision()
        return place

    def _run(self) -> None:
        while True:
            try:
                site, _ = self._listener.accept()
            except OSError:
                return
            self._hub = socket.create_connection(("127.0.0.1", self._hub_port))
            for source, target, seen in ((site, self._hub, self.up), (self._hub, site, self.down)):
                threading.Thread(target=self._pass_on, args=(source, target, seen), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, seen: bytearray) -> None:
        try:
            while some := source.recv(65536):
                seen.extend(some)
                target.sendall(some)
        except OSError:
            pass
        for end in (source, target):
            end.close()

    def say(self, subject: str, body: bytes, *, reply: str = "", headers: bytes = b"") -> None:
        """Puts a message on the wire, between two of the server's own."""
        head = b"NATS/1.0\r\n" + headers + b"\r\n\r\n" if headers else b""
        sizes = f"{len(head)} {len(head + body)}" if headers else str(len(body))
        words = ["HMSG" if headers else "LMSG", subject, reply, sizes]
        self._hub.sendall(" ".join(filter(None, words)).encode() + b"\r\n" + head + body + b"\r\n")

    def delivery(self) -> tuple[str, str]:
        """Where the hub waits for the next event of this rutan's stream, and the mark the next one must bear."""
        found = re.findall(rb"MSG (sync\.\S+) (\$JS\.ACK\.\S+)@", bytes(self.up))
        where, mark = found[-1][0].decode(), found[-1][1].decode().split(".")
        mark[5:7] = [str(int(number) + 1) for number in mark[5:7]]
        return where, ".".join(mark)

    def close(self) -> None:
        """Ends it."""
        self._listener.close()


@pytest.fixture
def wire(country: Country) -> Iterator[Wire]:
    """The link of a rutan that was taken over, a new one each time: the hub hangs up on much of this."""
    made = Wire(country)
    yield made
    made.close()


class Stolen:
    """Somebody with the key of rutan A and no server of its own."""

    def __init__(self, country: Country) -> None:
        key = country.a.folder.key("leaf")
        self._connection = socket.create_connection(("127.0.0.1", country.hub.server.leaf_port), timeout=10)
        self._lines = self._connection.makefile("rwb")
        nonce = json.loads(self._lines.readline().removeprefix(b"INFO "))["nonce"]
        signed = b64encode(from_seed(bytearray(key.seed.encode())).sign(nonce.encode())).decode()
        hello = {
            "nkey": key.public,
            "sig": signed,
            "name": f"stolen-{uuid4().hex}",
            "version": "2.15.1",
            "headers": True,
        }
        self.say(f"CONNECT {json.dumps(hello)}", "PING")
        self.hear("PONG")

    def say(self, *lines: str) -> None:
        """Tells the hub."""
        self._lines.write("".join(f"{line}\r\n" for line in lines).encode())
        self._lines.flush()

    def hear(self, until: str) -> str:
        """Everything the hub says, up to a line with this in it, or until it hangs up."""
        heard = ""
        while (line := self._lines.readline().decode()) and until not in line:
            heard += line
        return heard + line

    def close(self) -> None:
        """Leaves."""
        self._lines.close()
        self._connection.close()


@pytest.fixture
def stolen(country: Country) -> Iterator[Stolen]:
    """A connection with a stolen key."""
    made = Stolen(country)
    yield made
    made.close()


@pytest.mark.parametrize(
    "line",
    [
        f"LMSG {heartbeat(B)} 1\r\nF",
        f"LMSG {EVENT.format(B)} 1\r\nF",
        f"LMSG p.0.{EVENT.format(A)} 1\r\nF",
        f"LMSG sync.{B}.S.x 1\r\nF",
        f"LMSG down.{A}.x 1\r\nF",
        "LMSG partner.aksara.x 1\r\nF",
        f"LMSG $JSC.R.{B}.x.NATIONAL_{B}.y 1\r\nF",
        f"LMSG $JS.hub.API.STREAM.PURGE.NATIONAL down.{A}.x 0\r\n",
        f"LMSG $JS.API.STREAM.INFO.NATIONAL down.{A}.x 0\r\n",
        f"LMSG $JS.{B}.API.STREAM.INFO.NATIONAL_{B} down.{A}.x 0\r\n",
    ],
    ids=lambda line: line.split()[1],
)
def test_the_hub_hangs_up_on_a_rutan_that_says_what_is_not_on_its_list(
    country: Country, stolen: Stolen, line: str
) -> None:
    heard, beats = country.hub.login("provisioner").hear(">"), country.hub.login("central").hear(HEARTBEATS)
    subject = line.split()[1]
    until_heard(lambda: stolen.say(f"LMSG {heartbeat(A)} 7\r\nCONTROL"), beats)
    assert {m.data for m in beats} == {b"CONTROL"}
    stolen.say(line)
    # A server takes its own domain's name out of a subject before it looks at permissions.
    refused = subject.replace("$JS.hub.API", "$JS.API")
    assert stolen.hear("-ERR").endswith(f"-ERR 'Permissions Violation for Publish to \"{refused}\"'\r\n")
    assert not [m for m in heard if m.subject == subject]


def test_a_rutan_that_asks_to_hear_everything_is_told_only_what_is_on_its_list(
    country: Country, stolen: Stolen
) -> None:
    everything = (">", "*.>", "national.>", "down.>", "down.*.>", "p.>", "partner.>", "$JS.>", "_INBOX.>", "sync.>")
    stolen.say(*(f"LS+ {subject}" for subject in everything), f"LS+ down.{A}.>", "PING")
    assert "-ERR" not in stolen.hear("PONG")
    central, relay = country.hub.login("central"), country.b.login("relay")
    before = sum(country.arrived(B).values())
    relay.store(EVENT.format(B), b"SECRET")
    relay.say(heartbeat(B), b"SECRET")
    central.say(f"down.{B}.receipt.intake.central", b"SECRET")
    central.store("partner.aksara.x.y.v1", b"SECRET")
    eventually(lambda: sum(country.arrived(B).values()) == before + 1)
    central.say(f"down.{A}.receipt.intake.central", b"CONTROL")
    heard = stolen.hear("CONTROL")
    assert heard.endswith("CONTROL\r\n")
    assert "SECRET" not in heard
    stolen.say(f"LS+ down.{B}.receipt.intake.central")
    assert "-ERR 'Permissions Violation for Subscription to" in stolen.hear("-ERR")


def test_only_the_hubs_own_note_of_the_source_tells_which_rutan_an_event_is_from(country: Country, wire: Wire) -> None:
    admin, event = country.hub.login("provisioner"), EVENT.format(B)
    country.b.login("relay").store(event, b"RIGHTFUL")
    wire.place.login("relay").store(EVENT.format(wire.site), b"1", b"2")
    eventually(lambda: country.arrived(wire.site) == {EVENT.format(wire.site): 2} and event in country.arrived(B))
    before = country.arrived(B)[event]
    assert noted(admin, event) == (b"RIGHTFUL", [f"NATIONAL_{B}"])
    # The subject of a delivery stands in its mark, where neither the list nor the filter of the source looks: an event
    # of another rutan is stored. Whoever applies events must compare its subject with the source.
    where, mark = wire.delivery()
    claimed = f"Nats-Stream-Source: NATIONAL_{B}:abcdefgh 1 national.{B}.> > {event}"
    wire.say(where, b"FORGED", reply=f"{mark}@{event}", headers=claimed.encode())
    eventually(lambda: country.arrived(B)[event] == before + 1)
    assert noted(admin, event) == (b"FORGED", [f"NATIONAL_{wire.site}"])


def noted(admin: Login, event: str) -> tuple[bytes, list[str]]:
    """The body of the latest event, and the stream it came from as the hub notes it."""
    message = admin.ask("$JS.API.STREAM.MSG.GET.NATIONAL", {"last_by_subj": f"p.*.{event}"})["message"]
    headers = b64decode(message["hdrs"]).decode()
    return b64decode(message["data"]), re.findall(r"(?m)^Nats-Stream-Source: *([^:]+):", headers)
