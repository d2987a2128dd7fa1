"""Reporting that something was asked for a free service, and answering the report."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from chassis.vault import vault_of
from sqlmodel import Session

from intake.model.levies import (
    ANONYMOUS_PER_HOUR,
    LevyReport,
    LevyReportAlreadyClosed,
    LevyReportIdTaken,
    Told,
    TooManyReports,
)
from intake.queries import levies as queries
from intake.queries.levies import ANSWER, TOLD


def report_levy(session: Session, report: LevyReport, told: Told) -> Told:
    """Takes a report; the answer holds the receipt. The same report again changes nothing and has the same receipt."""
    # All after one another: the count below must see whoever came just before.
    in_turn(session, "levy_report")
    if known := session.get(LevyReport, report.id):
        return _again(session, known, report, told)
    if report.anonymous:
        lately = queries.anonymous_within(session, timedelta(hours=1), at=report.reported_at)
        if lately >= ANONYMOUS_PER_HOUR:
            raise TooManyReports
    publish(session, report.report())
    report.told = vault_of(session).seal(report.id, TOLD, told.model_dump_json(exclude_defaults=True).encode())
    session.add(report)
    return told


def close_report(
    session: Session, report_id: UUID, upheld: bool, answer: str, *, by: Actor, at: datetime
) -> LevyReport:
    """The inspector answers. The same answer again changes nothing."""
    report, _ = queries.report_for(session, by.id, report_id, lock=True)
    if report.closed_at is not None:
        if (report.upheld, queries.answer_of(session, report)) != (upheld, answer):
            raise LevyReportAlreadyClosed
        return report
    sealed = vault_of(session).seal(report_id, ANSWER, answer.encode())
    publish(session, report.close(upheld, sealed, by=by.id, at=at))
    return report


def _again(session: Session, known: LevyReport, report: LevyReport, told: Told) -> Told:
    said = queries.told_of(session, known)
    alike = (known.step, known.happened_on, known.anonymous) == (report.step, report.happened_on, report.anonymous)
    if not alike or not said.same_as(told):
        raise LevyReportIdTaken
    return said
