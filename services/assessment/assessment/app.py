"""Assessment as an application: `uvicorn --factory assessment.app:app`."""

from chassis.service import Service

from assessment.api import router
from assessment.handlers import handlers

service = Service(name="assessment", router=router, handlers=handlers)
app = service.app
