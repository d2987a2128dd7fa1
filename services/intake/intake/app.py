"""Intake as an application: `uvicorn --factory intake.app:app`."""

from chassis.service import Service

from intake.api import router
from intake.handlers import handlers

MIB = 1024 * 1024
service = Service(name="intake", router=router, handlers=handlers, uploads={"/register-imports": 10 * MIB})
app = service.app
