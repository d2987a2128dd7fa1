"""What is sealed opens only where it was sealed, and never again once its key was destroyed."""

import logging
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from chassis import vault as module
from chassis.vault import Shredded, Tampered, Vault, WrongSiteKey, fresh_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jembatan.folder import VAULT
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from support import Rutan

PLACE = "person.identity"
SAID = b"Siti Rekaan"


@pytest.fixture
def vault(rutan: Rutan) -> Iterator[Vault]:
    """The vault of a rutan under test."""
    made = Vault(rutan.url(VAULT), rutan.site_key)
    yield made
    made.close()


def keys(vault: Vault) -> int:
    with vault._engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(module.key)) or 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.binary(max_size=400) | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_was_sealed_opens_again(vault: Vault, said: bytes) -> None:
    subject = UUID(int=1)
    sealed = vault.seal(subject, PLACE, said)
    assert vault.open(subject, PLACE, sealed) == said
    assert len(said) < 4 or said not in sealed


def test_the_same_said_twice_does_not_look_the_same(vault: Vault) -> None:
    subject = uuid4()
    assert vault.seal(subject, PLACE, SAID) != vault.seal(subject, PLACE, SAID)


def test_what_was_moved_elsewhere_does_not_open(vault: Vault) -> None:
    one, other = uuid4(), uuid4()
    sealed, _ = vault.seal(one, PLACE, SAID), vault.seal(other, PLACE, SAID)
    with pytest.raises(Tampered):
        vault.open(one, "contact.name", sealed)
    with pytest.raises(Tampered):
        vault.open(other, PLACE, sealed)


def test_every_flipped_bit_and_every_cut_is_seen(vault: Vault) -> None:
    subject = uuid4()
    sealed = vault.seal(subject, PLACE, b"x")
    for n in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[n // 8] ^= 1 << n % 8
        with pytest.raises(Tampered):
            vault.open(subject, PLACE, bytes(flipped))
    for n in range(len(sealed)):
        with pytest.raises(Tampered):
            vault.open(subject, PLACE, sealed[:n])


def test_another_site_key_opens_nothing_and_is_told_before_anything_is_sealed_with_it(
    rutan: Rutan, vault: Vault
) -> None:
    subject = uuid4()
    sealed, blind = vault.seal(subject, PLACE, SAID), vault.blind("nik", "99")
    stranger = Vault(rutan.url(VAULT), fresh_key())
    try:
        for attempt in (stranger.prepare, lambda: stranger.open(subject, PLACE, sealed)):
            with pytest.raises(WrongSiteKey):
                attempt()
        assert stranger.blind("nik", "99") != blind
    finally:
        stranger.close()
    vault.prepare()


def test_a_destroyed_key_is_gone_for_everybody_at_once_and_no_other_is_made(rutan: Rutan, vault: Vault) -> None:
    subject, never = uuid4(), uuid4()
    sealed = vault.seal(subject, PLACE, SAID)
    second = Vault(rutan.url(VAULT), rutan.site_key)
    assert second.open(subject, PLACE, sealed) == SAID
    for _ in range(2):  # destroying it again changes nothing
        vault.destroy(subject, never)
    for gone in (subject, never):
        for either in (vault, second):
            with pytest.raises(Shredded):
                either.seal(gone, PLACE, SAID)
            with pytest.raises(Shredded):
                either.open(gone, PLACE, sealed)
    with vault._engine.connect() as connection:
        rows = connection.execute(select(module.key)).all()
    assert [(row.wrapped, row.destroyed_at is None) for row in rows] == [(None, False)] * 2
    second.close()


def test_of_many_only_those_whose_key_was_destroyed_are_missing(vault: Vault) -> None:
    subjects = [uuid4() for _ in range(3)]
    sealed = [(subject, PLACE, vault.seal(subject, PLACE, str(subject).encode())) for subject in subjects]
    vault.destroy(subjects[1])
    assert vault.open_all(sealed) == [str(subjects[0]).encode(), None, str(subjects[2]).encode()]


def test_many_who_seal_for_a_new_subject_at_once_make_one_key(vault: Vault) -> None:
    subject = uuid4()
    with ThreadPoolExecutor(16) as pool:
        sealed = list(pool.map(lambda n: vault.seal(subject, PLACE, str(n).encode()), range(64)))
    assert keys(vault) == 1
    assert vault.open_all([(subject, PLACE, one) for one in sealed]) == [str(n).encode() for n in range(64)]


def test_sealing_while_the_key_is_destroyed_either_works_or_is_refused(vault: Vault) -> None:
    subjects = [uuid4() for _ in range(30)]

    def attempt(subject: UUID) -> str:
        try:
            vault.seal(subject, PLACE, SAID)
        except Shredded:
            return "refused"
        return "sealed"

    with ThreadPoolExecutor(16) as pool:
        said = [pool.submit(attempt, subject) for subject in subjects]
        gone = [pool.submit(vault.destroy, subject) for subject in subjects]
        assert {one.result() for one in said} <= {"sealed", "refused"}
        assert [one.result() for one in gone] == [None] * 30
    with vault._engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(module.key.c.wrapped.is_not(None))) == 0


def test_nothing_of_a_subject_is_kept_in_memory(vault: Vault) -> None:
    subject = uuid4()
    sealed = vault.seal(subject, PLACE, SAID)
    vault.open(subject, PLACE, sealed)
    # Somebody else, with no word to this process.
    with vault._engine.begin() as connection:
        connection.execute(update(module.key).values(wrapped=None))
    with pytest.raises(Shredded):
        vault.open(subject, PLACE, sealed)


def test_no_key_and_nothing_that_was_said_stands_in_a_repr_an_error_or_a_log(
    rutan: Rutan, vault: Vault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    subject = uuid4()
    sealed = vault.seal(subject, PLACE, SAID)
    with vault._engine.connect() as connection:
        wrapped = connection.execute(select(module.key.c.wrapped)).scalar_one()
    said = [repr(vault), str(vault), repr(rutan.settings("intake"))]
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    stranger = Vault(rutan.url(VAULT), fresh_key())
    nobody = Vault(rutan.url(VAULT).replace("/t_", "/x_"), rutan.site_key)

    def failing_sql() -> None:
        with vault._engine.begin() as connection:
            connection.execute(update(module.key).values(wrapped=wrapped, subject=None))

    for attempt in (
        lambda: vault.open(subject, PLACE, flipped),
        lambda: stranger.open(subject, PLACE, sealed),
        lambda: nobody.seal(subject, PLACE, SAID),
        failing_sql,
    ):
        with pytest.raises((Tampered, WrongSiteKey, SQLAlchemyError)) as failure:
            attempt()
        said.append("".join(traceback.format_exception(failure.value)))
    stranger.close()
    nobody.close()
    everything = "\n".join([*said, *caplog.messages, caplog.text])
    for secret in (rutan.site_key, SAID.decode(), wrapped.hex(), repr(wrapped)[2:-1], vault._wrapping.hex()):
        assert secret not in everything
