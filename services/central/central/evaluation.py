"""Compares re-entry with and without a programme: a difference, never a cause.

The caller leaves out who cannot come back, and decides who may see it: the counts here are exact.
"""

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import CensoredData, ecdf, logrank

from central.model import Observation

PEOPLE_MIN = 60  # Per arm, as the UK Justice Data Lab asks.
AT_RISK_MIN = 10  # Below it the curve is hidden: a step would show one person.
ALPHA = 0.05
_COLUMNS = ("days", "reentered", "treated")
DEFINITIONS: Mapping[str, tuple[str, str, str]] = {  # Figure: meaning, numerator, denominator.
    "reentries": ("Masuk kembali ke rutan atau lapas mana pun.", "orang yang masuk kembali", "orang dalam kelompok"),
    "at_risk": ("Masih diamati pada hari t.", "orang yang diamati paling sedikit t hari", "orang dalam kelompok"),
    "survival": (
        "Perkiraan bagian yang belum masuk kembali sampai dengan hari t (Kaplan-Meier, rentang 95 %).",
        "orang yang tidak masuk kembali, dikalikan hari demi hari",
        "orang yang masih diamati pada awal tiap hari itu",
    ),
    "log_rank": ("Perbedaan kedua kurva.", "kuadrat selisih masuk kembali dan harapannya", "ragam selisih itu"),
    "hazard_ratio": (
        "Perbedaan laju masuk kembali bila peubah lain sama (Cox, rentang 95 %); penyebabnya tidak ditunjukkan.",
        "laju masuk kembali dengan program, atau bila peubah satu satuan lebih tinggi",
        "laju masuk kembali tanpa program, atau bila peubah satu satuan lebih rendah",
    ),
    "proportional_hazards": ("Apakah rasio laju tetap?", "kuadrat hubungan residu dan waktu", "ragamnya"),
    "unknown": ("Tidak dihitung pada rasio laju.", "orang yang peubahnya tidak lengkap", "orang dalam kelompok"),
}


class NotComparable(Exception):
    """The comparison is refused; carries how many people each arm has."""

    def __init__(self, why: str, with_programme: int, without_programme: int) -> None:
        self.with_programme, self.without_programme = with_programme, without_programme
        counts = f"{with_programme} orang dengan program dan {without_programme} orang tanpa program"
        super().__init__(f"Perbandingan belum dapat dibuat karena {why}. Kini ada {counts}.")


class TooFewPeople(NotComparable):
    """Fewer than PEOPLE_MIN people in an arm."""


class NoReentries(NotComparable):
    """Nobody re-entered in either arm."""


@dataclass(frozen=True)
class SurvivalAt:
    """Share not re-entered by the end of `day`, with its 95 % interval; `withheld` says why one is None."""

    day: int
    at_risk: int
    survival: float | None
    low: float | None
    high: float | None
    withheld: str | None


@dataclass(frozen=True)
class Arm:
    """People with, or without, the programme; `unknown` of them lack an adjusted covariate."""

    people: int
    reentries: int
    unknown: int
    survival: tuple[SurvivalAt, ...]


@dataclass(frozen=True)
class LogRank:
    """Whether two curves differ: the statistic with one degree of freedom, and its p."""

    chi2: float
    p: float


@dataclass(frozen=True)
class Coefficient:
    """Log hazard ratio per unit of a covariate, its hazard ratio with 95 % interval, Wald p and Schoenfeld p."""

    covariate: str
    coefficient: float
    standard_error: float
    hazard_ratio: float
    low: float
    high: float
    p: float
    schoenfeld_p: float


@dataclass(frozen=True)
class Cox:
    """Model of the people with every covariate known; without coefficients, `withheld` says why."""

    people: int
    reentries: int
    unknown: dict[str, int]
    coefficients: tuple[Coefficient, ...]
    withheld: str | None


@dataclass(frozen=True)
class Evaluation:
    """Two arms beside each other, with what every figure means."""

    with_programme: Arm
    without_programme: Arm
    log_rank: LogRank | None
    cox: Cox
    reading: str
    definitions: dict[str, tuple[str, str, str]]


def evaluate(
    observations: Iterable[Observation], *, days: Sequence[int] = (90, 180, 364), adjust: Sequence[str] = ()
) -> Evaluation:
    """Compare the two arms at `days` after release; `adjust` names covariates, of which "treated" is the programme."""
    people = list(observations)
    if any(person.days < 0 for person in people) or len({*adjust, *_COLUMNS}) < len(adjust) + len(_COLUMNS):
        raise ValueError(f"days must not be negative, nor adjust repeat a name or use one of {_COLUMNS}")
    arms = [[person for person in people if person.treated is treated] for treated in (True, False)]
    if min(map(len, arms)) < PEOPLE_MIN:
        raise TooFewPeople(f"setiap kelompok perlu paling sedikit {PEOPLE_MIN} orang", *map(len, arms))
    if not any(person.reentered for person in people):
        raise NoReentries("belum ada yang masuk kembali di kedua kelompok", *map(len, arms))
    test = log_rank(*arms)
    reading = "Belum dapat disimpulkan ada atau tidak ada perbedaan: perlu lebih banyak orang."
    if test is not None and test.p < ALPHA:
        reading = "Ada perbedaan antara kedua kelompok. Perbandingan ini tidak menunjukkan penyebabnya."
    with_programme, without_programme = (
        Arm(len(arm), _reentries(arm), sum(not _complete(person, adjust) for person in arm), kaplan_meier(arm, days))
        for arm in arms
    )
    return Evaluation(with_programme, without_programme, test, _cox(people, adjust), reading, dict(DEFINITIONS))


def kaplan_meier(people: Sequence[Observation], days: Sequence[int]) -> tuple[SurvivalAt, ...]:
    """S(t) = prod(1 - d_i / n_i) of one or more people, Greenwood variance, interval on log(-log S)."""
    curve = ecdf(_sample(people)).sf
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # S of 0 or 1, withheld below.
        bounds = curve.confidence_interval(1 - ALPHA, method="log-log")
    points = []
    for day in days:
        at_risk = sum(person.days >= day for person in people)
        survival, low, high = (float(each.evaluate(day)) for each in (curve, bounds.low, bounds.high))
        if at_risk < AT_RISK_MIN:
            hidden = f"Disembunyikan: kurang dari {AT_RISK_MIN} orang masih diamati pada hari ke-{day}."
            points.append(SurvivalAt(day, at_risk, None, None, None, hidden))
        elif 0 < survival < 1:
            points.append(SurvivalAt(day, at_risk, survival, low, high, None))
        else:
            undefined = "Tanpa rentang: belum ada, atau sudah semua, yang masuk kembali."
            points.append(SurvivalAt(day, at_risk, survival, None, None, undefined))
    return tuple(points)


def log_rank(treated: Sequence[Observation], untreated: Sequence[Observation]) -> LogRank | None:
    """Two-sided test of two non-empty arms; None when no re-entry fell while both were observed."""
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # 0 / 0 is the None.
        result = logrank(_sample(treated), _sample(untreated))
    return LogRank(float(result.statistic) ** 2, float(result.pvalue)) if math.isfinite(result.statistic) else None


def _sample(people: Sequence[Observation]) -> object:
    """People as SciPy takes them; on a tied day it puts re-entries before censoring."""
    return CensoredData.right_censored([float(p.days) for p in people], [not p.reentered for p in people])


def _reentries(people: Iterable[Observation]) -> int:
    return sum(person.reentered for person in people)


def _complete(person: Observation, names: Iterable[str]) -> bool:
    return all(math.isfinite(person.covariates.get(name, math.nan)) for name in names)


def _cox(everyone: Sequence[Observation], adjust: Sequence[str]) -> Cox:
    people = [person for person in everyone if _complete(person, adjust)]
    unknown = {name: sum(not _complete(person, [name]) for person in everyone) for name in adjust}
    return Cox(len(people), _reentries(people), unknown, *_coefficients(people, adjust))


def _coefficients(people: Sequence[Observation], adjust: Sequence[str]) -> tuple[tuple[Coefficient, ...], str | None]:
    """Rows of the Cox model (Efron ties) in the order treated, *adjust; or none, and the reason."""
    arms = [[person for person in people if person.treated is treated] for treated in (True, False)]
    if min(map(len, arms)) < PEOPLE_MIN or not all(map(_reentries, arms)):
        return ((), f"Salah satu kelompok kurang dari {PEOPLE_MIN} orang lengkap, atau belum ada yang masuk kembali.")

    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning
    from lifelines.statistics import proportional_hazard_test
    from pandas import DataFrame

    rows = [(p.days, p.reentered, p.treated, *map(p.covariates.__getitem__, adjust)) for p in people]
    frame = DataFrame(sorted(rows), columns=[*_COLUMNS, *adjust], dtype=float)  # Rounding ignores their order.
    names = ["treated", *adjust]
    columns = ["coef", "se(coef)", "exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%", "p"]
    try:
        with warnings.catch_warnings(action="error", category=ConvergenceWarning):  # Not converged is no result.
            fit = CoxPHFitter(alpha=ALPHA).fit(frame, duration_col="days", event_col="reentered")
            schoenfeld = proportional_hazard_test(fit, frame, time_transform="rank").summary["p"]
        table = [[*map(float, fit.summary.loc[name, columns]), float(schoenfeld[name])] for name in names]
        if not all(math.isfinite(figure) for row in table for figure in row):
            raise ConvergenceError("lifelines returned a figure that is not finite")
    except (ConvergenceError, ConvergenceWarning):
        return ((), "Model tidak mantap: ada peubah yang hampir seragam atau saling menentukan.")
    return tuple(Coefficient(name, *row) for name, row in zip(names, table, strict=True)), None
