"""What partner-matching does."""

from datetime import date, datetime
from uuid import UUID

from chassis import gate
from chassis.database import in_turn
from chassis.identity import Actor
from chassis.outbox import publish
from contracts.partner_matching import PlacementEnd
from contracts.vocabulary import Answer, Purpose, Sector
from sqlmodel import Session

from contracts import Event
from partner_matching import queries
from partner_matching.model import (
    AlreadySuggested,
    Days,
    Match,
    MatchIdTaken,
    MatchNotHere,
    Milestone,
    MilestoneChangedMeanwhile,
    Partner,
    PartnerNotHere,
    Placement,
    PlacementIdTaken,
    PlacementNotHere,
    Profile,
    Vacancy,
    VacancyNotHere,
)


def note_wish(session: Session, person: UUID, wants_work: bool) -> None:
    """Whether the person wants help with work."""
    _profile(session, person).wants_work = wants_work


def note_finished(session: Session, person: UUID, sector: Sector | None) -> None:
    """A finished programme, if it belongs to a kind of work."""
    profile = _profile(session, person)
    if sector and sector not in profile.sectors:
        profile.sectors = [*profile.sectors, sector]


def register_partner(session: Session, partner: Partner, seen: str | None = None) -> Partner:
    """Registers a partner, or corrects its name: then `seen` is what it was."""
    in_turn(session, partner.code)
    if known := session.get(Partner, partner.code):
        known.rename(partner.name, seen)
        return known
    session.add(partner)
    return partner


def publish_vacancy(session: Session, vacancy: Vacancy, seen: Vacancy | None = None) -> Vacancy:
    """Offers a partner's places, or changes what is offered: then `seen` is what it was."""
    if session.get(Partner, vacancy.partner) is None:
        raise PartnerNotHere
    in_turn(session, vacancy.id)
    if known := session.get(Vacancy, vacancy.id, with_for_update=True):
        known.change(vacancy, seen, queries.taken(session, vacancy.id))
        return known
    session.add(vacancy)
    return vacancy


def suggest_match(session: Session, match_id: UUID, person: UUID, vacancy_id: UUID, by: Actor, at: datetime) -> Match:
    """Suggests a vacancy to a person. The same suggestion again changes nothing."""
    vacancy = session.get(Vacancy, vacancy_id, with_for_update=True)
    if vacancy is None:
        raise VacancyNotHere
    if known := session.get(Match, match_id):
        if (known.person, known.vacancy) != (person, vacancy_id):
            raise MatchIdTaken
        return known
    if queries.is_open(session, person, vacancy_id):
        raise AlreadySuggested
    match = Match(
        id=match_id,
        site=by.site,
        person=person,
        vacancy=vacancy.id,
        partner=vacancy.partner,
        reasons=[],
        suggested_at=at,
        suggested_by=by.id,
    )
    event = match.suggest(session.get(Profile, person), vacancy, queries.taken(session, vacancy.id))
    session.add(match)
    publish(session, event)
    return match


def accept_match(session: Session, match_id: UUID, at: datetime) -> Match:
    """The person chooses a suggestion."""
    match = _match(session, match_id)
    _tell(session, match.accept(at))
    return match


def decline_match(session: Session, match_id: UUID, at: datetime) -> Match:
    """The person does not want it."""
    match = _match(session, match_id)
    _tell(session, match.decline(at))
    return match


def withdraw_matches(session: Session, person: UUID, partner: str, at: datetime) -> None:
    """Stops what is open, since the consent that covered it is gone."""
    for match in queries.open_matches(session, person, partner):
        publish(session, match.withdraw(at))


def start_placement(
    session: Session, placement_id: UUID, match_id: UUID, on: date, *, by: Actor, at: datetime
) -> Placement:
    """Work begins. The same placement again changes nothing."""
    match = session.get(Match, match_id)
    if match is None:
        raise MatchNotHere
    # The gate before the match, as a withdrawal locks them, or the two would wait for each other.
    epoch = gate.standing_epoch(session, match.person, Purpose.PARTNER_SHARING, match.partner)
    session.refresh(match, with_for_update=True)
    if known := session.get(Placement, placement_id):
        if known.match != match_id:
            raise PlacementIdTaken
        return known
    vacancy = session.get_one(Vacancy, match.vacancy)
    placement = Placement(
        id=placement_id,
        site=match.site,
        match=match.id,
        person=match.person,
        partner=match.partner,
        sector=vacancy.sector,
        started_on=on,
        consent_epoch=0,
        recorded_at=at,
        recorded_by=by.id,
    )
    publish(session, match.place(placement, epoch))
    session.add(placement)
    return placement


def record_milestone(
    session: Session,
    placement_id: UUID,
    days: Days,
    employed: Answer,
    seen: Answer | None = None,
    *,
    on: date,
    by: Actor,
    at: datetime,
) -> Milestone:
    """What is known at one of the days. The same again changes nothing; another answer corrects the one seen."""
    placement = _placement(session, placement_id)
    known = session.get(Milestone, (placement_id, days))
    if known and known.employed is employed:
        return known
    if known and known.employed is not seen:
        raise MilestoneChangedMeanwhile
    _renew_consent(session, placement)
    event = placement.reach(days, employed, on, at)
    row = Milestone(placement=placement_id, days=days, employed=employed, checked_on=on, recorded_by=by.id)
    publish(session, event)
    return session.merge(row)


def end_placement(session: Session, placement_id: UUID, on: date, reason: PlacementEnd, at: datetime) -> Placement:
    """It is over."""
    placement = _placement(session, placement_id)
    _renew_consent(session, placement)
    _tell(session, placement.end(on, reason, at))
    return placement


def _tell(session: Session, event: Event | None) -> None:
    if event:
        publish(session, event)


def _renew_consent(session: Session, placement: Placement) -> None:
    """What is said from now on is covered by the consent that stands now; withdrawn, it stays under the old one."""
    epoch = gate.standing_epoch(session, placement.person, Purpose.PARTNER_SHARING, placement.partner)
    placement.consent_epoch = epoch or placement.consent_epoch


def _profile(session: Session, person: UUID) -> Profile:
    profile = session.get(Profile, person, with_for_update=True)
    if profile is None:
        profile = Profile(person=person)
        session.add(profile)
    return profile


def _match(session: Session, match_id: UUID) -> Match:
    match = session.get(Match, match_id, with_for_update=True)
    if match is None:
        raise MatchNotHere
    return match


def _placement(session: Session, placement_id: UUID) -> Placement:
    placement = session.get(Placement, placement_id, with_for_update=True)
    if placement is None:
        raise PlacementNotHere
    return placement
