"""Intake as an application: `uvicorn --factory intake.app:app`."""

from chassis.service import Service

from intake.api import router
from intake.commands.sweep import sweep
from intake.handlers import handlers
from intake.queries.people import may_look

service = Service(name="intake", router=router, handlers=handlers, sweep=sweep, readable=may_look)
app = service.app
