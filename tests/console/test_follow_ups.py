"""Whom to ask after release, and what they said."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from contracts.intake import ConsentGiven, ConsentWithdrawn, PersonReleased
from contracts.vocabulary import Purpose, ReleaseMode, Role
from support import Rutan
from support.console import ConsoleUnderTest
from support.days import TODAY
from support.hearing import hear

from contracts import Event

NOW = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)


def consent(cls: type[ConsentGiven | ConsentWithdrawn], rutan: Rutan, person: UUID) -> Event:
    return cls(site=rutan.site, occurred_at=NOW, person=person, purpose=Purpose.FOLLOW_UP, consent_epoch=1)


def left(console: ConsoleUnderTest, rutan: Rutan, name: str, days_ago: int) -> UUID:
    """Somebody who left and agreed to be asked."""
    person = console.registered(uuid4(), name=name)
    released = PersonReleased(
        site=rutan.site,
        occurred_at=NOW,
        person=person,
        release_id=uuid4(),
        released_on=TODAY - timedelta(days=days_ago),
        mode=ReleaseMode.MURNI,
    )
    hear(rutan.database("outcomes"), consent(ConsentGiven, rutan, person), released)
    return person


def test_who_is_due_today_and_who_is_late_is_asked_and_unknown_is_an_answer(
    console: ConsoleUnderTest, rutan: Rutan
) -> None:
    late, today = left(console, rutan, "Andi Rekaan", 33), left(console, rutan, "Budi Rekaan", 30)
    left(console, rutan, "Citra Rekaan", 5)
    officer = console.officer(Role.COUNSELLOR).go("/follow-ups")
    found = [row.get_text(" ", strip=True) for row in officer.soup.select("tbody tr")]
    assert "Andi Rekaan" in found[0] and "terlambat" in found[0]
    assert "Budi Rekaan" in found[1] and "hari ini" in found[1] and len(found) == 2

    links = [str(link["href"]) for link in officer.soup.select('tbody a[href^="/follow-ups/"]')]
    officer.go(links[0]).send(employed="unknown")
    assert officer.status == 422 and officer.soup.select_one("#housed-error")
    slow = console.officer(Role.COUNSELLOR, name="Lain").go(links[0])
    officer.send(housed="yes")
    assert "Jawaban tindak lanjut sudah dicatat" in officer.text and "Andi Rekaan" not in officer.text
    slow.send(employed="no", housed="yes")
    assert slow.status == 409 and "Bekerja atau berusaha? berbeda belum diketahui tidak" in slow.text
    assert "belum diketahui" in officer.go(f"/people/{late}/work/follow-ups").text

    hear(rutan.database("outcomes"), consent(ConsentWithdrawn, rutan, today))
    assert "Budi Rekaan" not in officer.go("/follow-ups").text
    assert "tidak perlu dihubungi" in officer.go(links[1]).text and not officer.soup.select("main form")
