"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import breaches, cards, consents, erasures, people

router = APIRouter()
for noun in (people, consents, erasures, breaches, cards):
    router.include_router(noun.router)
