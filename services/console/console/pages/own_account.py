"""One's own account: the second factor and the password."""

from datetime import UTC, datetime
from typing import Any

import segno
from cryptography.fernet import Fernet
from fastapi import APIRouter
from fastapi.responses import Response

from console import commands
from console.pages.page import Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter(prefix="/account")
MASK = 4
"""Every phone reads every mask; to try all eight for the prettiest takes ten milliseconds."""


@router.get("/second-factor")
def show_second_factor(page: SignedIn) -> Response:
    """A fresh secret, as a picture for a phone and as text to type."""
    return page.render("second_factor.html", **_secret(page, commands.fresh_secret()))


@router.post("/second-factor")
def set_second_factor(typed: Sent, page: SignedIn) -> Response:
    """Takes it once the person has shown a code of it."""
    secret = typed.get("secret") or ""
    seal = Fernet(page.settings.seal_key.get_secret_value())

    def act() -> Response:
        with page.database.transaction() as session:
            commands.set_second_factor(
                session, page.account.id, secret, typed.get("code") or "", seal=seal, at=datetime.now(UTC)
            )
        return page.go("/", done="second_factor_set")

    return page.attempt(act, "second_factor.html", **_secret(page, secret))


@router.get("/password")
def show_password(page: SignedIn) -> Response:
    """Asks for the old and the new one."""
    return page.render("password.html")


@router.post("/password")
def change_password(typed: Sent, page: SignedIn) -> Response:
    """Changes it and signs out everywhere."""

    def act() -> Response:
        with page.database.transaction() as session:
            commands.change_password(
                session, page.account.id, typed.get("password") or "", typed.get("new_password") or ""
            )
        return page.go("/sign-in", done="password_changed")

    return page.attempt(act, "password.html", typed=Typed.known())


def _secret(page: Page, secret: str) -> dict[str, Any]:
    label = f"Jembatan:{page.settings.site} {page.account.username}".replace(" ", "%20")
    address = f"otpauth://totp/{label}?secret={secret}&issuer=Jembatan"
    return {"secret": secret, "picture": segno.make(address, error="m", mask=MASK).svg_inline(scale=4, title="QR")}
