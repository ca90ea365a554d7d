"""Search: one field finds tasks by their directive, duty, unit, a result's number or the last digits of their id.

Every word of the query must be found, each in the directive, the duty or the unit's names, perhaps as the beginning of
a word; the whole name of a unit counts as one word. What is written with marks fits only with the same marks; what is
written without them fits either way. First come tasks of the unit that the query names, then of units whose name has
its words, in their order before any other; then those whose duty has the query as a phrase, then the others, and among
equals the newest duty. Nothing is found that the reader may not see.
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
    as_one,
    duties_called,
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
MOST_LETTERS, MOST_CHUNKS = 200, 6
_DIGITS = re.compile(r"[0-9a-f]{6,12}")
_NUMBER = re.compile(r".*\d.*[/-].*")


@dataclass(frozen=True)
class SearchHits:
    """One task. A coordinating unit is told neither its status nor what it waits for (None)."""

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
    """A page of what was found; `next` is the cursor of the following one."""

    tasks: tuple[SearchHits, ...]
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
    """Find the tasks that fit, the best fit first, then the newest duty.

    As many queries whatever there is. BadInput for a query that is too long, or a cursor that is none.
    """
    words, spot = _read_words(query), read_spot(after)
    if not words:
        return Results((), None)
    names = names_of_units(session)
    chunks = _limit(join_names(words, names))
    phrase = _phrase(words) if len(chunks) > 1 else None
    units = units_called(names, chunks)
    others, every = units.others_by_mask, (1 << len(chunks)) - 1
    masks = [mask for mask in range(every + 1) if any(mask | unit == every for unit in (0, *others))]
    duties = duties_called(session, chunks, masks, phrase=phrase, within=office_directives(principal), after=spot)
    seen = visible_tasks(principal)
    rest = filtering(IS_OPEN) if only_open else true()
    own = and_(or_(own_tasks(principal), partner_tasks(principal)), rest)
    of_office = and_(office_tasks(principal), rest)
    parts = tasks_of(_groups(duties, others, every), of_office, without=units.called)
    parts += tasks_of_units(chunks, units, of_office)
    if not principal.may(Right.SEE_EVERYTHING):
        parts.append(tasks_called(chunks, units, own, phrase=phrase))
    if spot is None or spot.rank == NAMED:
        by_digits, by_number = tasks_named(session, **_names(query))
        if by_digits:
            parts.append(tasks_by_id(by_digits, and_(or_(seen, partner_tasks(principal)), rest)))
        if by_number:  # a coordinating unit is not told that there is a result
            parts.append(tasks_by_id(by_number, and_(seen, rest)))
    if not parts:
        return Results((), None)
    rows = read_page(session, parts, whole=seen, after=spot, limit=limit + 1)
    return _page(rows, duties, now, limit)


def read_query(query: str) -> list[Chunk]:
    """What stands between blanks belongs together. Words with marks want the same marks."""
    return _limit(_read_words(query))


def _phrase(words: Sequence[Chunk]) -> Chunk | None:
    """Return the query as one phrase; None for two words with their marks.

    These seldom stand apart, and are common: to rank them would have the database read every duty.
    """
    return None if len(words) <= 2 and all(word.is_marked for word in words) else as_one(words)


def _limit(chunks: Sequence[Chunk]) -> list[Chunk]:
    return list(dict.fromkeys(chunks))[:MOST_CHUNKS]


def _read_words(query: str) -> list[Chunk]:
    if len(query) > MOST_LETTERS:
        raise BadInput("q: {length} characters; at most {most} are looked for", length=len(query), most=MOST_LETTERS)
    chunks = []
    for part in query.split():
        folded, marked = search_words(part), marked_words(part)
        if folded:
            chunks.append(Chunk(folded, False) if folded == marked else Chunk(marked, True))
    return chunks


def _names(query: str) -> dict[str, str]:
    text = query.strip()
    digits = text.lower().replace("-", "")
    return {
        "digits": digits[-12:] if len(digits) == 32 or _DIGITS.fullmatch(digits) else "",
        "number": search_words(text) if _NUMBER.fullmatch(text) else "",
    }


def _groups(duties: Sequence[FoundDuty], units: Mapping[int, Sequence[UUID]], every: int) -> list[RankedDuties]:
    """Return duties by rank and by what they lack; what they lack the units must have."""
    found: dict[tuple[int, int], list[UUID]] = {}
    for duty in duties:
        found.setdefault((duty.rank, duty.mask), []).append(duty.id)
    groups = []
    for (rank, mask), duty_ids in found.items():
        fitting = tuple(unit for has, ids in units.items() if mask | has == every for unit in ids)
        groups.append(RankedDuties(rank, tuple(duty_ids), None if mask == every else fitting))
    return groups


def _page(rows: Sequence[Any], duties: Sequence[FoundDuty], now: datetime, limit: int) -> Results:
    """Leave out rows that may be incomplete: beyond the last duty there may be more."""
    more = Spot(*rows[limit - 1][:4]) if len(rows) > limit else None
    if len(duties) == MOST_DUTIES:
        end = (duties[-1].rank, -duties[-1].id.int)
        known = [row for row in rows if (row.rank, -row.duty_id.int) <= end]
        if len(known) <= limit:
            rows, more = known, Spot(duties[-1].rank, duties[-1].id, LAST_ID, LAST_ID)
    tasks = {row.task_id: _found(row, now) for row in rows[:limit]}  # a task may be named and called so
    return Results(tuple(tasks.values()), write_spot(more) if more else None)


def _found(row: Any, now: datetime) -> SearchHits:
    name = f"{row.kind} {row.number}" if row.number else row.subject
    return SearchHits(
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
    """BadInput for what is no cursor of ours."""
    if not cursor:
        return None
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"==")
        return Spot(raw[0], *(UUID(bytes=raw[at : at + 16]) for at in (1, 17, 33)))
    except (ValueError, IndexError) as error:
        raise BadInput("cursor {cursor}: expected `next` of the page before", cursor=cursor) from error
