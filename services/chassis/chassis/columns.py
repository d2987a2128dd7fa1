"""How a column is written, so that every service's tables read alike."""

from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def moment(**field: Any) -> Any:
    """A point in time: `…_at`, with its zone."""
    return Field(sa_type=sa.DateTime(timezone=True), **field)


def choice(words: type[Enum], **field: Any) -> Any:
    """One of the words of an enum, kept as text: a new word needs no migration."""
    kept = sa.Enum(
        words,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda e: [str(w.value) for w in e],
    )
    return Field(sa_type=kept, **field)


def document(**field: Any) -> Any:
    """A small JSON document that is only ever read whole."""
    return Field(sa_type=JSONB, **field)
