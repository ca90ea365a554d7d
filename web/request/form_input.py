"""The forms that pages send: as raw `Posted` data, or as a class of their fields.

Every POST of a page takes one of the two, such as `form: Annotated[Absence, Depends(Absence.sent)]`. FastAPI's own
`Form()` would read the whole body before anything is known of the sender. `posted` limits the size while it reads, and
checks the origin first.
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
from web.request.given_values import SingleFormData, read_revision
from web.request.request_context import Guest, RequestContext

FIELDS_BYTES = 2 * 1024 * 1024
"""The most bytes of all fields of a form together. Files come on top."""
_log = get_log(__name__)


async def posted(request: Request, context: Guest) -> AsyncIterator[FormData]:
    """Yield a form that came from one of our pages, in the session that the page was made for; else raise Refused.

    The size is limited while the body is read. People who are not signed in can send fields only.
    """
    fetch_site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if fetch_site not in ("same-origin", "none") or is_foreign:
        _refuse_form(request)
    most_bytes = FIELDS_BYTES + (context.settings.file_max_bytes * MOST_FILES if _may_send_files(context) else 0)
    limited_request = Request(request.scope, limit_body(request.receive, most_bytes))
    try:
        form = await limited_request.form(max_files=2 * MOST_FILES, max_fields=5000, max_part_size=FIELDS_BYTES)
    except HTTPException as error:
        raise BadInput("the form could not be read: it is damaged, or has too many fields or files") from error
    try:
        fields = SingleFormData(form.multi_items())
        if not context.is_csrf(text(fields, "csrf")):
            _refuse_form(request)
        yield fields
    finally:
        await form.close()


def _may_send_files(context: RequestContext) -> bool:
    """Return True for people who are signed in, or who hold the link that confirms a reply."""
    if context.principal_or_none is not None:
        return True
    page, token = [*context.request.url.path.split("/"), "", ""][1:3]
    try:
        return page == REPLY_PAGE and bool(read_draft(context.site.key, token))
    except NotFound:
        return False


def limit_body(receive: Receive, most_bytes: int) -> Receive:
    """Return a `receive` that raises TooLarge once the body exceeds the limit."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most_bytes:
            raise TooLarge(most_bytes)
        return message

    return receive_limited


def _refuse_form(request: Request) -> NoReturn:
    _log.warning("form_refused", path=request.url.path)
    raise Refused("this form is too old, or came from another site: open the page again and repeat it")


def text(form: FormData, name: str) -> str:
    """Return a field, trimmed, or "" if it is missing."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


Posted = Annotated[FormData, Depends(posted)]
Ticked = Annotated[bool, BeforeValidator(bool)]
"""A ticked box, or the button that was pressed."""
Yes = Annotated[bool, BeforeValidator(lambda sent: sent in ("yes", True))]
Revision = Annotated[int, BeforeValidator(lambda sent: read_revision(str(sent)))]
"""The revision of the row that the form showed."""
Verbatim = Annotated[str, StringConstraints(strip_whitespace=False)]
"""A text that is not trimmed: blanks at the ends of a password are part of it."""


class FormInput(BaseModel):
    """The base of form classes. Fields are trimmed texts, empty if they were not sent. Their meaning is read later."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    @classmethod
    def sent(cls, form: Posted) -> Self:
        return cls.of(form)

    @classmethod
    def from_query(cls, request: Request) -> Self:
        return cls.of(request.query_params)

    @classmethod
    def of(cls, given: ImmutableMultiDict[str, Any]) -> Self:
        """Read the fields of this class, and pass over files and unknown names.

        BadInput for a text that was given twice, or that no database can store.
        """
        values: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            sent_as = field.alias or name
            if get_origin(field.annotation) is tuple:
                values[sent_as] = [value for value in given.getlist(sent_as) if isinstance(value, str)]
            elif isinstance(value := given.get(sent_as), str):
                values[sent_as] = value
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise BadInput(UNFIT) from error

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """Return the names and values of filled fields, as an address or hidden fields hold them."""
        pairs: list[tuple[str, str]] = []
        for name, value in self:
            if name not in without:
                sent_as = type(self).model_fields[name].alias or name
                values = value if isinstance(value, tuple) else (value,)
                pairs += [(sent_as, value) for value in values if value]
        return pairs

    @property
    def query(self) -> str:
        return urlencode(self.pairs())


class ReasonForm(FormInput):
    reason: str = ""


class Code(FormInput):
    """A code from a letter, from an app, or of the first set-up."""

    code: str = ""


class SwitchForm(FormInput):
    on: Yes = False
