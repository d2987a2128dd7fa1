"""What the gateway does: every word to a partner passes `disclose`, the one gate."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis import gate
from chassis.about import delete_about
from chassis.outbox import publish
from contracts.vocabulary import Purpose
from sqlmodel import Session, func, select

from partner_gateway import queries
from partner_gateway.model import AnotherSitesPlacement, Fact, Lease, Partner, Share, Table, tellable


def register_partner(session: Session, code: str, now: datetime) -> Partner:
    """Lets a partner listen; what waited for it is told. Again, it changes nothing."""
    if known := session.get(Partner, code):
        return known
    _in_turn(session, code, shared=False)
    partner = Partner(code=code, pseudonym_key=secrets.token_bytes(32), registered_at=now)
    session.add(partner)
    session.flush()
    disclose(session, queries.waiting(session, partner=code), now)
    return partner


def note_fact(session: Session, fact: Fact, now: datetime) -> None:
    """Something happened to a placement."""
    _in_turn(session, fact.site, fact.partner, shared=True)
    share = session.get(Share, fact.placement)
    if share and share.site != fact.site:
        raise AnotherSitesPlacement
    if share is None:
        session.add(Share(placement=fact.placement, site=fact.site, person=fact.person, partner=fact.partner))
    session.add(fact)
    session.flush()
    disclose(session, [fact.placement], now)


def renew_lease(session: Session, site: str, now: datetime) -> None:
    """A site was heard, with nothing of its consents outstanding: what waited for that is told."""
    _in_turn(session, site, shared=False)
    lease = session.get(Lease, site, with_for_update=True)
    was_fresh = lease is not None and lease.fresh(now)
    session.merge(Lease(site=site, renewed_at=now))
    session.flush()
    if not was_fresh:
        disclose(session, queries.waiting(session, site=site), now)


def withdraw(session: Session, person: UUID, partner_code: str, now: datetime) -> None:
    """A consent to share with this partner was withdrawn."""
    partner = session.get(Partner, partner_code)
    for share in queries.shares(session, person, partner_code):
        if partner and (event := share.withdraw(partner, here=session.info["site"], at=now)):
            publish(session, event)
            # What a newer consent covers is told anew, with the beginning.
            for fact in queries.facts_of(session, share.placement):
                fact.told = fact.told and not gate.still_passes(
                    session, person, Purpose.PARTNER_SHARING, partner_code, fact.consent_epoch
                )
            disclose(session, [share.placement], now)


def erase(session: Session, person: UUID, now: datetime) -> None:
    """A person was erased: partners are told to forget, then nothing is held."""
    for share in queries.shares(session, person):
        partner = session.get(Partner, share.partner)
        if partner and (event := share.withdraw(partner, here=session.info["site"], at=now)):
            publish(session, event)
    session.flush()
    delete_about(session, Table.metadata, "person", person)


def _in_turn(session: Session, *keys: str, shared: bool) -> None:
    """A fact that is not committed yet cannot be found waiting: who opens the way waits for it, or it for them."""
    lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    for key in keys:
        session.execute(select(lock(func.hashtext(key))))


def disclose(session: Session, placements: Iterable[UUID], now: datetime) -> None:
    """Tells partners what they may hear of these placements now: consent stands and the site was heard lately."""
    for placement in placements:
        share = session.get(Share, placement, with_for_update=True)
        assert share is not None
        partner, lease = (session.get(Partner, share.partner), session.get(Lease, share.site))
        if partner is None or lease is None or not lease.fresh(now):
            continue
        facts = queries.facts_of(session, placement)
        passing = {
            fact.consent_epoch
            for fact in facts
            if gate.still_passes(session, share.person, Purpose.PARTNER_SHARING, share.partner, fact.consent_epoch)
        }
        for fact in tellable(facts, told=share.told, passing=passing):
            share.told = True
            publish(session, fact.tell(partner, here=session.info["site"]))
