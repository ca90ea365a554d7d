"""The letters about a directive's tasks, as they were sent, and what was to be told to whom."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlmodel import Session, col

from models.letters.letter import Letter, LetterKind, Notice
from models.letters.letter_reads import expired_content, letter_content
from models.tasks.task import Task
from workflows.history.archive.archived_records import Mentioned, columns_of, of_directive
from workflows.history.archive.zip_writer import ArchiveWriter, as_json, beside

_BATCH = 500
_LISTS = (LetterKind.DIGEST, LetterKind.SUMMARY)
"""Letters that list, beside their news, whatever else somebody has to do."""
SHARED, NEVER_WRITTEN, EXPIRED = "tells of other directives", "was never written", "its time was over"
_LEFT_OUT = ("not_before", "lease_token", "lease_until")


def write_letters(
    session: Session, archive: ArchiveWriter, directive_id: UUID, mentioned: Mentioned, *, shared: bool
) -> dict[str, int]:
    """Write letters.jsonl, notices.jsonl and each letter's bytes; count.

    A letter that tells of other directives too, or may, stands there without its bytes, with their hash and the reason;
    with `shared`, these are included.
    """
    mine, counts = of_directive(directive_id), {"letters": 0, "letters_withheld": 0}
    others_since = session.scalar(select(func.min(Task.assigned_at)).where(col(Task.directive_id) != directive_id))
    of_others = exists().where(
        col(Notice.letter_id) == col(Letter.id),
        col(Notice.task_id) == col(Task.id),
        col(Task.directive_id) != directive_id,
    )
    ids = select(col(Notice.letter_id)).where(col(Notice.task_id).in_(mine), col(Notice.letter_id).is_not(None))
    wanted: ColumnElement[bool] = col(Letter.id).in_(ids)
    # a weekly summary has no notices: as long as there was no other directive, it is of this one
    alone = col(Letter.slot) < others_since if others_since is not None else true()
    wanted = or_(wanted, and_(col(Letter.kind) == LetterKind.SUMMARY, alone))
    query = select(Letter, of_others.label("of_others")).where(wanted).order_by(col(Letter.id))
    with beside() as lines:
        for letter, tells_of_others in session.execute(query.execution_options(yield_per=_BATCH)):
            withheld = not shared and (tells_of_others or _may_list_others(letter, others_since))
            row = mentioned.take(Letter, columns_of(letter)) | _content(session, archive, letter, withheld)
            lines.write(as_json({name: value for name, value in row.items() if name not in _LEFT_OUT}) + b"\n")
            session.expunge(letter)
            counts["letters"] += 1
            counts["letters_withheld"] += row.get("withheld") == SHARED
        archive.copy("letters.jsonl", lines)
    notices = select(Notice).where(col(Notice.task_id).in_(mine)).order_by(col(Notice.id))
    counts["notices"] = archive.add_lines(
        "notices.jsonl",
        (
            mentioned.take(Notice, columns_of(one))
            for one in session.scalars(notices.execution_options(yield_per=_BATCH))
        ),
    )
    return counts


def _may_list_others(letter: Letter, others_since: datetime | None) -> bool:
    written = letter.sent_at or letter.slot
    return letter.kind in _LISTS and others_since is not None and others_since <= written


def _content(session: Session, archive: ArchiveWriter, letter: Letter, withheld: bool) -> dict[str, Any]:
    content = letter_content(session, letter)
    if content is None:
        expired = expired_content(session, letter.id)
        if expired is not None:
            return {"file": None, "withheld": EXPIRED, "sha256": expired.sha256}
        return {"file": None, "withheld": NEVER_WRITTEN}
    if withheld:
        return {"file": None, "withheld": SHARED, "sha256": hashlib.sha256(content).hexdigest()}
    name = f"letters/{letter.id}.eml"
    return {"file": name, "sha256": archive.add(name, content).sha256}
