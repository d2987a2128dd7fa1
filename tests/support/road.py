"""One person's road through intake at a running rutan, step by step over HTTP."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from chassis.identity import Actor
from contracts.vocabulary import Role

from support.days import day
from support.nation import Node

PAPERS = ("putusan", "laporan_pembinaan", "pemberitahuan_kejari", "register_f", "daftar_perubahan", "surat_pernyataan")


class Road:
    """One person's road at a running rutan."""

    def __init__(self, rutan: Node, words: Mapping[str, str]) -> None:
        self.rutan, self.words, self.id, self.contact = rutan, words, uuid4(), uuid4()
        self.path = f"/people/{self.id}"

    def ask(self, method: str, path: str, body: Any = None, *, at: str | None = None) -> Any:
        answer = self.rutan.request("intake", method, f"{self.path if at is None else at}{path}", body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    def register(self) -> None:
        self.ask(
            "PUT",
            "",
            {
                "name": self.words["name"],
                "aliases": [self.words["alias"]],
                "nik": self.words["nik"],
                "birth_place": self.words["birth_place"],
                "birth_date": "1988-02-05",
                "address": self.words["address"],
                "register_number": self.words["register_number"],
                "legal_status": "tahanan",
                "sex": "male",
                "admitted_on": day(-500),
            },
        )
        period = {"book": "a_iii", "from_on": day(-20), "until_on": day(2)}
        self.ask("PUT", f"/detention-periods/{uuid4()}", period)
        mother = {"name": self.words["contact"], "phone": self.words["phone"], "relation": "parent"}
        self.ask("PUT", f"/contacts/{self.contact}", mother)

    def meet(self) -> None:
        """The mother agrees to visits and to stand surety; she is to come today, and needs help herself."""
        for wish in ("visits", "guarantor"):
            said = {"wish": wish, "answer": "yes", "asked_on": day(-1)}
            self.ask("PUT", f"/contacts/{self.contact}/answers/{uuid4()}", said)
        mother = {"contact": str(self.contact)}
        self.ask("PUT", f"/visits/{uuid4()}", mother | {"planned_on": day(0), "channel": "visit"})
        self.ask("PUT", f"/guarantors/{uuid4()}", mother)
        self.ask("PUT", f"/contact-restrictions/{uuid4()}", {"kind": "own_wish", "from_on": day(3)})
        need = uuid4()
        self.ask("PUT", f"/family-needs/{need}", mother | {"kind": "school"})
        self.ask("PUT", f"/family-needs/{need}/referrals/{uuid4()}", {"office": "education"})

    def agree(self, purpose: str, **also: Any) -> None:
        self.ask("POST", f"/consents/{purpose}", {"text_version": "v1", "witness": self.words["witness"]} | also)

    def convict(self) -> None:
        entry = {"number": self.words["sentenced_number"], "book": "b_i", "from_on": day(-3)}
        self.ask("PUT", f"/register-entries/{uuid4()}", entry)
        passed = {
            "decided_on": day(-3),
            "detained_since": day(-500),
            "months": 24,
            "verdict_number": self.words["verdict"],
        }
        self.ask("PUT", f"/sentences/{uuid4()}", passed)
        for code, answer in {
            "active_in_programme": "yes",
            "community_accepts": "yes",
            "register_f_read": "yes",
            "foreign_national": "no",
        }.items():
            self.ask("PUT", f"/answers/{uuid4()}", {"code": code, "answer": answer, "source": "register"})
        for level, days in (("tinggi", -300), ("sedang", -3)):
            self.ask("PUT", f"/risk-levels/{uuid4()}", {"assessed_on": day(days), "level": level})

    def rights(self) -> dict[str, Any]:
        return {right["right"]: right for right in self.ask("GET", "/rights")}

    def propose(self) -> str:
        """The person wants to be proposed for conditional release."""
        proposal = str(uuid4())
        self.ask("PUT", f"/proposals/{proposal}", {"right": "pb", "wanted_by_person_on": day(-3)})
        return proposal

    def complete(self, proposal: str) -> None:
        """Every paper of a proposal is there."""
        at = f"/proposals/{proposal}"
        for code in PAPERS:
            self.ask("PUT", f"{at}/documents/{code}", {"received_on": day(-2), "number": self.words["litmas"]})
        litmas = {
            "requested_on": day(-3),
            "received_on": day(-2),
            "advice": "supported",
            "number": self.words["litmas"],
        }
        self.ask("PUT", f"{at}/litmas", litmas)
        self.surety()
        self.ask("PUT", f"{at}/guarantor", {"contact": str(self.contact)})
        self.ask("PUT", f"{at}/completion", {"on": day(-2)})

    def conditional_release(self) -> None:
        """From the person's wish to the decree."""
        proposal, sitting = self.propose(), uuid4()
        at = f"/proposals/{proposal}"
        self.complete(proposal)
        member = self.board_member()
        planned = {"held_on": day(-2), "agenda": [proposal], "members": [member[0], str(uuid4()), str(uuid4())]}
        self.ask("PUT", "", planned, at=f"/sittings/{sitting}")
        advice = {"advice": "recommended", "minutes": [self.words["minutes"]]}
        answer = self.rutan.request_as(member[1], "intake", "PUT", f"/sittings/{sitting}/advice/{proposal}", advice)
        assert answer.is_success, answer.text
        self.ask("PUT", f"{at}/dispatch", {"on": day(-1)})
        self.ask("PUT", f"{at}/decision", {"on": day(-1), "granted": True, "decree_number": self.words["decree"]})

    def surety(self) -> None:
        guarantor = f"/guarantors/{uuid4()}"
        agreed = {"wish": "guarantor", "answer": "yes", "asked_on": day(-3)}
        self.ask("PUT", f"/contacts/{self.contact}/answers/{uuid4()}", agreed)
        self.ask("PUT", guarantor, {"contact": str(self.contact)})
        self.ask("POST", f"{guarantor}/letter", {"received_on": day(-3)})
        self.ask("POST", f"{guarantor}/countersignature", {"countersigned_on": day(-2), "countersigned_by": "kades"})

    def board_member(self) -> tuple[str, Actor]:
        actor = Actor(uuid4(), self.rutan.folder.site, frozenset({Role.ASSESSMENT_BOARD}))
        return str(actor.id), actor
