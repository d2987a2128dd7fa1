"""Intake over HTTP, one module per noun."""

from fastapi import APIRouter

from intake.api import (
    consents,
    detention,
    duplicates,
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
