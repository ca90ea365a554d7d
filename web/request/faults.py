"""What goes wrong with a request: its status, and what is said of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from fastapi import Request, Response
from sqlmodel import Session

from models.database.sealed import Locked
from models.database.session import is_away
from models.directives.directive import find_directive
from models.errors import BadInput, Busy, DondocError, NotFound, Refused
from models.i18n import Words, _
from models.operations.logs import get_log
from models.organization.register_reads import resolve_person, resolve_unit
from web.request.rate_limit import TooMuch
from workflows.access.rights import Forbidden

UNFIT = _("what was sent holds a character or a number that cannot be kept: correct it and send it again")
"""What the database itself refuses, such as the character of no width and no meaning that a text may hold, U+0000."""
RETRY = {"Retry-After": "10"}
_FIND: Mapping[str, Callable[[Session, str], object]] = {
    "units": resolve_unit,
    "leads": resolve_unit,
    "people": resolve_person,
    "directives": find_directive,
}
_log = get_log(__name__)


class TooLarge(BadInput):
    """More was sent than is read. HTTP 413."""

    def __init__(self, most: int) -> None:
        super().__init__("what was sent is larger than {most} MB, which is the most", most=most // 1_000_000)


class NotSignedIn(Exception):
    """A page asks for a session, and there is none: to the sign-in page, and back."""


class OwesSecondStep(Exception):
    """An administrator must set up the second step before anything else."""


class ShownAgain(Exception):
    """A form was refused, and `answer` is its page with what was wrong."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


def status_of(error: DondocError) -> int:
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, Forbidden):
        return 403
    if isinstance(error, TooLarge):
        return 413
    if isinstance(error, Locked | Busy):
        return 503
    if isinstance(error, TooMuch):
        return 429
    return 409 if isinstance(error, Refused) else 422


def wait_header(error: DondocError) -> dict[str, str]:
    """After how many seconds the same may be asked again, where that is known."""
    return {"Retry-After": str(error.seconds)} if isinstance(error, TooMuch | Busy) else {}


def words_of_absence(request: Request, error: Exception) -> Words:
    """Note the fault in the log. Raise any other fault of the database again."""
    if not is_away(error):
        raise error
    reason = (str(getattr(error, "orig", None) or error).strip().splitlines() or ["–"])[0]
    _log.warning("database_away", method=request.method, reason=reason)
    if request.method == "GET":
        return _("the database does not answer at this moment: please try again in a minute")
    return _(
        "the database does not answer at this moment: try again in a minute, and look first whether what you sent was"
        " stored"
    )


def lookup_faults(session: Session, of: str, names: Sequence[str]) -> Iterator[DondocError]:
    """`of` units, leads, people or directives."""
    for name in filter(None, map(str.strip, names)):
        try:
            _FIND[of](session, name)
        except DondocError as error:
            yield error
