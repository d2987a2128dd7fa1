"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import (
    breaches,
    cards,
    consents,
    detention,
    duplicates,
    erasures,
    family,
    family_needs,
    guarantors,
    levies,
    people,
    rights,
    sentences,
    sittings,
    stays,
    texts,
    transfers,
    visits,
)

router = APIRouter()
for noun in (
    people,
    duplicates,
    stays,
    detention,
    transfers,
    consents,
    texts,
    sentences,
    rights,
    sittings,
    family,
    visits,
    guarantors,
    family_needs,
    levies,
):
    router.include_router(noun.router)
for noun in (erasures, breaches, cards):
    router.include_router(noun.router)
