"""What is said while the database is away: stopped, unreachable, or locked for longer than anybody waits."""

from fastapi import Request

from models.database.session import is_away
from models.i18n import Words, _
from models.operations.logs import get_log

RETRY = {"Retry-After": "10"}
_log = get_log(__name__)


def words_of_absence(request: Request, error: Exception) -> Words:
    """Return what whoever asked is told, and note it in the log. Raise any other fault of the database again."""
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
