"""What is free, how to say that something was asked for it, and the inspector's answer."""

import re
from typing import Any
from uuid import UUID

from contracts.vocabulary import Role
from fastapi import APIRouter
from fastapi.responses import Response

from console.pages.page import Anybody, Front, Page, Sent, SignedIn
from console.typed import Typed

router = APIRouter()
REPORT_WRONG = {"day-not-come": "happened_on"}
ANSWER_WRONG = {"receipt-unknown": "receipt"}
CLOSING_WRONG = {"levy-report-already-closed": "answer"}


@router.get("/free-services")
def list_services(page: Anybody) -> Response:
    """Every service, and that it is free: everybody may know."""
    return page.render("levies/services.html", free=_free(page))


@router.get("/free-services/report")
def ask_report(page: Anybody) -> Response:
    """Asks what happened; nobody need say who they are."""
    return page.render("levies/report.html", **_asked(page), typed=Typed.known(anonymous=True))


@router.post("/free-services/report")
def report(typed: Sent, page: Anybody) -> Response:
    """Takes it, and shows the receipt once. The same form sent again has the same receipt."""
    body = typed.body("step", "named", "text", days=("happened_on",)) | {"officers": typed.all("officers")}
    if amount := typed.get("amount"):
        # Rp 50.000 is fifty thousand, and never fifty.
        body["amount"] = re.sub(r"[Rr]p|[.\s]", "", amount)

    def act() -> Response:
        path = f"/levy-reports/{typed.get('id')}"
        if isinstance(page, Page) and typed.get("anonymous") == "false":
            taken = page.put("intake", path, body | {"anonymous": False})
        else:
            taken = page.openly("PUT", "intake", path, json=body | {"anonymous": True})
        return page.render("levies/receipt.html", receipt=taken["receipt"])

    return page.attempt(act, "levies/report.html", known=lambda: _asked(page), beside=REPORT_WRONG, typed=typed)


@router.get("/free-services/answer")
def ask_answer(page: Anybody) -> Response:
    """Asks for the code on the receipt."""
    return page.render("levies/answer.html", found=None)


@router.post("/free-services/answer")
def show_answer(typed: Sent, page: Anybody) -> Response:
    """What became of it. The code is sent in a body and never stands in an address."""

    def act() -> Response:
        body = typed.body("receipt")
        found = page.openly("POST", "intake", "/levy-reports/answers", json=body)
        return page.render("levies/answer.html", found=found)

    return page.attempt(act, "levies/answer.html", beside=ANSWER_WRONG, typed=typed, found=None)


@router.get("/levies")
def list_reports(page: SignedIn) -> Response:
    """The inspector's list: those without an answer first."""
    return page.render("levies/list.html", reports=page.get("intake", "/levy-reports"))


@router.get("/levies/{report}")
def show_report(report: UUID, page: SignedIn) -> Response:
    """One report, and a form to answer it."""
    return page.render("levies/one.html", **_report(page, report))


@router.post("/levies/{report}")
def close_report(report: UUID, typed: Sent, page: SignedIn) -> Response:
    """Answers it."""

    def act() -> Response:
        page.post("intake", f"/levy-reports/{report}/closure", typed.body("answer", flags=("upheld",)))
        return page.go(f"/levies/{report}", done="levy_closed")

    return page.attempt(act, "levies/one.html", known=lambda: _report(page, report), beside=CLOSING_WRONG, typed=typed)


def _free(page: Front) -> dict[str, Any]:
    return dict(page.openly("GET", "intake", "/services-and-fees"))


def _asked(page: Front) -> dict[str, Any]:
    steps = [(one["step"], page.house.translate(one["name"], page.language)) for one in _free(page)["services"]]
    # A report is kept from whoever is named by account, so those who read reports can be named so.
    return {"steps": steps, "inspectors": list(page.staff(Role.INSPECTOR).items())}


def _report(page: Page, report: UUID) -> dict[str, Any]:
    return {"report": page.get("intake", f"/levy-reports/{report}"), "staff": page.staff()}
