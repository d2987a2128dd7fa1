"""The operator's command."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Annotated

import typer
from chassis.telemetry import log_as_json

from jembatan import enrol, node, partner
from jembatan.demo import run as demo_run
from jembatan.folder import Folder

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
nodes = typer.Typer(no_args_is_help=True, help="Run everything of a site or of the hub on this machine.")
partners = typer.Typer(no_args_is_help=True, help="Let partners listen, and listen as one.")
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
def enrol_site(site: str, data: Data = DATA, hub_leaf: Annotated[str | None, typer.Option()] = None) -> None:
    """Make a site's keys, credentials and configuration, and let it in at the hub.

    Without --hub-leaf the site uses the leaf port of the hub that runs in the same data folder.
    """
    hub = Folder(data / "hub")
    enrol.enrol_site(hub, site, Folder(data / site), hub_leaf or hub.running["leaf"])


@partners.command("add")
def partner_add(
    code: str, out: Annotated[Path, typer.Option(help="Where the credentials go.")], data: Data = DATA
) -> None:
    """Let a partner listen, and write the credentials to give to it."""
    folder = Folder(data / "hub")
    node.register_partner(folder, code)
    enrol.add_partner(folder, code, out, folder.running["nats"])


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


@app.command("demo")
def demo(
    data: Data = DATA / "demo",
    people: Annotated[int, typer.Option(help="Made-up people at each rutan.")] = 40,
    leave: Annotated[bool, typer.Option("--exit", help="End after the table instead of serving the pages.")] = False,
    report: Annotated[Path | None, typer.Option(help="Also write the table to this file as JSON.")] = None,
) -> None:
    """Two rutan, the hub and a partner on this machine: a link is cut, and a table proves that nothing was lost."""
    raise typer.Exit(asyncio.run(demo_run.run(data, people, leave=leave, report=report)))


def _run(folder: Folder, otlp_endpoint: str | None) -> None:
    log_as_json()
    asyncio.run(node.run(folder, otlp_endpoint=otlp_endpoint))


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(2)
