"""Who may sign in: an administrator makes, changes, closes and resets accounts, and sees no record of anybody."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis.errors import NotFound
from fastapi import APIRouter
from fastapi.responses import Response

from console import commands, queries
from console.model import STAFF_ROLES, Account, AccountChangedMeanwhile
from console.pages.page import Administrator, Page, Sent
from console.pages.wrong import Wrong
from console.typed import Typed

router = APIRouter(prefix="/accounts")
BESIDE = {
    "username-missing": "username",
    "username-taken": "username",
    "name-missing": "name",
    "weak-password": "password",
    "last-administrator": "administrator",
}


@router.get("")
def list_accounts(page: Administrator) -> Response:
    """Everybody who has one."""
    with page.database.transaction() as session:
        return page.render("accounts/list.html", accounts=queries.accounts(session))


@router.get("/new")
def ask_new(page: Administrator) -> Response:
    """Asks who it is and what their work is."""
    return page.render("accounts/new.html", roles=STAFF_ROLES)


@router.post("/new")
def open_account(typed: Sent, page: Administrator) -> Response:
    """Lets them in with a first password, that they change themselves."""

    def act() -> Response:
        with page.database.transaction() as session:
            made = commands.open_account(
                session,
                typed.uuid("id"),
                typed.get("username") or "",
                typed.get("name") or "",
                typed.get("password") or "",
                roles=_roles(typed),
                administrator=typed.get("administrator") == "true",
                at=datetime.now(UTC),
            )
            return page.go(f"/accounts/{made.id}", done="account_opened")

    kept = Typed([pair for pair in typed.pairs if pair[0] != "password"])
    return page.attempt(act, "accounts/new.html", beside=BESIDE, roles=STAFF_ROLES, typed=kept)


@router.get("/{account}")
def show_account(account: UUID, page: Administrator) -> Response:
    """One account, to be changed."""
    found = _found(page, account)
    return page.render("accounts/account.html", **_shown(found), typed=_known(found))


@router.post("/{account}")
def change_account(account: UUID, typed: Sent, page: Administrator) -> Response:
    """Changes it; where another administrator was faster, both versions are shown and neither is lost."""
    wanted = {
        "name": typed.get("name") or "",
        "roles": _roles(typed),
        "administrator": typed.get("administrator") == "true",
        "closed": typed.get("closed") == "true",
    }

    def act() -> Response:
        try:
            with page.database.transaction() as session:
                commands.change_account(session, account, wanted, typed.document("seen"), datetime.now(UTC))
        except AccountChangedMeanwhile as refusal:
            found = _found(page, account)
            again, wrong = typed.but(seen=json.dumps(found.may_do())), Wrong(refusal.detail)
            shown = {"account": found, "roles": STAFF_ROLES, "theirs": found.may_do(), "typed": again}
            return page.render("accounts/account.html", status=409, wrong=wrong, **shown)
        return page.go(page.path, done="account_changed")

    found = _found(page, account)
    return page.attempt(act, "accounts/account.html", beside=BESIDE, **_shown(found), typed=typed)


@router.post("/{account}/reset")
def reset_account(account: UUID, typed: Sent, page: Administrator) -> Response:
    """For a password that was forgotten or a phone that was lost."""

    def act() -> Response:
        with page.database.transaction() as session:
            commands.reset_account(session, account, typed.get("password") or "")
        return page.go(f"/accounts/{account}", done="account_reset")

    found = _found(page, account)
    return page.attempt(act, "accounts/account.html", beside=BESIDE, **_shown(found), typed=_known(found))


def _found(page: Page, account: UUID) -> Account:
    with page.database.transaction() as session:
        found = queries.account(session, account)
        if found is None:
            raise NotFound
        return found


def _known(found: Account) -> Typed:
    return Typed.known(found.may_do(), seen=json.dumps(found.may_do()))


def _shown(found: Account) -> dict[str, Any]:
    return {"account": found, "roles": STAFF_ROLES, "theirs": None}


def _roles(typed: Typed) -> list[str]:
    return sorted({role for role in typed.all("roles") if role in STAFF_ROLES})
