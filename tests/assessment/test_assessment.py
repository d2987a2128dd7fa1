from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from assessment.model import ConsentMissing, DomainsIncomplete, NeedsAssessment
from contracts.assessment import NeedsAssessed, NeedsFound
from contracts.intake import (
    ConsentDeclined,
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    PersonReentered,
    PersonRegistered,
    PersonReleased,
    PersonsMerged,
    PersonsUnmerged,
    ReentryReason,
)
from contracts.vocabulary import Domain, LegalStatus, NeedLevel, Purpose, ReleaseMode, Role, Sex
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from support import Rutan, staff
from support.hearing import api, hear

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
LEVELS = {str(domain): 1 for domain in Domain}
NEEDS = {"levels": LEVELS, "wants_help": ["work"]}


def assessment(levels: dict[str, int], wants_help: list[str] | None = None) -> NeedsAssessment:
    return NeedsAssessment(
        id=uuid4(),
        site="contoh-rutan",
        person=UUID(int=1),
        instrument_version=1,
        levels=levels,
        wants_help=wants_help or [],
        completed_at=NOW,
        completed_by=uuid4(),
    )


def gave(rutan: Rutan, person: UUID, epoch: int = 1, purpose: Purpose = Purpose.ASSESSMENT) -> ConsentGiven:
    return ConsentGiven(site=rutan.site, occurred_at=NOW, person=person, purpose=purpose, consent_epoch=epoch)


def took_back(rutan: Rutan, person: UUID, epoch: int = 1) -> ConsentWithdrawn:
    return ConsentWithdrawn(
        site=rutan.site, occurred_at=NOW, person=person, purpose=Purpose.ASSESSMENT, consent_epoch=epoch
    )


def test_there_are_twelve_domains() -> None:
    assert len(Domain) == 12


@given(st.sets(st.sampled_from(Domain)), st.sets(st.sampled_from(Domain)), st.booleans())
def test_an_assessment_has_consent_and_each_domain_is_answered_or_skipped(
    asked: set[Domain], skipped: set[Domain], consented: bool
) -> None:
    done = assessment({str(domain): 0 for domain in asked})
    unclear = set(Domain) - (asked ^ skipped)
    if not consented:
        with pytest.raises(ConsentMissing):
            done.complete(skipped, consented=False)
    elif unclear:
        with pytest.raises(DomainsIncomplete) as refusal:
            done.complete(skipped, consented=True)
        pointers = {error["pointer"] for error in refusal.value.more["errors"]}
        assert pointers == {f"/body/levels/{domain}" for domain in unclear}
    else:
        _, found = done.complete(skipped, consented=True)
        assert isinstance(found, NeedsFound) and set(found.levels) == asked


@given(
    st.fixed_dictionaries({str(domain): st.sampled_from(NeedLevel) for domain in Domain}),
    st.sets(st.sampled_from(Domain)),
)
def test_what_was_found_stays_inside_and_that_it_was_leaves(levels: dict[str, int], wants: set[Domain]) -> None:
    assessed, found = assessment(levels, sorted(wants)).complete(consented=True)
    assert isinstance(assessed, NeedsAssessed) and isinstance(found, NeedsFound)
    assert (assessed.audience, found.audience) == ("national", "site")
    assert set(NeedsAssessed.model_fields) - {"event_id", "site", "occurred_at"} == {"person", "instrument_version"}
    assert found.levels == levels and found.wants_help == wants


def test_nobody_is_assessed_without_consent_for_just_that(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("assessment")
    with api(rutan, "assessment") as assessment:

        def tried() -> int:
            at = f"/people/{person}/needs-assessments/{uuid4()}"
            return int(assessment.put(at, json=NEEDS).status_code)

        assert tried() == 403
        hear(database, gave(rutan, person, purpose=Purpose.PROGRAMME), gave(rutan, uuid4()))
        assert tried() == 403
        assert rutan.one("assessment", "select count(*) from outbox") == 0
        hear(database, gave(rutan, person))
        assert tried() == 201
        hear(database, took_back(rutan, person))
        assert tried() == 403
        hear(database, gave(rutan, person, epoch=2))
        assert tried() == 201
        assert rutan.one("assessment", "select count(*) from outbox where audience = 'national'") == 2


def test_a_withdrawal_that_is_heard_before_its_consent_still_counts(rutan: Rutan) -> None:
    person = uuid4()
    hear(rutan.database("assessment"), took_back(rutan, person), gave(rutan, person))
    with api(rutan, "assessment") as assessment:
        assert assessment.put(f"/people/{person}/needs-assessments/{uuid4()}", json=NEEDS).status_code == 403


def test_the_same_assessment_again_changes_nothing_and_another_under_its_id_is_refused(rutan: Rutan) -> None:
    person = uuid4()
    hear(rutan.database("assessment"), gave(rutan, person))
    with api(rutan, "assessment") as assessment:
        at = f"/people/{person}/needs-assessments/{uuid4()}"
        assert [assessment.put(at, json=NEEDS).status_code for _ in range(2)] == [201, 201]
        other = assessment.put(at, json=NEEDS | {"levels": LEVELS | {"work": 3}})
        assert (other.status_code, other.json()["title"]) == (409, "assessment-id-taken")
        assert assessment.get(f"/people/{person}/needs-assessments/latest").json()["levels"]["work"] == 1
        assert rutan.one("assessment", "select count(*) from outbox where audience = 'national'") == 1


def test_an_assessment_sent_several_times_at_once_is_one_and_no_fault(rutan: Rutan) -> None:
    person = uuid4()
    hear(rutan.database("assessment"), gave(rutan, person))
    with api(rutan, "assessment") as assessment, ThreadPoolExecutor(8) as pool:
        at = f"/people/{person}/needs-assessments/{uuid4()}"
        assert set(pool.map(lambda _: assessment.put(at, json=NEEDS).status_code, range(8))) == {201}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"levels": {k: v for k, v in LEVELS.items() if k != "legal"}}, 409),
        ({"levels": LEVELS | {"spirit": 1}}, 422),
        ({"levels": LEVELS | {"work": 4}}, 422),
        ({"wants_help": ["everything"]}, 422),
        ({"notes": "bebas"}, 422),
    ],
)
def test_what_is_not_an_answer_of_the_instrument_is_refused(
    rutan: Rutan, wrong: dict[str, object], status: int
) -> None:
    person = uuid4()
    hear(rutan.database("assessment"), gave(rutan, person))
    with api(rutan, "assessment") as assessment:
        at = f"/people/{person}/needs-assessments/{uuid4()}"
        assert assessment.put(at, json=NEEDS | wrong).status_code == status


def test_needs_are_for_counsellors_only(rutan: Rutan) -> None:
    with api(rutan, "assessment") as assessment:
        at = f"/people/{uuid4()}/needs-assessments/latest"
        others = [role for role in Role if role is not Role.COUNSELLOR]
        assert assessment.get(at, headers=staff(rutan.site, *others)).status_code == 403
        assert assessment.get(at, headers=staff(rutan.site, Role.COUNSELLOR)).status_code == 404


def registered(rutan: Rutan, person: UUID, at: datetime = NOW) -> PersonRegistered:
    return PersonRegistered(
        site=rutan.site, occurred_at=at, person=person, legal_status=LegalStatus.TAHANAN, sex=Sex.MALE
    )


def waiting(assessment: TestClient) -> dict[UUID, bool]:
    found = assessment.get("/needs-assessments/waiting").json()
    assert found["count"] == len(found["people"])
    return {UUID(one["person"]): one["consented"] for one in found["people"]}


def test_who_is_here_without_an_assessment_waits_the_longest_first(rutan: Rutan) -> None:
    late, early, done = uuid4(), uuid4(), uuid4()
    hear(rutan.database("assessment"), registered(rutan, late, NOW + timedelta(hours=1)), registered(rutan, early))
    hear(rutan.database("assessment"), registered(rutan, done), gave(rutan, done), gave(rutan, late))
    with api(rutan, "assessment") as assessment:
        assert assessment.put(f"/people/{done}/needs-assessments/{uuid4()}", json=NEEDS).status_code == 201
        assert list(waiting(assessment).items()) == [(early, False), (late, True)]


def test_whoever_left_waits_no_more_and_waits_again_once_back(rutan: Rutan) -> None:
    person, about = uuid4(), {"site": rutan.site, "occurred_at": NOW}
    release = uuid4()
    left = PersonReleased(person=person, release_id=release, released_on=NOW.date(), mode=ReleaseMode.PB, **about)
    back = PersonReentered(
        person=person, release_id=release, reentered_on=NOW.date(), reason=ReentryReason.NEW_CASE, **about
    )
    with api(rutan, "assessment") as assessment:
        for event, waits in ((registered(rutan, person), True), (left, False), (back, True)):
            hear(rutan.database("assessment"), event)
            assert (person in waiting(assessment)) == waits


def test_nobody_who_said_no_is_listed_as_waiting(rutan: Rutan) -> None:
    person, database = uuid4(), rutan.database("assessment")

    def said_no(purpose: Purpose) -> ConsentDeclined:
        return ConsentDeclined(site=rutan.site, occurred_at=NOW, person=person, purpose=purpose)

    ran_out = ConsentExpired(
        site=rutan.site, occurred_at=NOW, person=person, purpose=Purpose.ASSESSMENT, consent_epoch=2
    )
    with api(rutan, "assessment") as assessment:
        for event, waits in (
            (registered(rutan, person), True),
            (said_no(Purpose.RESEARCH), True),
            (said_no(Purpose.ASSESSMENT), False),
            (gave(rutan, person), True),
            (took_back(rutan, person), False),
            (gave(rutan, person, 2), True),
            (took_back(rutan, person), True),
            (ran_out, True),
        ):
            hear(database, event)
            assert (person in waiting(assessment)) == waits, event


def test_two_entries_of_one_person_wait_once_and_not_at_all_when_either_was_assessed(rutan: Rutan) -> None:
    kept, twice, database = uuid4(), uuid4(), rutan.database("assessment")
    about = {"site": rutan.site, "occurred_at": NOW, "person": twice, "kept": kept}
    with api(rutan, "assessment") as assessment:
        hear(database, registered(rutan, kept), registered(rutan, twice), PersonsMerged(**about))
        assert list(waiting(assessment)) == [kept]
        hear(database, gave(rutan, twice))
        assert assessment.put(f"/people/{twice}/needs-assessments/{uuid4()}", json=NEEDS).status_code == 201
        assert waiting(assessment) == {}
        hear(database, PersonsUnmerged(**about))
        assert list(waiting(assessment)) == [kept]


def test_a_person_s_assessments_are_read_newest_first_and_each_reading_is_a_look(rutan: Rutan) -> None:
    person = uuid4()
    hear(rutan.database("assessment"), gave(rutan, person))
    with api(rutan, "assessment") as assessment:
        ids = [uuid4() for _ in range(3)]
        for done in ids:
            assert assessment.put(f"/people/{person}/needs-assessments/{done}", json=NEEDS).status_code == 201
        found = assessment.get(f"/people/{person}/needs-assessments").json()
        assert [UUID(one["assessment"]) for one in found] == ids[::-1]
        assert rutan.one("assessment", "select count(*) from read_log where subject = :person", person=person) == 1
        assert assessment.get(f"/people/{uuid4()}/needs-assessments").json() == []
        registrar = staff(rutan.site, Role.REGISTRAR)
        assert assessment.get(f"/people/{person}/needs-assessments", headers=registrar).status_code == 403
        assert assessment.get("/needs-assessments/waiting", headers=registrar).status_code == 200
