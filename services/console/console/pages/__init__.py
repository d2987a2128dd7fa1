"""Every page of the console, one module per task of the staff."""

from fastapi import APIRouter

from console.pages import (
    duplicates,
    erasures,
    family,
    family_needs,
    first_run,
    guarantors,
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
    visits,
)

MODULES = (
    duplicates,
    erasures,
    family,
    family_needs,
    first_run,
    guarantors,
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
    visits,
)

router = APIRouter(include_in_schema=False)
for module in MODULES:
    router.include_router(module.router)
