"""Central as an application: `uvicorn --factory central.app:app`."""

from chassis.service import Service
from chassis.topology import PARTITIONS
from fastapi import APIRouter

from central import api, pages
from central.handlers import apply, on_heartbeat

router = APIRouter()
router.include_router(api.router)
router.include_router(pages.router)

service = Service(
    name="central",
    router=router,
    apply=apply,
    on_heartbeat=on_heartbeat,
    partitions=tuple(range(PARTITIONS)),
    batch_size=1000,
)
app = service.app
