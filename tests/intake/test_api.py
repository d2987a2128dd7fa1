from uuid import uuid4

from support import Rutan, a_person, eventually


def test_registration_is_recorded_and_published_together(rutan: Rutan) -> None:
    person = uuid4()
    with rutan.running("intake") as intake:
        assert intake.put(f"/people/{person}", json=a_person()).status_code == 201
        assert rutan.one("intake", "select count(*) from outbox") == 2
        eventually(lambda: rutan.one("intake", "select count(*) from outbox where published_at is not null") == 2)
        assert eventually(lambda: intake.get("/readyz").status_code == 200)
