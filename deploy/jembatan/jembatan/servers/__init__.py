"""The servers a node runs: PostgreSQL and nats-server as child processes, web apps inside this process.

For Linux and macOS. One program serves a folder at a time, and a killed server starts again on its folder without help.
"""

from jembatan.servers.nats import NatsServer
from jembatan.servers.ports import remembered_port
from jembatan.servers.postgres import Postgres
from jembatan.servers.process import AlreadyServed, ServerFailed
from jembatan.servers.web import Inside, Uvicorn, serving

__all__ = ["AlreadyServed", "Inside", "NatsServer", "Postgres", "ServerFailed", "Uvicorn", "remembered_port", "serving"]
