"""`make bench`: prints every figure beside its baseline, and writes them as JSON."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import ingestion, nodes, relaying
from bench.figures import Figure
from bench.machine import machine


def measure(told: Callable[[str], None]) -> list[Figure]:
    """Everything, one after the other: two things measured at once measure each other."""
    with machine() as here:
        told("1 of 3: the centre takes events in")
        figures = asyncio.run(ingestion.measure(here))
        told("2 of 3: a relay empties an outbox")
        figures += asyncio.run(relaying.measure(here))
    told("3 of 3: a whole site and a whole hub")
    return figures + nodes.measure()


def show(figures: list[Figure], console: Console) -> None:
    """The table."""
    table = Table("", "measured", "baseline", "", "ratio", "promised", "kept")
    for figure in figures:
        promise = f"≥ {figure.at_least}" if figure.at_least is not None else ""
        promise = f"≤ {figure.at_most}" if figure.at_most is not None else promise
        table.add_row(
            figure.name,
            f"{figure.value:,.1f} {figure.unit}",
            "" if figure.baseline is None else f"{figure.baseline:,.1f} {figure.unit}",
            figure.baseline_is,
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            promise,
            {True: "yes", False: "[red]no[/red]", None: ""}[figure.kept],
        )
    console.print(table)


def main() -> int:
    """Returns 1 when a promise is not kept."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", type=Path, required=True)
    # Making streams and cutting connections is what is measured here, not trouble to be warned of.
    logging.basicConfig(level=logging.ERROR)
    progress = Console(stderr=True)
    figures = measure(progress.print)
    show(figures, Console())
    arguments.parse_args().json.write_text(json.dumps([figure.to_dict() for figure in figures], indent=2) + "\n")
    return int(any(figure.kept is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
