"""Every page of the console, one module per task of the staff."""

from fastapi import APIRouter

from console.pages import first_run, own_account, people, signing_in, today, tracing

MODULES = (first_run, own_account, people, signing_in, today, tracing)

router = APIRouter(include_in_schema=False)
for module in MODULES:
    router.include_router(module.router)
