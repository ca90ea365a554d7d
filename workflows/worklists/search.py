"""Find tasks by words of their directive, duty or unit, by the number of a result, or by the last digits of their id.

Each word of the query must be the beginning of a word in the directive, the duty or the unit's names. A whole name of a
unit counts as one word. A word with accents must match with its accents; one without accents matches either way.

The results are ranked: first tasks of a unit that the query names, then of units whose name has the words, in their
order or in any; then tasks whose duty has the query as a phrase; then the others. Equal ranks are ordered by the newest
duty. Only tasks that the reader may see are found.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, true
from sqlmodel import Session

from models.database.columns import filtering
from models.errors import BadInput
from models.tasks.late import is_late
from models.tasks.search_reads import (
    LAST_ID,
    MOST_DUTIES,
    NAMED,
    Chunk,
    FoundDuty,
    RankedDuties,
    Spot,
    duties_called,
    join_chunks,
    join_names,
    names_of_units,
    read_page,
    tasks_by_id,
    tasks_called,
    tasks_named,
    tasks_of,
    tasks_of_units,
    units_called,
)
from models.tasks.task import IS_OPEN, TaskStatus, WaitKind
from models.text.vietnamese import marked_words, search_words
from workflows.access.rights import Principal, office_directives, office_tasks, own_tasks, partner_tasks, visible_tasks
from workflows.rules.rights_table import Right

PER_PAGE = 25
LONGEST_QUERY, MOST_CHUNKS = 200, 6
_ID_DIGITS = re.compile(r"[0-9a-f]{6,12}")
_DOCUMENT_NUMBER = re.compile(r".*\d.*[/-].*")


@dataclass(frozen=True)
class SearchHit:
    """One task. `status` and `waiting` are None for a reader of a coordinating unit, who may not see them."""

    task_id: UUID
    directive_code: str
    directive: str  # "Chỉ thị 06/2004/CT-BBCVT", or the subject where no number is known
    path: str
    title: str
    unit: str
    occurrence: str
    due_at: datetime | None
    is_drill: bool
    status: TaskStatus | None
    waiting: WaitKind | None
    is_late: bool


@dataclass(frozen=True)
class Results:
    """A page of results; `next` is the cursor of the next page."""

    tasks: tuple[SearchHit, ...]
    next: str | None


def search(
    session: Session,
    principal: Principal,
    query: str,
    *,
    now: datetime,
    after: str | None = None,
    limit: int = PER_PAGE,
    only_open: bool = False,
) -> Results:
    """Find the matching tasks, the best match first.

    The number of queries is fixed. BadInput for a query that is too long, and for a wrong cursor.
    """
    words, spot = _read_words(query), read_spot(after)
    if not words:
        return Results((), None)
    names = names_of_units(session)
    chunks = _limit(join_names(words, names))
    phrase = _phrase(words) if len(chunks) > 1 else None
    units = units_called(names, chunks)
    units_by_mask, full_mask = units.others_by_mask, (1 << len(chunks)) - 1
    duty_masks = [
        mask for mask in range(full_mask + 1) if any(mask | unit_mask == full_mask for unit_mask in (0, *units_by_mask))
    ]
    duties = duties_called(session, chunks, duty_masks, phrase=phrase, within=office_directives(principal), after=spot)
    is_visible = visible_tasks(principal)
    is_listed = filtering(IS_OPEN) if only_open else true()
    is_own = and_(or_(own_tasks(principal), partner_tasks(principal)), is_listed)
    is_of_office = and_(office_tasks(principal), is_listed)
    parts = tasks_of(_groups(duties, units_by_mask, full_mask), is_of_office, without=units.called)
    parts += tasks_of_units(chunks, units, is_of_office)
    if not principal.may(Right.SEE_EVERYTHING):
        parts.append(tasks_called(chunks, units, is_own, phrase=phrase))
    if spot is None or spot.rank == NAMED:
        by_digits, by_number = tasks_named(session, digits=_id_digits(query), number=_document_number(query))
        if by_digits:
            parts.append(tasks_by_id(by_digits, and_(or_(is_visible, partner_tasks(principal)), is_listed)))
        if by_number:  # a coordinating unit may not learn that there is a result
            parts.append(tasks_by_id(by_number, and_(is_visible, is_listed)))
    if not parts:
        return Results((), None)
    rows = read_page(session, parts, whole=is_visible, after=spot, limit=limit + 1)
    return _page(rows, duties, now, limit)


def read_query(query: str) -> list[Chunk]:
    """Return the words of a query, each as a chunk. BadInput for a query that is too long."""
    return _limit(_read_words(query))


def _phrase(words: Sequence[Chunk]) -> Chunk | None:
    """Return the query as one phrase; None for two words with accents.

    Such a pair is common and mostly stands together: to rank it, the database would have to read every duty.
    """
    return None if len(words) <= 2 and all(word.is_marked for word in words) else join_chunks(words)


def _limit(chunks: Sequence[Chunk]) -> list[Chunk]:
    return list(dict.fromkeys(chunks))[:MOST_CHUNKS]


def _read_words(query: str) -> list[Chunk]:
    if len(query) > LONGEST_QUERY:
        raise BadInput("q: {length} characters; at most {most} are looked for", length=len(query), most=LONGEST_QUERY)
    chunks = []
    for part in query.split():
        folded, marked = search_words(part), marked_words(part)
        if folded:
            chunks.append(Chunk(marked, is_marked=folded != marked))
    return chunks


def _id_digits(query: str) -> str:
    """Return the last digits of an id; "" where the query is no id."""
    digits = query.strip().lower().replace("-", "")
    return digits[-12:] if len(digits) == 32 or _ID_DIGITS.fullmatch(digits) else ""


def _document_number(query: str) -> str:
    """Return the number of a document as search compares it; "" where the query is no such number."""
    text = query.strip()
    return search_words(text) if _DOCUMENT_NUMBER.fullmatch(text) else ""


def _groups(
    duties: Sequence[FoundDuty], units_by_mask: Mapping[int, Sequence[UUID]], full_mask: int
) -> list[RankedDuties]:
    """Group duties by rank and by the chunks that they have. Their units must have the missing chunks."""
    duties_by_match: dict[tuple[int, int], list[UUID]] = {}
    for duty in duties:
        duties_by_match.setdefault((duty.rank, duty.mask), []).append(duty.id)
    groups = []
    for (rank, mask), duty_ids in duties_by_match.items():
        unit_ids = tuple(
            unit_id for unit_mask, ids in units_by_mask.items() if mask | unit_mask == full_mask for unit_id in ids
        )
        groups.append(RankedDuties(rank, tuple(duty_ids), None if mask == full_mask else unit_ids))
    return groups


def _page(rows: Sequence[Any], duties: Sequence[FoundDuty], now: datetime, limit: int) -> Results:
    """Return a page without the rows after the last duty that was read, as more rows may stand between them."""
    next_spot = Spot(*rows[limit - 1][:4]) if len(rows) > limit else None
    if len(duties) == MOST_DUTIES:
        end = (duties[-1].rank, -duties[-1].id.int)
        complete = [row for row in rows if (row.rank, -row.duty_id.int) <= end]
        if len(complete) <= limit:
            rows, next_spot = complete, Spot(duties[-1].rank, duties[-1].id, LAST_ID, LAST_ID)
    tasks = {row.task_id: _hit(row, now) for row in rows[:limit]}  # a task may match in two ways
    return Results(tuple(tasks.values()), write_spot(next_spot) if next_spot else None)


def _hit(row: Any, now: datetime) -> SearchHit:
    name = f"{row.kind} {row.number}" if row.number else row.subject
    return SearchHit(
        task_id=row.task_id,
        directive_code=row.code,
        directive=name[:1].upper() + name[1:],
        path=row.path,
        title=row.title,
        unit=row.unit,
        occurrence=row.occurrence,
        due_at=row.due_at,
        is_drill=row.is_drill,
        status=row.status if row.is_whole else None,
        waiting=row.wait_kind if row.is_whole else None,
        is_late=bool(row.is_whole and is_late(row.status, row.due_at, now)),
    )


def write_spot(spot: Spot) -> str:
    ids = spot.duty_id.bytes + spot.unit_id.bytes + spot.task_id.bytes
    return urlsafe_b64encode(bytes([spot.rank]) + ids).decode().rstrip("=")


def read_spot(cursor: str | None) -> Spot | None:
    """Return the place that a cursor names. BadInput for a wrong cursor."""
    if not cursor:
        return None
    try:
        data = urlsafe_b64decode(cursor.encode("ascii") + b"==")
        return Spot(data[0], *(UUID(bytes=data[start : start + 16]) for start in (1, 17, 33)))
    except (ValueError, IndexError) as error:
        raise BadInput("cursor {cursor}: expected `next` of the page before", cursor=cursor) from error
