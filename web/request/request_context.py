"""The context of a page: who asks, what they may do, their language, and how to answer them.

Every page takes one as its parameter (`Signed`, or `Guest` for anybody). Pages hold no rule: they ask its principal
about rights.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session

from models.database.session import reading, transaction
from models.errors import DondocError
from models.i18n import LANGUAGES, _, translate
from models.organization.account import WebSession
from models.organization.person import Person
from models.rooms import Place
from models.settings import Settings
from models.text.localtime import local_date
from web.request.cookies import LANGUAGE, SAID, cookie_name, forget_cookie, keep_cookie, signed
from web.request.faults import NotSignedIn, OwesSecondStep, ShownAgain, lookup_faults, status_of, wait_header
from web.request.navigation import address_of, local_path, navigation
from web.request.site import AtSite, TheSite
from web.request.tour import ShownStep, shown_at
from workflows.access.accounts.sessions import SEEN_EVERY, find_session, owes_totp, touch_session
from workflows.access.actor_context import ActorContext
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Principal, read_principal
from workflows.rules.rights_table import Right
from workflows.worklists.inbox_asks import Ask, count_inbox
from workflows.worklists.notification_centre import MOST_COUNTED, count_unread

BY_ITSELF = "dondoc-by-itself"
"""The header of what a page asks by itself (`dondoc.js`), or the parameter of one that turns by itself: nobody need be
there, so it keeps no session.
"""
SIGNATURES_SHOWN: Place[Any] = Place("files.signatures")
"""Gives what is shown of each file, by its hash: of these, at this site, in a language."""
NOTHING_CHANGED = _("Nothing was changed.")


class SaidOnce(NamedTuple):
    """What is said once on the page after an action. `undo`: the tasks whose approval can be undone from there."""

    words: str
    undo: list[str]


@dataclass
class RequestContext(AtSite):
    """One request. `now` (UTC) is the same all through it."""

    request: Request
    language: str
    principal_or_none: Principal | None
    session_row: WebSession | None
    owes_second_step: bool = False

    @property
    def person(self) -> Person:
        """Only pages behind `Signed` ask."""
        return self.principal.person

    @property
    def own_session(self) -> WebSession:
        """Only pages behind `Entered` ask."""
        assert self.session_row is not None
        return self.session_row

    @property
    def principal(self) -> Principal:
        """Only pages behind `Signed` ask."""
        assert self.principal_or_none is not None
        return self.principal_or_none

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    def page_address(self, page: int) -> str:
        here = self.request.url
        url = here.include_query_params(page=page) if page > 1 else here.remove_query_params("page")
        return f"{url.path}?{url.query}" if url.query else url.path

    @property
    def hand(self) -> AuditActor:
        return AuditActor(self.now, self.principal_or_none.person.id if self.principal_or_none else None, self.address)

    @cached_property
    def csrf(self) -> str:
        """Forms carry it: bound to the session, or to nothing where nobody is signed in.

        Under a mask of its own in every page, since pages are compressed, and a secret that stays the same could be
        guessed from their length (BREACH).
        """
        mask = secrets.token_bytes(32)
        return urlsafe_b64encode(mask + _under(mask, self._csrf_secret)).decode()

    @property
    def _csrf_secret(self) -> bytes:
        bound = self.session_row.key_hash if self.session_row else ""
        return hmac.new(self.site.key.encode(), f"csrf:{bound}".encode(), sha256).digest()

    def is_csrf(self, sent: str) -> bool:
        try:
            raw = urlsafe_b64decode(sent.encode())
        except ValueError:
            return False
        return len(raw) == 64 and hmac.compare_digest(_under(raw[:32], raw[32:]), self._csrf_secret)

    def words(self, message: str, **facts: object) -> str:
        return translate(message, self.language, **facts)

    def speak(self, language: str) -> None:
        """Answer in somebody's language, unless another was asked for."""
        self.language = chosen_language(self.request, self.settings, language)

    def acting(self, session: Session) -> ActorContext:
        return ActorContext(session, self.person, self.now, self.calendar(session), self.settings)

    def require(self, right: Right) -> None:
        self.principal.require(right)

    def page(
        self, template: str, code: int | None = None, *, error: DondocError | None = None, **facts: Any
    ) -> HTMLResponse:
        """In the reader's language, with the navigation of what they may do.

        `error`: what was wrong with the form that is shown again. It says the status, unless `code` does.
        """
        said = self._said()
        response = self.site.page(
            template,
            self.language,
            self.request,
            code or (self.fault(error) if error else 200),
            context=self,
            said=said,
            error=error,
            navigation=navigation(self.principal_or_none, self.request.url.path),
            **({"today": self.today} | facts),
        )
        if said is not None:
            forget_cookie(response, self.settings, SAID)
        if error is not None:
            response.headers.update(wait_header(error))
        return response

    def fault(self, error: DondocError) -> int:
        return status_of(error)

    @contextmanager
    def again(
        self, page: Callable[[DondocError], Response], *, but: type[DondocError] | tuple[()] = ()
    ) -> Iterator[None]:
        """Answer with the form's page where what is done inside is refused. `but`: errors with a page of their own.

        For what comes first and needs no write, such as reading a file: open the transaction inside.
        """
        try:
            yield
        except but:
            raise
        except DondocError as error:
            raise ShownAgain(page(error)) from error

    @contextmanager
    def submit(
        self, page: Callable[[DondocError], Response], *, but: type[DondocError] | tuple[()] = ()
    ) -> Iterator[Session]:
        """Do what a form asks in one transaction; where it is refused, undo it and answer with `page`, as `again`."""
        with self.again(page, but=but), self.transaction() as session:
            yield session

    def go(
        self, to: str, said: str | None = None, *, is_repeated: bool = False, undo: Iterable[UUID] = (), **facts: object
    ) -> RedirectResponse:
        """Lead to another page after an action, which is said there once. `to` is a path of ours.

        An action that changed no row is told as such, whatever `said` claims. `is_repeated`: the form may be sent twice
        and then stands for what its first copy did, or the words hold either way. `undo`: tasks approved just now.
        """
        response = RedirectResponse(local_path(to), 303)
        if said is not None:
            if self.has_changed is False and not is_repeated:
                said, facts = NOTHING_CHANGED, {}
            told = self._serializer.dumps([self.words(said, **facts), [one.hex for one in undo]])
            keep_cookie(response, self.settings, SAID, told, 60)
        return response

    @property
    def _serializer(self) -> URLSafeSerializer:
        return signed(self.site.key, "said")

    def _said(self) -> SaidOnce | None:
        cookie = self.request.cookies.get(cookie_name(self.settings, SAID))
        if not cookie:
            return None
        try:
            words, undo = self._serializer.loads(cookie)
        except (BadSignature, ValueError):  # changed, or of a former version
            return None
        return SaidOnce(words, undo)

    @cached_property
    def tour_step(self) -> ShownStep | None:
        """Its card stands on this page, where the address asks for it."""
        asked = self.request.query_params.get("step", "")
        return shown_at(self.principal, self.request.url.path, asked) if asked and self.principal_or_none else None

    def lookup_faults(self, of: str, names: Sequence[str]) -> list[str]:
        with self.reading() as session:
            return [error.tell(self.language) for error in lookup_faults(session, of, names)]

    @cached_property
    def to_decide(self) -> dict[Ask, int]:
        """By kind: the numbers of the menu, of Today and of the list."""
        if self.principal_or_none is None:
            return {}
        with self.reading() as session:
            return count_inbox(session, self.principal_or_none, **self.moment(session))

    @cached_property
    def unread(self) -> int:
        """At most one more than are counted."""
        if self.principal_or_none is None:
            return 0
        with self.reading() as session:
            return count_unread(session, self.person.id, self.now)

    def signatures_of(self, files: Iterable[Any]) -> dict[str, Any]:
        """Return what a page says of the signatures of files, by their hash; nothing where that room is missing."""
        return dict(show(self, self.language, files)) if (show := SIGNATURES_SHOWN.only) else {}

    @property
    def unread_words(self) -> str:
        """As the bell shows it: "7", "99+"."""
        return f"{MOST_COUNTED}+" if self.unread > MOST_COUNTED else str(self.unread)

    @property
    def here(self) -> str:
        return address_of(self.request)


def chosen_language(request: Request, settings: Settings, otherwise: str) -> str:
    """What the visitor has chosen, here or before; else `otherwise`."""
    for asked in (*request.query_params.getlist("lang")[-1:], request.cookies.get(cookie_name(settings, LANGUAGE))):
        if asked in LANGUAGES:
            return str(asked)
    return otherwise


def guest(request: Request, site: TheSite) -> RequestContext:
    now = site.now()
    key = request.cookies.get(cookie_name(site.settings), "")
    with reading(site.engine) as session:
        found = find_session(session, key, now=now) if key else None
        principal = read_principal(session, found[1], local_date(now)) if found else None
        row = found[0] if found else None
        owes = row is not None and principal is not None and owes_totp(session, principal, row, site.settings)
    if row is not None and now - row.last_seen_at > SEEN_EVERY and not _asks_by_itself(request):
        with transaction(site.engine) as session:
            touch_session(session, row, site.settings, now=now)
    otherwise = principal.person.language if principal else site.settings.language
    return RequestContext(site, now, request, chosen_language(request, site.settings, otherwise), principal, row, owes)


def _asks_by_itself(request: Request) -> bool:
    return BY_ITSELF in request.headers or BY_ITSELF in request.query_params


def entered(context: "Guest") -> RequestContext:
    """With the second step or without. Raises NotSignedIn or TooMuch."""
    if context.principal_or_none is None:
        raise NotSignedIn
    site, path = context.site, context.request.url.path
    site.pace.count(context.person.id, path, context.now, site.settings.requests_per_minute)
    return context


def signed_in(context: "Entered") -> RequestContext:
    """Raises OwesSecondStep. `Entered` has raised NotSignedIn before."""
    if context.owes_second_step:
        raise OwesSecondStep
    return context


def _under(mask: bytes, secret: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(mask, secret, strict=True))


Guest = Annotated[RequestContext, Depends(guest)]
Entered = Annotated[RequestContext, Depends(entered)]
Signed = Annotated[RequestContext, Depends(signed_in)]
