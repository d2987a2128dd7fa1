"""How long a sentence is, and on which day a part of it has been served."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

DAYS_IN_A_MONTH = 30  # KUHP Ps. 97 and Keppres 174/1999 Ps. 7 ayat (4)


@dataclass(frozen=True, order=True, slots=True)
class Term:
    """Months and days as a judgment says them; thirty days are a month."""

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0:
            raise ValueError("a term has no negative part")
        # One way to write each length, so that terms compare and add like the lengths they are.
        object.__setattr__(self, "months", self.months + self.days // DAYS_IN_A_MONTH)
        object.__setattr__(self, "days", self.days % DAYS_IN_A_MONTH)

    def __bool__(self) -> bool:
        return bool(self.months or self.days)

    def __add__(self, other: "Term") -> "Term":
        return Term(self.months + other.months, self.days + other.days)

    def __str__(self) -> str:
        parts = [f"{self.months} bulan"] * bool(self.months) + [f"{self.days} hari"] * bool(self.days)
        return " ".join(parts) or "0 hari"

    def less(self, other: "Term") -> "Term":
        """What remains of this term; nothing if the other is longer."""
        return Term(days=max(0, self.in_days - other.in_days))

    def part(self, numerator: int, denominator: int) -> "Term":
        """A fraction of this term. A broken day counts whole: nobody is told a day that comes too early."""
        return Term(days=-(-self.in_days * numerator // denominator))

    @property
    def in_days(self) -> int:
        """The length where the law counts days."""
        return self.months * DAYS_IN_A_MONTH + self.days


def after(day: date, term: Term) -> date:
    """The day on which a term that began on `day` has been served. A longer term never ends earlier."""
    # 29 days from 31 January would lie after one month from it, since February is short: the month bounds its days.
    return min(_months_after(day, term.months) + timedelta(days=term.days), _months_after(day, term.months + 1))


def before(day: date, term: Term) -> date:
    """The earliest day from which a term lasts until `day` at least, so that what begins then is never longer."""
    earliest = _months_after(day, -term.months) - timedelta(days=term.days)
    while after(earliest, term) >= day:
        earliest -= timedelta(days=1)
    while after(earliest, term) < day:
        earliest += timedelta(days=1)
    return earliest


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
