"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, people, rights, sentences, sittings

router = APIRouter()
for noun in (people, consents, sentences, rights, sittings):
    router.include_router(noun.router)
