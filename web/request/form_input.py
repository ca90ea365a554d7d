"""What a form sends: read as `Posted`, and declared field by field as an input of its page.

Every POST of a page takes one of the two: `given: Annotated[Absence, Depends(Absence.sent)]`. FastAPI's own `Form()`
would read all that is sent before anything is known of the sender; `posted` counts while it reads, and asks first whose
form it is.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any, NoReturn, Self, get_origin
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from starlette.datastructures import FormData, ImmutableMultiDict
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from models.errors import BadInput, NotFound, Refused
from models.letters.letter import REPLY_PAGE
from models.operations.logs import get_log
from models.tasks.evidence_files import MOST_FILES
from notifications.composing.keys import read_draft
from web.request.faults import UNFIT, TooLarge
from web.request.given_values import SentOnce, revision_seen
from web.request.request_context import Guest, RequestContext

FIELDS_BYTES = 2 * 1024 * 1024
"""Of what is typed into a form, one field or all together; files come on top."""
_log = get_log(__name__)


async def posted(request: Request, context: Guest) -> AsyncIterator[FormData]:
    """Yield the form that was sent, from a page of ours and by the session it was made for. Refused otherwise.

    It is counted while it is read: nobody who is not signed in can send much, and nobody without end.
    """
    site_said = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if site_said not in ("same-origin", "none") or foreign:
        _refuse_form(request)
    most = FIELDS_BYTES + (context.settings.file_max_bytes * MOST_FILES if _may_send_files(context) else 0)
    read = Request(request.scope, counted(request.receive, most))
    try:
        form = await read.form(max_files=2 * MOST_FILES, max_fields=5000, max_part_size=FIELDS_BYTES)
    except HTTPException as error:
        raise BadInput("the form could not be read: it is damaged, or has too many fields or files") from error
    try:
        sent = SentOnce(form.multi_items())
        if not context.is_csrf(text(sent, "csrf")):
            _refuse_form(request)
        yield sent  # files sent along are closed at the end
    finally:
        await form.close()


def _may_send_files(context: RequestContext) -> bool:
    """From who is signed in, or holds the link that confirms a reply."""
    if context.principal_or_none is not None:
        return True
    place, token = [*context.request.url.path.split("/"), "", ""][1:3]
    try:
        return place == REPLY_PAGE and bool(read_draft(context.site.key, token))
    except NotFound:
        return False


def counted(receive: Receive, most: int) -> Receive:
    """Raise TooLarge once the body is larger than `most` bytes."""
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooLarge(most)
        return message

    return take


def _refuse_form(request: Request) -> NoReturn:
    _log.warning("form_refused", path=request.url.path)
    raise Refused("this form is too old, or came from another site: open the page again and repeat it")


def text(form: FormData, name: str) -> str:
    """Trimmed; "" where it is missing."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


Posted = Annotated[FormData, Depends(posted)]
Ticked = Annotated[bool, BeforeValidator(bool)]
"""A box, or a button pressed."""
Yes = Annotated[bool, BeforeValidator(lambda sent: sent in ("yes", True))]
Revision = Annotated[int, BeforeValidator(lambda sent: revision_seen(str(sent)))]
"""Of the row that the form showed."""
Verbatim = Annotated[str, StringConstraints(strip_whitespace=False)]
"""A password: blanks at its ends are part of it."""


class FormInput(BaseModel):
    """The base: texts as they were typed, trimmed; empty where nothing came. What a text means the page's act reads."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    @classmethod
    def sent(cls, form: Posted) -> Self:
        return cls.of(form)

    @classmethod
    def asked(cls, request: Request) -> Self:
        """As `sent`, from the address."""
        return cls.of(request.query_params)

    @classmethod
    def of(cls, given: ImmutableMultiDict[str, Any]) -> Self:
        """Files and unknown names are passed over.

        BadInput for a text that was given twice, or that no database keeps.
        """
        found: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            sent_as = field.alias or name
            if get_origin(field.annotation) is tuple:
                found[sent_as] = [one for one in given.getlist(sent_as) if isinstance(one, str)]
            elif isinstance(value := given.get(sent_as), str):
                found[sent_as] = value
        try:
            return cls.model_validate(found)
        except ValidationError as error:
            raise BadInput(UNFIT) from error

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """As an address or hidden fields have it; only what was filled in."""
        return [
            (type(self).model_fields[name].alias or name, one)
            for name, value in self
            if name not in without
            for one in (value if isinstance(value, tuple) else (value,))
            if one
        ]

    @property
    def query(self) -> str:
        return urlencode(self.pairs())


class ReasonForm(FormInput):
    reason: str = ""


class Code(FormInput):
    """The digits of a letter, of an app, or of the first set-up."""

    code: str = ""


class SwitchForm(FormInput):
    on: Yes = False
