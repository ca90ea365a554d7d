"""Replies as pages show them: all of them to administrators, and their own to the people who sent them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from models.errors import NotFound, need
from models.letters.letter import Letter
from models.organization.person import Person
from models.replies.reply import Reply, ReplyDraft, ReplyState, ReplyWhy
from models.settings import Settings
from models.tasks.evidence_files import evidence_path
from models.text.localtime import at_local, end_of_day
from models.text.vietnamese import fold
from notifications.composing.facts import AnswerTask
from notifications.composing.keys import sign_draft
from workflows.replies.reply_tasks import name_tasks

_MOST_OWN = 5  # of one person on one task, the newest


class ReplyFilter(BaseModel):
    """Days are local; `q` is a part of a sender's name or address, or of the subject."""

    model_config = ConfigDict(frozen=True)

    q: str = ""
    state: ReplyState | None = None
    why: ReplyWhy | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class ReplyDetails:
    reply: Reply
    person: str  # the reader of the letter that was answered
    subject: str  # of that letter
    task: AnswerTask | None = None
    draft: ReplyDraft | None = None


def list_replies(session: Session, wanted: ReplyFilter, *, limit: int, offset: int = 0) -> list[ReplyDetails]:
    """Return a page of replies, the newest first."""
    query = _filtered(_select_replies(), wanted).order_by(col(Reply.read_at).desc(), col(Reply.id).desc())
    rows = session.execute(query.limit(limit).offset(offset)).all()
    return [ReplyDetails(reply, person or "", subject or "") for reply, person, subject in rows]


def count_replies(session: Session, wanted: ReplyFilter) -> int:
    query = _filtered(_select_replies(), wanted).with_only_columns(func.count()).order_by(None)
    return int(session.execute(query).scalar_one())


def count_states(session: Session) -> dict[ReplyState, int]:
    rows = session.execute(select(col(Reply.state), func.count()).group_by(col(Reply.state)))
    return {state: count for state, count in rows}


def open_reply(session: Session, reply_id: UUID) -> ReplyDetails:
    row = session.execute(_select_replies().where(col(Reply.id) == reply_id)).first()
    reply, person, subject = need(row, NotFound("there is no such page"))
    task = next(iter(name_tasks(session, [reply.task_id])), None) if reply.task_id else None
    draft = session.scalars(select(ReplyDraft).where(col(ReplyDraft.reply_id) == reply_id)).first()
    return ReplyDetails(reply, person or "", subject or "", task, draft)


def read_original(session: Session, settings: Settings, reply_id: UUID) -> bytes | None:
    """Return the message of a reply; None where it is not kept any more. NotFound where there is no such reply."""
    reply = need(session.get(Reply, reply_id), NotFound("there is no such page"))
    path = evidence_path(settings.evidence, reply.original_sha256) if reply.original_sha256 else None
    return path.read_bytes() if path is not None and path.is_file() else None


@dataclass(frozen=True)
class OwnReply:
    reply: Reply
    link: str  # the token of the page that confirms it, while it waits


def own_replies(session: Session, task_id: UUID, person_id: UUID, link_key: str) -> Sequence[OwnReply]:
    """Return the newest replies of a person on a task, the newest first."""
    query = (
        select(Reply, col(ReplyDraft.id))
        .outerjoin(ReplyDraft, col(ReplyDraft.reply_id) == col(Reply.id))
        .where(col(Reply.task_id) == task_id, col(Reply.person_id) == person_id)
        .order_by(col(Reply.read_at).desc(), col(Reply.id).desc())
        .limit(_MOST_OWN)
    )
    return [
        OwnReply(reply, sign_draft(link_key, draft) if draft and reply.state is ReplyState.WAITS else "")
        for reply, draft in session.execute(query)
    ]


def _select_replies() -> Any:
    return (
        select(Reply, col(Person.full_name), col(Letter.subject))
        .outerjoin(Letter, col(Letter.id) == col(Reply.letter_id))
        .outerjoin(Person, col(Person.id) == col(Letter.recipient_id))
    )


def _filtered(query: Any, wanted: ReplyFilter) -> Any:
    conditions: list[ColumnElement[bool]] = []
    if folded := fold(wanted.q):
        conditions.append(
            or_(
                col(Person.name_folded).contains(folded, autoescape=True),
                col(Reply.sender).contains(wanted.q.lower(), autoescape=True),
                col(Reply.subject).contains(wanted.q, autoescape=True),
            )
        )
    if wanted.state is not None:
        conditions.append(col(Reply.state) == wanted.state)
    if wanted.why is not None:
        conditions.append(col(Reply.why) == wanted.why)
    if wanted.first is not None:
        conditions.append(col(Reply.read_at) >= at_local(wanted.first, time(0, 0)))
    if wanted.last is not None:
        conditions.append(col(Reply.read_at) < end_of_day(wanted.last))
    return query.where(*conditions)
