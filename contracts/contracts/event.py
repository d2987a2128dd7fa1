"""The envelope: what every event has, and how bytes become an event again."""

from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from uuid_utils.compat import uuid7

Audience = Literal["site", "national", "partner"]
"""Who may hear it. `site` stays inside the rutan; `national` is a site event that may also leave for
the ministry; `partner` is said by the hub's gateway to one partner."""

SLUG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""A code in lower case, safe in subjects, database names and URLs."""

SiteCode = Annotated[str, StringConstraints(pattern=SLUG, max_length=40)]
"""A rutan's code as in the site list (`jakarta-pusat`), or `hub`."""

event_classes: dict[str, type["Event"]] = {}
"""Every event that exists, by its type. Filled by the classes themselves."""


class Event(BaseModel):
    """A fact that happened at a site. Flat and frozen: no name, number, address, free text or answer in it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    type: ClassVar[str]
    audience: ClassVar[Audience]

    event_id: UUID = Field(default_factory=uuid7, description="UUIDv7; the same fact keeps it for ever.")
    site: Annotated[SiteCode, Field(description="Where it happened.")]
    occurred_at: Annotated[AwareDatetime, Field(description="By the site's clock: never order by it.")]

    def __init_subclass__(cls, *, type: str, audience: Audience = "site", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if type in event_classes:
            raise TypeError(f"{type} is already the type of {event_classes[type].__name__}")
        cls.type, cls.audience = type, audience
        event_classes[type] = cls

    @property
    def about(self) -> UUID | None:
        """Whom it is about, if anybody, by the opaque id of the site."""
        found = getattr(self, "person", None)
        return found if isinstance(found, UUID) else None

    @property
    def publisher(self) -> str:
        """The service that says it."""
        return self.type.partition(".")[0]

    def to_bytes(self) -> bytes:
        """The JSON body. The type is not in it: it travels as `ce-type`."""
        return self.model_dump_json(exclude_none=True).encode()


def parse(type: str, body: bytes) -> Event | None:
    """The event in `body`, or None when this release does not know the type yet.

    Unknown fields are ignored, since a site may be two releases away. Raises pydantic.ValidationError when a
    known type's body is not what its class says.
    """
    cls = event_classes.get(type)
    return cls.model_validate_json(body) if cls else None
