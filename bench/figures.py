"""What a benchmark says: a figure, its baseline, the ratio of the two, and what was promised."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. `promise` is checked on the ratio, or on the value where there is no baseline."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_is: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """The figure divided by its baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def kept(self) -> bool | None:
        """Whether the promise holds; None when none was made."""
        measured = self.value if self.ratio is None else self.ratio
        if self.at_least is not None:
            return measured >= self.at_least
        return measured <= self.at_most if self.at_most is not None else None

    def to_dict(self) -> dict[str, object]:
        """For the JSON report."""
        return {**asdict(self), "ratio": self.ratio, "kept": self.kept}
