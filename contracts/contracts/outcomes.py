"""What outcomes says: follow-ups due and answered, re-entries, and how long somebody was observed."""

from datetime import date
from uuid import UUID

from contracts.event import Event
from contracts.vocabulary import Answer, PersonRef


class FollowUpScheduled(Event, type="outcomes.follow_up_scheduled.v1", audience="national"):
    """A follow-up after release is due on a day. Only with the person's consent."""

    person: PersonRef
    follow_up_id: UUID
    release_id: UUID
    days: int
    due_on: date


class FollowUpAnswered(Event, type="outcomes.follow_up_answered.v1", audience="national"):
    """What a follow-up found. Unknown is an answer of its own."""

    person: PersonRef
    follow_up_id: UUID
    employed: Answer
    housed: Answer


class FollowUpCancelled(Event, type="outcomes.follow_up_cancelled.v1", audience="national"):
    """A follow-up will not take place: consent was withdrawn, or the person is back inside."""

    person: PersonRef
    follow_up_id: UUID


class ReentryRecorded(Event, type="outcomes.reentry_recorded.v1", audience="national"):
    """Definition D2: the person entered a rutan or lapas again, so many days after this release."""

    person: PersonRef
    release_id: UUID
    reentered_on: date
    days_since_release: int


class ObservationEnded(Event, type="outcomes.observation_ended.v1", audience="national"):
    """Until this day it is known whether the person re-entered; after it, it is not."""

    person: PersonRef
    release_id: UUID
    observed_until: date
