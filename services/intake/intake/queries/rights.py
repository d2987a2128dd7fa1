"""What a person may ask for and from when, whose turn comes soon, and how far each proposal is."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from contracts.vocabulary import Answer, LegalStatus, ReleaseMode, Right
from pydantic import BaseModel, ConfigDict
from sqlalchemy import bindparam
from sqlmodel import Session, and_, col, or_, select

from intake.model.estimates import LABEL, Estimate, Possibility, estimate
from intake.model.people import Person
from intake.model.rights import OPEN, Proposal, ProposalDocument, ProposalNotHere, ProposalState
from intake.model.sentences import REMISSIONS, Dossier
from intake.model.stays import Release
from intake.queries.people import entries_of, kept_of
from intake.queries.regulations import rule_sets
from intake.queries.sentences import dossier_of, dossiers_of

LITMAS_NUMBER, PROPOSAL_DECREE, REVOCATION = "proposal.litmas_number", "proposal.decree", "proposal.revocation"
PAPER_NUMBER = "proposal_document.number"
"""The places that sealed values are bound to."""

THIS_YEARS = timedelta(days=90)
"""A remission is asked for anew each year: one decided within the longest horizon is the one that comes next."""
MODES = {
    Right.PB: ReleaseMode.PB,
    Right.CB: ReleaseMode.CB,
    Right.CMB: ReleaseMode.CMB,
}


class _Told(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SourceTold(_Told):
    """Where it is written, and whether that was checked against the official text."""

    rule_set: str
    version: int
    number: str
    clause: str
    confirmed: bool
    note: str


class ReasonTold(_Told):
    """One condition, whether it is met, and from when time alone will meet it."""

    text: str
    met: Answer
    from_on: date | None
    source: SourceTold


class KeyDayTold(_Told):
    """One day on the way to the end of the sentence."""

    name: str
    text: str
    on: date
    source: SourceTold


class PaperTold(_Told):
    """A paper that is still missing."""

    code: str
    text: str
    source: SourceTold


class StepTold(_Told):
    """A stage, how many working days it may take, and what it costs."""

    text: str
    working_days: int | None
    fee: str


class WayTold(_Told):
    """The stages of a proposal."""

    steps: list[StepTold]
    fee: str
    source: SourceTold


class AwardTold(_Told):
    """How much a remission would be."""

    months: int
    days: int


class EstimateTold(_Told):
    """What can be said of one right, as it is shown and as a proposal keeps it."""

    label: str
    right: Right
    possible: Possibility
    earliest_on: date | None
    reasons: list[ReasonTold]
    doubts: list[str]
    """Perlu dikonfirmasi."""
    award: AwardTold | None
    key_days: list[KeyDayTold]
    missing_documents: list[PaperTold]
    way: WayTold | None


class RightTold(EstimateTold):
    """The same of one person: what is missing is what is not there yet, and whether it is proposed already."""

    proposal: UUID | None = None
    """The one that is on its way."""


class Coming(NamedTuple):
    """Somebody whose right becomes possible, or whose sentence ends (no right), and who was not proposed for it."""

    person: UUID
    legal_status: LegalStatus
    right: Right | None
    possible: Possibility | None
    on: date
    label: str = LABEL


def told(found: Estimate) -> EstimateTold:
    """The estimate as it is shown. Every step says what it costs: nothing."""
    plain = {name: getattr(found, name) for name in EstimateTold.model_fields if name != "way"}
    way = found.way and {
        "steps": [{"text": s.text, "working_days": s.working_days, "fee": found.way.fee} for s in found.way.steps],
        "fee": found.way.fee,
        "source": found.way.source,
    }
    return EstimateTold.model_validate({**plain, "way": way})


def estimates_of(session: Session, person_id: UUID, on: date, right: Right | None = None) -> list[RightTold]:
    """One estimate per right, or of one; papers that an open proposal has already are not missing."""
    person = kept_of(session, person_id)
    under_way, there = _under_way(session, person.id)
    rights = [right] if right else list(Right)
    case = dossiers_of(session, [person], rights)[person.id].case()
    found = estimate(case, rule_sets(), on, rights)

    def lacking(e: Estimate) -> Estimate:
        return replace(e, missing_documents=tuple(p for p in e.missing_documents if p.code not in there[e.right]))

    return [RightTold(**dict(told(lacking(e))), proposal=under_way.get(e.right)) for e in found]


def estimate_of(session: Session, person_id: UUID, right: Right, on: date) -> Estimate | None:
    """What can be said of one right; None where no regulation in force knows it."""
    return next(iter(estimate(dossier_of(session, person_id, [right]).case(), rule_sets(), on, [right])), None)


def horizon(session: Session, on: date, days: int) -> list[Coming]:
    """Everybody inside whose right becomes possible, or who is released, by then and who has no proposal yet."""
    people = session.exec(
        select(Person).where(
            col(Person.inside), col(Person.merged_into).is_(None), Person.legal_status != LegalStatus.TAHANAN
        )
    ).all()
    until, proposals = on + timedelta(days=days), _proposals_by_person(session)
    coming = [
        found
        for id, dossier in dossiers_of(session, people, list(Right)).items()
        if dossier.sentences
        for found in _coming(dossier, proposals.get(id, []), on, until)
    ]
    return sorted(coming, key=lambda c: (c.on, str(c.person), c.right or ""))


def proposal_of(session: Session, person_id: UUID, proposal_id: UUID) -> Proposal:
    """The proposal of this person, at whichever of their entries it stands."""
    found = session.get(Proposal, proposal_id)
    if found is None or found.person not in entries_of(session, person_id):
        raise ProposalNotHere
    return found


def proposals_of(session: Session, person_id: UUID) -> list[Proposal]:
    """Every proposal of a person, oldest first."""
    return list(
        session.exec(
            select(Proposal)
            .where(col(Proposal.person).in_(entries_of(session, person_id)))
            .order_by(col(Proposal.proposed_at))
        )
    )


def under_way(session: Session) -> list[Proposal]:
    """Every proposal that is on its way, the oldest first."""
    return list(session.exec(select(Proposal).where(col(Proposal.state).in_(OPEN)).order_by(col(Proposal.proposed_at))))


def open_proposal(session: Session, person_id: UUID, right: Right) -> Proposal | None:
    """The one that is on its way."""
    query = select(Proposal).where(
        col(Proposal.person).in_(entries_of(session, person_id)), Proposal.right == right, col(Proposal.state).in_(OPEN)
    )
    return session.exec(query).first()


def guaranteed_by(session: Session, contact_id: UUID) -> list[Proposal]:
    """The proposals that a contact is to stand surety for and whose checklist is still open."""
    query = select(Proposal).where(Proposal.guarantor == contact_id, Proposal.state == ProposalState.PROPOSED)
    return list(session.exec(query))


def papers_of(session: Session, proposal_id: UUID) -> list[ProposalDocument]:
    """The checklist of a proposal."""
    query = select(ProposalDocument).where(ProposalDocument.proposal == proposal_id)
    return list(session.exec(query.order_by(col(ProposalDocument.code))))


def release_mode_of(session: Session, person_id: UUID) -> ReleaseMode | None:
    """How the person is to leave by what was decided, unless it was revoked or they left since."""
    left = (
        select(col(Release.released_on))
        .where(col(Release.person).in_(entries_of(session, person_id)))
        .order_by(col(Release.released_on).desc())
    )
    last = session.exec(left.limit(1)).first()
    granted = [
        proposal
        for proposal in proposals_of(session, person_id)
        if proposal.state is ProposalState.DECIDED and proposal.granted and proposal.right in MODES
        if proposal.decided_on and (last is None or proposal.decided_on > last)
    ]
    return MODES[max(granted, key=lambda p: p.decided_on or date.min).right] if granted else None


def _coming(dossier: Dossier, proposals: list[Proposal], on: date, until: date) -> Iterable[Coming]:
    person, settled = dossier.person, {p.right for p in proposals if _settles(p, on)}
    for e in estimate(dossier.case(), rule_sets(), on):
        wanted = e.possible is not Possibility.NOT_POSSIBLE and e.right not in settled
        if wanted and e.earliest_on and e.earliest_on <= until:
            yield Coming(person.id, person.legal_status, e.right, e.possible, max(e.earliest_on, on))
    timeline = dossier.timeline(on)
    if not settled - REMISSIONS and not timeline.never_ends and timeline.expiry <= until:
        yield Coming(person.id, person.legal_status, None, None, timeline.expiry)


def _settles(proposal: Proposal, on: date) -> bool:
    """Whether there is nothing to begin: it is on its way, or was granted."""
    if proposal.open or proposal.decided_on is None:
        return proposal.open
    granted = proposal.state is ProposalState.DECIDED and bool(proposal.granted)
    return granted and (proposal.right not in REMISSIONS or on - proposal.decided_on < THIS_YEARS)


def _proposals_by_person(session: Session) -> dict[UUID, list[Proposal]]:
    found: dict[UUID, list[Proposal]] = defaultdict(list)
    query = select(Proposal, Person).where(Proposal.person == Person.id)
    for proposal, entry in session.exec(query):
        found[entry.merged_into or entry.id].append(proposal)
    return found


def _under_way(session: Session, kept: UUID) -> tuple[dict[Right, UUID], dict[Right, set[str]]]:
    """The open proposal of each right, and the papers that it has."""
    proposals: dict[Right, UUID] = {}
    there: dict[Right, set[str]] = defaultdict(set)
    for right, id, code in session.exec(_UNDER_WAY, params={"kept": kept}):
        proposals[right] = id
        there[right].add(code)
    return proposals, there


def _of_somebody() -> Any:
    kept: Any = bindparam("kept")
    entries = select(Person.id).where(or_(col(Person.id) == kept, col(Person.merged_into) == kept))
    present = and_(col(ProposalDocument.proposal) == Proposal.id, col(ProposalDocument.present))
    return (
        select(col(Proposal.right), col(Proposal.id), col(ProposalDocument.code))
        .join(ProposalDocument, present, isouter=True)
        .where(col(Proposal.person).in_(entries), col(Proposal.state).in_(OPEN))
    )


# Built once: building it takes as long as asking it.
_UNDER_WAY = _of_somebody()
