"""Meeting: what bars it, what it needs, and whether it took place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict
from contracts.vocabulary import Answer
from sqlmodel import Field

from intake.model.days import must_have_come, today
from intake.model.family import ContactAnswer, ContactHasNotAgreed, ContactWish, Entry, last_answer


class PersonHasNotAgreed(Conflict):
    """Contact with the family rests on the person's own consent."""

    detail = (
        "Orang ini belum menyetujui kontak dengan keluarga, atau sudah menariknya. "
        "Tanyakan dahulu; ia boleh menjawab tidak."
    )


class ContactRestricted(Conflict):
    """No contact on that day."""

    detail = "Pada tanggal itu berlaku pembatasan kontak. Pilih tanggal lain atau periksa pembatasannya."


class RestrictionDatesOutOfOrder(Conflict):
    """It would end before it begins."""

    detail = "Tanggal akhir pembatasan lebih awal dari tanggal mulainya. Periksa kedua tanggal itu."


class RestrictionAlreadyLifted(Conflict):
    """Once is enough."""

    detail = "Pembatasan ini sudah dicabut pada tanggal lain. Bila berlaku lagi, catat pembatasan baru."


class DayPassed(Conflict):
    """Nothing is planned for yesterday."""

    detail = "Tanggal ini sudah lewat. Rencanakan untuk hari ini atau sesudahnya."


class ReasonMismatch(Conflict):
    """What did not take place has a coded reason; what did, or is unknown, has none."""

    detail = "Alasan diisi bila, dan hanya bila, kunjungan tidak terlaksana. Perbaiki isian Anda."


class VisitAlreadyRecorded(Conflict):
    """It is known whether it took place."""

    detail = "Hasil kunjungan ini sudah dicatat. Periksa kembali kunjungan yang dipilih."


class RestrictionKind(StrEnum):
    """Why there is to be no contact."""

    COURT = "court"
    OWN_WISH = "own_wish"
    """Of the person: refusing visits is a right (UU 22/2022 Ps. 7)."""
    CONTACT_WISH = "contact_wish"
    SAFETY = "safety"


class Channel(StrEnum):
    """How they meet."""

    VISIT = "visit"
    VIDEO = "video"
    LETTER = "letter"

    @property
    def wish(self) -> ContactWish:
        """What the contact must have agreed to."""
        return ContactWish.LETTERS if self is Channel.LETTER else ContactWish.VISITS


class Hindrance(StrEnum):
    """What stands against a visit."""

    RESTRICTED = "restricted"
    PERSON_HAS_NOT_AGREED = "person_has_not_agreed"
    CONTACT_HAS_NOT_AGREED = "contact_has_not_agreed"

    def refusal(self) -> Conflict:
        """The same to whoever plans."""
        match self:
            case Hindrance.RESTRICTED:
                return ContactRestricted()
            case Hindrance.PERSON_HAS_NOT_AGREED:
                return PersonHasNotAgreed()
            case Hindrance.CONTACT_HAS_NOT_AGREED:
                return ContactHasNotAgreed()


class NotKept(StrEnum):
    """Why a visit did not take place."""

    PERSON_DECLINED = "person_declined"
    """An ordinary answer: nothing follows from it (UU 22/2022 Ps. 7)."""
    CONTACT_DID_NOT_COME = "contact_did_not_come"
    CONTACT_DECLINED = "contact_declined"
    NOT_ALLOWED = "not_allowed"
    ILL = "ill"
    MOVED = "moved"
    STAFF_SHORTAGE = "staff_shortage"
    NO_CONNECTION = "no_connection"
    OTHER = "other"


class ContactRestriction(Entry, table=True):
    """No contact with one contact, or with any, for a time or until it is lifted."""

    # Ps. 33: what would endanger somebody else is not shown, nor whether there is any.
    __table_args__ = ({"info": {"withheld": True}},)
    __tablename__ = "contact_restriction"
    apart = frozenset({"lifted_on", "lifted_at", "lifted_by"})

    contact: UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    """None: with nobody."""
    kind: RestrictionKind = choice(RestrictionKind)
    from_on: date
    until_on: date | None = None
    """The last day, if it has one."""
    lifted_on: date | None = None
    """The first day on which it holds no more."""
    lifted_at: datetime | None = moment(nullable=True, default=None)
    lifted_by: UUID | None = None

    def enter(self) -> None:
        """It is a stretch of days."""
        if self.until_on is not None and self.until_on < self.from_on:
            raise RestrictionDatesOutOfOrder

    def lift(self, on: date, *, by: UUID, at: datetime) -> None:
        """It ends before its last day, or has none."""
        if self.lifted_on == on:
            return
        if self.lifted_on is not None:
            raise RestrictionAlreadyLifted
        if on < self.from_on:
            raise RestrictionDatesOutOfOrder
        self.lifted_on, self.lifted_at, self.lifted_by = on, at, by

    def bars(self, contact: UUID, on: date) -> bool:
        """Whether there is no contact with this one on that day."""
        return (
            self.contact in (None, contact)
            and self.from_on <= on
            and (self.until_on is None or on <= self.until_on)
            and (self.lifted_on is None or on < self.lifted_on)
        )


@dataclass(frozen=True)
class Circle:
    """A person and those outside, as it stands: whether the person agrees, what each answered, what is barred."""

    person_agrees: bool
    answers: Sequence[ContactAnswer]
    restrictions: Sequence[ContactRestriction]

    def hindrance(self, contact: UUID, channel: Channel, on: date) -> Hindrance | None:
        """What stands against meeting on that day. Asked when it is planned, and again when the day's list is read."""
        if any(restriction.bars(contact, on) for restriction in self.restrictions):
            return Hindrance.RESTRICTED
        if not self.person_agrees:
            return Hindrance.PERSON_HAS_NOT_AGREED
        last = last_answer(self.answers, contact, channel.wish)
        if last is None or not last.stands:
            return Hindrance.CONTACT_HAS_NOT_AGREED
        return None


class Visit(Entry, table=True):
    """A meeting that was planned, and whether it took place: yes, no and unknown are three things."""

    apart = frozenset({"kept", "reason", "recorded_at", "recorded_by"})

    contact: UUID = Field(foreign_key="contact.id", index=True)
    planned_on: date = Field(index=True)
    channel: Channel = choice(Channel)
    kept: Answer | None = choice(Answer, nullable=True, default=None)
    """None: nobody has said yet."""
    reason: NotKept | None = choice(NotKept, nullable=True, default=None)
    recorded_at: datetime | None = moment(nullable=True, default=None)
    recorded_by: UUID | None = None

    def plan(self, circle: Circle) -> None:
        """It may take place, as things stand."""
        if self.planned_on < today(self.entered_at):
            raise DayPassed
        if hindrance := circle.hindrance(self.contact, self.channel, self.planned_on):
            raise hindrance.refusal()

    def record(self, kept: Answer, reason: NotKept | None, *, by: UUID, at: datetime) -> None:
        """Whether it took place. That it will not can be said before the day; unknown can be mended later."""
        if (kept is Answer.NO) != (reason is not None):
            raise ReasonMismatch
        if (self.kept, self.reason) == (kept, reason):
            return
        if self.kept not in (None, Answer.UNKNOWN):
            raise VisitAlreadyRecorded
        if kept is not Answer.NO:
            must_have_come(self.planned_on, at)
        self.kept, self.reason, self.recorded_at, self.recorded_by = kept, reason, at, by
