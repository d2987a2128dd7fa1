"""What courts and decrees said of a person, and what the register knows of conduct: all that a right rests on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from chassis.columns import choice, moment
from chassis.errors import Conflict, NotFound
from chassis.identity import Actor
from contracts.intake import RemissionGranted, SentenceRecorded
from contracts.vocabulary import Answer, LegalStatus, Right, Role
from sqlmodel import Field

from contracts import words
from intake.model.cases import Case, Remission, Sentence, Timeline
from intake.model.days import in_order, must_have_come, today
from intake.model.people import Person
from intake.model.regulations import Category
from intake.model.table import EntryIdTaken, Table
from intake.model.terms import Term

REMISSIONS = frozenset({Right.REMISI_UMUM, Right.REMISI_KHUSUS, Right.REMISI_TAMBAHAN})
REGISTER_F_READ = "register_f_read"
"""Somebody looked whether register F names the person: without it, nothing there means nothing known."""
OUR_QUESTIONS = {REGISTER_F_READ: "Apakah register F sudah diperiksa?"}
"""What no regulation asks in so many words."""
RISK_DECLINED = "risk_declined"
"""Whether the risk fell follows from the levels: typed by hand the two could contradict each other."""
ASSIMILATED = "assimilated"
COUNSELLORS_OWN = frozenset({"active_in_programme", "community_accepts", "deradicalised"})
"""Only who works with the person may answer these; the rest is read from papers."""


class SentenceNotFinal(Conflict):
    """A tahanan has no sentence."""

    detail = "Tahanan belum mempunyai putusan berkekuatan hukum tetap. Catat dahulu perpindahannya ke register B."


class SentenceNotRecorded(Conflict):
    """There is nothing to shorten."""

    detail = "Putusan orang ini belum dicatat. Catat dahulu putusannya."


class TermUnclear(Conflict):
    """Neither a term nor life nor death, or two of them."""

    detail = "Isi salah satu saja: lama pidana, seumur hidup, atau pidana mati."


class TermMissing(Conflict):
    """A remission of nothing."""

    detail = "Besar remisi belum diisi. Isi bulan atau harinya."


class BeforeBirth(Conflict):
    """Nobody is sentenced before being born."""

    detail = "Tanggal ini lebih awal dari tahun lahirnya. Periksa tanggal dan tahun lahirnya."


class NotARemission(Conflict):
    """Only a remission shortens a sentence."""

    detail = "Hak ini bukan remisi. Pilih remisi umum, khusus, atau tambahan."


class NotStanding(Conflict):
    """What is to be corrected was corrected before, or is not this person's."""

    detail = "Catatan yang hendak diperbaiki sudah diganti atau bukan milik orang ini. Muat ulang halamannya."


class EntryNotHere(NotFound):
    """No such entry of this person."""

    detail = "Catatan ini tidak ada pada orang ini. Periksa kembali pilihan Anda."


class QuestionNotAsked(NotFound):
    """No regulation asks this."""

    detail = "Pertanyaan ini tidak ada dalam peraturan yang berlaku. Pilih dari daftar pertanyaan."


class CounsellorsQuestion(Conflict):
    """Only who works with the person may say so."""

    detail = "Pertanyaan ini dijawab oleh wali pemasyarakatan atau PK Bapas. Mintalah mereka mengisinya."


class Breach(StrEnum):
    """What register F names. Declining a service of this platform is none: there is no word for it here."""

    ORDER = "order"
    """Against the rules of the house."""
    FIGHT = "fight"
    THREAT = "threat"
    EXTORTION = "extortion"
    PROPERTY = "property"
    """Theft or damage."""
    TELEPHONE = "telephone"
    FORBIDDEN_GOODS = "forbidden_goods"
    NARCOTICS = "narcotics"
    ESCAPE = "escape"


class Risk(StrEnum):
    """The level of an RRI; its text stays with the PK."""

    RENDAH = "rendah"
    SEDANG = "sedang"
    TINGGI = "tinggi"


class AnswerSource(StrEnum):
    """Where an answer was read."""

    REGISTER = "register"
    PROGRAMME = "programme"
    """Attendance and the counsellor's report."""
    LITMAS = "litmas"
    COURT = "court"
    PROSECUTOR = "prosecutor"
    IMMIGRATION = "immigration"
    PERSON = "person"


class CourtSentence(Table, table=True):
    """One sentence as a court passed it. A correction is another row; the one before stays."""

    __tablename__ = "court_sentence"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    decided_on: date
    detained_since: date
    """Time on remand counts."""
    months: int = 0
    days: int = 0
    category: Category = choice(Category)
    life: bool = False
    death: bool = False
    subsidiary_months: int = 0
    subsidiary_days: int = 0
    """Served in place of a fine that is not paid."""
    verdict: bytes
    """The number of the verdict, sealed."""
    corrects: UUID | None = None
    superseded_by: UUID | None = None
    recorded_at: datetime = moment()
    recorded_by: UUID

    @property
    def term(self) -> Term:
        """Its length."""
        return Term(self.months, self.days)

    def record(self, known: "Dossier") -> SentenceRecorded:
        """It is entered. `known` holds the sentences that stand beside it."""
        if known.person.legal_status is LegalStatus.TAHANAN:
            raise SentenceNotFinal
        for day in (self.decided_on, self.detained_since):
            must_have_come(day, self.recorded_at)
            if known.person.birth_year and day.year < known.person.birth_year:
                raise BeforeBirth
        if [bool(self.term), self.life, self.death].count(True) != 1:
            raise TermUnclear
        timeline = replace(known, sentences=(*known.sentences, self)).timeline(today(self.recorded_at))
        return SentenceRecorded(
            site=self.site,
            occurred_at=self.recorded_at,
            person=self.person,
            sentence_id=self.id,
            ends_on=None if timeline.never_ends else timeline.expiry,
        )


class GrantedRemission(Table, table=True):
    """A remission by decree. A correction is another row; the one before stays."""

    __tablename__ = "granted_remission"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    right: Right = choice(Right)
    months: int = 0
    days: int = 0
    granted_on: date
    decree: bytes
    """The number of the decree, sealed."""
    corrects: UUID | None = None
    superseded_by: UUID | None = None
    recorded_at: datetime = moment()
    recorded_by: UUID

    def grant(self, known: "Dossier") -> RemissionGranted:
        """The sentence became shorter."""
        if self.right not in REMISSIONS:
            raise NotARemission
        if not known.sentences:
            raise SentenceNotRecorded
        if not Term(self.months, self.days):
            raise TermMissing
        must_have_come(self.granted_on, self.recorded_at)
        in_order(known.detained_since, self.granted_on)
        return RemissionGranted(
            site=self.site,
            occurred_at=self.recorded_at,
            person=self.person,
            remission_id=self.id,
            right=self.right,
            granted_on=self.granted_on,
        )


class DisciplineEntry(Table, table=True):
    """A breach of discipline that was decided (register F). What is only alleged does not stand there."""

    __tablename__ = "discipline_entry"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    happened_on: date
    kind: Breach = choice(Breach)
    decided_on: date
    annulled_on: date | None = None
    """The decision was taken back: it counts no more."""
    annulled_by: UUID | None = None
    recorded_at: datetime = moment()
    recorded_by: UUID

    def enter(self) -> None:
        """It is entered."""
        must_have_come(self.decided_on, self.recorded_at)
        in_order(self.happened_on, self.decided_on)

    def annul(self, on: date, *, by: UUID, at: datetime) -> None:
        """The decision was taken back. Once is enough."""
        if self.annulled_on == on:
            return
        if self.annulled_on:
            raise EntryIdTaken
        must_have_come(on, at)
        in_order(self.decided_on, on)
        self.annulled_on, self.annulled_by = on, by


class FactAnswer(Table, table=True):
    """An answer to a question that a regulation asks. A later answer takes its place; the one before stays."""

    __tablename__ = "fact_answer"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    code: str = Field(sa_column_kwargs={"info": {"told": words.VALUES.get}})
    answer: Answer = choice(Answer)
    source: AnswerSource = choice(AnswerSource)
    since: date | None = None
    answered_at: datetime = moment()
    answered_by: UUID

    def give(self, asked: Collection[str], by: Actor) -> None:
        """It is answered. `asked` are the codes of what staff are asked."""
        if self.code not in asked:
            raise QuestionNotAsked
        if self.code in COUNSELLORS_OWN and Role.COUNSELLOR not in by.roles:
            raise CounsellorsQuestion
        if self.since:
            must_have_come(self.since, self.answered_at)


class RiskLevel(Table, table=True):
    """The level that an assessment came to."""

    __tablename__ = "risk_level"

    id: UUID = Field(primary_key=True)
    site: str
    person: UUID = Field(foreign_key="person.id", index=True)
    assessed_on: date
    level: Risk = choice(Risk)
    recorded_at: datetime = moment()
    recorded_by: UUID

    def enter(self) -> None:
        """It is entered."""
        must_have_come(self.assessed_on, self.recorded_at)


@dataclass(frozen=True)
class GoodConduct:
    """Since when register F names nobody. Computed, never judged."""

    known: bool
    last_breach_on: date | None = None
    since: date | None = None


_RELIGIONS = {
    **{code: code for code in ("islam", "kristen", "katolik", "hindu", "buddha", "konghucu")},
    **{"protestan": "kristen", "kristen protestan": "kristen", "budha": "buddha", "khonghucu": "konghucu"},
}
"""How people write it, and what the regulations call it."""


@dataclass(frozen=True)
class Dossier:
    """All that the register knows of one person that a right may rest on; only what stands."""

    person: Person
    sentences: Sequence[CourtSentence] = ()
    remissions: Sequence[GrantedRemission] = ()
    breaches: Sequence[DisciplineEntry] = ()
    answers: Sequence[FactAnswer] = ()
    """Oldest first."""
    levels: Sequence[RiskLevel] = ()
    """Oldest first."""
    religion: str | None = None
    """As the person said it."""
    admitted_on: date | None = None
    """When the stay that is open began."""

    @property
    def detained_since(self) -> date:
        """The beginning of the detention, or of the stay while no sentence says it."""
        here_since = self.admitted_on or today(self.person.registered_at)
        return min((s.detained_since for s in self.sentences), default=here_since)

    @property
    def risk_declined(self) -> Answer:
        """Whether the last level is lower than one before. One level, or the lowest all along, says nothing."""
        ranks = [list(Risk).index(level.level) for level in self.levels]
        if len(ranks) < 2 or not any(ranks):
            return Answer.UNKNOWN
        return Answer.YES if ranks[-1] < max(ranks[:-1]) else Answer.NO

    def case(self) -> Case:
        """The same for the engine."""
        latest = {answer.code: answer for answer in self.answers}
        assimilated = latest.get(ASSIMILATED)
        return Case(
            legal_status=self.person.legal_status,
            detained_since=self.detained_since,
            sentences=tuple(
                Sentence(s.term, s.category, s.life, s.death, Term(s.subsidiary_months, s.subsidiary_days))
                for s in self.sentences
            ),
            remissions=tuple(Remission(r.right, Term(r.months, r.days), r.granted_on) for r in self.remissions),
            register_f=tuple(b.happened_on for b in self.breaches if not b.annulled_on) if self._register_f() else None,
            facts={code: found.answer for code, found in latest.items()} | {RISK_DECLINED: self.risk_declined},
            assimilated_since=assimilated.since if assimilated and assimilated.answer is Answer.YES else None,
            religion=_RELIGIONS.get((self.religion or "").casefold().strip()),
        )

    def timeline(self, on: date) -> Timeline:
        """The days that follow from it."""
        return Timeline(self.case(), on)

    def conduct(self, on: date) -> GoodConduct:
        """Since when nothing was entered in register F."""
        if not self._register_f():
            return GoodConduct(known=False)
        last = self.timeline(on).last_breach
        return GoodConduct(known=True, last_breach_on=last, since=last or self.detained_since)

    def _register_f(self) -> bool:
        read = [answer.answer for answer in self.answers if answer.code == REGISTER_F_READ]
        return bool(self.breaches) or read[-1:] == [Answer.YES]
