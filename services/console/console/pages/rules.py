"""What this release rests on: the regulations, and the texts that are read out before somebody is asked."""

from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import SignedIn

router = APIRouter()


@router.get("/regulations")
def show_regulations(page: SignedIn) -> Response:
    """The regulations in force, and what of them is not confirmed yet."""
    return page.render("rules/regulations.html", regulations=page.shared("intake", "/regulations"))


@router.get("/consent-texts")
def show_texts(page: SignedIn) -> Response:
    """Every wording, with its printed form."""
    return page.render("rules/texts.html", texts=page.shared("intake", "/consent-texts"))


@router.get("/consent-texts/{purpose}/{version}/form")
def print_form(purpose: str, version: str, page: SignedIn, language: str = "id") -> Response:
    """A sheet to be signed; every print has a number of its own."""
    form = page.ask("GET", "intake", f"/consent-forms/{purpose}/{version}", params={"language": language})
    named = {"content-disposition": form.headers["content-disposition"]}
    return Response(form.content, media_type="application/pdf", headers=named)
