"""Errors of requests, with the HTTP status and the sentence that answer them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

from fastapi import Request, Response
from sqlmodel import Session

from models.database.sealed import Locked
from models.database.session import is_database_unavailable
from models.directives.directive import find_directive
from models.errors import BadInput, Busy, DondocError, NotFound, Refused
from models.i18n import Words, _
from models.operations.logs import get_log
from models.organization.register_reads import resolve_person, resolve_unit
from web.request.rate_limit import TooMuch
from workflows.access.rights import Forbidden

UNFIT = _("what was sent holds a character or a number that cannot be kept: correct it and send it again")
"""The answer where the database itself refuses a value, such as a text with the character U+0000."""
RETRY = {"Retry-After": "10"}
_FIND: Mapping[str, Callable[[Session, str], object]] = {
    "units": resolve_unit,
    "leads": resolve_unit,
    "people": resolve_person,
    "directives": find_directive,
}
_log = get_log(__name__)


class TooLarge(BadInput):
    """The body exceeds the limit, in bytes. HTTP 413."""

    def __init__(self, most: int) -> None:
        super().__init__("what was sent is larger than {most} MB, which is the most", most=most // 1_000_000)


class NotSignedIn(Exception):
    """The page needs a session. The answer leads to the sign-in page, and from there back."""


class OtherPageFirst(Exception):
    """The visitor must do something on another page first."""

    address: ClassVar[str]


class OwesSecondStep(OtherPageFirst):
    """An administrator must set up the second step before anything else."""

    address = "/account/second-step"


class NeedsCode(OtherPageFirst):
    """The first set-up is open, and this browser has not shown its code."""

    address = "/setup"


class ShownAgain(Exception):
    """A form was refused. `answer` is its page with the error."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


_STATUSES: Mapping[type[DondocError], int] = {
    NotFound: 404,
    Forbidden: 403,
    TooLarge: 413,
    Locked: 503,
    Busy: 503,
    TooMuch: 429,
    Refused: 409,  # last, as others are kinds of it
}


def status_of(error: DondocError) -> int:
    return next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), 422)


def wait_header(error: DondocError) -> dict[str, str]:
    """Return Retry-After, in seconds, if the error says how long to wait."""
    return {"Retry-After": str(error.seconds)} if isinstance(error, TooMuch | Busy) else {}


def words_of_absence(request: Request, error: Exception) -> Words:
    """Log that the database does not answer, and return the message. Raise any other error of the database again."""
    if not is_database_unavailable(error):
        raise error
    reason = (str(getattr(error, "orig", None) or error).strip().splitlines() or ["–"])[0]
    _log.warning("database_away", method=request.method, reason=reason)
    if request.method == "GET":
        return _("the database does not answer at this moment: please try again in a minute")
    return _(
        "the database does not answer at this moment: try again in a minute, and look first whether what you sent was"
        " stored"
    )


def lookup_faults(session: Session, kind: str, names: Sequence[str]) -> Iterator[DondocError]:
    """Look up names or codes, and yield an error for each that is not found. `kind` is a key of `_FIND`."""
    for name in filter(None, map(str.strip, names)):
        try:
            _FIND[kind](session, name)
        except DondocError as error:
            yield error
