"""Partner-matching as an application: `uvicorn --factory partner_matching.app:app`."""

from chassis.service import Service

from partner_matching.api import router
from partner_matching.handlers import handlers

service = Service(name="partner_matching", router=router, handlers=handlers)
app = service.app
