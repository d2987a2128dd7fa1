from uuid import uuid4

from contracts.vocabulary import Domain
from support import eventually
from support.nation import Nation, Node


def consent(rutan: Node, person: object, purpose: str, how: str = "") -> None:
    body = {} if how else {"text_version": "v1"}
    answer = rutan.request("intake", "POST", f"/people/{person}/consents/{purpose}{how}", body)
    assert answer.status_code == 201, answer.text


def test_a_withdrawn_consent_stops_what_it_covers_in_every_service(nation: Nation) -> None:
    rutan = nation.rutan()
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
