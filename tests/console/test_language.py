"""Every text of every page is there in both languages, and is marked so that it can be."""

import re
from pathlib import Path

import pytest
import ui.house
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from chassis.errors import DomainError
from console.pages import menu
from console.pages.wrong import IN_WORDS, UNCLEAR
from intake.model.levies import FREE_SERVICES, HOW_TO_REPORT
from jembatan.folder import SITE_SERVICES
from jembatan.node import service_of

CONSOLE = Path(menu.__file__).parents[1]
HOUSE = Path(ui.house.__file__).parent
TEMPLATES = sorted([*CONSOLE.rglob("*.html"), *HOUSE.rglob("*.html")])
CATALOGUES = sorted([*CONSOLE.rglob("*.en.po"), *HOUSE.rglob("*.en.po")])
SAME_IN_BOTH = {"Jembatan", "English", "Bahasa Indonesia", "gratis"}


def translated() -> dict[str, str]:
    """Everything that has an English text."""
    found: dict[str, str] = {}
    for path in CATALOGUES:
        with path.open("rb") as content:
            found |= {str(m.id): str(m.string) for m in read_po(content, locale="en") if m.id}
    return found


def said_in(path: Path) -> set[str]:
    """The marked texts of a template."""
    with path.open("rb") as content:
        options = {"trimmed": "true", "newstyle_gettext": "true", "extensions": "jinja2.ext.do"}
        return {str(one[1]) for one in extract("jinja2.ext:babel_extract", content, options=options)}


def said_in_python() -> set[str]:
    """Texts that stand in Python: menus, roles, what is wrong with a field, what is free, refusals of the console."""
    entries = [*menu.MENU, *menu.PERSON_MENU]
    refusals = {str(kind.detail) for kind in DomainError.__subclasses__() for kind in _all(kind) if _ours(kind)}
    free = {text for one in FREE_SERVICES for text in (one.name, one.what, one.takes, one.fee)} | {HOW_TO_REPORT}
    named = {*menu.ROLE_NAMES.values(), *IN_WORDS.values(), UNCLEAR}
    return {label for _, label, _ in entries} | named | free | refusals


def _all(kind: type[DomainError]) -> list[type[DomainError]]:
    return [kind, *(below for one in kind.__subclasses__() for below in _all(one))]


def _ours(kind: type[DomainError]) -> bool:
    return kind.__module__.startswith("console.") and hasattr(kind, "detail")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_has_its_english(path: Path) -> None:
    known = translated()
    assert sorted(text for text in said_in(path) if not known.get(text)) == []


def test_every_text_in_python_has_its_english() -> None:
    known = translated()
    assert sorted(text for text in said_in_python() if not known.get(text)) == []


def test_no_catalogue_holds_what_nobody_says() -> None:
    for name in SITE_SERVICES:
        service_of(name)  # A refusal is known once its service is.
    said = said_in_python().union(*(said_in(path) for path in TEMPLATES))
    said |= {
        str(kind.detail) for base in DomainError.__subclasses__() for kind in _all(base) if hasattr(kind, "detail")
    }
    assert sorted(text for text in translated() if text not in said) == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    names = re.compile(r"%\((\w+)\)s")
    assert [one for one, other in translated().items() if set(names.findall(one)) != set(names.findall(other))] == []


UNMARKED = re.compile(r">([^<>]*[A-Za-zÀ-ÿ]{3}[^<>]*)<")
SPOKEN = re.compile(r"\b(?:aria-label|title|alt|placeholder)=\"(?!\{)([^\"]*[A-Za-z]{3}[^\"]*)\"")


def unmarked_in(source: str) -> list[str]:
    """Readable text that stands in a template outside `_()`."""
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    # These write attributes, not text.
    source = re.sub(r"\{% macro _(described|group)\b.*?endmacro %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}", "", source, flags=re.DOTALL)
    spoken = SPOKEN.findall(source)
    source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    source = re.sub(r"<(script|style)\b.*?</\1>|<!doctype[^>]*>", "", source, flags=re.DOTALL)
    found = [text.strip() for text in [*UNMARKED.findall(f">{source}<"), *spoken]]
    return [text for text in found if re.search("[A-Za-z]{3}", text) and text.strip(":- ") not in SAME_IN_BOTH]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_text_of_a_template_stands_unmarked(path: Path) -> None:
    assert unmarked_in(path.read_text()) == []


def test_an_unmarked_text_is_seen() -> None:
    assert unmarked_in("<p>Simpan dulu</p>{{ _('x') }}") == ["Simpan dulu"]
    assert unmarked_in('<a title="Tutup">{{ _("x") }}</a>') == ["Tutup"]
    assert unmarked_in("<p>{{ _('Simpan') }}</p>{# catatan #}") == []
