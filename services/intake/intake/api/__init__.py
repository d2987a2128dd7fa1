"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, people

router = APIRouter()
for noun in (people, consents):
    router.include_router(noun.router)
