"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, family, family_needs, guarantors, levies, people, visits

router = APIRouter()
for noun in (people, consents, family, visits, guarantors, family_needs, levies):
    router.include_router(noun.router)
