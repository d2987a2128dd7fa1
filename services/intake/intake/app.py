"""Intake as an application: `uvicorn --factory intake.app:app`."""

from chassis.service import Service

from intake.api import router
from intake.commands.sweep import sweep
from intake.handlers import handlers

service = Service(name="intake", router=router, handlers=handlers, sweep=sweep)
app = service.app
