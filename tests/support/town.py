"""A rutan with made-up people at every stage of the road, as its pages are looked at."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.vocabulary import Domain

from support.days import day
from support.nation import Node
from support.road import Road

NAMES = (
    "Agung Rekaan",
    "Budi Contoh",
    "Citra Misalnya",
    "Dewi Umpama",
    "Eko Andaikan",
    "Fajar Rekaan Panjang Sekali Namanya",
)
REGISTER = (
    "Nama;No. Registrasi;Jenis Kelamin;Register;Blok\n"
    "Gunawan Rekaan;B.I 71/REKAAN/2026;L;B.I;C\n"
    "Hartono Misalnya;B.I 72/REKAAN/2026;L;B.I;D\n"
    "Tanpa Nomor;;L;B.I;D\n"
)
"""As the ministry's system exports it; one line lacks its number, and one heading is this rutan's own."""
PARTNER = "yayasan-jalan"


def words(name: str, number: int) -> dict[str, str]:
    """What is typed of one person. Province 99 is nowhere: no NIK here is anybody's."""
    return {
        "name": name,
        "alias": f"Si {name.split(maxsplit=1)[0]}",
        "nik": f"99710305028800{number:02}",
        "birth_place": "Kota Rekaan",
        "address": "Jalan Contoh 1",
        "register_number": f"A.III {number}/2026",
        "sentenced_number": f"B.I {number}/2026",
        "contact": f"Ibu {name.split(maxsplit=1)[0]}",
        "phone": "+62 812 0000 0000",
        "witness": "Saksi Rekaan",
        "verdict": f"{number}/Pid.B/2026/PN Rekaan",
        "litmas": f"{number}/LITMAS/2026",
        "minutes": "Menyampaikan rencananya sesudah bebas.",
        "decree": f"{number}/SK/2026",
        "reason": "Dibawa ke klinik malam ini",
    }


class Town:
    """Everybody at one running rutan."""

    def __init__(self, rutan: Node) -> None:
        self.rutan = rutan
        self.roads = [Road(rutan, words(name, number)) for number, name in enumerate(NAMES, 1)]
        self.people = [road.id for road in self.roads]

    def fill(self) -> "Town":
        """Takes each a little further than the one before."""
        for road in self.roads:
            road.register()
        for road in self.roads[1:]:
            for purpose in ("assessment", "programme", "follow_up", "family_contact"):
                road.agree(purpose)
            road.agree("partner_sharing", recipient=PARTNER)
        for road in self.roads[2:]:
            road.convict()
        self.roads[1].meet()
        self._breach()
        self._offer()
        for person in self.people[1:]:
            self._in_programme(person, agreed=person != self.people[2])
        self.roads[3].propose()
        self.waiting = self.roads[4].propose()
        self.roads[4].complete(self.waiting)
        self.roads[5].conditional_release()
        self.roads[5].ask("PUT", f"/releases/{uuid4()}", {"released_on": day(0), "mode": "pb"})
        self.roads[1].ask("PUT", f"/releases/{uuid4()}", {"released_on": day(-35), "mode": "bebas_demi_hukum"})
        self._placed(self.people[1])
        self._suggested(self.people[2])
        self._suggested(self.people[3], accepted=True)
        self.roads[4].ask("POST", "/consents/partner_sharing/withdrawal", {"recipient": PARTNER})
        self._twice(self.roads[0])
        for road, decision in ((self.roads[0], None), (self.roads[2], {"outcome": "refused", "article": "ps_15_1_b"})):
            self._asks_to_be_erased(road, decision)
        self.roads[2].ask(
            "PUT", f"/discipline/{uuid4()}", {"happened_on": day(-9), "decided_on": day(-8), "kind": "order"}
        )
        self._at_the_desk()
        return self

    def sit(self, *board: UUID) -> None:
        """Plans a sitting for what waits for one."""
        sitting = {"held_on": day(0), "agenda": [self.waiting], "members": [str(member) for member in board]}
        self._do("intake", "PUT", f"/sittings/{uuid4()}", sitting)

    def _at_the_desk(self) -> None:
        """What is about nobody's road: levies, and the ministry's counts."""
        self._do(
            "intake", "PUT", f"/levy-reports/{uuid4()}", {"step": "visit", "amount": 50_000, "happened_on": day(-4)}
        )
        answered = uuid4()
        told = {"step": "remission", "text": "Diminta uang rokok", "named": "Petugas jaga malam"}
        self._do("intake", "PUT", f"/levy-reports/{answered}", told)
        finding = {"upheld": True, "answer": "Benar. Uangnya sudah dikembalikan."}
        self._do("intake", "POST", f"/levy-reports/{answered}/closure", finding)
        counts = {"counts": {"a_iii": 5, "b_i": 4}}
        self._do("intake", "PUT", f"/reconciliations/{day(-1)}", counts)

    def _twice(self, road: Road) -> None:
        """Entered a second time, by another number."""
        again = {"name": road.words["name"], "nik": road.words["nik"], "register_number": "A.II 77/2025"}
        self._do("intake", "PUT", f"/people/{uuid4()}", again | {"legal_status": "tahanan", "sex": "male"})

    def _asks_to_be_erased(self, road: Road, decision: dict[str, str] | None) -> None:
        erasure = f"/erasures/{uuid4()}"
        road.ask("PUT", erasure, {"received_on": day(-3), "ground": "asked"})
        if decision:
            road.ask("PUT", f"{erasure}/decision", decision)

    def _do(self, service: str, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        self.rutan.do(service, method, path, body)

    def _breach(self) -> None:
        told = {
            "discovered_at": datetime.now(UTC).isoformat(),
            "kinds": ["identity_data"],
            "description": "Map berkas tertinggal di ruang kunjungan",
            "handling": "Berkas diambil kembali",
        }
        self._do("intake", "PUT", f"/breaches/{uuid4()}", told)

    def _offer(self) -> None:
        carpentry = {"name": "Pelatihan pertukangan", "domain": "work", "sector": "construction", "capacity": 8}
        self._do("programs", "PUT", "/programmes/pertukangan", carpentry)
        self._do("partner_matching", "PUT", f"/partners/{PARTNER}", {"name": "Yayasan Jalan Rekaan"})
        self.vacancy = uuid4()
        offer = {"partner": PARTNER, "title": "Tukang kayu", "sector": "construction", "places": 3}
        self._do("partner_matching", "PUT", f"/vacancies/{self.vacancy}", offer)

    def _in_programme(self, person: UUID, *, agreed: bool) -> None:
        plan, place = uuid4(), uuid4()
        levels = {str(domain): 0 for domain in Domain} | {"work": 2, "education": 1}
        needs = {"levels": levels, "wants_help": ["work"]}
        self._do("assessment", "PUT", f"/people/{person}/needs-assessments/{uuid4()}", needs)
        self._do("programs", "PUT", f"/plans/{plan}", {"person": str(person)})
        if not agreed:
            return
        self._do("programs", "POST", f"/plans/{plan}/agreement")
        self._do("programs", "PUT", f"/enrolments/{place}", {"person": str(person), "programme": "pertukangan"})
        for days, presence in ((-2, "present"), (-1, "ill")):
            self._do("programs", "PUT", f"/enrolments/{place}/sessions/{day(days)}", {"presence": presence})

    def _suggested(self, person: UUID, *, accepted: bool = False) -> UUID:
        match = uuid4()
        self._do("partner_matching", "PUT", f"/matches/{match}", {"person": str(person), "vacancy": str(self.vacancy)})
        if accepted:
            self._do("partner_matching", "POST", f"/matches/{match}/acceptance")
        return match

    def _placed(self, person: UUID) -> None:
        placed = {"match": str(self._suggested(person, accepted=True)), "started_on": day(-33)}
        self._do("partner_matching", "PUT", f"/placements/{uuid4()}", placed)
