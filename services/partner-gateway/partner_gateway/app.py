"""The partner gateway as an application: `uvicorn --factory partner_gateway.app:app`."""

from chassis.service import Service

from partner_gateway.api import router
from partner_gateway.handlers import handlers, on_heartbeat

service = Service(name="partner_gateway", router=router, handlers=handlers, on_heartbeat=on_heartbeat)
app = service.app
