"""Which numbers of a feed have been received: the arithmetic behind watermarks, gaps and duplicates."""

from collections.abc import Iterable
from dataclasses import dataclass

Span = tuple[int, int]
"""First and last number, both included."""


@dataclass(frozen=True, slots=True)
class Received:
    """A set of numbers of one feed, as sorted spans that neither touch nor overlap."""

    spans: tuple[Span, ...] = ()

    def __contains__(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self.spans)

    def adding(self, numbers: Iterable[int]) -> "Received":
        """This set and `numbers`."""
        spans: list[Span] = []
        for first, last in sorted([*self.spans, *((n, n) for n in numbers)]):
            if spans and first <= spans[-1][1] + 1:
                spans[-1] = (spans[-1][0], max(spans[-1][1], last))
            else:
                spans.append((first, last))
        return Received(tuple(spans))

    @property
    def contiguous(self) -> int:
        """The watermark: everything from 1 up to it is here."""
        return self.spans[0][1] if self.spans and self.spans[0][0] == 1 else 0

    def missing(self, known: int) -> tuple[Span, ...]:
        """The gaps below `known`, the highest number that is known to exist."""
        edges = [*self.spans, (known + 1, known + 1)]
        before = [0, *(last for _, last in self.spans)]
        return tuple((b + 1, first - 1) for b, (first, _) in zip(before, edges, strict=True) if first > b + 1)
