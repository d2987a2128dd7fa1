"""`python -m jembatan`."""

from jembatan.cli import app

app()
