"""The house: templates in one language, static files under names that change with their content."""

import functools
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response
from starlette.types import Scope

from ui.formats import FILTERS

HERE = Path(__file__).parent
STATIC = HERE / "static"
LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
"""The first is the language of every text in templates; the others are catalogues in `translations/`."""


class House:
    """Renders the templates in `templates`, and in the house's own folder, in each language."""

    def __init__(self, templates: Path, translations: Path) -> None:
        self._catalogues = {language: _catalogue(translations, language) for language in LANGUAGES}
        self._environments = {
            language: _environment(templates, language, known) for language, known in self._catalogues.items()
        }

    def translate(self, said: str, language: str) -> str:
        """An Indonesian sentence in another language; as it stands where that is not known."""
        return self._catalogues[language].get(said, said)

    def render(self, template: str, language: str, **shown: Any) -> str:
        """The page. A name that the template uses and nobody gave is a fault."""
        return self._environments[language].get_template(template).render(shown)


def serve_static(app: FastAPI) -> None:
    """Files that a browser may keep for a year: their address changes when they do."""
    app.mount("/static", _Kept(directory=STATIC), name="static")


@functools.cache
def address_of(name: str) -> str:
    """Where a static file is served: with the beginning of its hash."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


class _Kept(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def _catalogue(folder: Path, language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for file in sorted(path for each in (HERE / "translations", folder) for path in each.glob(f"*.{language}.po")):
        with file.open("rb") as content:
            found |= {str(m.id): str(m.string) for m in read_po(content, locale=language) if m.id and m.string}
    return found


def _environment(templates: Path, language: str, catalogue: Mapping[str, str]) -> Environment:
    made = Environment(
        loader=FileSystemLoader([templates, HERE / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]
        lambda said: catalogue.get(said, said), lambda one, many, n: catalogue.get(one, one), newstyle=True
    )
    made.policies["ext.i18n.trimmed"] = True
    # Jinja's own goes through two more functions and a formatting, and that is a quarter of what a form costs.
    made.globals["_"] = functools.partial(_said, {said: Markup(told) for said, told in catalogue.items()})  # noqa: S704
    made.filters |= {name: functools.partial(_formatted, format, language) for name, format in FILTERS.items()}
    made.globals |= {"language": language, "languages": LANGUAGES, "static": address_of}
    return made


def _said(known: Mapping[str, Markup], said: str, **values: Any) -> Markup:
    sentence = known.get(said) or Markup(said)  # noqa: S704
    return sentence % values if "%" in sentence else sentence


def _formatted(format: Callable[..., str], language: str, value: Any, *more: str) -> str | Markup:
    return format(value, language, *more)
