"""`jembatan register …`: the ministry's register taken over, taken back and counted beside ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Protocol
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from contracts import words
from jembatan import register_sample
from jembatan.card import write
from jembatan.folder import Folder
from jembatan.register_import import BOOKS, Register, books_in, lines

registers = typer.Typer(no_args_is_help=True, help="The ministry's register: take it over, take that back, count it.")

Data = Annotated[Path, typer.Option(help="The folder that holds the nodes' folders.")]
Site = Annotated[str, typer.Option(help="The rutan; its node must be running.")]
DATA = Path(".jembatan")
File = Annotated[Path, typer.Argument(help="An export of SDP, .xlsx or .csv.")]
ImportId = Annotated[UUID, typer.Argument(help="As `jembatan register imports` shows it.")]


class Step(Protocol):
    """Hears how far something is."""

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total`."""


@registers.command("import")
def register_import(
    file: File,
    site: Site,
    data: Data = DATA,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would change.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Write a copy of the file with its mistakes marked.")] = None,
) -> None:
    """Take an export of SDP over: the good rows go in, and the bad ones are named.

    The same file again changes nothing. Ends with 1 if a row is bad or a column that is needed was not recognised.
    """
    register = Register(Folder(data / site))
    if preview:
        reading = register.preview(file)
    else:
        with _progress(f"{file.name} → {site}") as step:
            reading = register.take(file, step)
    if errors:
        write(errors, register.marked(file))
    for line in lines(reading):
        typer.echo(line)
    if errors:
        typer.echo(f"Salinan dengan tanda kesalahan: {errors}")
    raise typer.Exit(1 if reading["bad"] or reading["headings"]["missing"] else 0)


@registers.command("imports")
def register_imports(site: Site, data: Data = DATA) -> None:
    """Show what was imported, the latest first."""
    # The id is what `undo` needs: without lines it fits a screen of eighty letters.
    table = Table(Column("impor", no_wrap=True), "mulai", "baru", "ubah", "batal", "tetap", box=None)
    for taken in Register(Folder(data / site)).imports():
        begun = f"{datetime.fromisoformat(taken['begun_at']).astimezone():%F %R}"
        counts = (str(taken[name]) for name in ("created", "changed", "undone", "kept"))
        table.add_row(taken["import_id"], begun, *counts)
    Console().print(table)


@registers.command("undo")
def register_undo(import_id: ImportId, site: Site, data: Data = DATA) -> None:
    """Take an import back: whoever it brought in is gone, whoever it changed is as before.

    Ends with 1 if somebody stays because more was recorded of them since; who and why is said.
    """
    with _progress(f"batal → {site}") as step:
        undone = Register(Folder(data / site)).undo(import_id, step)
    typer.echo(f"{undone['undone']} baris dibatalkan, {len(undone['kept'])} tetap")
    for kept in undone["kept"]:
        typer.echo(f"tetap: {kept['person']} ({words.VALUES[kept['because']]})")
    raise typer.Exit(1 if undone["kept"] else 0)


@registers.command("reconcile")
def register_reconcile(
    counts: Annotated[list[str], typer.Argument(help="SDP's counts, as in A.I=12 B.IIa=7.")],
    site: Site,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of the report.")],
    data: Data = DATA,
) -> None:
    """Set SDP's counts of a day beside ours. Nothing is corrected: differences are for people to look into.

    Ends with 1 if there is one.
    """
    compared = Register(Folder(data / site)).reconcile(on.date(), books_in(counts))
    table = Table("register", "SDP", "di sini", "selisih")
    for line in compared["books"]:
        theirs, difference = line["theirs"], line["difference"]
        table.add_row(
            BOOKS.get(line["book"], "tidak diketahui"),
            "?" if theirs is None else str(theirs),
            str(line["ours"]),
            "?" if difference is None else f"{difference:+d}",
        )
    Console().print(table)
    raise typer.Exit(1 if any(line["difference"] for line in compared["books"]) else 0)


@registers.command("sample")
def sample(
    out: Annotated[Path, typer.Option(help="The workbook to write.")],
    rows: Annotated[int, typer.Option(min=1, help="How many people.")] = 5000,
    bad: Annotated[int, typer.Option(min=0, help="How many of them have a mistake.")] = 40,
    seed: Annotated[int, typer.Option(help="The same seed makes the same file.")] = 1,
) -> None:
    """Write a workbook as SDP exports it, of people who are plainly made up."""
    made, wrong = register_sample.sample(rows, bad, seed)
    register_sample.write(out, made)
    typer.echo(f"{rows} baris, {len(wrong)} di antaranya salah: {out}")


@contextmanager
def _progress(what: str) -> Iterator[Step]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar: Any = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)
