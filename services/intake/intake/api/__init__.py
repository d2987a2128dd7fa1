"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, people, texts

router = APIRouter()
for noun in (people, consents, texts):
    router.include_router(noun.router)
