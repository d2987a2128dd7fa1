"""What programs says: plans, enrolments, attendance and completion."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.event import Event
from contracts.vocabulary import Domain, PersonRef, ProgrammeCode, Sector


class EnrolmentEnd(StrEnum):
    """Why an enrolment ended without completion."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    LEFT = "left"
    RELEASED = "released"


class Presence(StrEnum):
    """Hadir, sakit, izin, alpa."""

    PRESENT = "present"
    ILL = "ill"
    EXCUSED = "excused"
    ABSENT = "absent"


class PlanDrafted(Event, type="programs.plan_drafted.v1"):
    """A plan was drafted from the needs the person wants help with."""

    person: PersonRef
    plan_id: UUID
    domains: frozenset[Domain]


class PlanAgreed(Event, type="programs.plan_agreed.v1", audience="national"):
    """The person agreed with their own plan."""

    person: PersonRef
    plan_id: UUID


class PlanDeclined(Event, type="programs.plan_declined.v1"):
    """The person did not agree with the plan. An ordinary answer."""

    person: PersonRef
    plan_id: UUID


class PersonEnrolled(Event, type="programs.person_enrolled.v1", audience="national"):
    """A place in a programme was taken."""

    person: PersonRef
    enrolment_id: UUID
    programme: ProgrammeCode


class AttendanceRecorded(Event, type="programs.attendance_recorded.v1"):
    """Whether an enrolled person was at a session."""

    person: PersonRef
    enrolment_id: UUID
    session_on: date
    presence: Presence


class ProgrammeCompleted(Event, type="programs.programme_completed.v1", audience="national"):
    """A person finished a programme."""

    person: PersonRef
    enrolment_id: UUID
    programme: ProgrammeCode
    sector: Sector | None = None
    completed_on: date


class EnrolmentEnded(Event, type="programs.enrolment_ended.v1", audience="national"):
    """An enrolment ended before completion."""

    person: PersonRef
    enrolment_id: UUID
    programme: ProgrammeCode
    reason: EnrolmentEnd
