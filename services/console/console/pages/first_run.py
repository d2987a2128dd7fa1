"""The first run: whoever installed the site makes the first administrator."""

import hmac
from datetime import UTC, datetime
from uuid import uuid4

from chassis.errors import DomainError, Refused
from fastapi import APIRouter
from fastapi.responses import Response

from console import commands, queries
from console.model import STAFF_ROLES
from console.pages.page import Front, Open, Sent
from console.pages.signing_in import remember
from console.typed import Typed

router = APIRouter()


class WrongSetupCode(Refused):
    """Anybody on the LAN could take the site otherwise."""

    detail = "Kode pemasangan salah. Kode ini ditampilkan di layar tempat Jembatan dijalankan."


class PasswordsDiffer(DomainError):
    """Typed twice, not the same."""

    status = 422
    detail = "Kedua kata sandi tidak sama. Ketik lagi."


@router.get("/first-run")
def show(front: Open) -> Response:
    """Asks for the setup code and the first account."""
    if _over(front):
        return front.go("/sign-in")
    return front.render("first_run.html", roles=STAFF_ROLES)


@router.post("/first-run")
def make_first_account(typed: Sent, front: Open) -> Response:
    """Makes the first administrator and signs them in; they set their second factor next."""
    if _over(front):
        return front.go("/sign-in")

    def act() -> Response:
        sent = (typed.get("setup_code") or "").replace("-", "").casefold()
        known = front.settings.setup_code.get_secret_value().replace("-", "").casefold()
        if not hmac.compare_digest(sent.encode(), known.encode()):
            raise WrongSetupCode
        if typed.get("password") != typed.get("password_again"):
            raise PasswordsDiffer
        at = datetime.now(UTC)
        with front.database.transaction() as session:
            made = commands.open_account(
                session,
                uuid4(),
                typed.get("username") or "",
                typed.get("name") or "",
                typed.get("password") or "",
                roles=[role for role in typed.all("roles") if role in STAFF_ROLES],
                administrator=True,
                at=at,
            )
            session.flush()
            token = commands.begin(session, made, at)
        answer = front.go("/account/second-factor")
        remember(front.request, answer, token)
        return answer

    kept = Typed([(n, v) for n, v in typed.pairs if not n.startswith("password")])
    return front.attempt(act, "first_run.html", roles=STAFF_ROLES, typed=kept)


def _over(front: Front) -> bool:
    with front.database.transaction() as session:
        return queries.anybody(session)
