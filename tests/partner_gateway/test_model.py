from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from partner_gateway.model import LEASE, Fact, Kind, Lease, Partner, tellable

THEN = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)


@given(st.uuids(), st.uuids(), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_pseudonyms_are_stable_and_differ_per_partner_and_person(a: UUID, b: UUID, one: bytes, two: bytes) -> None:
    first, second = (Partner(code=c, pseudonym_key=key, registered_at=THEN) for c, key in (("x", one), ("y", two)))
    assert first.pseudonym(a) == first.pseudonym(a)
    assert (first.pseudonym(a) == first.pseudonym(b)) == (a == b)
    assert (first.pseudonym(a) == second.pseudonym(a)) == (one == two)


@given(st.timedeltas(timedelta(), timedelta(hours=200)))
def test_a_site_that_is_silent_for_two_days_goes_dark_before_the_law_s_three(silence: timedelta) -> None:
    assert Lease(site="x", renewed_at=THEN).fresh(THEN + silence) == (silence < timedelta(hours=48))
    assert timedelta(hours=72) > LEASE


def fact(kind: Kind, epoch: int, told: bool) -> Fact:
    return Fact(
        placement=UUID(int=1),
        site="contoh-rutan",
        person=uuid4(),
        partner="mitra",
        kind=kind,
        said={},
        consent_epoch=epoch,
        occurred_at=THEN,
        told=told,
    )


facts = st.lists(st.builds(fact, st.sampled_from(Kind), st.integers(1, 3), st.booleans()), max_size=6)


@given(facts, st.booleans(), st.sets(st.integers(1, 3)))
def test_only_what_stands_is_told_and_only_to_who_holds_the_beginning(
    known: list[Fact], holds: bool, passing: set[int]
) -> None:
    telling = tellable(known, told=holds, passing=passing)
    assert len({id(f) for f in telling}) == len(telling)
    if telling and not holds:
        assert telling[0].kind is Kind.STARTED
    # Only the beginning may be repeated, and may have been said under a consent that is gone: something newer stands.
    for told in telling[0 if holds else 1 :]:
        assert not told.told and told.consent_epoch in passing
    if not any(f.consent_epoch in passing for f in known):
        assert telling == []
