"""Named reads of search: which units, duties and tasks are called so; and their tasks, the newest duty first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_ as and_bits
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlmodel import Session, col

from models.database.columns import filtering
from models.directives.directive import Directive, Duty
from models.organization.unit import Unit, UnitAlias
from models.tasks.task import Result, Task
from models.tasks.task_reads import ends_in
from models.text.vietnamese import marked_words, search_text, search_words

MOST_DUTIES = 300
"""So many duties are looked through for one page; the next page goes on after them."""
_MOST_NAMED = 50
_LAST = "\U0010ffff"
LAST_ID = UUID(int=(1 << 128) - 1)
"""In a `Spot`: the end of its duty."""

NAMED, UNIT_NAMED, UNIT_IN_ORDER, UNIT_CALLED, PHRASE, AS_WRITTEN, FOLDED = range(7)
"""Ranks: the task itself is named; a name of its unit stands whole in the query; a name of its unit has every word
that is no number, in their order; its unit has them in any order; its duty or directive has the query as one
phrase; has the words as they were written; only without marks."""
MOST_CALLED = 20
"""Words that more units have are the name of none: "bưu điện" ranks none of sixty before the others."""


@dataclass(frozen=True)
class Chunk:
    """Words that belong together, as they stand in a `search_text`; the last is perhaps the beginning of one.

    `is_marked`: with their marks, so that only the same marks fit.
    """

    words: str
    is_marked: bool

    @property
    def pattern(self) -> str:
        return f"% {self.words}%"

    @property
    def is_number(self) -> bool:
        """It holds a digit, as the number of a document does."""
        return any(char.isdigit() for char in self.words)


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
class RankedDuties:
    """Tasks of duties of one rank; of these units only, unless None."""

    rank: int
    duty_ids: tuple[UUID, ...]
    unit_ids: tuple[UUID, ...] | None


class NameOfUnit(NamedTuple):
    """A unit under its code, its name and one alias: what search looks through, and each of them in whole."""

    unit_id: UUID
    text: str
    whole: frozenset[str]


def names_of_units(session: Session) -> list[NameOfUnit]:
    """Every name of every unit. One query."""
    query: Any = select(col(Unit.id), col(Unit.code), col(Unit.name), col(UnitAlias.alias)).outerjoin(
        UnitAlias, col(UnitAlias.unit_id) == col(Unit.id)
    )
    return [NameOfUnit(unit_id, *_called(*names)) for unit_id, *names in session.execute(query)]


def join_names(words: Sequence[Chunk], names: Sequence[NameOfUnit]) -> list[Chunk]:
    """Each whole name of a unit becomes one chunk; of two that overlap, the longer."""
    runs = {
        as_one(words[start:end]).words: (start, end)
        for start in range(len(words))
        for end in range(start + 2, len(words) + 1)
    }
    known = {run for name in names for run in name.whole & runs.keys()}
    taken: dict[int, int] = {}
    for start, end in sorted((runs[run] for run in known), key=lambda run: (run[0] - run[1], run[0])):
        if not any(start < last and first < end for first, last in taken.items()):
            taken[start] = end
    chunks, at = list[Chunk](), 0
    while at < len(words):
        end = taken.get(at, at + 1)
        chunks.append(as_one(words[at:end]))
        at = end
    return chunks


def as_one(words: Sequence[Chunk]) -> Chunk:
    return Chunk(" ".join(one.words for one in words), any(one.is_marked for one in words))


@dataclass(frozen=True)
class CalledUnits:
    """Units by the chunks (as bits) that their names have; and those that the query calls, by how well."""

    by_mask: dict[int, list[UUID]]
    called: dict[UUID, int]
    """The rank: UNIT_NAMED, UNIT_IN_ORDER or UNIT_CALLED."""

    @property
    def others_by_mask(self) -> dict[int, list[UUID]]:
        others = {mask: [one for one in ids if one not in self.called] for mask, ids in self.by_mask.items()}
        return {mask: ids for mask, ids in others.items() if ids}


def units_called(names: Sequence[NameOfUnit], chunks: Sequence[Chunk]) -> CalledUnits:
    """Find the units that have a chunk in their code, name or aliases."""
    wanted = [(1 << place, f" {chunk.words}") for place, chunk in enumerate(chunks)]
    wordy = sum(1 << place for place, chunk in enumerate(chunks) if not chunk.is_number)
    in_turn = [chunk.words for chunk in chunks if not chunk.is_number]
    masks: dict[UUID, int] = {}
    named, in_order = set[UUID](), set[UUID]()
    for unit_id, text, whole in names:
        mask = sum(bit for bit, words in wanted if words in text)
        if mask:
            masks[unit_id] = masks.get(unit_id, 0) | mask
            if any(chunk.words in whole for chunk in chunks):
                named.add(unit_id)
            if len(in_turn) > 1 and mask & wordy == wordy and any(_has_in_order(name, in_turn) for name in whole):
                in_order.add(unit_id)
    by_mask: dict[int, list[UUID]] = {}
    for unit_id, mask in masks.items():
        by_mask.setdefault(mask, []).append(unit_id)
    others = [one for one, mask in masks.items() if wordy and mask & wordy == wordy and one not in named]
    called = dict.fromkeys(others, UNIT_CALLED) if len(others) <= MOST_CALLED else {}
    if len(in_order) <= MOST_CALLED:
        called |= dict.fromkeys(in_order, UNIT_IN_ORDER)
    called |= dict.fromkeys(named, UNIT_NAMED)
    return CalledUnits(by_mask, called)


def _has_in_order(name: str, words: Sequence[str]) -> bool:
    """Others may stand between the words."""
    at, text = 0, f" {name}"
    for word in words:
        at = text.find(f" {word}", at) + 1
        if not at:
            return False
        at += len(word)
    return True


@lru_cache(100_000)
def _called(code: str, name: str, alias: str | None) -> tuple[str, frozenset[str]]:
    given = [part for part in (code, name, alias) if part]
    whole = frozenset(write(part) for part in given for write in (search_words, marked_words))
    return search_text(*given), whole


def duties_called(
    session: Session,
    chunks: Sequence[Chunk],
    masks: Sequence[int],
    *,
    phrase: Chunk | None,
    within: ColumnElement[bool],
    after: Spot | None,
) -> list[FoundDuty]:
    """They have, with their directive, one of these sets of chunks; the best first, then the newest.

    `within` is a condition on directives. At most MOST_DUTIES, from the one on where the page before ended.
    """
    mask, rank = _mask(chunks, masks), _rank(chunks, phrase)
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


def tasks_of(
    groups: Sequence[RankedDuties], within: ColumnElement[bool], *, without: Collection[UUID]
) -> list[Select[Any]]:
    """The spots of the groups' tasks that are `within`, `without` those of some units."""
    parts = []
    others = col(Task.lead_unit_id).not_in(without) if without else true()
    for rank in (PHRASE, AS_WRITTEN, FOLDED):
        mine = [one for one in groups if one.rank == rank]
        if mine:
            # the duties of all groups once more: by them an index gives the tasks in order
            every = col(Task.duty_id).in_([duty_id for one in mine for duty_id in one.duty_ids])
            parts.append(
                _spots(literal(rank, Integer)).where(every, or_(*map(_in_group, mine)), others, filtering(within))
            )
    return parts


def tasks_of_units(chunks: Sequence[Chunk], units: CalledUnits, within: ColumnElement[bool]) -> list[Select[Any]]:
    """The spots of tasks of the units that the query calls; their duty has what the names lack.

    All tasks of these units are looked at, by their index: they are few units.
    """
    parts: list[Select[Any]] = []
    for rank in sorted(set(units.called.values())):
        few = _few(and_(col(Task.lead_unit_id).in_([one for one, how in units.called.items() if how == rank]), within))
        fitting = [
            and_(few.c.unit_id.in_(ids), *(_has(chunk) for n, chunk in enumerate(chunks) if not mask >> n & 1))
            for mask, ids in units.by_mask.items()
        ]
        parts.append(_spots_of(few, literal(rank, Integer)).where(or_(*fitting)))
    return parts


def _in_group(group: RankedDuties) -> ColumnElement[bool]:
    of_duties = col(Task.duty_id).in_(group.duty_ids)
    return of_duties if group.unit_ids is None else and_(of_duties, col(Task.lead_unit_id).in_(group.unit_ids))


def tasks_called(
    chunks: Sequence[Chunk], units: CalledUnits, within: ColumnElement[bool], *, phrase: Chunk | None
) -> Select[Any]:
    """They have every chunk. All tasks `within` are looked at: not very many."""
    by_chunk = [
        [unit for mask, ids in units.by_mask.items() if mask >> n & 1 for unit in ids] for n in range(len(chunks))
    ]
    few = _few(within)
    every = [or_(_has(chunk), few.c.unit_id.in_(called)) for chunk, called in zip(chunks, by_chunk, strict=True)]
    rank = _rank(chunks, phrase)
    for how in sorted(set(units.called.values()), reverse=True):
        called = [unit_id for unit_id, its in units.called.items() if its == how]
        rank = case((few.c.unit_id.in_(called), how), else_=rank)
    return _spots_of(few, rank).where(*every)


def _few(within: ColumnElement[bool]) -> CTE:
    """Read all of these first, by their indexes: a planner would rather walk through every task in order."""
    query: Select[Any] = select(*_columns(), col(Task.directive_id)).where(within)
    return query.cte().prefix_with("MATERIALIZED")


def _spots_of(few: CTE, rank: ColumnElement[int]) -> Select[Any]:
    spots: Select[Any] = (
        select(rank.label("rank"), few.c.duty_id, few.c.unit_id, few.c.task_id)
        .join(Duty, col(Duty.id) == few.c.duty_id)
        .join(Directive, col(Directive.id) == few.c.directive_id)
    )
    return spots


def tasks_by_id(task_ids: Sequence[UUID], within: ColumnElement[bool]) -> Select[Any]:
    return _spots(literal(NAMED, Integer)).where(col(Task.id).in_(task_ids), within)


def read_page(
    session: Session, parts: Sequence[Select[Any]], *, whole: ColumnElement[bool], after: Spot | None, limit: int
) -> list[Any]:
    """In the order of their spots, after one; of each, whether `whole` holds."""
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
    return select(rank.label("rank"), *_columns())


def _columns() -> list[Any]:
    return [col(Task.duty_id).label("duty_id"), col(Task.lead_unit_id).label("unit_id"), col(Task.id).label("task_id")]


def _first(spots: Select[Any], after: Spot | None, limit: int) -> Select[Any]:
    rank, duty_id, unit_id, task_id = (getattr(column, "element", column) for column in spots.selected_columns)
    if after is not None:
        same = and_(duty_id == after.duty_id, tuple_(unit_id, task_id) > tuple_(after.unit_id, after.task_id))
        spots = spots.where(or_(rank > after.rank, and_(rank == after.rank, or_(duty_id < after.duty_id, same))))
    return spots.order_by(*_unless_fixed(rank), duty_id.desc(), unit_id, task_id).limit(limit)


def _mask(chunks: Sequence[Chunk], masks: Sequence[int]) -> ColumnElement[int]:
    """Bits of the chunks that are there; those which every one of the masks has are not looked for."""
    every = reduce(and_bits, masks)
    bits = [case((_has(chunk), 1 << n), else_=0) for n, chunk in enumerate(chunks) if not every >> n & 1]
    return sum(bits, start=literal(every, Integer))


def _unless_fixed(rank: ColumnElement[int]) -> list[ColumnElement[int]]:
    """Nothing where all rows have the same: a database would sort them all."""
    return [] if isinstance(rank, BindParameter) else [rank]


def _rank(chunks: Sequence[Chunk], phrase: Chunk | None) -> ColumnElement[int]:
    """Rank a hit: words with their marks where they stand as written fit better than words without.

    Best of all they stand beside each other, as the phrase.
    """
    only_folded = [and_(_has(chunk), ~_has_as_written(chunk)) for chunk in chunks if not chunk.is_marked]
    cases: list[tuple[ColumnElement[bool], int]] = [(_has(phrase), PHRASE)] if phrase else []
    cases += [(or_(*only_folded), FOLDED)] if only_folded else []
    return case(*cases, else_=AS_WRITTEN) if cases else literal(AS_WRITTEN, Integer)


def _has(chunk: Chunk) -> ColumnElement[bool]:
    return _like(chunk.pattern)


def _has_as_written(chunk: Chunk) -> ColumnElement[bool]:
    return _like(f"%|% {chunk.words} %")


def _like(pattern: str) -> ColumnElement[bool]:
    return or_(col(Duty.search_text).like(pattern), col(Directive.search_text).like(pattern))
