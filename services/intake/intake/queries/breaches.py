"""Looking up breaches, and what those concerned are told (UU 27/2022 Ps. 46)."""

from uuid import UUID

from chassis.vault import vault_of
from sqlmodel import Session, col, select

from contracts import words
from intake.model.breaches import Breach, BreachNotHere, Report

REPORT, AUTHORITY = "breach.report", "breach.authority"
"""The places that sealed values are bound to."""

LETTER = """Pemberitahuan kegagalan pelindungan data pribadi

Kami memberitahukan bahwa telah terjadi kegagalan pelindungan data pribadi di rutan kami (UU 27/2022 Pasal 46).

1. Data yang terungkap: {kinds}.
   Jumlah orang yang terkena: {people}.

2. Kapan dan bagaimana data terungkap: diketahui {discovered}.
   {description}

3. Upaya penanganan dan pemulihan:
   {handling}

Anda dapat bertanya dan meminta penjelasan kepada petugas pelindungan data di rutan.
"""


def breaches(session: Session) -> list[Breach]:
    """Every breach, the latest first."""
    return list(session.exec(select(Breach).order_by(col(Breach.discovered_at).desc())))


def breach_of(session: Session, breach_id: UUID) -> Breach:
    """One breach."""
    found = session.get(Breach, breach_id)
    if found is None:
        raise BreachNotHere
    return found


def report_of(session: Session, breach: Breach) -> Report:
    """What was written about it."""
    return Report.model_validate_json(vault_of(session).open(breach.id, REPORT, breach.report))


def sealed_report(session: Session, breach_id: UUID, report: Report) -> bytes:
    """The same as it is kept."""
    return vault_of(session).seal(breach_id, REPORT, report.model_dump_json().encode())


def authority_of(session: Session, breach: Breach) -> str | None:
    """The body that was told."""
    if breach.authority is None:
        return None
    return vault_of(session).open(breach.id, AUTHORITY, breach.authority).decode()


def letter_of(session: Session, breach: Breach) -> str:
    """What the people concerned and the authority are told: the three things that the law names."""
    report = report_of(session, breach)
    return LETTER.format(
        kinds=", ".join(words.VALUES[kind] for kind in breach.kinds),
        people="belum diketahui" if breach.people_count is None else breach.people_count,
        discovered=words.at(breach.discovered_at),
        description=report.description,
        handling=report.handling,
    )
