"""What a narapidana may ask for, from when, and why: an estimate with its reasons, never a decision."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from contracts.vocabulary import Answer, LegalStatus, Right

from intake.model.cases import Case, Finding, Timeline
from intake.model.regulations import (
    HOLY_DAY,
    Answered,
    Assimilated,
    Award,
    Condition,
    Conduct,
    Detained,
    Entry,
    FixedTerm,
    KeyDate,
    Leave,
    Rank,
    Rule,
    RuleSet,
    SentenceAtMost,
    Served,
    Step,
    documents_of,
    holy_day_of,
    key_dates_of,
    newest_first,
    rules_of,
    service_of,
)
from intake.model.terms import Term, after, before

LABEL = "Perkiraan, bukan keputusan."

Cited = tuple[RuleSet, Rule]


class Possibility(StrEnum):
    """Whether a right can be proposed."""

    NOW = "now"
    FROM_DATE = "from_date"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN = "unknown"


class Source(NamedTuple):
    """Where it is written, and whether that was checked against the official text."""

    rule_set: str
    version: int
    number: str
    clause: str
    confirmed: bool
    note: str


class Reason(NamedTuple):
    """One condition, whether it is met, and from when time alone will meet it."""

    text: str
    met: Answer
    from_on: date | None
    source: Source


class KeyDay(NamedTuple):
    """One day on the way to the end of the sentence."""

    name: str
    text: str
    on: date
    source: Source


class Paper(NamedTuple):
    """A document that is still missing."""

    code: str
    text: str
    source: Source


class Way(NamedTuple):
    """The stages of a proposal, and what it costs."""

    steps: tuple[Step, ...]
    fee: str
    source: Source


@dataclass(frozen=True, slots=True)
class Estimate:
    """What can be said of one right on one day."""

    right: Right
    possible: Possibility
    reasons: tuple[Reason, ...]
    way: Way | None
    doubts: tuple[str, ...]
    """What must be confirmed before anybody relies on this ("perlu dikonfirmasi")."""
    earliest_on: date | None = None
    """Where something is unknown: the earliest day if that turns out well."""
    award: Term | None = None
    """How much a remission would be."""
    key_days: tuple[KeyDay, ...] = ()
    missing_documents: tuple[Paper, ...] = ()
    label: str = LABEL


def estimate(
    case: Case, rule_sets: Sequence[RuleSet], on: date, rights: Collection[Right] = tuple(Right)
) -> list[Estimate]:
    """One estimate for each of these rights that a regulation in force on the day knows, by what had happened then."""
    in_force, timeline = newest_first(rule_sets, on), Timeline(case, on)
    key_days = () if timeline.never_ends else _key_days(in_force, timeline)
    found = _applicable(rights, in_force, timeline)
    return [_estimate(right, rules, timeline, in_force, key_days) for right, rules in found]


def _applicable(
    rights: Collection[Right], in_force: Sequence[RuleSet], timeline: Timeline
) -> Iterator[tuple[Right, list[Cited]]]:
    for right in rights:
        found = [cited for category in timeline.categories for cited in rules_of(in_force, right, category)]
        rules = list({id(rule): (rules, rule) for rules, rule in found}.values())
        if rules:
            yield right, sorted(rules, key=lambda cited: list(Rank).index(cited[0].rank))


def _estimate(
    right: Right, rules: list[Cited], timeline: Timeline, in_force: Sequence[RuleSet], key_days: tuple[KeyDay, ...]
) -> Estimate:
    way = _way(right, in_force)
    if nothing := _nothing_to_count(right, rules, timeline, in_force):
        return Estimate(right, _possibility([nothing], None, timeline.on), (nothing,), way, _doubts([nothing], rules))
    reasons = _weigh(rules, timeline)
    awards = list(_awards(rules, reasons, timeline, in_force))
    reasons += [reason for reason, _ in awards]
    earliest = _earliest(reasons, timeline)
    if earliest and (ends := _ends_first(earliest, rules, timeline)):
        reasons, earliest = [*reasons, ends], None
    return Estimate(
        right=right,
        possible=_possibility(reasons, earliest, timeline.on),
        reasons=tuple(dict.fromkeys(reasons)),
        way=way,
        doubts=_doubts(reasons, rules),
        earliest_on=earliest,
        award=min((amount for _, amount in awards if amount), default=None) if earliest else None,
        key_days=key_days,
        missing_documents=tuple(_missing(right, timeline, in_force)),
    )


def _nothing_to_count(
    right: Right, rules: list[Cited], timeline: Timeline, in_force: Sequence[RuleSet]
) -> Reason | None:
    """Why no date can be counted yet, said kindly and with what would change it."""
    source = _source(*rules[0])
    if timeline.case.legal_status is LegalStatus.TAHANAN:
        text = (
            "Hak ini berlaku bagi narapidana. Sesudah ada putusan berkekuatan hukum tetap, haknya dapat diperkirakan, "
            "dan masa tahanan yang sudah dijalani ikut dihitung."
        )
        return Reason(text, Answer.NO, None, source)
    if not timeline.sentence and not timeline.never_ends:
        text = "Lama pidana belum dicatat. Isi putusannya agar haknya dapat diperkirakan."
        return Reason(text, Answer.UNKNOWN, None, source)
    # A law alone gives no fractions: those of its regulation must be in the data before a date may be named.
    for category in timeline.categories:
        if all(rules.rank is Rank.LAW for rules, _ in rules_of(in_force, right, category)):
            text = "Peraturan pelaksana untuk jenis tindak pidana ini belum ada dalam data."
            return Reason(text, Answer.UNKNOWN, None, source)
    return None


def _weigh(rules: list[Cited], timeline: Timeline) -> list[Reason]:
    conditions = [(rules, condition) for rules, rule in rules for condition in rule.conditions]
    leaves = [(rules, rule.leave) for rules, rule in rules if rule.leave]
    days = [_judge(c, timeline, timeline.on)[1] for _, c in conditions if isinstance(c, Served)]
    served_on = max((day for day in days if day), default=timeline.on)
    return [
        *(Reason(c.text, *_judge(c, timeline, served_on), _source(rules, c)) for rules, c in conditions),
        *(_leave(rules, leave, timeline) for rules, leave in leaves),
    ]


def _judge(condition: Condition, timeline: Timeline, served_on: date) -> Finding:
    match condition:
        case Served():
            return _served(condition, timeline)
        case Detained(months=months):
            return timeline.reached(timeline.start + timedelta(days=Term(months).in_days))
        case SentenceAtMost(months=months):
            fits = not timeline.never_ends and timeline.sentence <= Term(months)
            return (Answer.YES if fits else Answer.NO), None
        case FixedTerm():
            return (Answer.NO if timeline.never_ends else Answer.YES), None
        case Conduct():
            return _conduct(condition, timeline, served_on)
        case Answered(facts=facts):
            return _any({timeline.case.fact(fact) for fact in facts}), None
        case Assimilated():
            return _assimilated(condition, timeline)


def _served(condition: Served, timeline: Timeline) -> Finding:
    part, least = condition.part, Term(condition.at_least_months)
    # Whether the part is long enough is asked of the sentence as passed: a remission takes no right away.
    if timeline.never_ends or timeline.sentence.part(part.numerator, part.denominator) < least:
        return Answer.NO, None
    served = timeline.base(condition.of).part(part.numerator, part.denominator)
    met, day = timeline.reached(after(timeline.start, max(served, least) + timeline.added))
    return (Answer.UNKNOWN if timeline.fines_open else met), day


def _conduct(condition: Conduct, timeline: Timeline, served_on: date) -> Finding:
    if timeline.case.register_f is None:
        return Answer.UNKNOWN, None
    if timeline.last_breach is None:
        return Answer.YES, None
    # A breach postpones, it does not forfeit: the months of good conduct begin again.
    clear = after(timeline.last_breach, Term(condition.months))
    looked_at = max(served_on, timeline.on) if condition.before == "served" else timeline.on
    return (Answer.YES if clear <= looked_at else Answer.NO), clear


def _assimilated(condition: Assimilated, timeline: Timeline) -> Finding:
    since = timeline.case.assimilated_since
    if timeline.never_ends:
        return Answer.NO, None
    if since is None or since > timeline.on:
        answer = timeline.case.fact(condition.fact)
        return (Answer.NO if answer is Answer.NO else Answer.UNKNOWN), None
    left = max(0, (timeline.expiry - since).days)
    days = -(-left * condition.part.numerator // condition.part.denominator)
    return timeline.reached(max(since, timeline.start) + timedelta(days=days))


def _leave(rules: RuleSet, leave: Leave, timeline: Timeline) -> Reason:
    """The day on which a leave may begin, so that it lasts until the end and no longer than it may."""
    longest = Term(leave.at_most_months)
    source = _source(rules, leave)
    if timeline.never_ends:
        return Reason(leave.text, Answer.NO, None, source)
    if leave.as_last_remission:
        if not timeline.remissions:
            return Reason(f"{leave.text} Belum ada remisi yang tercatat.", Answer.NO, None, source)
        longest = min(longest, timeline.remissions[-1].term)
    met, day = timeline.reached(max(timeline.start, before(timeline.expiry, longest)))
    return Reason(leave.text, Answer.UNKNOWN if timeline.fines_open else met, day, source)


def _awards(
    rules: list[Cited], reasons: list[Reason], timeline: Timeline, in_force: Sequence[RuleSet]
) -> Iterator[tuple[Reason, Term | None]]:
    """The next day on which a remission is given, and how much."""
    ready = max([timeline.on, *(reason.from_on for reason in reasons if reason.from_on)])
    religion = timeline.case.religion
    for cited, award in ((cited, rule.award) for cited, rule in rules if rule.award):
        source, days = _source(cited, award), list(_yearly(award.every, ready))
        if award.every == HOLY_DAY and (holy := holy_day_of(in_force, religion or "")):
            source, days = _source(*holy), [*holy[1].days, *_yearly(holy[1].every, ready)]
        if day := min((day for day in days if day >= ready), default=None):
            yield Reason(award.text, *timeline.reached(day), source), _amount(award, day, timeline)
        else:
            lacks = "Tanggal hari raya berikutnya belum ada dalam data." if religion else "Agamanya belum dicatat."
            yield Reason(f"{award.text} {lacks}", Answer.UNKNOWN, None, source), None


def _yearly(every: str | None, near: date) -> Iterator[date]:
    if every and every != HOLY_DAY:
        yield from (date.fromisoformat(f"{year:04}-{every}") for year in (near.year, near.year + 1))


def _amount(award: Award, day: date, timeline: Timeline) -> Term | None:
    """By the year in which it is given: the first is the one after the shortest time that earns anything."""
    earned = {a: timeline.start + timedelta(days=Term(a.detained_months).in_days) for a in award.amounts}
    first = min(on for a, on in earned.items() if a.year == 1)
    year = 1
    while after(first, Term(12 * year)) <= day:
        year += 1
    reached = [a for a, on in earned.items() if a.year <= year and on <= day]
    if not reached:
        return None
    most = max(reached, key=lambda a: (a.year, a.detained_months))
    amount = Term(most.months, most.days)
    if not award.shares:
        return amount
    parts = [s.part for s in award.shares if timeline.case.fact(s.fact) is Answer.YES]
    return max((amount.part(part.numerator, part.denominator) for part in parts), default=None)


def _earliest(reasons: list[Reason], timeline: Timeline) -> date | None:
    if any(reason.met is Answer.NO and reason.from_on is None for reason in reasons):
        return None
    return max([timeline.start, *(reason.from_on for reason in reasons if reason.from_on)])


def _ends_first(earliest: date, rules: list[Cited], timeline: Timeline) -> Reason | None:
    day = max(earliest, timeline.on)
    if not timeline.never_ends and day < timeline.expiry:
        return None
    text = f"Masa pidana berakhir pada {timeline.expiry:%d-%m-%Y}, sebelum hak ini dapat dijalankan."
    if timeline.never_ends:
        text = "Pidana mati atau seumur hidup tidak mempunyai tanggal berakhir."
    open_end = not timeline.never_ends and timeline.fines_open and day < timeline.latest_expiry
    return Reason(text, Answer.UNKNOWN if open_end else Answer.NO, None, _source(*rules[-1]))


def _possibility(reasons: list[Reason], earliest: date | None, on: date) -> Possibility:
    if any(reason.met is Answer.NO and reason.from_on is None for reason in reasons):
        return Possibility.NOT_POSSIBLE
    if earliest is None or any(reason.met is Answer.UNKNOWN for reason in reasons):
        return Possibility.UNKNOWN
    return Possibility.NOW if earliest <= on else Possibility.FROM_DATE


def _key_days(in_force: Sequence[RuleSet], timeline: Timeline) -> tuple[KeyDay, ...]:
    def day_of(key: KeyDate) -> date:
        if key.part.numerator == key.part.denominator:
            return timeline.expiry
        # Of the sentence as passed, a part may lie behind the end that remissions brought nearer.
        part = timeline.base(key.of).part(key.part.numerator, key.part.denominator)
        return min(after(timeline.start, part), timeline.expiry)

    found = sorted(key_dates_of(in_force), key=lambda cited: cited[1].part.numerator / cited[1].part.denominator)
    days = [KeyDay(key.name, key.text, day_of(key), _source(rules, key)) for rules, key in found]
    return tuple(sorted(days, key=lambda day: day.on))


def _missing(right: Right, timeline: Timeline, in_force: Sequence[RuleSet]) -> Iterator[Paper]:
    seen = set(timeline.case.documents)
    for category in timeline.categories:
        for rules, document in documents_of(in_force, right, category):
            needed = document.only_if is None or timeline.case.fact(document.only_if) is not Answer.NO
            if needed and document.code not in seen:
                seen.add(document.code)
                yield Paper(document.code, document.text, _source(rules, document))


def _way(right: Right, in_force: Sequence[RuleSet]) -> Way | None:
    found = service_of(in_force, right)
    return Way(found[1].steps, found[1].fee, _source(*found)) if found else None


def _doubts(reasons: list[Reason], rules: list[Cited]) -> tuple[str, ...]:
    written: list[Entry | Source] = [reason.source for reason in reasons]
    written += [entry for _, rule in rules for entry in (rule, rule.award) if entry]
    notes = [entry.note for entry in written if not entry.confirmed] + [cited.note for cited, _ in rules if cited.note]
    return tuple(dict.fromkeys(notes))


def _any(answers: set[Answer]) -> Answer:
    """Yes if one is, no if all are."""
    if Answer.YES in answers:
        return Answer.YES
    return Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.NO


def _source(rules: RuleSet, entry: Entry) -> Source:
    return Source(rules.id, rules.version, rules.number, entry.clause, entry.confirmed, entry.note)
