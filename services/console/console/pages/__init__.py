"""Every page of the console, one module per task of the staff."""

from fastapi import APIRouter

from console.pages import (
    breaches,
    family,
    family_needs,
    first_run,
    guarantors,
    own_account,
    people,
    signing_in,
    today,
    visits,
)

MODULES = (breaches, family, family_needs, first_run, guarantors, own_account, people, signing_in, today, visits)

router = APIRouter(include_in_schema=False)
for module in MODULES:
    router.include_router(module.router)
