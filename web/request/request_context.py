"""The context of a request: the reader, their rights and language, and the ways to answer.

Every page takes one as a parameter: `Signed`, or `Guest` for anybody. Pages contain no rules; its principal knows the
rights.
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
from web.request.cookies import LANGUAGE, MESSAGE, cookie_name, forget_cookie, keep_cookie, signed
from web.request.faults import NotSignedIn, OwesSecondStep, ShownAgain, lookup_faults, status_of, wait_header
from web.request.navigation import address_of, local_path, navigation
from web.request.site import SiteContext, TheSite
from web.request.tour import ShownStep, shown_at
from workflows.access.accounts.sessions import SEEN_EVERY, find_session, owes_totp, touch_session
from workflows.access.actor_context import ActorContext
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Principal, read_principal
from workflows.rules.rights_table import Right
from workflows.worklists.inbox_asks import Ask, count_inbox
from workflows.worklists.notification_centre import MOST_COUNTED, count_unread

BY_ITSELF = "dondoc-by-itself"
"""The header or parameter of requests that a page makes without its reader. They do not keep a session alive."""
SIGNATURES_SHOWN: Place[Any] = Place("files.signatures")
"""Describes the signatures of files in a language, by the file's hash."""
NOTHING_CHANGED = _("Nothing was changed.")


class FlashMessage(NamedTuple):
    """The message that the page after an action shows once. `undo`: the tasks whose approval can be undone there."""

    words: str
    undo: list[str]


@dataclass
class RequestContext(SiteContext):
    request: Request
    language: str
    principal_or_none: Principal | None
    session_row: WebSession | None
    owes_second_step: bool = False

    @property
    def person(self) -> Person:
        """The reader, on pages that take `Signed` or `Entered`."""
        return self.principal.person

    @property
    def own_session(self) -> WebSession:
        """The reader's session, on pages that take `Signed` or `Entered`."""
        assert self.session_row is not None
        return self.session_row

    @property
    def principal(self) -> Principal:
        """The reader with their rights, on pages that take `Signed` or `Entered`."""
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
    def audit_actor(self) -> AuditActor:
        return AuditActor(self.now, self.principal_or_none.person.id if self.principal_or_none else None, self.address)

    @cached_property
    def csrf(self) -> str:
        """The token of the page's forms, bound to the session if there is one.

        Each page masks the secret in another way. Pages are compressed, and a constant secret could be guessed from
        their length (BREACH).
        """
        mask = secrets.token_bytes(32)
        return urlsafe_b64encode(mask + _xor(mask, self._csrf_secret)).decode()

    @property
    def _csrf_secret(self) -> bytes:
        session_hash = self.session_row.key_hash if self.session_row else ""
        return hmac.new(self.site.key.encode(), f"csrf:{session_hash}".encode(), sha256).digest()

    def is_csrf(self, sent: str) -> bool:
        try:
            raw = urlsafe_b64decode(sent.encode())
        except ValueError:
            return False
        return len(raw) == 64 and hmac.compare_digest(_xor(raw[:32], raw[32:]), self._csrf_secret)

    def words(self, message: str, **facts: object) -> str:
        return translate(message, self.language, **facts)

    def prefer_language(self, language: str) -> None:
        """Answer in this language unless the visitor has chosen another."""
        self.language = chosen_language(self.request, self.settings, language)

    def acting(self, session: Session) -> ActorContext:
        return ActorContext(session, self.person, self.now, self.calendar(session), self.settings)

    def require(self, right: Right) -> None:
        self.principal.require(right)

    def page(
        self, template: str, code: int | None = None, *, error: DondocError | None = None, **facts: Any
    ) -> HTMLResponse:
        """Fill a template in the reader's language, with the navigation that their rights allow.

        `error`: why a form was refused, if it is shown again. It sets the status unless `code` is given.
        """
        flash = self._read_flash()
        response = self.site.page(
            template,
            self.language,
            self.request,
            code or (self.fault(error) if error else 200),
            context=self,
            flash=flash,
            error=error,
            navigation=navigation(self.principal_or_none, self.request.url.path),
            **({"today": self.today} | facts),
        )
        if flash is not None:
            forget_cookie(response, self.settings, MESSAGE)
        if error is not None:
            response.headers.update(wait_header(error))
        return response

    def fault(self, error: DondocError) -> int:
        return status_of(error)

    @contextmanager
    def again(
        self, page: Callable[[DondocError], Response], *, but: type[DondocError] | tuple[()] = ()
    ) -> Iterator[None]:
        """Answer with `page` if the block raises a DondocError. `but`: errors that have a page of their own.

        Use this if slow work comes before the transaction, such as reading a file; open the transaction inside.
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
        """Open a transaction for what a form asks. If it is refused, roll back and answer with `page`, as `again`."""
        with self.again(page, but=but), self.transaction() as session:
            yield session

    def go(
        self,
        path: str,
        message: str | None = None,
        *,
        is_repeated: bool = False,
        undo: Iterable[UUID] = (),
        **facts: object,
    ) -> RedirectResponse:
        """Redirect to a page of ours after an action. That page shows the message once.

        If the transaction changed no row, the message says so instead. `is_repeated` keeps the message: a form sent
        twice gets the answer of its first copy, and some messages hold either way. `undo`: tasks approved just now.
        """
        response = RedirectResponse(local_path(path), 303)
        if message is not None:
            if self.has_changed is False and not is_repeated:
                message, facts = NOTHING_CHANGED, {}
            flash = self._serializer.dumps([self.words(message, **facts), [task_id.hex for task_id in undo]])
            keep_cookie(response, self.settings, MESSAGE, flash, 60)
        return response

    @property
    def _serializer(self) -> URLSafeSerializer:
        return signed(self.site.key, "said")

    def _read_flash(self) -> FlashMessage | None:
        cookie = self.request.cookies.get(cookie_name(self.settings, MESSAGE))
        if not cookie:
            return None
        try:
            words, undo = self._serializer.loads(cookie)
        except (BadSignature, ValueError):  # forged, or written by a former version
            return None
        return FlashMessage(words, undo)

    @cached_property
    def tour_step(self) -> ShownStep | None:
        """The step of the tour whose card this page shows, if the address asks for it."""
        number = self.request.query_params.get("step", "")
        return shown_at(self.principal, self.request.url.path, number) if number and self.principal_or_none else None

    def lookup_faults(self, kind: str, names: Sequence[str]) -> list[str]:
        with self.reading() as session:
            return [error.tell(self.language) for error in lookup_faults(session, kind, names)]

    @cached_property
    def to_decide(self) -> dict[Ask, int]:
        """The number of open decisions of each kind, as the menu, Today and the list show it."""
        if self.principal_or_none is None:
            return {}
        with self.reading() as session:
            return count_inbox(session, self.principal_or_none, **self.moment(session))

    @cached_property
    def unread(self) -> int:
        """The number of unread notifications, at most MOST_COUNTED + 1."""
        if self.principal_or_none is None:
            return 0
        with self.reading() as session:
            return count_unread(session, self.person.id, self.now)

    def signatures_of(self, files: Iterable[Any]) -> dict[str, Any]:
        """Return what a page says of files' signatures, by file hash; nothing if that room is not installed."""
        return dict(show(self, self.language, files)) if (show := SIGNATURES_SHOWN.only) else {}

    @property
    def unread_words(self) -> str:
        """The number at the bell, such as "7" or "99+"."""
        return f"{MOST_COUNTED}+" if self.unread > MOST_COUNTED else str(self.unread)

    @property
    def here(self) -> str:
        return address_of(self.request)


def chosen_language(request: Request, settings: Settings, otherwise: str) -> str:
    """Return the language that the address or the visitor's cookie names, else `otherwise`."""
    in_address = request.query_params.getlist("lang")[-1:]
    for language in (*in_address, request.cookies.get(cookie_name(settings, LANGUAGE))):
        if language in LANGUAGES:
            return str(language)
    return otherwise


def guest(request: Request, site: TheSite) -> RequestContext:
    """Return the context of anybody, signed in or not. It records that a session is in use."""
    now = site.now()
    key = request.cookies.get(cookie_name(site.settings), "")
    row, principal, owes = None, None, False
    with reading(site.engine) as session:
        if key and (found := find_session(session, key, now=now)):
            row, person = found
            principal = read_principal(session, person, local_date(now))
            owes = owes_totp(session, principal, row, site.settings)
    if row is not None and now - row.last_seen_at > SEEN_EVERY and not _asks_by_itself(request):
        with transaction(site.engine) as session:
            touch_session(session, row, site.settings, now=now)
    otherwise = principal.person.language if principal else site.settings.language
    return RequestContext(site, now, request, chosen_language(request, site.settings, otherwise), principal, row, owes)


def _asks_by_itself(request: Request) -> bool:
    return BY_ITSELF in request.headers or BY_ITSELF in request.query_params


def entered(context: "Guest") -> RequestContext:
    """Count the request of a person who is signed in, even if the second step is owed. NotSignedIn or TooMuch."""
    if context.principal_or_none is None:
        raise NotSignedIn
    site, path = context.site, context.request.url.path
    site.pace.count(context.person.id, path, context.now, site.settings.requests_per_minute)
    return context


def signed_in(context: "Entered") -> RequestContext:
    """As `entered`, but raises OwesSecondStep too."""
    if context.owes_second_step:
        raise OwesSecondStep
    return context


def _xor(mask: bytes, secret: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(mask, secret, strict=True))


Guest = Annotated[RequestContext, Depends(guest)]
Entered = Annotated[RequestContext, Depends(entered)]
Signed = Annotated[RequestContext, Depends(signed_in)]
