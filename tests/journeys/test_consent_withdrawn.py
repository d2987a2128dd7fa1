import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from contracts.vocabulary import Domain
from jembatan import enrol, node
from jembatan.demo.run import Child
from jembatan.folder import SITE_SERVICES
from support import eventually
from support.nation import Nation, Node

PARTNER = "yayasan-perjalanan"


class Partner:
    """A partner that listens, whatever happens to its connection."""

    def __init__(self, nation: Nation) -> None:
        credentials, self.heard = nation.data / f"{PARTNER}.json", nation.data / f"{PARTNER}.jsonl"
        node.register_partner(nation.hub.folder, PARTNER)
        enrol.add_partner(nation.hub.folder, PARTNER, credentials, nation.hub.folder.running["nats"])
        self._child = Child(nation.data / PARTNER, "partner", "listen", str(credentials), "--out", str(self.heard))

    def told(self) -> list[str]:
        """What it was told, in order."""
        if not self._child.alive:  # its account or its consumer was not there yet
            self._child.restart()
        lines = self.heard.read_text().splitlines() if self.heard.exists() else []
        return [json.loads(line)["type"].split(".")[1].removeprefix("placement_") for line in lines]

    def close(self) -> None:
        self._child.stop()


@contextmanager
def listening(nation: Nation) -> Iterator[Partner]:
    partner = Partner(nation)
    yield partner
    partner.close()


def slug(rutan: Node, service: str, method: str, path: str, body: dict[str, Any]) -> str | None:
    answer = rutan.request(service, method, path, body).json()
    return answer.get("title") if isinstance(answer, dict) else None


def consent(rutan: Node, person: object, purpose: str, how: str = "", **also: str) -> None:
    body = also if how else {"text_version": "v1"} | also
    answer = rutan.request("intake", "POST", f"/people/{person}/consents/{purpose}{how}", body)
    assert answer.status_code == 201, answer.text


def test_a_withdrawn_consent_stops_what_it_covers_in_every_service(nation: Nation, rutan: Node) -> None:
    [person] = rutan.register(1)
    for purpose in ("assessment", "programme", "follow_up"):
        consent(rutan, person, purpose)
    programme = {"name": "Menjahit", "domain": "work", "sector": "garment", "capacity": 5}
    rutan.do("programs", "PUT", "/programmes/menjahit", programme)
    needs = {"levels": dict.fromkeys(Domain, 2), "wants_help": ["work"]}
    rutan.do("assessment", "PUT", f"/people/{person}/needs-assessments/{uuid4()}", needs)
    plan, enrolment, release = uuid4(), uuid4(), uuid4()
    rutan.do("programs", "PUT", f"/plans/{plan}", {"person": str(person)})
    rutan.do("programs", "POST", f"/plans/{plan}/agreement")
    rutan.do("programs", "PUT", f"/enrolments/{enrolment}", {"person": str(person), "programme": "menjahit"})
    for purpose in ("assessment", "programme"):
        consent(rutan, person, purpose, "/withdrawal")

    # Assessment refuses, the place is free again, the centre knows both.
    eventually(
        lambda: (
            rutan.request("assessment", "PUT", f"/people/{person}/needs-assessments/{uuid4()}", needs)
            .json()
            .get("title")
            == "consent-missing"
        )
    )
    eventually(lambda: rutan.one("programs", "select state from enrolment where id = %s", enrolment) == "ended")
    reason = "select end_reason from view.enrolment where enrolment = %s"
    eventually(lambda: nation.hub.one("central", reason, enrolment) == "consent_withdrawn", within_s=120)

    # Follow-ups were agreed to, are scheduled at release, and are cancelled when that is taken back.
    rutan.do("intake", "PUT", f"/people/{person}/releases/{release}", {"released_on": "2026-01-05", "mode": "pb"})
    scheduled = "select count(*) from follow_up where state = 'scheduled'"
    eventually(lambda: rutan.one("outcomes", scheduled) == 4)
    consent(rutan, person, "follow_up", "/withdrawal")
    eventually(lambda: rutan.one("outcomes", scheduled) == 0)
    cancelled = "select count(*) from view.follow_up where cancelled and site = %s"
    eventually(lambda: nation.hub.one("central", cancelled, rutan.folder.site) == 4, within_s=120)


def test_what_is_withdrawn_in_the_dark_holds_inside_at_once_and_the_proof_waits_for_the_rest(
    nation: Nation, rutan: Node
) -> None:
    [person] = rutan.register(1)
    needs = {"levels": dict.fromkeys(Domain, 2), "wants_help": ["work"]}
    places = {"partner": PARTNER, "title": "Penjahit", "sector": "garment", "places": 5}

    def proof(purpose: str, recipient: str | None = None) -> dict[str, Any]:
        query = f"?recipient={recipient}" if recipient else ""
        path = f"/people/{person}/consents/{purpose}/withdrawal-proof{query}"
        found: dict[str, Any] = rutan.request("intake", "GET", path).json()
        return found

    def lacking(found: dict[str, Any]) -> set[str]:
        return {reader["reader"] for reader in found["readers"] if reader["applied_at"] is None}

    def chooses() -> dict[str, Any]:
        vacancy, match = uuid4(), uuid4()
        rutan.do("partner_matching", "PUT", f"/vacancies/{vacancy}", places)
        rutan.do("partner_matching", "PUT", f"/matches/{match}", {"person": str(person), "vacancy": str(vacancy)})
        rutan.do("partner_matching", "POST", f"/matches/{match}/acceptance")
        return {"match": str(match), "started_on": "2026-01-05"}

    with listening(nation) as partner:
        rutan.do("partner_matching", "PUT", f"/partners/{PARTNER}", {"name": "Yayasan contoh"})
        for purpose in ("assessment", "programme"):
            consent(rutan, person, purpose)
        consent(rutan, person, "partner_sharing", recipient=PARTNER)
        rutan.do("assessment", "PUT", f"/people/{person}/needs-assessments/{uuid4()}", needs)
        work, chosen = f"/placements/{uuid4()}", chooses()
        rutan.do("partner_matching", "PUT", work, chosen)
        eventually(lambda: partner.told() == ["started"], within_s=120)
        open_match = chooses()["match"]

        nation.cut(rutan)
        consent(rutan, person, "assessment", "/withdrawal")
        consent(rutan, person, "programme", "/withdrawal")
        consent(rutan, person, "partner_sharing", "/withdrawal", recipient=PARTNER)
        assessing, planning = f"/people/{person}/needs-assessments/{uuid4()}", f"/plans/{uuid4()}"
        eventually(lambda: slug(rutan, "assessment", "PUT", assessing, needs) == "consent-missing")
        eventually(lambda: slug(rutan, "programs", "PUT", planning, {"person": str(person)}) == "consent-missing")
        state = "select state from match where id = %s"
        eventually(lambda: rutan.one("partner_matching", state, open_match) == "withdrawn")
        again = rutan.request("partner_matching", "PUT", f"/placements/{uuid4()}", chooses())
        assert (again.status_code, again.json()["title"]) == (403, "sharing-not-consented")
        hub = {"central", "partner_gateway"}
        for purpose, recipient in (("assessment", None), ("programme", None), ("partner_sharing", PARTNER)):
            eventually(lambda p=purpose, r=recipient: lacking(proof(p, r)) == hub)  # type: ignore[misc]
            found = proof(purpose, recipient)
            assert {reader["reader"] for reader in found["readers"]} == {*SITE_SERVICES, *hub}
            assert found["complete_at"] is None and not found["overdue"]

        # Work goes on, is noted, and is nobody's business outside any more; then the person agrees anew.
        known = {"employed": "yes", "checked_on": "2026-02-05"}
        rutan.do("partner_matching", "PUT", f"{work}/milestones/30", known)
        consent(rutan, person, "partner_sharing", recipient=PARTNER)
        rutan.do("partner_matching", "PUT", f"/placements/{uuid4()}", chooses())
        assert partner.told() == ["started"]

        nation.restore(rutan)
        for purpose, recipient in (("assessment", None), ("partner_sharing", PARTNER)):
            eventually(lambda p=purpose, r=recipient: proof(p, r)["complete_at"], within_s=240)  # type: ignore[misc]
        eventually(lambda: len(partner.told()) >= 3, within_s=60)
        assert partner.told() == ["started", "withdrawn", "started"]
