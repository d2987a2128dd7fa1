"""Intake over HTTP, one module per noun."""

from importlib import import_module
from pkgutil import iter_modules

from chassis.routes import Router

router = Router()
for _noun in iter_modules(__path__, f"{__name__}."):
    # Side by side: a router inside a router is searched over again for every request.
    router.routes.extend(import_module(_noun.name).router.routes)
