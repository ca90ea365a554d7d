"""The mail server's quota: how many letters may be handed over in any sixty seconds and in a local day.

All moments here are real time, not the tick's time. A process that counts a letter locks the counter's row until the
letter is marked, so the limit holds across processes and machines.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of, update_one
from models.letters.letter import MailPace, MailWindow
from models.settings import MailSettings
from models.text.localtime import at_local, local_date

MINUTE = 60  # seconds: the span of the mail server's limit
MARGIN = 5
"""Seconds that a letter counts beyond the minute.

Up to one is because seconds are counted whole. Four are for clocks that differ and for the way from the mark to the
server. So a limit that is used to the full lets 60 / 65 of it go.
"""
_TAKE_FROM_WINDOW = text(
    "INSERT INTO mail_window (span, starts_at, used) VALUES (:the_span, :the_start, 1) "
    "ON CONFLICT (span, starts_at) DO UPDATE SET used = mail_window.used + 1 WHERE mail_window.used < :the_limit"
).bindparams(bindparam("the_start", type_=table_of(MailWindow).c.starts_at.type))
_COUNT_LETTER = text(
    "INSERT INTO mail_pace (second, total) VALUES (0, 1) "
    "ON CONFLICT (second) DO UPDATE SET total = mail_pace.total + 1 RETURNING total"
)
# Seconds more than a minute ahead come from a clock that was wrong, and do not count.
# The query takes the least total, not the earliest second: a machine whose clock is behind may write an earlier second
# later.
_READ_PACE = text("SELECT min(total), max(second) FROM mail_pace WHERE second > :the_cut AND second <= :the_end")


class _Window(NamedTuple):
    span: str  # "minute" or "day"
    starts_at: datetime
    limit: int


class _Pace(NamedTuple):
    """The counter of all letters ever, and the seconds that still count."""

    total: int
    totals_before: list[tuple[int, int]]
    """Seconds (since 1970) in which letters left, each with the total before it, the earliest first."""

    def letters(self) -> int:
        """Return how many letters left in the seconds that still count."""
        return self.total - min((before for _second, before in self.totals_before), default=self.total)


def letters_left(session: Session, mail: MailSettings, *, now: datetime) -> int | None:
    """Return how many letters the quota still lets go at `now`, None without a quota. It takes nothing from it."""
    rooms = [window.limit - _used(session, window) for window in _windows(mail, now)]
    if mail.letters_per_minute is not None:
        rooms.append(mail.letters_per_minute - _pace(session, now).letters())
    return min((max(0, room) for room in rooms), default=None)


def next_free(session: Session, mail: MailSettings, *, now: datetime) -> datetime | None:
    """Return when the next letter may go, `now` or later; None where the day's letters are used up."""
    free = now
    for window in _windows(mail, now):
        if _used(session, window) >= window.limit:
            if window.span == "day":
                return None
            free = max(free, window.starts_at + timedelta(seconds=MINUTE))
    if mail.letters_per_minute is not None:
        pace = _pace(session, now)
        while pace.totals_before and pace.letters() >= mail.letters_per_minute:
            second, _before = pace.totals_before.pop(0)
            free = max(free, datetime.fromtimestamp(second + MINUTE + MARGIN, UTC))
    return free


def take(session: Session, mail: MailSettings, *, now: datetime) -> bool:
    """Take one letter from the quota as it leaves. On False the quota is used up, and the caller rolls back.

    Call it in the transaction that marks the letter. Then a process that dies has taken no more than that letter.
    """
    for window in _windows(mail, now):  # always in the same order, so that two senders cannot wait for each other
        row = {"the_span": window.span, "the_start": window.starts_at, "the_limit": window.limit}
        if not update_one(session, _TAKE_FROM_WINDOW, row):
            return False
    return mail.letters_per_minute is None or _take_pace(session, mail.letters_per_minute, now)


def _take_pace(session: Session, limit: int, now: datetime) -> bool:
    connection, second = session.connection(), int(now.timestamp())
    total = connection.execute(_COUNT_LETTER).scalar_one()  # locks the row until the commit
    before, newest = connection.execute(
        _READ_PACE, {"the_cut": second - MINUTE - MARGIN, "the_end": second + MINUTE}
    ).one()
    if before is not None and total - before > limit:
        return False
    if newest is None or newest < second:
        insert_new(session, table_of(MailPace), [{"second": second, "total": total - 1}])
    return True


def _pace(session: Session, now: datetime) -> _Pace:
    second = int(now.timestamp())
    counts = col(MailPace.second).between(second - MINUTE - MARGIN + 1, second + MINUTE)
    query: Any = select(MailPace.second, MailPace.total).where(counts | (MailPace.second == 0))
    rows = [(second, total) for second, total in session.execute(query.order_by(col(MailPace.second)))]
    if not rows or rows[0][0] != 0:  # the row of second 0 is the counter
        return _Pace(0, [])
    return _Pace(total=rows[0][1], totals_before=rows[1:])


def _windows(mail: MailSettings, now: datetime) -> list[_Window]:
    """Return the calendar minute, by which an earlier version counts, and the local day, as far as they are limited."""
    windows = []
    if mail.letters_per_minute is not None:
        windows.append(_Window("minute", now.replace(second=0, microsecond=0), mail.letters_per_minute))
    if mail.letters_per_day is not None:
        windows.append(_Window("day", at_local(local_date(now), time.min), mail.letters_per_day))
    return windows


def _used(session: Session, window: _Window) -> int:
    query = select(MailWindow.used).where(MailWindow.span == window.span, MailWindow.starts_at == window.starts_at)
    return session.exec(query).first() or 0
