"""Every page of the console, one module per task of the staff."""

from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
for _module in iter_modules(__path__, f"{__name__}."):
    _task = import_module(_module.name)
    # Some modules are what the pages share.
    if hasattr(_task, "router"):
        # Side by side: a router inside a router is searched over again for every request.
        router.routes.extend(_task.router.routes)
