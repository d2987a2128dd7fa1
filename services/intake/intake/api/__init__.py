"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import consents, detention, duplicates, people, rights, sentences, sittings, stays, texts, transfers

router = APIRouter()
for noun in (people, duplicates, stays, detention, transfers, consents, texts, sentences, rights, sittings):
    router.include_router(noun.router)
