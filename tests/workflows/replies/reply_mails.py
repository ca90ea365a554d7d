"""Replies to letters, as people write them."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from models.database.session import reading
from models.replies.reply import Reply, ReplyDraft
from tests.office import Office, at, body
from tests.reply_samples import reply

HEAD, DEPUTY, OFFICER = "luong.thi.ngan", "ta.ba.toan", "chu.bich.dao"
NINE = at(1, hour=9)


def address(office: Office, person: str = HEAD) -> str:
    """Where somebody's newest letter about tasks is answered to."""
    letters = [one for one in office.sent(person) if one["Reply-To"] and one["Auto-Submitted"] == "auto-generated"]
    return str(letters[-1]["Reply-To"]).strip("<>")


def mail(office: Office, person: str = HEAD) -> str:
    return str(office.person(person).email)


def drop(office: Office, *messages: bytes) -> None:
    folder = office.settings.replies_folder
    folder.mkdir(exist_ok=True)
    for message in messages:
        (folder / f"{len(list(folder.rglob('*.eml'))):03d}.eml").write_bytes(message)


def answer(office: Office, text: str, now: datetime | None = None, **more: Any) -> Reply:
    """Somebody answers their letter; the reply as it was taken. Each a minute after the last."""
    number = len(replies(office))
    to = more.pop("to", None) or address(office)
    given = {"message_id": f"<{number}@tct-t.example>"} | more
    drop(office, reply(to, text, sender=given.pop("sender", None) or mail(office), **given))
    office.tick(now or NINE + timedelta(minutes=number))
    return max(replies(office), key=lambda one: (one.read_at, one.id))


def replies(office: Office) -> list[Reply]:
    with reading(office.engine) as session:
        return list(session.exec(select(Reply).order_by(col(Reply.read_at), col(Reply.id))))


def draft(office: Office) -> ReplyDraft:
    with reading(office.engine) as session:
        return session.exec(select(ReplyDraft).order_by(col(ReplyDraft.made_at).desc())).all()[0]


def answers(office: Office, person: str = HEAD) -> list[str]:
    """The texts of the letters that answer somebody's replies."""
    return [body(one) for one in office.sent(person) if one["Auto-Submitted"] == "auto-replied"]
