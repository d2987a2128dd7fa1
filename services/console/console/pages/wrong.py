"""What is wrong with a form, said beside the field and at the top."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ui.house import House

from console.services import Said

MISSING = "Isian ini wajib diisi."
IN_WORDS = {
    "missing": MISSING,
    "string_too_short": MISSING,
    "string_too_long": "Isian ini terlalu panjang.",
    "too_long": "Terlalu banyak pilihan.",
    "too_short": "Pilih paling sedikit satu.",
    "enum": "Pilih salah satu.",
    "literal_error": "Pilih salah satu.",
    "bool_parsing": "Pilih ya atau tidak.",
    "bool_type": "Pilih ya atau tidak.",
    "date_from_datetime_parsing": "Tanggal ini tidak ada atau belum lengkap.",
    "date_parsing": "Tanggal ini tidak ada atau belum lengkap.",
    "date_type": "Tanggal ini tidak ada atau belum lengkap.",
    "datetime_from_date_parsing": "Tanggal atau jam ini tidak ada atau belum lengkap.",
    "datetime_parsing": "Tanggal atau jam ini tidak ada atau belum lengkap.",
    "date_past": "Tanggal ini belum tiba.",
    "date_future": "Tanggal ini sudah lewat.",
    "int_parsing": "Isi dengan angka bulat.",
    "int_type": "Isi dengan angka bulat.",
    "greater_than_equal": "Angka ini terlalu kecil.",
    "greater_than": "Angka ini terlalu kecil.",
    "less_than_equal": "Angka ini terlalu besar.",
    "uuid_parsing": "Pilihan ini tidak dikenal. Pilih kembali.",
    "string_pattern_mismatch": "Bentuk isian ini salah.",
}
"""Per pydantic's code of an error. What is not here is said in general words."""
UNCLEAR = "Isian ini belum benar. Periksa kembali."


@dataclass
class Wrong:
    """Why a form was not taken, in Indonesian; `said` gives it in another language where that is known."""

    detail: str
    fields: dict[str, str] = field(default_factory=dict)
    untranslated: bool = False
    problem: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, refusal: Said, beside: Mapping[str, str] | None = None) -> "Wrong":
        """What a service said. `beside` says next to which field a refusal belongs: slug to name."""
        fields: dict[str, str] = {}
        for error in refusal.problem.get("errors", []):
            name = str(error["pointer"]).removeprefix("/body").removeprefix("/path").strip("/").replace("/", ".")
            if name:
                fields.setdefault(name, IN_WORDS.get(error["code"], UNCLEAR))
        detail = str(refusal.problem.get("detail", UNCLEAR))
        if beside and refusal.slug in beside:
            fields.setdefault(beside[refusal.slug], detail)
        return cls(detail, fields, problem=refusal.problem)

    def said(self, house: House, language: str) -> "Wrong":
        """The same in the reader's language."""
        detail = house.translate(self.detail, language)
        fields = {name: house.translate(text, language) for name, text in self.fields.items()}
        return Wrong(detail, fields, language != "id" and detail == self.detail, self.problem)
