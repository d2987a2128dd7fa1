"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, detention, duplicates, people, stays, texts, transfers

router = APIRouter()
for noun in (people, duplicates, stays, detention, transfers, consents, texts):
    router.include_router(noun.router)
