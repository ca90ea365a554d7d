"""Write the letters about a directive's tasks as they were sent, and the notices behind them."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlmodel import Session, col

from models.letters.letter import Letter, LetterKind, Notice
from models.letters.letter_reads import expired_content, letter_content
from models.tasks.task import Task
from workflows.history.archive.archived_records import Mentioned, columns_of, tasks_of_directive
from workflows.history.archive.zip_writer import ArchiveWriter, as_json, beside

_BATCH = 500
_LISTS = (LetterKind.DIGEST, LetterKind.SUMMARY)
"""Letters that also list other tasks of their reader."""
SHARED, NEVER_WRITTEN, EXPIRED = "tells of other directives", "was never written", "its time was over"
_LEFT_OUT = ("not_before", "lease_token", "lease_until")


def write_letters(
    session: Session, archive: ArchiveWriter, directive_id: UUID, mentioned: Mentioned, *, shared: bool
) -> dict[str, int]:
    """Write letters.jsonl, notices.jsonl and each letter's bytes. Return the counts.

    A letter that mentions other directives, or may do so, is listed without its bytes, but with their hash and the
    reason. With `shared`, its bytes are included.
    """
    task_ids, counts = tasks_of_directive(directive_id), {"letters": 0, "letters_withheld": 0}
    others_since = session.scalar(select(func.min(Task.assigned_at)).where(col(Task.directive_id) != directive_id))
    mentions_others = exists().where(
        col(Notice.letter_id) == col(Letter.id),
        col(Notice.task_id) == col(Task.id),
        col(Task.directive_id) != directive_id,
    )
    ids = select(col(Notice.letter_id)).where(col(Notice.task_id).in_(task_ids), col(Notice.letter_id).is_not(None))
    is_about_tasks: ColumnElement[bool] = col(Letter.id).in_(ids)
    # a weekly summary has no notices; as long as there was no other directive, it is about this one
    is_before_others = col(Letter.slot) < others_since if others_since is not None else true()
    is_wanted = or_(is_about_tasks, and_(col(Letter.kind) == LetterKind.SUMMARY, is_before_others))
    query = select(Letter, mentions_others.label("mentions_others")).where(is_wanted).order_by(col(Letter.id))
    with beside() as lines:
        for letter, has_others in session.execute(query.execution_options(yield_per=_BATCH)):
            is_withheld = not shared and (has_others or _may_list_others(letter, others_since))
            row = mentioned.take(Letter, columns_of(letter)) | _write_content(session, archive, letter, is_withheld)
            lines.write(as_json({name: value for name, value in row.items() if name not in _LEFT_OUT}) + b"\n")
            session.expunge(letter)
            counts["letters"] += 1
            counts["letters_withheld"] += row.get("withheld") == SHARED
        archive.copy("letters.jsonl", lines)
    of_tasks = select(Notice).where(col(Notice.task_id).in_(task_ids)).order_by(col(Notice.id))
    notices = session.scalars(of_tasks.execution_options(yield_per=_BATCH))
    rows = (mentioned.take(Notice, columns_of(notice)) for notice in notices)
    counts["notices"] = archive.add_lines("notices.jsonl", rows)
    return counts


def _may_list_others(letter: Letter, others_since: datetime | None) -> bool:
    written_at = letter.sent_at or letter.slot
    return letter.kind in _LISTS and others_since is not None and others_since <= written_at


def _write_content(session: Session, archive: ArchiveWriter, letter: Letter, is_withheld: bool) -> dict[str, Any]:
    """Write a letter's bytes unless they are withheld, expired or were never written. Return the fields about them."""
    content = letter_content(session, letter)
    if content is None:
        expired = expired_content(session, letter.id)
        if expired is not None:
            return {"file": None, "withheld": EXPIRED, "sha256": expired.sha256}
        return {"file": None, "withheld": NEVER_WRITTEN}
    if is_withheld:
        return {"file": None, "withheld": SHARED, "sha256": hashlib.sha256(content).hexdigest()}
    name = f"letters/{letter.id}.eml"
    return {"file": name, "sha256": archive.add(name, content).sha256}
