"""A site to learn on is full of made-up people, says so on every page, and is linked to nobody."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from jembatan import enrol, training
from jembatan.folder import Folder
from jembatan.node import setup_code
from support.days import day
from support.nation import Node
from support.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def learning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A training site at work, whose filling broke off two days ago before anybody was entered."""
    data = tmp_path_factory.mktemp("latihan")
    enrol.enrol_training("oz-latihan", Folder(data / "oz-latihan"))
    begun = {"began_on": day(-2), "filled": False}
    (data / "oz-latihan" / "training.json").write_text(json.dumps(begun))
    node = Node(data, "oz-latihan", "node", "site", "oz-latihan")
    node.start()
    yield node
    node.stop()


def test_it_fills_itself_with_made_up_people_and_no_more_of_them_after_a_restart(learning: Node) -> None:
    note = learning.folder.path / "training.json"
    eventually(lambda: json.loads(note.read_text())["filled"], within_s=300)
    expected = training.WALKED + training.HELD + training.SENTENCED
    assert learning.one("intake", "select count(*) from person") == expected
    assert learning.request("intake", "GET", "/waiting").json()["detention"]["count"] > 5
    assert (learning.folder.path / training.SAMPLE).stat().st_size > 0
    with learning.down():
        pass
    assert learning.one("intake", "select count(*) from person") == expected


def test_no_part_of_it_is_linked_to_a_hub_and_nobody_is_waited_for(learning: Node) -> None:
    assert "leafnodes {" not in (learning.folder.nats / "site.conf").read_text()
    assert {row["audience"] for row in learning.request("intake", "GET", "/feeds").json()} == {"site"}


def test_every_page_says_that_it_is_a_training_site(learning: Node) -> None:
    page = httpx2.get(f"{learning.folder.running['console']}/first-run")
    assert "Mode latihan" in page.text


def test_whoever_starts_a_node_is_told_where_its_pages_are_and_the_code_of_the_first_account(learning: Node) -> None:
    said = learning.folder.path / "process" / "start.log"
    eventually(lambda: f"Kode pemasangan untuk akun pertama: {setup_code(learning.folder)}" in said.read_text())
    assert f"Konsol oz-latihan: {learning.folder.running['console']}" in said.read_text()


def test_a_real_site_is_never_made_a_training_site_nor_the_other_way_round(tmp_path: Path) -> None:
    hub = Folder(tmp_path / "hub")
    enrol.make_hub(hub)
    made_up, real = Folder(tmp_path / "oz-latihan"), Folder(tmp_path / "oz-nyata")
    enrol.enrol_training("oz-latihan", made_up)
    enrol.enrol_site(hub, "oz-nyata", real, "nats-leaf://127.0.0.1:1")
    with pytest.raises(enrol.AlreadyEnrolled, match="training site"):
        enrol.enrol_site(hub, "oz-latihan", made_up, "nats-leaf://127.0.0.1:1")
    with pytest.raises(enrol.AlreadyEnrolled, match="real site"):
        enrol.enrol_training("oz-nyata", real)
    assert "oz-latihan" not in enrol.registry(hub)["sites"]
