"""Today: what is due, what is late, and how fresh the centre's knowledge is."""

from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import SignedIn

router = APIRouter()


@router.get("/")
def today(page: SignedIn) -> Response:
    """What waits for this person."""
    return page.render("today.html")
