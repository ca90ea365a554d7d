"""The site that all pages share: its database, settings and clock, and its templates."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models.database.ids import new_id
from models.database.run import LINK_KEY, installation_secret
from models.database.session import WriteWatch, dry_run_session, reading, transaction
from models.i18n import Words as Message
from models.i18n import translate
from models.rooms import Place, is_missing
from models.settings import Settings
from models.tasks.task import TaskStatus
from models.text.localtime import local_date
from models.words import duty_words, period_words, rung_words
from notifications.composing.wording import WrittenWords, first_up
from web.request.rate_limit import RequestPace
from web.request.word_filters import (
    FILE_KINDS,
    WAIT_WORDS,
    duty_name,
    duty_title,
    kind_words,
    tag_name,
    with_code,
    write_size,
)
from workflows.operations.first_steps import is_untouched
from workflows.organization.working_calendar import load_calendar
from workflows.reports.report_figures import write_completion
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.classification import percent

KEY_KNOWN_FOR = timedelta(minutes=1)
"""After the installation's key was changed, the site uses the old one for at most this time."""
STATIC = Path(__file__).parents[1] / "static"
DRAWING: Place[Callable[..., str]] = Place("page.chart")
SIGNATURES: Place[Callable[[Engine, Path, Callable[[], datetime]], Any]] = Place("site.signatures")
"""Makes a site's checker of file signatures."""


def _write_svg(chart: Any, is_wide: bool = False) -> Markup:
    if draw := DRAWING.only:
        return Markup(draw(chart, is_wide=is_wide))  # the SVG consists of our own texts, each escaped
    return Markup("")


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"first_up": first_up, "code": with_code, "svg": _write_svg}
_MACROS = {"ui": "macros.html", "tasks": "task_macros.html"}
"""The files of macros that every template can call, by the name under which it calls them."""


@cache
def static(name: str) -> str:
    """Return the address of a file. It contains a digest of the content, so browsers may keep the file for ever."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


@cache
def icon(name: str) -> Markup:
    """Return an inline SVG in the colour of the text around it. Screen readers skip it."""
    inner = (STATIC / "icons" / f"{name}.svg").read_text(encoding="utf-8").strip()
    return Markup(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{inner}</svg>')


_TEMPLATES.globals |= {
    "static": static,
    "icon": icon,
    "new_id": new_id,
    "local_day": local_date,
    "duty_name": duty_name,
    "duty_title": duty_title,
    "duty_words": duty_words,
    "period_words": period_words,
    "rung_words": rung_words,
    "statuses": TaskStatus.labels(),
    "waits": WAIT_WORDS,
    "percent": percent,
    "write_completion": write_completion,
    "write_size": write_size,
    "tag_name": tag_name,
    "file_kinds": FILE_KINDS,
    "kind_words": kind_words,
    "is_missing": is_missing,
}


class Site:
    """An installation's site. `now` is its only access to the clock (UTC).

    Pages queue slow work in the database. A running clock looks for it every second; `dondoc tick` does it too.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.settings = engine, settings
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        make_checker = SIGNATURES.only
        self.signatures: Any = make_checker(engine, settings.evidence, lambda: self.now()) if make_checker else None
        self.pace = RequestPace()
        self._key, self._read_key_again_at = "", datetime.min.replace(tzinfo=UTC)
        self._has_people = False

    @property
    def key(self) -> str:
        """The installation's signing key, or "" if the database is not set up."""
        if not self._key or self.now() >= self._read_key_again_at:
            try:
                with reading(self.engine) as session:
                    self._key = installation_secret(session, LINK_KEY) or ""
            except SQLAlchemyError:
                return self._key
            self._read_key_again_at = self.now() + KEY_KNOWN_FOR
        return self._key

    @property
    def wants_setup(self) -> bool:
        """True while nobody can sign in, so that every page leads to the first set-up."""
        if not self._has_people:
            try:
                with reading(self.engine) as session:
                    self._has_people = not is_untouched(session)
            except SQLAlchemyError:
                return False
        return not self._has_people

    def page(self, template: str, language: str, request: Request, code: int = 200, **facts: Any) -> HTMLResponse:
        """Fill a template, in which `_` and `_n` translate and `write` formats. Pages call `RequestContext.page`."""
        other = request.url.include_query_params(lang="en" if language == "vi" else "vi")
        names = {
            **{"context": None, "flash": None, "navigation": [], "error": None},
            "_": partial(_translate, language),
            "_n": partial(_translate_count, language),
            "write": WrittenWords(language),
            "language": language,
            "other_language": f"{other.path}?{other.query}",
            **facts,
        }
        macros = {name: _TEMPLATES.get_template(file).make_module(names) for name, file in _MACROS.items()}
        return HTMLResponse(_TEMPLATES.get_template(template).render(macros | names), code)


class Moment(TypedDict):
    now: datetime
    calendar: WorkCalendar


@dataclass
class SiteContext:
    """One request to a site. Its `now` (UTC) does not change.

    `has_changed` says whether its last finished transaction changed any row; None if there was none.
    """

    site: Site
    now: datetime
    has_changed: bool | None = field(default=None, init=False)
    _calendar: WorkCalendar | None = field(default=None, init=False)

    @property
    def settings(self) -> Settings:
        return self.site.settings

    @property
    def today(self) -> date:
        """The local day."""
        return local_date(self.now)

    def reading(self) -> AbstractContextManager[Session]:
        return reading(self.site.engine)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.has_changed = None
        with self._own_calendar(), transaction(self.site.engine) as session:
            watch = WriteWatch(session)
            yield session
            session.flush()
        self.has_changed = watch.has_written

    @contextmanager
    def dry_run(self) -> Iterator[Session]:
        """Open a transaction that is rolled back at its end, to see what it would do."""
        with self._own_calendar(), dry_run_session(self.site.engine) as session:
            yield session

    @contextmanager
    def _own_calendar(self) -> Iterator[None]:
        """Forget the calendar before and after a transaction, which may change it."""
        self._calendar = None
        try:
            yield
        finally:
            self._calendar = None

    def calendar(self, session: Session) -> WorkCalendar:
        """Return the working calendar. It is read once between two transactions."""
        if self._calendar is None:
            self._calendar = load_calendar(session)
        return self._calendar

    def moment(self, session: Session) -> Moment:
        return {"now": self.now, "calendar": self.calendar(session)}


def _translate(language: str, message: str, **facts: object) -> str:
    return translate(message, language, **facts)


def _translate_count(language: str, singular: str, plural: str, **facts: object) -> str:
    return translate(Message(singular, plural, **facts), language)


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


TheSite = Annotated[Site, Depends(_site)]
