"""The mail server's quota: how many letters may be handed over in a minute and in a local day, whoever sends them."""

from datetime import datetime, time

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.letter import MailWindow
from models.localtime import at_local, local_date
from models.session import insert_new
from models.settings import MailSettings


def reserve(session: Session, mail: MailSettings, *, now: datetime, wanted: int) -> int:
    """Takes up to `wanted` letters from the quota and returns how many it got; without a quota all of them.

    The windows are rows that every sender locks in one order, so that the quota holds across processes.
    """
    windows = _windows(mail, now)
    allowed = wanted
    for span, starts_at, limit in windows:
        row = {"span": span, "starts_at": starts_at, "used": 0}
        insert_new(session, MailWindow.__table__, [row])  # type: ignore[attr-defined]
        used = session.exec(
            select(MailWindow.used).where(MailWindow.span == span, MailWindow.starts_at == starts_at).with_for_update()
        ).one()
        allowed = max(0, min(allowed, limit - used))
    _add(session, windows, allowed)
    return allowed


def give_back(session: Session, mail: MailSettings, *, now: datetime, count: int) -> None:
    """Returns what `reserve` took at the same `now` and nobody used."""
    _add(session, _windows(mail, now), -count)


def _windows(mail: MailSettings, now: datetime) -> list[tuple[str, datetime, int]]:
    limits = (
        ("minute", now.replace(second=0, microsecond=0), mail.letters_per_minute),
        ("day", at_local(local_date(now), time.min), mail.letters_per_day),
    )
    return [(span, starts_at, limit) for span, starts_at, limit in limits if limit is not None]


def _add(session: Session, windows: list[tuple[str, datetime, int]], count: int) -> None:
    if not count:
        return
    for span, starts_at, _limit in windows:
        session.execute(
            update(MailWindow)
            .where(col(MailWindow.span) == span, col(MailWindow.starts_at) == starts_at)
            .values(used=MailWindow.used + count)
        )
