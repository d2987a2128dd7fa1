"""Taking over the ministry's register: a file is compared, taken over lot by lot, and can be taken back."""

from collections.abc import Callable
from time import monotonic
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from console.pages.page import Page, Sent, SignedIn
from console.pages.uploads import Kept, SentFile, Upload, Uploads
from console.pages.wrong import Wrong
from console.services import Said

router = APIRouter(prefix="/register-imports")
PURPOSE = "register-import"
AT_A_TIME_S = 6.0
"""After so long a page shows how far it is, rather than keep a browser waiting."""
FILE = dict.fromkeys(
    (
        "file-kind-unknown",
        "file-is-not-what-it-says",
        "file-is-old-workbook",
        "file-is-encrypted",
        "file-has-macros",
        "file-too-large",
        "file-is-empty",
        "import-id-taken",
        "too-large",
    ),
    "file",
)
"""What is said beside the file."""
CHOOSE = "Pilih berkas .xlsx atau .csv lebih dahulu."


@router.get("")
def list_imports(page: SignedIn, kept: Kept) -> Response:
    """Every import, what is still looked at, and a form for the next."""
    return page.render("imports/list.html", **_listed(page, kept))


@router.post("")
def send_file(typed: Sent, file: SentFile, page: SignedIn, kept: Kept) -> Response:
    """Keeps a file for as long as the officer works with it."""
    if file is None:
        return _list_again(page, kept, Wrong(CHOOSE, {"file": CHOOSE}))
    import_id = typed.uuid("id")
    kept.keep(import_id, page.account.id, file)
    return page.go(f"/register-imports/{import_id}")


@router.get("/{import_id}")
def show_import(import_id: UUID, page: SignedIn, kept: Kept) -> Response:
    """What the file would change, or what the import did."""
    file = kept.find(import_id, page.account.id)
    taken = page.find("intake", f"/register-imports/{import_id}")
    if taken is None and file is None:
        raise HTTPException(404)
    if file is None or (taken and (taken["finished_at"] or taken["undone_at"])):
        return _show(page, import_id, taken, file)
    try:
        reading = _put(page, import_id, file).json()
    except Said as refusal:
        if not refusal.mendable:
            raise
        kept.drop(import_id)
        return _list_again(page, kept, Wrong.of(refusal, FILE))
    return _show(page, import_id, taken, file, reading=reading, fields=reading["headings"]["fields"])


@router.post("/{import_id}")
def take_over(import_id: UUID, typed: Sent, file: SentFile, page: SignedIn, kept: Kept) -> Response:
    """Takes over the next lots. Whatever breaks off goes on with the same file, chosen again if need be."""
    if file is not None:
        kept.keep(import_id, page.account.id, file)
    here = kept.find(import_id, page.account.id)
    taken = page.find("intake", f"/register-imports/{import_id}")
    if here is None:
        return _show(page, import_id, taken, None, wrong=Wrong(CHOOSE, {"file": CHOOSE}))

    try:
        told = _until_late(lambda: _put(page, import_id, here, apply="true").json(), _left)
    except Said as refusal:
        if not refusal.mendable:
            raise
        return _show(page, import_id, taken, here, wrong=Wrong.of(refusal, FILE))
    if _left(told):
        return page.render("imports/going_on.html", id=import_id, applied=told["applied"], left=_left(told))
    return page.go(f"/register-imports/{import_id}", done="import_finished")


@router.get("/{import_id}/marked")
def download_marked(import_id: UUID, page: SignedIn, kept: Kept) -> Response:
    """The officer's own file with a column that says what is wrong, and where."""
    file = kept.find(import_id, page.account.id)
    if file is None:
        raise HTTPException(404)
    answer = _put(page, import_id, file, marked="true")
    named = {"content-disposition": f'attachment; filename="kesalahan{file.suffix}"'}
    return Response(answer.content, media_type=file.media_type, headers=named)


@router.post("/{import_id}/undo")
def undo_import(import_id: UUID, typed: Sent, page: SignedIn, kept: Kept) -> Response:
    """Takes it back, but for those whom something else rests on by now."""
    at = f"/register-imports/{import_id}"
    told = _until_late(lambda: page.post("intake", f"{at}/undo"), lambda now: int(now["waiting"]))
    kept.drop(import_id)
    names = {id: one["name"] for id, one in page.names(one["person"] for one in told["kept"]).items()}
    return _show(page, import_id, page.get("intake", at), None, undoing=told, names=names)


def _list_again(page: Page, kept: Uploads, wrong: Wrong) -> Response:
    return page.render("imports/list.html", status=422, wrong=wrong, **_listed(page, kept))


def _listed(page: Page, kept: Uploads) -> dict[str, Any]:
    imports = page.get("intake", "/register-imports")
    begun = {one["import_id"] for one in imports}
    compared = [(id, at.isoformat()) for id, at in kept.of(page.account.id) if str(id) not in begun]
    return {"imports": imports, "compared": compared}


def _show(page: Page, import_id: UUID, taken: Any, file: Upload | None, **more: Any) -> Response:
    """The page of one import; `wrong` makes it a refusal."""
    shown: dict[str, Any] = {
        "reading": None,
        "fields": {},
        "undoing": None,
        "names": {},
        "status": 422 if "wrong" in more else 200,
    }
    return page.render("imports/import.html", id=import_id, taken=taken, file=file, **shown | more)


def _put(page: Page, import_id: UUID, file: Upload, **asked: str) -> Any:
    headers = {"content-type": file.media_type}
    at, params = f"/register-imports/{import_id}", asked or None
    return page.ask("PUT", "intake", at, purpose=PURPOSE, content=file.content, params=params, headers=headers)


def _left(told: Any) -> int:
    return int(told["new"] + told["changed"])


def _until_late(lot: Callable[[], Any], left: Callable[[Any], int]) -> Any:
    """Lot after lot, until nothing is left or it has taken long enough for one page."""
    late = monotonic() + AT_A_TIME_S
    while True:
        told = lot()
        if not left(told) or monotonic() > late:
            return told


def unknown_headings(page: Page, import_id: UUID, file: Upload) -> dict[str, str | None]:
    """The headings of a file that nobody knows, with what each may mean."""
    unknown: dict[str, str | None] = _put(page, import_id, file).json()["headings"]["unknown"]
    return unknown
