"""The mail server's quota: how many letters may be handed over in a minute and in a local day, whoever sends them."""

from datetime import datetime, time

from sqlalchemy import Update, update
from sqlmodel import Session, col, select

from models.letter import MailWindow
from models.localtime import at_local, local_date
from models.session import insert_new
from models.settings import MailSettings

_Window = tuple[str, datetime, int]


def left(session: Session, mail: MailSettings, *, now: datetime) -> int | None:
    """How many letters the quota still lets go; None where there is none. Nothing is taken by asking."""
    windows = _windows(mail, now)
    return min((max(0, one[2] - _used(session, one)) for one in windows), default=None)


def take(session: Session, mail: MailSettings, *, now: datetime) -> bool:
    """Takes one letter from the quota; False where it is used up.

    A guarded update in the transaction that marks the letter: it holds across processes, and one that dies has taken
    no more than the letter it was about to hand over.
    """
    taken: list[_Window] = []
    for window in _windows(mail, now):  # always in one order: two senders cannot wait for each other
        span, starts_at, limit = window
        insert_new(session, MailWindow.__table__, [{"span": span, "starts_at": starts_at, "used": 0}])  # type: ignore[attr-defined]
        changed = session.execute(_this(window).where(col(MailWindow.used) < limit).values(used=MailWindow.used + 1))
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            for one in taken:
                session.execute(_this(one).values(used=MailWindow.used - 1))
            return False
        taken.append(window)
    return True


def give_back(session: Session, mail: MailSettings, *, now: datetime) -> None:
    """Returns the letter that `take` took at the same `now` and that does not leave."""
    for window in _windows(mail, now):
        session.execute(_this(window).values(used=MailWindow.used - 1))


def _windows(mail: MailSettings, now: datetime) -> list[_Window]:
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


def _this(window: _Window) -> Update:
    span, starts_at, _limit = window
    return update(MailWindow).where(col(MailWindow.span) == span, col(MailWindow.starts_at) == starts_at)
