"""The mail server's quota: how many letters may be handed over in any sixty seconds and in a local day, by whoever.

The moments given are the real ones, not the tick's. Whoever counts holds the counter's row until its letter is marked,
so that the limit holds across processes and machines.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of, update_one
from models.letters.letter import MailPace, MailWindow
from models.settings import MailSettings
from models.text.localtime import at_local, local_date

MINUTE = 60  # seconds: what the mail server's limit is of
MARGIN = 5
"""Seconds for which a letter counts longer than that: up to one because seconds are counted whole, and four for clocks
that differ and for the way from the mark to the server. A limit that is used to the full lets 60 / 65 of it go."""
_Window = tuple[str, datetime, int]
_TAKEN = text(
    "INSERT INTO mail_window (span, starts_at, used) VALUES (:the_span, :the_start, 1) "
    "ON CONFLICT (span, starts_at) DO UPDATE SET used = mail_window.used + 1 WHERE mail_window.used < :the_limit"
).bindparams(bindparam("the_start", type_=table_of(MailWindow).c.starts_at.type))
_COUNTED = text(
    "INSERT INTO mail_pace (second, total) VALUES (0, 1) "
    "ON CONFLICT (second) DO UPDATE SET total = mail_pace.total + 1 RETURNING total"
)
# what a clock that was ahead has counted lies further ahead than a minute, and is not of this one;
# the least of them, not the earliest: of two machines the one whose clock is behind writes an earlier second later
_OF_THE_MINUTE = text("SELECT min(total), max(second) FROM mail_pace WHERE second > :the_cut AND second <= :the_end")


def left(session: Session, mail: MailSettings, *, now: datetime) -> int | None:
    """Return how many letters the quota still lets go at `now`; None where there is none. Asking takes nothing."""
    rooms = [limit - _used(session, (span, starts_at, limit)) for span, starts_at, limit in _windows(mail, now)]
    if mail.letters_per_minute is not None:
        total, seconds = _pace(session, now)
        rooms.append(mail.letters_per_minute - _since(total, seconds))
    return min((max(0, room) for room in rooms), default=None)


def next_free(session: Session, mail: MailSettings, *, now: datetime) -> datetime | None:
    """Return when the next letter may go, `now` or later; None where the day's are used up."""
    free = now
    for span, starts_at, limit in _windows(mail, now):
        if _used(session, (span, starts_at, limit)) >= limit:
            if span == "day":
                return None
            free = max(free, starts_at + timedelta(seconds=MINUTE))
    if mail.letters_per_minute is not None:
        total, seconds = _pace(session, now)
        while seconds and _since(total, seconds) >= mail.letters_per_minute:
            second, _before = seconds.pop(0)
            free = max(free, datetime.fromtimestamp(second + MINUTE + MARGIN, UTC))
    return free


def take(session: Session, mail: MailSettings, *, now: datetime) -> bool:
    """Take one letter from the quota at the moment at which it leaves; False where it is used up: then roll back.

    In the transaction that marks the letter: a process that dies has taken no more than what it was about to hand over.
    """
    for span, starts_at, limit in _windows(mail, now):  # always in one order: two senders cannot wait for each other
        if not update_one(session, _TAKEN, {"the_span": span, "the_start": starts_at, "the_limit": limit}):
            return False
    return mail.letters_per_minute is None or _take_pace(session, mail.letters_per_minute, now)


def _take_pace(session: Session, limit: int, now: datetime) -> bool:
    connection, second = session.connection(), int(now.timestamp())
    total = connection.execute(_COUNTED).scalar_one()  # the row is ours from here to the commit
    before, newest = connection.execute(
        _OF_THE_MINUTE, {"the_cut": second - MINUTE - MARGIN, "the_end": second + MINUTE}
    ).one()
    if before is not None and total - before > limit:
        return False
    if newest is None or newest < second:
        insert_new(session, table_of(MailPace), [{"second": second, "total": total - 1}])
    return True


def _pace(session: Session, now: datetime) -> tuple[int, list[tuple[int, int]]]:
    """Return the counter, and the seconds that still count with what had gone before each, the earliest first."""
    second = int(now.timestamp())
    counts = col(MailPace.second).between(second - MINUTE - MARGIN + 1, second + MINUTE)
    query: Any = select(MailPace.second, MailPace.total).where(counts | (MailPace.second == 0))
    found = [(second, total) for second, total in session.execute(query.order_by(col(MailPace.second)))]
    if not found or found[0][0] != 0:
        return 0, []
    return found[0][1], found[1:]


def _since(total: int, seconds: list[tuple[int, int]]) -> int:
    return total - min((before for _second, before in seconds), default=total)


def _windows(mail: MailSettings, now: datetime) -> list[_Window]:
    """The calendar's minute, by which an earlier version counts, and the local day."""
    limits = (
        ("minute", now.replace(second=0, microsecond=0), mail.letters_per_minute),
        ("day", at_local(local_date(now), time.min), mail.letters_per_day),
    )
    return [(span, starts_at, limit) for span, starts_at, limit in limits if limit is not None]


def _used(session: Session, window: _Window) -> int:
    span, starts_at, _limit = window
    found = session.exec(
        select(MailWindow.used).where(MailWindow.span == span, MailWindow.starts_at == starts_at)
    ).first()
    return found or 0
