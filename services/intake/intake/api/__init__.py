"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, detention, duplicates, imports, people, reconciliations, stays, transfers

router = APIRouter()
for noun in (people, duplicates, stays, detention, transfers, consents, imports, reconciliations):
    router.include_router(noun.router)
