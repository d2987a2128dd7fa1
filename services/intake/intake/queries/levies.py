"""Looking up reports of levies, for whoever is not named in them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from chassis.vault import vault_of
from sqlmodel import Session, col, func, select

from intake.model.levies import LevyReport, NotYourReport, ReceiptUnknown, Told, hash_of

TOLD, ANSWER = "levy_report.told", "levy_report.answer"
"""The places that sealed values are bound to."""


def report_for(session: Session, actor: UUID, report_id: UUID, *, lock: bool = False) -> tuple[LevyReport, Told]:
    """One report and what it says. Raises NotYourReport when there is none, or when it names the actor."""
    found = session.get(LevyReport, report_id, with_for_update=lock)
    if found is None:
        raise NotYourReport
    for report, told in _opened(session, [found]):
        if told.readable_by(actor):
            return report, told
    raise NotYourReport


def reports_for(session: Session, actor: UUID) -> list[LevyReport]:
    """Every report that does not name the actor: those without an answer first, and of these the oldest."""
    query = select(LevyReport).order_by(col(LevyReport.closed_at).is_not(None), col(LevyReport.reported_at))
    return [report for report, told in _opened(session, list(session.exec(query))) if told.readable_by(actor)]


def report_of(session: Session, receipt: str) -> LevyReport:
    """The report of a receipt, for whoever holds it. Raises ReceiptUnknown."""
    # Only hashes are compared, and nobody guesses a code of eighty bits.
    found = session.exec(select(LevyReport).where(LevyReport.receipt == hash_of(receipt))).one_or_none()
    if found is None:
        raise ReceiptUnknown
    return found


def told_of(session: Session, report: LevyReport) -> Told:
    """What a report says."""
    return Told.model_validate_json(vault_of(session).open(report.id, TOLD, report.told))


def answer_of(session: Session, report: LevyReport) -> str | None:
    """What the inspector answered, if they did."""
    if report.answer is None:
        return None
    return vault_of(session).open(report.id, ANSWER, report.answer).decode()


def anonymous_within(session: Session, span: timedelta, *, at: datetime) -> int:
    """How many people who do not say who they are reported in the time just past."""
    query = select(func.count()).where(col(LevyReport.anonymous), LevyReport.reported_at > at - span)
    return session.exec(query).one()


def _opened(session: Session, reports: list[LevyReport]) -> Iterator[tuple[LevyReport, Told]]:
    # Of a report whose key is gone nobody can say whom it names: then nobody reads it.
    opened = vault_of(session).open_all([(report.id, TOLD, report.told) for report in reports])
    for report, told in zip(reports, opened, strict=True):
        if told is not None:
            yield report, Told.model_validate_json(told)
