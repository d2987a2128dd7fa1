"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, imports, people

router = APIRouter()
for noun in (people, consents, imports):
    router.include_router(noun.router)
