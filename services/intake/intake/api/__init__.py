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
    imports,
    levies,
    people,
    reconciliations,
    rights,
    sentences,
    sittings,
    stays,
    texts,
    timeline,
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
    timeline,
    imports,
    reconciliations,
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
    erasures,
    breaches,
    cards,
):
    router.include_router(noun.router)
