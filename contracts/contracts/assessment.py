"""What assessment says: that needs were assessed, and inside the rutan which ones."""

from contracts.event import Event
from contracts.vocabulary import Domain, NeedLevel, PersonRef


class NeedsAssessed(Event, type="assessment.needs_assessed.v1", audience="national"):
    """A needs assessment was completed. Which needs it found is not said outside the rutan."""

    person: PersonRef
    instrument_version: int


class NeedsFound(Event, type="assessment.needs_found.v1"):
    """The level found per domain and where the person wants help: a result, never an answer.

    A domain that the person skipped has no level; they may want help there all the same.
    """

    person: PersonRef
    levels: dict[Domain, NeedLevel]
    wants_help: frozenset[Domain]
