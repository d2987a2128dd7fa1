"""Compares re-entry with and without a programme and shows it in the terminal, in Bahasa Indonesia."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from central import queries
from central.queries import COVARIATES
from chassis.database import Database
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jembatan.folder import Folder
from jembatan.node import settings_for

if TYPE_CHECKING:  # Imported when needed: SciPy takes seconds, and every other command would pay.
    from central.evaluation import Arm, Cox, Evaluation, SurvivalAt

__all__ = ["COVARIATES", "Refusal", "render", "run"]

FIGURES = {
    "reentries": "Masuk kembali",
    "at_risk": "Masih diamati",
    "survival": "Belum masuk kembali",
    "log_rank": "Log-rank",
    "hazard_ratio": "Rasio laju",
    "proportional_hazards": "Schoenfeld (p)",
    "unknown": "Tidak diketahui",
}


class Refusal(Exception):
    """The comparison is not made; the message says why."""


def run(hub: Folder, programme: str, adjust: Sequence[str], days: Sequence[int], *, as_json: bool) -> None:
    """Compares from the ministry's own tables and prints the result."""
    from central.evaluation import NotComparable, evaluate  # noqa: PLC0415 - see above

    database = Database(settings_for(hub, "central"), "central")
    try:
        with database.transaction() as session:
            cohort = queries.cohort(session, programme, adjust)
            fresh = queries.freshness(session)
    finally:
        database.close()
    try:
        found = evaluate(cohort.observations, days=days, adjust=adjust)
    except NotComparable as refusal:
        raise Refusal(str(refusal)) from None
    if as_json:
        at = {site: moment.isoformat() if moment else None for site, moment in fresh.items()}
        whole = {"programme": programme, **asdict(found), "unobserved": cohort.unobserved, "complete_at": at}
        print(json.dumps(whole, indent=2))  # noqa: T201 - the answer
        return
    console = Console()
    render(found, console, freshness=_freshness(fresh))
    console.print(f"Tidak diketahui kelanjutannya, jadi tidak dihitung: {_number(cohort.unobserved, 0)} orang.")


def _freshness(fresh: Mapping[str, datetime | None]) -> str:
    def moment(at: datetime | None) -> str:
        return f"{at:%d-%m-%Y %H.%M} UTC" if at else "belum lengkap"

    return "Data s.d.: " + ", ".join(f"{site} {moment(at)}" for site, at in sorted(fresh.items()))


def render(evaluation: Evaluation, console: Console, *, freshness: str) -> None:
    """Print every figure of `evaluation` with what it is divided by; `freshness` says how old the data is."""
    arms = {"Dengan program": evaluation.with_programme, "Tanpa program": evaluation.without_programme}
    console.print(_people(arms), _survival(arms), _cox(evaluation.cox))
    test = evaluation.log_rank
    figures = "tidak dapat dihitung" if test is None else f"χ² {_number(test.chi2, 2)}, p {_p(test.p)}"
    console.print(f"Log-rank: {figures}", evaluation.reading, "", sep="\n", markup=False, highlight=False)
    console.print(_definitions(evaluation.definitions))
    console.print(freshness, markup=False, highlight=False)


def _people(arms: dict[str, Arm]) -> Table:
    table = _table("Orang", "", "Orang", "Masuk kembali", "Tidak diketahui")
    for label, arm in arms.items():
        table.add_row(label, *(_number(count, 0) for count in (arm.people, arm.reentries, arm.unknown)))
    return table


def _survival(arms: dict[str, Arm]) -> Table:
    table = _table("Belum masuk kembali", "", "Hari ke-", "Masih diamati", "Belum masuk kembali", "Rentang 95 %")
    for label, arm in arms.items():
        for point in arm.survival:
            table.add_row(label, _number(point.day, 0), _number(point.at_risk, 0), *_share(point))
    return table


def _share(point: SurvivalAt) -> tuple[str, str]:
    if point.survival is None:
        return "–", point.withheld or ""
    if point.low is None or point.high is None:
        return f"{_number(100 * point.survival, 1)} %", point.withheld or ""
    return (
        f"{_number(100 * point.survival, 1)} %",
        f"{_number(100 * point.low, 1)} – {_number(100 * point.high, 1)} %",
    )


def _cox(cox: Cox) -> Table:
    table = _table("Rasio laju (Cox)", "Peubah", "Koef.", "Galat", "Rasio laju", "Rentang 95 %", "p", "Schoenfeld")
    for row in cox.coefficients:
        table.add_row(
            "program" if row.covariate == "treated" else escape(row.covariate),
            _number(row.coefficient, 3),
            _number(row.standard_error, 3),
            _number(row.hazard_ratio, 3),
            f"{_number(row.low, 3)} – {_number(row.high, 3)}",
            _p(row.p),
            _p(row.schoenfeld_p) + (" *" if row.schoenfeld_p < 0.05 else ""),
        )
    unknown = ", ".join(f"{escape(name)} {_number(count, 0)}" for name, count in cox.unknown.items())
    lines = [
        cox.withheld or "",
        f"{_number(cox.people, 0)} orang, {_number(cox.reentries, 0)} masuk kembali.",
        f"Tidak diketahui: {unknown}." if unknown else "",
        "* Satu rasio belum menggambarkan seluruh masa pengamatan."
        if any(row.schoenfeld_p < 0.05 for row in cox.coefficients)
        else "",
    ]
    table.caption = "\n".join(line for line in lines if line)
    return table


def _definitions(definitions: dict[str, tuple[str, str, str]]) -> Table:
    table = Table("Angka", "Arti", "Pembilang", "Penyebut", title="Arti angka", title_justify="left", show_lines=True)
    for figure, texts in definitions.items():
        table.add_row(FIGURES[figure], *texts)
    return table


def _table(title: str, first: str, *numbers: str) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    # In a narrow terminal words stay whole, and above all what a line is about: lines break at spaces.
    table.add_column(first, no_wrap=True)
    for header in numbers:
        table.add_column(header, justify="right", overflow="fold", no_wrap=" " not in header)
    return table


def _number(value: float, decimals: int) -> str:
    """Write 1234.5 as 1.234,5, the Indonesian way."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,")).replace("-", "−")


def _p(value: float) -> str:
    return "< 0,001" if value < 0.001 else _number(value, 3)
