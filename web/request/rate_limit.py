"""The number of requests that one person may make in a minute, pages and API calls together.

Requests that are hard work for the database or a renderer count as ten. Each process counts in memory only.
"""

import re
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from models.errors import Refused
from models.i18n import _n
from models.operations.logs import get_log
from workflows.rules.throttle_policy import FailureCount, Limit, add_failures, waits_until

_log = get_log(__name__)
_COST = 10
COSTLY = re.compile(
    r"(/api/v1)?/("
    r"reports?(/.*)?|scorecards.*|warnings|pictures|papers/(make/.*|[^/]+/file)|search|difficulty"
    r"|directives/[^/]+/(archive|briefing|previews)|launch/[^/]+/preview(/[^/]+/csv)?"
    r"|tasks/(csv|xlsx|[^/]+/files/[^/]+/view)|intake(/tables|/[^/]+/(line|files/[^/]+/view))?|edxml/messages"
    r"|admin/(audit\.csv|check-up|register/download/.*)|register/files/.*|audit|account/data)"
)
"""The paths of reports, papers, archives, searches and whole tables, and of documents that are read or drawn."""
_WAIT = timedelta(seconds=10)


class TooMuch(Refused):
    """A person made too many requests, and must wait for `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            _n(
                "too much was asked for in your name within a minute: please wait {count} second",
                "too much was asked for in your name within a minute: please wait {count} seconds",
            ),
            count=seconds,
        )


class RequestPace:
    """Counts everybody's requests."""

    def __init__(self) -> None:
        self._counts: dict[UUID, FailureCount] = {}
        self._lock = Lock()

    def count(self, person_id: UUID, path: str, now: datetime, per_minute: int) -> None:
        """Count a request. Raise TooMuch, without counting, while the person has to wait."""
        limit = Limit(per_minute, _WAIT, _WAIT, timedelta(minutes=1) / per_minute)
        with self._lock:
            count = self._counts.get(person_id)
            until = waits_until([count], now) if count else None
            if until is not None:
                raise TooMuch(-(-(until - now) // timedelta(seconds=1)))
            count = add_failures(limit, count, now, cost=_COST if COSTLY.fullmatch(path) else 1)
            self._counts[person_id] = count
        if count.blocked_until is not None:
            _log.warning("slowed_down", person=str(person_id), path=path)
