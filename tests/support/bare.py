"""What a page costs that asks nobody anything: FastAPI, Jinja and a table of twenty rows in the house's layout."""

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from ui.house import House

ROWS = 20
TEMPLATE = """{% extends "house.html" %}{% from "parts.html" import table, cell %}
{% block title %}WBP{% endblock %}{% block main %}<h1 class="govuk-heading-l">WBP</h1>
{% call table("20 orang", ("Nama", "Status", "Tanggal")) %}{% for row in rows %}<tr class="govuk-table__row">
{% call cell("Nama", head=true) %}<a class="govuk-link" href="/{{ row.id }}">{{ row.name }}</a>{% endcall %}
{% call cell("Status") %}{{ row.status }}{% endcall %}{% call cell("Tanggal") %}{{ row.on }}{% endcall %}</tr>
{% endfor %}{% endcall %}{% endblock %}"""


@contextlib.contextmanager
def bare_page() -> Iterator[str]:
    """Its address. It runs in a process of its own, as a node does."""
    child = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout
        address = child.stdout.readline().strip()
        assert httpx2.get(address).is_success
        yield address
    finally:
        child.terminate()
        child.wait()


def main() -> None:
    """Serves it on a free port, which it prints."""
    app = FastAPI()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare.html").write_text(TEMPLATE)
        house = House(Path(folder), Path(folder))
        house.render("bare.html", "id", rows=[], wrong=None)

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        rows = [{"id": n, "name": f"Rekaan {n}", "status": "narapidana", "on": "24 November 2026"} for n in range(ROWS)]
        return house.render("bare.html", "id", rows=rows, wrong=None)

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/", flush=True)  # noqa: T201
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listening])


if __name__ == "__main__":
    main()
