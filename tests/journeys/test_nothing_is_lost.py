import os
import shutil
from pathlib import Path

from jembatan.demo.proof import SiteProof
from support import eventually
from support.nation import Nation, Node


def holds(proof: SiteProof, committed: int) -> bool:
    trouble = (proof.lost, proof.applied_twice, proof.parked, proof.view_differs)
    assert trouble == (0, 0, 0, 0), proof
    return proof.committed == committed


def test_a_rutan_works_on_while_its_link_is_cut_and_catches_up(nation: Nation, rutan: Node) -> None:
    rutan.register(5)
    nation.settled(rutan, lambda proof: proof.committed == 5)
    nation.cut(rutan)
    rutan.register(20)
    assert nation.proof(rutan).in_flight == 20
    nation.restore(rutan)
    assert holds(nation.settled(rutan), 25)


def test_a_wiped_store_at_the_rutan_loses_nothing(nation: Nation, rutan: Node) -> None:
    rutan.register(5)
    nation.settled(rutan, lambda proof: proof.committed == 5)
    nation.cut(rutan)
    rutan.register(5)
    with rutan.down():
        rutan.wipe_streams()
    nation.restore(rutan)
    rutan.register(5)
    assert holds(nation.settled(rutan), 15)


def test_a_wiped_store_at_the_hub_loses_nothing(nation: Nation, rutan: Node) -> None:
    rutan.register(5)
    nation.settled(rutan, lambda proof: proof.committed == 5)
    with nation.hub.down():
        nation.hub.wipe_streams()
        rutan.register(5)
    assert holds(nation.settled(rutan), 10)


def test_a_database_restored_from_an_older_backup_begins_a_new_epoch(nation: Nation, rutan: Node) -> None:
    rutan.register(5)
    nation.settled(rutan, lambda proof: proof.committed == 5)
    postgres, backup = rutan.folder.postgres / "data", rutan.folder.path / "backup"
    with rutan.down():
        shutil.copytree(postgres, backup)
        _own_alike(postgres, backup)
    rutan.register(3)
    nation.settled(rutan, lambda proof: proof.committed == 8)
    before = epochs(nation, rutan)
    with rutan.down():
        shutil.rmtree(postgres)
        backup.rename(postgres)
    after_restore = rutan.register(2)
    eventually(lambda: epochs(nation, rutan) > before, within_s=120)
    proof = nation.settled(rutan, lambda proof: proof.committed == 7)
    assert (proof.lost, proof.applied_twice, proof.parked) == (0, 0, 0)
    # What reached the centre after the backup stays in its log, and what came after the restore is there too.
    people = "select count(*) from view.person where site = %s"
    assert nation.hub.one("central", people, rutan.folder.site) == 10
    one = "select count(*) from view.person where person = %s"
    assert all(nation.hub.one("central", one, person) == 1 for person in after_restore)


def test_a_rutan_that_joins_an_old_hub_brings_its_whole_past(nation: Nation) -> None:
    old = nation.rutan()
    old.register(3)
    nation.settled(old, lambda proof: proof.committed == 3)
    late = nation.rutan()
    nation.cut(late)
    late.register(10)
    nation.restore(late)
    assert holds(nation.settled(late), 10)


def epochs(nation: Nation, rutan: Node) -> int:
    query = "select count(distinct epoch) from position where site = %s and service = 'intake'"
    return int(nation.hub.one("central", query, rutan.folder.site))


def _own_alike(original: Path, copy: Path) -> None:
    # A copy made by root is root's, and PostgreSQL refuses it.
    owner = original.stat()
    for path in [copy, *copy.rglob("*")]:
        os.chown(path, owner.st_uid, owner.st_gid)
