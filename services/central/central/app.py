"""Central as an application: `uvicorn --factory central.app:app`."""

from chassis.routes import Router
from chassis.service import Service
from chassis.topology import PARTITIONS

from central import api, pages
from central.handlers import apply, on_heartbeat

router = Router()
router.routes.extend(api.router.routes)
router.routes.extend(pages.router.routes)

service = Service(
    name="central",
    router=router,
    apply=apply,
    on_heartbeat=on_heartbeat,
    partitions=tuple(range(PARTITIONS)),
    batch_size=1000,
)
app = service.app
