"""Outcomes as an application: `uvicorn --factory outcomes.app:app`."""

from chassis.service import Service

from outcomes.api import router
from outcomes.handlers import handlers

service = Service(name="outcomes", router=router, handlers=handlers)
app = service.app
