"""How much one person may ask of this process in a minute, by pages and calls together: nobody takes it from others.

What makes the database or a renderer work counts as several. Nothing is written down: each process counts what it does
itself, and forgets it when it ends.
"""

import re
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from models.errors import Refused
from models.i18n import _n
from models.operations.logs import get_log
from workflows.rules.throttle_policy import FailureCount, Limit, spend, waits_until

_log = get_log(__name__)
_COST = 10
COSTLY = re.compile(
    r"(/api/v1)?/("
    r"reports?(/.*)?|scorecards.*|warnings|pictures|papers/(make/.*|[^/]+/file)|search|difficulty"
    r"|directives/[^/]+/(archive|briefing|previews)|launch/[^/]+/preview(/[^/]+/csv)?"
    r"|tasks/(csv|xlsx|[^/]+/files/[^/]+/view)|intake(/tables|/[^/]+/(line|files/[^/]+/view))?|edxml/messages"
    r"|admin/(audit\.csv|check-up|register/download/.*)|register/files/.*|audit|account/data)"
)
"""Reports, figures over history, papers, archives, searches, tables of everything; documents that are read or drawn."""
_WAIT = timedelta(seconds=10)


class TooMuch(Refused):
    """Somebody asked for more than one person may. `seconds`: how long to wait."""

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
    """What everybody has asked for of late."""

    def __init__(self) -> None:
        self._counts: dict[UUID, FailureCount] = {}
        self._lock = Lock()

    def count(self, person_id: UUID, path: str, now: datetime, per_minute: int) -> None:
        """Count a page or call of somebody signed in. Raises TooMuch, and does not count, while they have to wait."""
        limit = Limit(per_minute, _WAIT, _WAIT, timedelta(minutes=1) / per_minute)
        with self._lock:
            before = self._counts.get(person_id)
            until = waits_until([before], now) if before else None
            if until is not None:
                raise TooMuch(-(-(until - now) // timedelta(seconds=1)))
            after = spend(limit, before, now, _COST if COSTLY.fullmatch(path) else 1)
            self._counts[person_id] = after
        if after.blocked_until is not None:
            _log.warning("slowed_down", person=str(person_id), path=path)
