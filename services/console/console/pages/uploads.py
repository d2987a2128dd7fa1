"""Files that somebody sent, kept in memory alone while the work with them goes on: no names on the console's disk."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

KINDS = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".csv": "text/csv"}
LASTS = timedelta(minutes=30)
AT_ONCE = 8
"""Files of everybody together; the oldest goes first."""


@dataclass(frozen=True)
class Upload:
    """One file."""

    content: bytes
    suffix: str

    @property
    def media_type(self) -> str:
        """What its name says that it is; the service looks into it."""
        return KINDS.get(self.suffix, "application/octet-stream")


class Uploads:
    """The files that are kept, each for whoever sent it. After a restart they are chosen again."""

    def __init__(self) -> None:
        self._kept: dict[UUID, tuple[datetime, UUID, Upload]] = {}

    def keep(self, id: UUID, of: UUID, file: Upload) -> None:
        """Keeps a file under an id, in place of the one before."""
        now = datetime.now(UTC)
        fresh = {key: value for key, value in self._kept.items() if now - value[0] < LASTS and key != id}
        newest = sorted(fresh.items(), key=lambda item: item[1][0])[-(AT_ONCE - 1) :]
        self._kept = dict(newest) | {id: (now, of, file)}

    def find(self, id: UUID, of: UUID) -> Upload | None:
        """The file, if it is theirs and still here."""
        kept_at, owner, file = self._kept.get(id, (datetime.min.replace(tzinfo=UTC), of, None))
        return file if owner == of and datetime.now(UTC) - kept_at < LASTS else None

    def of(self, owner: UUID) -> list[tuple[UUID, datetime]]:
        """Their files that are still here, and since when."""
        since = datetime.now(UTC) - LASTS
        return [(id, kept_at) for id, (kept_at, of, _) in self._kept.items() if of == owner and kept_at > since]

    def drop(self, id: UUID) -> None:
        """Forgets a file."""
        self._kept.pop(id, None)


async def _sent_file(request: Request) -> Upload | None:
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return Upload(await file.read(), PurePath(file.filename).suffix.lower())


def _uploads(request: Request) -> Uploads:
    return cast(Uploads, request.app.state.uploads)


SentFile = Annotated[Upload | None, Depends(_sent_file)]
"""The file of a form; None when none was chosen."""
Kept = Annotated[Uploads, Depends(_uploads)]
