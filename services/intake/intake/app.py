"""Intake as an application: `uvicorn --factory intake.app:app`."""

from chassis.service import Service
from contracts.intake import LevyReportClosed, LevyReported

from intake.api import router
from intake.commands.sweep import sweep
from intake.handlers import handlers
from intake.queries.people import may_look

MIB = 1024 * 1024

service = Service(
    name="intake",
    router=router,
    handlers=handlers,
    sweep=sweep,
    readable=may_look,
    unlisted=frozenset({LevyReported.type, LevyReportClosed.type}),
    uploads={"/register-imports": 10 * MIB},
)
app = service.app
