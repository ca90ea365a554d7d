"""What every page shares: the database, the settings, the language asked for, and how templates are filled."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine

from models.i18n import LANGUAGES, translate
from models.settings import Settings
from notifications.wording import Words, first_up

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["first_up"] = first_up


class Site:
    """An installation's site. `now` is the only look at the clock (UTC)."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def page(self, template: str, language: str, request: Request, code: int = 200, **facts: Any) -> HTMLResponse:
        """A template in a language. In templates, `_` translates and `write` formats."""
        other = request.url.include_query_params(lang="en" if language == "vi" else "vi")
        text = _TEMPLATES.get_template(template).render(
            _=partial(_translate, language),
            write=Words(language),
            language=language,
            other_language=f"{other.path}?{other.query}",
            **facts,
        )
        return HTMLResponse(text, code)


def _translate(language: str, message: str, **facts: object) -> str:
    return translate(message, language, **facts)


def language_of(request: Request, otherwise: str) -> str:
    """The language asked for with `?lang=`, else the reader's own."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else otherwise


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


TheSite = Annotated[Site, Depends(_site)]
