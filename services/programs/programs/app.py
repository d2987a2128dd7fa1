"""Programs as an application: `uvicorn --factory programs.app:app`."""

from chassis.service import Service

from programs.api import router
from programs.handlers import handlers

service = Service(name="programs", router=router, handlers=handlers)
app = service.app
