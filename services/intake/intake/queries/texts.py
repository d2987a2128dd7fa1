"""The texts and forms that come with this release."""

import tomllib
from functools import cache
from pathlib import Path

from chassis.paper import pdf
from contracts.vocabulary import LegalStatus, Purpose

from intake.model.texts import ConsentTextUnknown, Language, LegalBasis, Notice, Text

_FOLDER = Path(__file__).parents[1] / "texts"

_LABELS = {
    Language.ID: {
        "kind": "Persetujuan tertulis",
        "number": "Nomor formulir",
        "version": "Naskah",
        "basis": "Dasar",
        "validity": "berlaku {months} bulan sejak ditandatangani",
        "partner": "Mitra",
        "declining": "Jika Anda tidak setuju",
        "answer": "Jawaban saya, setelah naskah ini dibacakan dan saya mengerti",
        "yes": "Ya, saya setuju",
        "no": "Tidak, saya tidak setuju",
    },
    Language.EN: {
        "kind": "Written consent",
        "number": "Form number",
        "version": "Text",
        "basis": "Basis",
        "validity": "valid for {months} months from signature",
        "partner": "Partner",
        "declining": "If you do not agree",
        "answer": "My answer, after this text was read out and I understood it",
        "yes": "Yes, I agree",
        "no": "No, I do not agree",
    },
}
_LINES = {
    Language.ID: (
        "Nama",
        "Tanda tangan atau cap jempol",
        "Tanggal",
        "Nama dan tanda tangan saksi",
        "Nama dan tanda tangan penerjemah",
        "Nama, hubungan dan tanda tangan wali",
        "Petugas yang membacakan",
    ),
    Language.EN: (
        "Name",
        "Signature or thumbprint",
        "Date",
        "Name and signature of the witness",
        "Name and signature of the interpreter",
        "Name, relation and signature of the guardian",
        "Read out by",
    ),
}


@cache
def every_text() -> tuple[Text, ...]:
    """Every wording, retired ones included."""
    files = sorted(_FOLDER.glob("*.*.toml"))
    return tuple(Text.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)


def texts_for(purpose: Purpose) -> list[Text]:
    """Every wording of one question."""
    return [text for text in every_text() if text.purpose is purpose]


def text_of(purpose: Purpose, version: str) -> Text:
    """One wording. Raises ConsentTextUnknown."""
    for text in texts_for(purpose):
        if text.known_as(version):
            return text
    raise ConsentTextUnknown


@cache
def legal_bases() -> tuple[LegalBasis, ...]:
    """Why what is kept: what needs no consent first, then every question's newest wording."""
    without = tomllib.loads((_FOLDER / "legal-bases.toml").read_text(encoding="utf-8"))["basis"]
    asked = [texts_for(purpose)[-1] for purpose in Purpose]
    return (
        *(LegalBasis.model_validate(basis) for basis in without),
        *(
            LegalBasis(
                purpose=text.purpose, basis=text.basis, clause=text.clause, id=text.id.declining, en=text.en.declining
            )
            for text in asked
        ),
    )


@cache
def _notices() -> dict[str, Notice]:
    found = tomllib.loads((_FOLDER / "pembinaan-notice.toml").read_text(encoding="utf-8"))
    return {status: Notice.model_validate(notice) for status, notice in found.items()}


def pembinaan_notice(status: LegalStatus) -> Notice:
    """What declining pembinaan does to somebody of this status."""
    return _notices()[status]


def printed_form(text: Text, language: Language, number: str) -> bytes:
    """The sheet on paper. With whom is shared is written down before the answer, not after it."""
    wording, labels = text.wording(language), _LABELS[language]
    form = {
        "language": language,
        "number": number,
        "version": text.version,
        "clause": text.clause,
        "title": wording.title,
        "paragraphs": wording.text.split("\n\n"),
        "declining": wording.declining,
        "labels": labels | {"validity": labels["validity"].format(months=text.valid_months)},
        "names_partner": text.purpose is Purpose.PARTNER_SHARING,
        "lines": _LINES[language],
    }
    return pdf(_FOLDER / "form.typ", form)
