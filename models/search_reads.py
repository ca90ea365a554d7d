"""Named reads of search: which units, duties and tasks are called so; and their tasks, the newest duty first."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_ as and_bits
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    literal,
    or_,
    select,
    tuple_,
    union,
)
from sqlmodel import Session, col

from models.columns import LAST_DIGITS, filtering, last_digits
from models.directive import Directive, Duty
from models.task import Result, Task
from models.unit import Unit, UnitAlias
from models.vietnamese import search_text

MOST_DUTIES = 300
"""So many duties are looked through for one page; the next page goes on after them."""
_MOST_NAMED = 50
_LAST = "\U0010ffff"
LAST_ID = UUID(int=(1 << 128) - 1)
"""In a `Spot`: the end of its duty."""

NAMED, AS_WRITTEN, FOLDED = range(3)
"""Ranks: the task itself was named; its duty has the words just as they were written; only without their marks."""


@dataclass(frozen=True)
class Chunk:
    """Words that belong together, as they stand in a `search_text`; the last is perhaps the beginning of one.

    `is_marked`: with their marks, so that only the same marks fit.
    """

    words: str
    is_marked: bool

    @property
    def pattern(self) -> str:
        """What a `search_text` is like that has it."""
        return f"% {self.words}%"


class Spot(NamedTuple):
    """Where a task stands among those found: how well it fits, its duty (the newest first), its unit, itself."""

    rank: int
    duty_id: UUID
    unit_id: UUID
    task_id: UUID


class FoundDuty(NamedTuple):
    """A duty: which chunks it has with its directive (as bits), and how well it fits."""

    id: UUID
    mask: int
    rank: int


@dataclass(frozen=True)
class Group:
    """Tasks of duties of one rank; of these units only, unless None."""

    rank: int
    duty_ids: tuple[UUID, ...]
    unit_ids: tuple[UUID, ...] | None


def units_called(session: Session, chunks: Sequence[Chunk]) -> dict[int, list[UUID]]:
    """Units by the chunks (as bits) that their code, name or aliases have; those with none are left out."""
    query: Any = select(col(Unit.id), col(Unit.code), col(Unit.name), col(UnitAlias.alias)).outerjoin(
        UnitAlias, col(UnitAlias.unit_id) == col(Unit.id)
    )
    wanted = [(1 << place, f" {chunk.words}") for place, chunk in enumerate(chunks)]
    masks: dict[UUID, int] = {}
    for unit_id, *names in session.execute(query):
        text = _called(*names)
        mask = sum(bit for bit, words in wanted if words in text)
        if mask:
            masks[unit_id] = masks.get(unit_id, 0) | mask
    called: dict[int, list[UUID]] = {}
    for unit_id, mask in masks.items():
        called.setdefault(mask, []).append(unit_id)
    return called


@lru_cache(100_000)
def _called(code: str, name: str, alias: str | None) -> str:
    return search_text(code, name, alias)


def duties_called(
    session: Session,
    chunks: Sequence[Chunk],
    masks: Sequence[int],
    *,
    within: ColumnElement[bool],
    after: Spot | None,
) -> list[FoundDuty]:
    """Duties that have, with their directive, one of these sets of chunks; the best first, then the newest.

    `within` is a condition on directives. At most MOST_DUTIES, from the one on where the page before ended.
    """
    mask, rank = _mask(chunks, masks), _rank(chunks)
    needed = [_has(chunk) for place, chunk in enumerate(chunks) if all(one >> place & 1 for one in masks)]
    query: Any = (
        select(col(Duty.id), mask.label("mask"), rank.label("rank"))
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .where(*needed, within)
        .order_by(*_unless_fixed(rank), col(Duty.id).desc())
        .limit(MOST_DUTIES)
    )
    if len(masks) < 1 << len(chunks) - len(needed):  # what may be lacking may not all be lacking at once
        query = query.where(mask.in_(masks))
    if after is not None and after.rank != NAMED:
        rest = col(Duty.id) < after.duty_id if after.task_id == LAST_ID else col(Duty.id) <= after.duty_id
        query = query.where(or_(rank > after.rank, and_(rank == after.rank, rest)))
    return [FoundDuty(*row) for row in session.execute(query)]


def tasks_named(session: Session, *, digits: str, number: str) -> tuple[list[UUID], list[UUID]]:
    """Tasks whose id ends in these six to twelve digits; and those whose result's number begins with these words.

    Empty text names nothing; at most 50 by each. One query.
    """
    by_digits: Select[Any] = select(col(Task.id).label("id")).where(ends_in(digits))
    by_number: Select[Any] = (
        select(col(Result.task_id).label("id"))
        .where(col(Result.number_words) >= number, col(Result.number_words) < number + _LAST)
        .order_by(col(Result.number_words))
    )
    asked = [(part, how) for how, part, given in ((0, by_digits, digits), (1, by_number, number)) if given]
    if not asked:
        return [], []
    parts = (select(part.limit(_MOST_NAMED).subquery().c.id, literal(how, Integer).label("how")) for part, how in asked)
    rows = session.execute(union(*parts)).all()
    return [row.id for row in rows if row.how == 0], [row.id for row in rows if row.how == 1]


def ends_in(digits: str) -> ColumnElement[bool]:
    """Tasks whose id ends in these hexadecimal digits, six to twelve of them: found by index."""
    return and_(last_digits(col(Task.id)) == digits[-LAST_DIGITS:], cast(col(Task.id), String).like(f"%{digits}"))


def tasks_of(groups: Sequence[Group], within: ColumnElement[bool]) -> list[Select[Any]]:
    """The spots of the groups' tasks that are `within`."""
    parts = []
    for rank in (AS_WRITTEN, FOLDED):
        mine = [one for one in groups if one.rank == rank]
        if mine:
            # the duties of all groups once more: by them an index gives the tasks in order
            every = col(Task.duty_id).in_([duty_id for one in mine for duty_id in one.duty_ids])
            parts.append(_spots(literal(rank, Integer)).where(every, or_(*map(_in_group, mine)), filtering(within)))
    return parts


def _in_group(group: Group) -> ColumnElement[bool]:
    of_duties = col(Task.duty_id).in_(group.duty_ids)
    return of_duties if group.unit_ids is None else and_(of_duties, col(Task.lead_unit_id).in_(group.unit_ids))


def tasks_called(chunks: Sequence[Chunk], units: Sequence[Sequence[UUID]], within: ColumnElement[bool]) -> Select[Any]:
    """The spots of tasks that have every chunk, in their duty, directive or unit (`units` by chunk).

    All tasks that are `within` are looked at: they must not be very many.
    """
    # first of all those, by their indexes: a planner would rather walk through every task, as these come in order
    few: Any = select(*_columns(), col(Task.directive_id)).where(within).cte("few").prefix_with("MATERIALIZED")
    every = [or_(_has(chunk), few.c.unit_id.in_(called)) for chunk, called in zip(chunks, units, strict=True)]
    spots: Select[Any] = (
        select(_rank(chunks).label("rank"), few.c.duty_id, few.c.unit_id, few.c.task_id)
        .join(Duty, col(Duty.id) == few.c.duty_id)
        .join(Directive, col(Directive.id) == few.c.directive_id)
        .where(*every)
    )
    return spots


def tasks_by_id(task_ids: Sequence[UUID], within: ColumnElement[bool]) -> Select[Any]:
    """The spots of tasks that were named."""
    return _spots(literal(NAMED, Integer)).where(col(Task.id).in_(task_ids), within)


def read_page(
    session: Session, parts: Sequence[Select[Any]], *, whole: ColumnElement[bool], after: Spot | None, limit: int
) -> list[Any]:
    """Tasks of the parts in the order of their spots, after one; of each, whether `whole` holds."""
    found = union(*(select(_first(part, after, limit).subquery()) for part in parts)).subquery()
    query: Any = (
        select(
            *(found.c.rank, found.c.duty_id, found.c.unit_id, found.c.task_id),
            *(col(Task.status), col(Task.due_at), col(Task.wait_kind), col(Task.is_drill), col(Task.occurrence)),
            *(col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject)),
            *(col(Duty.path), col(Duty.title), col(Unit.name).label("unit"), whole.label("is_whole")),
        )
        .join(Task, col(Task.id) == found.c.task_id)
        .join(Duty, col(Duty.id) == found.c.duty_id)
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == found.c.unit_id)
        .order_by(found.c.rank, found.c.duty_id.desc(), found.c.unit_id, found.c.task_id)
        .limit(limit)
    )
    return list(session.execute(query))


def _spots(rank: ColumnElement[int]) -> Select[Any]:
    spots: Any = select(rank.label("rank"), *_columns())
    return spots  # type: ignore[no-any-return]


def _columns() -> list[Any]:
    return [
        col(Task.duty_id).label("duty_id"), col(Task.lead_unit_id).label("unit_id"), col(Task.id).label("task_id"),
    ]  # fmt: skip


def _first(spots: Select[Any], after: Spot | None, limit: int) -> Select[Any]:
    """The first of them after a spot."""
    rank, duty_id, unit_id, task_id = (getattr(column, "element", column) for column in spots.selected_columns)
    if after is not None:
        same = and_(duty_id == after.duty_id, tuple_(unit_id, task_id) > tuple_(after.unit_id, after.task_id))
        spots = spots.where(or_(rank > after.rank, and_(rank == after.rank, or_(duty_id < after.duty_id, same))))
    return spots.order_by(*_unless_fixed(rank), duty_id.desc(), unit_id, task_id).limit(limit)


def _mask(chunks: Sequence[Chunk], masks: Sequence[int]) -> ColumnElement[int]:
    """The chunks that are there, as bits; those which every one of the masks has are not looked for."""
    every = reduce(and_bits, masks)
    bits = [case((_has(chunk), 1 << n), else_=0) for n, chunk in enumerate(chunks) if not every >> n & 1]
    return sum(bits, start=literal(every, Integer))


def _unless_fixed(rank: ColumnElement[int]) -> list[ColumnElement[int]]:
    """What to sort by; nothing where all rows have the same, for which a database would sort them all."""
    return [] if isinstance(rank, BindParameter) else [rank]


def _rank(chunks: Sequence[Chunk]) -> ColumnElement[int]:
    """Words without marks may stand for some with marks; where they stand as written, they fit better."""
    only_folded = [and_(_has(chunk), ~_has_as_written(chunk)) for chunk in chunks if not chunk.is_marked]
    return case((or_(*only_folded), FOLDED), else_=AS_WRITTEN) if only_folded else literal(AS_WRITTEN, Integer)


def _has(chunk: Chunk) -> ColumnElement[bool]:
    return _like(chunk.pattern)


def _has_as_written(chunk: Chunk) -> ColumnElement[bool]:
    return _like(f"%|% {chunk.words} %")


def _like(pattern: str) -> ColumnElement[bool]:
    return or_(col(Duty.search_text).like(pattern), col(Directive.search_text).like(pattern))
