"""The operator's command."""

import asyncio
import contextlib
import csv
import json
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import httpx2
import psycopg
import sqlalchemy.exc
import typer
from central.rebuild import rebuild
from chassis.errors import DomainError
from chassis.identity import Actor
from chassis.telemetry import log_as_json
from contracts.vocabulary import Role
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from typer.core import TyperGroup

from jembatan import card, cohort, enrol, evaluate, migration, node, parked, partner, readlog, register_commands
from jembatan.demo import run as demo_run
from jembatan.folder import Folder
from jembatan.servers import AlreadyServed, ServerFailed

AWAY = "the node does not answer: start it with `jembatan node`"


class Plain(TyperGroup):
    """What an operator can mend is said in a line and ends with 2; only our own mistakes show a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except (psycopg.OperationalError, sqlalchemy.exc.OperationalError, httpx2.TransportError):
            _fail(AWAY)
        except ValidationError as wrong:
            _fail(f"{wrong.title}: {', '.join(str(error['type']) for error in wrong.errors())}")
        except BrokenPipeError:
            # Whoever reads the output, as `head`, has read enough: no node is to blame.
            raise
        except OSError as trouble:
            _fail(_in_words(trouble))
        except (*MENDABLE, DomainError, ValueError, LookupError, csv.Error) as failure:
            _fail(str(failure) or type(failure).__name__)


MENDABLE = (enrol.AlreadyEnrolled, evaluate.Refusal, parked.StillFails, AlreadyServed, ServerFailed)

app = typer.Typer(cls=Plain, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
nodes = typer.Typer(no_args_is_help=True, help="Run everything of a site or of the hub on this machine.")
partners = typer.Typer(no_args_is_help=True, help="Let partners listen, and listen as one.")
cohorts = typer.Typer(no_args_is_help=True, help="Historical cohorts.")
parkeds = typer.Typer(no_args_is_help=True, help="Events that a service could not take.")
readlogs = typer.Typer(no_args_is_help=True, help="The logs of who looked at whose record.")
app.add_typer(cohorts, name="cohort")
app.add_typer(readlogs, name="readlog")
app.add_typer(register_commands.registers, name="register")
app.add_typer(parkeds, name="parked")
app.add_typer(nodes, name="node")
app.add_typer(partners, name="partner")

Data = Annotated[Path, typer.Option(help="The folder that holds the nodes' folders.")]
DATA = Path(".jembatan")


@nodes.command("hub")
def node_hub(data: Data = DATA, otlp_endpoint: str | None = None) -> None:
    """Run the ministry's hub until Ctrl-C or SIGTERM."""
    folder = Folder(data / "hub")
    enrol.make_hub(folder)
    _run(folder, otlp_endpoint)


@nodes.command("site")
def node_site(site: str, data: Data = DATA, otlp_endpoint: str | None = None) -> None:
    """Run one rutan until Ctrl-C or SIGTERM. It must have been enrolled."""
    folder = Folder(data / site)
    if not folder.exists:
        _fail(f"{site} is not enrolled in {data}: run `jembatan enrol {site}` first")
    _run(folder, otlp_endpoint)


@app.command("enrol")
def enrol_site(
    site: str,
    data: Data = DATA,
    hub_leaf: Annotated[str | None, typer.Option()] = None,
    training: Annotated[bool, typer.Option(help="A site to learn on: made-up people, and no link to any hub.")] = False,
) -> None:
    """Make a site's keys, credentials and configuration, and let it in at the hub.

    Without --hub-leaf the site uses the leaf port of the hub that runs in the same data folder.
    """
    if training:
        enrol.enrol_training(site, Folder(data / site))
        return
    hub = Folder(data / "hub")
    enrol.enrol_site(hub, site, Folder(data / site), hub_leaf or hub.running["leaf"])


@partners.command("add")
def partner_add(
    code: str,
    out: Annotated[Path, typer.Option(help="Where the credentials go.")],
    data: Data = DATA,
    url: Annotated[str | None, typer.Option(help="Where the partner reaches the hub, if not on this machine.")] = None,
) -> None:
    """Let a partner listen, and write the credentials to give to it."""
    folder = Folder(data / "hub")
    enrol.must_be_new(folder, code)
    # The gateway first: without its database nothing is written.
    node.register_partner(folder, code)
    enrol.add_partner(folder, code, out, url or folder.running["nats"])


@partners.command("listen")
def partner_listen(
    credentials: Path, out: Annotated[Path | None, typer.Option(help="Keep every event in this file as well.")] = None
) -> None:
    """Print a partner's events as they come, one JSON object a line, going on where it stopped."""

    async def go() -> None:
        async for event in partner.listen(credentials, out):
            typer.echo(json.dumps(event))

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(go())


@cohorts.command("import")
def cohort_import(file: Path, site: Annotated[str, typer.Option()], data: Data = DATA) -> None:
    """Take a historical cohort into a running site. The same file again changes nothing; bad lines are reported."""
    good, bad = cohort.read(file, site)
    with contextlib.ExitStack() as stack:
        work = cohort.Import(Folder(data / site), stack)
        progress = stack.enter_context(Progress(console=Console(stderr=True)))
        bar = progress.add_task(f"{file.name} → {site}", total=2 * len(good))
        work.run(good, lambda: progress.advance(bar))
    typer.echo(f"{work.new} orang baru, {len(good) - work.new} sudah tercatat, {len(bad)} baris ditolak")
    for row in bad:
        typer.echo(f"baris {row.line}: {row.reason}", err=True)
    raise typer.Exit(1 if bad else 0)


@cohorts.command("rossi")
def cohort_rossi(folder: Path, parts: Annotated[int, typer.Option()] = 2) -> None:
    """Write the 432 men of the Rossi study as cohort files, to try import and evaluation on."""
    for file in cohort.write_rossi(folder, parts):
        typer.echo(file)


@app.command("evaluate")
def evaluate_programme(
    programme: Annotated[str, typer.Option(help="The programme's code.")],
    adjust: Annotated[str, typer.Option(help="Comma-separated: age, prior_convictions, worked_before, …")] = "",
    days: Annotated[str, typer.Option(help="On which days after release the curves are read.")] = "90,180,364",
    as_json: Annotated[bool, typer.Option("--json")] = False,
    data: Data = DATA,
) -> None:
    """Compare re-entry with and without a programme, from the ministry's own tables. A difference, never a cause."""
    chosen = [name for name in adjust.split(",") if name]
    if unknown := set(chosen) - set(evaluate.COVARIATES):
        _fail(f"tidak dikenal: {', '.join(sorted(unknown))}. Pilihan: {', '.join(evaluate.COVARIATES)}")
    evaluate.run(Folder(data / "hub"), programme, chosen, [int(day) for day in days.split(",")], as_json=as_json)


@parkeds.command("list")
def parked_list(site: str, data: Data = DATA) -> None:
    """Show the events that a node's services could not take."""
    table = Table("layanan", "nomor", "peristiwa", "alasan", "percobaan", "sejak")
    for event in parked.waiting(Folder(data / site)):
        kind = event.headers.get("ce-type", event.subject)
        table.add_row(event.service, str(event.id), kind, event.reason, str(event.attempts), f"{event.parked_at:%F %T}")
    Console().print(table)


@parkeds.command("show")
def parked_show(site: str, service: str, number: int, data: Data = DATA) -> None:
    """Show one parked event whole: headers, body and where it broke."""
    for event in parked.waiting(Folder(data / site)):
        if (event.service, event.id) == (service, number):
            typer.echo(json.dumps(event.headers, indent=2))
            typer.echo(event.body.decode(errors="replace"))
            typer.echo(event.trace)
            return
    _fail(f"{service} has no waiting event {number}")


@parkeds.command("retry")
def parked_retry(site: str, service: str, number: int, data: Data = DATA) -> None:
    """Apply a parked event again, once the reason is mended."""
    parked.retry(Folder(data / site), service, number)
    typer.echo("diterapkan")


@readlogs.command("verify")
def readlog_verify(
    site: Annotated[str, typer.Argument(help="The rutan; its node must be running.")], data: Data = DATA
) -> None:
    """Check that no line of a site's read logs was changed, put in or taken out. Ends with 1 if one was."""
    checked = readlog.verify(Folder(data / site))
    for log in checked:
        for line in log.told():
            typer.echo(line)
    raise typer.Exit(1 if any(log.damage for log in checked) else 0)


@app.command("card")
def print_card(
    site: Annotated[str, typer.Argument(help="The rutan; its node must be running.")],
    person: Annotated[UUID, typer.Argument(help="The person's id, as the register shows it.")],
    out: Annotated[Path, typer.Option(help="The PDF for the person.")],
    as_json: Annotated[Path | None, typer.Option("--json", help="Also everything, ids included, as JSON.")] = None,
    staff: Annotated[UUID | None, typer.Option(help="Who prints it, if not the person: read logs name it.")] = None,
    data: Data = DATA,
) -> None:
    """Print Kartu Saya: everything that a running site holds about somebody, and who looked at it."""
    asked = card.ask(Folder(data / site), person, staff)
    card.write(out, card.as_pdf(asked))
    if as_json:
        card.write(as_json, json.dumps(asked, indent=2, ensure_ascii=False).encode())
    typer.echo(f"tersimpan: {out}")


@app.command("rebuild")
def rebuild_view(data: Data = DATA) -> None:
    """Build the national view anew from the log of events, and put it in the place of the old one."""
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("memutar ulang", total=None)
        url = Folder(data / "hub").running["databases"]["central"]
        done = rebuild(url, lambda count: progress.update(bar, completed=count))
    typer.echo(f"{done} peristiwa")


@app.command("token")
def token(
    site: str,
    staff: Annotated[UUID, typer.Option(help="The member of staff, always the same id: records name it.")],
    role: Annotated[list[Role], typer.Option(help="May be given more than once.")],
    data: Data = DATA,
) -> None:
    """Sign a token for a member of staff, for one shift."""
    typer.echo(Folder(data / site).issuer().token(Actor(staff, site, frozenset(role))))


@app.command("migration", hidden=True)
def draft_migration(service: str, what: str) -> None:
    """Draft a service's next migration from its tables."""
    migration.draft(service, what)


@app.command("demo")
def demo(
    data: Data = DATA / "demo",
    people: Annotated[int, typer.Option(help="Made-up people at each rutan.")] = 40,
    leave: Annotated[bool, typer.Option("--exit", help="End after the table instead of serving the pages.")] = False,
    report: Annotated[Path | None, typer.Option(help="Also write the table to this file as JSON.")] = None,
) -> None:
    """Two rutan, the hub and a partner on this machine: a link is cut, and a table proves that nothing was lost."""
    raise typer.Exit(asyncio.run(demo_run.run(data, people, leave=leave, report=report)))


def _in_words(trouble: OSError) -> str:
    """What the system could not do, without its error numbers: which file or folder, and what to do."""
    file = Path(trouble.filename) if isinstance(trouble.filename, str) else None
    match trouble:
        case OSError(errno=None):
            return str(trouble) or "no answer came in time: try again"
        case FileNotFoundError() if file and not file.parent.exists():
            return f"there is no folder {file.parent}: make it first, or check the path"
        case FileNotFoundError() if file:
            return f"there is no {file}: check the path"
        case IsADirectoryError() if file:
            return f"{file} is a folder: name a file in it"
        case NotADirectoryError() | FileExistsError() if file:
            return f"{file} is in the way: a folder must be there, check the path"
        case PermissionError() if file:
            return f"this user may not open {file}: change its permissions, or run the command as its owner"
        case ConnectionError():
            return AWAY
    return f"{file or 'the system'}: {trouble.strerror}"


def _run(folder: Folder, otlp_endpoint: str | None) -> None:
    log_as_json()
    asyncio.run(node.run(folder, typer.echo, otlp_endpoint=otlp_endpoint))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
