"""Every page of the console, one module per task of the staff."""

from fastapi import APIRouter

from console.pages import (
    duplicates,
    erasures,
    first_run,
    identity,
    own_account,
    people,
    person,
    privacy,
    registration,
    signing_in,
    stays,
    today,
    transfers,
)

MODULES = (
    first_run,
    own_account,
    registration,
    people,
    person,
    identity,
    duplicates,
    stays,
    transfers,
    privacy,
    erasures,
    signing_in,
    today,
)

router = APIRouter(include_in_schema=False)
for module in MODULES:
    router.include_router(module.router)
