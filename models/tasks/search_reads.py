"""Queries of search: find units, duties and tasks by words, and their tasks, best first and then the newest duty."""

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
"""Duties that are searched for one page. The next page goes on after them."""
_MOST_NAMED = 50
_LAST = "\U0010ffff"
LAST_ID = UUID(int=(1 << 128) - 1)
"""The task id of a `Spot` at the end of its duty."""

NAMED, UNIT_NAMED, UNIT_IN_ORDER, UNIT_CALLED, PHRASE, AS_WRITTEN, FOLDED = range(7)
"""Ranks of a task, the best first. The query names the task itself, or contains a whole name of its unit. A name of its
unit contains all words of the query but numbers, in their order; or its unit has them in any order. Its duty or
directive contains the query as a phrase; or its words as written; or its words with other marks."""
MOST_CALLED = 20
"""If more units fit, the words do not rank any of them higher: "bưu điện" is in sixty names."""


@dataclass(frozen=True)
class Chunk:
    """Words that belong together, as in a `search_text`. The last one may be only the beginning of a word.

    If `is_marked`, the words have marks, and only the same marks fit.
    """

    words: str
    is_marked: bool

    @property
    def pattern(self) -> str:
        return f"% {self.words}%"

    @property
    def is_number(self) -> bool:
        return any(char.isdigit() for char in self.words)


class Spot(NamedTuple):
    """The position of a task in the results: by rank, then duty (the newest first), unit and task."""

    rank: int
    duty_id: UUID
    unit_id: UUID
    task_id: UUID


class FoundDuty(NamedTuple):
    """A duty with its rank. `mask` has a bit for each chunk that the duty or its directive contains."""

    id: UUID
    mask: int
    rank: int


@dataclass(frozen=True)
class RankedDuties:
    """Duties of one rank. Only tasks of the units count, unless `unit_ids` is None."""

    rank: int
    duty_ids: tuple[UUID, ...]
    unit_ids: tuple[UUID, ...] | None


class NameOfUnit(NamedTuple):
    """The searched text of a unit's code, name and one alias, and each of them as a whole."""

    unit_id: UUID
    text: str
    whole: frozenset[str]


def names_of_units(session: Session) -> list[NameOfUnit]:
    query: Any = select(col(Unit.id), col(Unit.code), col(Unit.name), col(UnitAlias.alias)).outerjoin(
        UnitAlias, col(UnitAlias.unit_id) == col(Unit.id)
    )
    return [NameOfUnit(unit_id, *_name_texts(*names)) for unit_id, *names in session.execute(query)]


def join_names(words: Sequence[Chunk], names: Sequence[NameOfUnit]) -> list[Chunk]:
    """Join the words of each unit's whole name to one chunk. Where two names overlap, the longer one counts."""
    spans_by_words = {
        join_chunks(words[start:end]).words: (start, end)
        for start in range(len(words))
        for end in range(start + 2, len(words) + 1)
    }
    whole_names = {text for name in names for text in name.whole & spans_by_words.keys()}
    longest_first = sorted(
        (spans_by_words[text] for text in whole_names), key=lambda span: (span[0] - span[1], span[0])
    )
    end_by_start: dict[int, int] = {}
    for start, end in longest_first:
        if not any(start < other_end and other_start < end for other_start, other_end in end_by_start.items()):
            end_by_start[start] = end
    chunks, start = list[Chunk](), 0
    while start < len(words):
        end = end_by_start.get(start, start + 1)
        chunks.append(join_chunks(words[start:end]))
        start = end
    return chunks


def join_chunks(chunks: Sequence[Chunk]) -> Chunk:
    return Chunk(" ".join(chunk.words for chunk in chunks), any(chunk.is_marked for chunk in chunks))


@dataclass(frozen=True)
class CalledUnits:
    """Units by the chunks in their names (as bits); and the units that the query means, with their rank.

    The rank is UNIT_NAMED, UNIT_IN_ORDER or UNIT_CALLED.
    """

    by_mask: dict[int, list[UUID]]
    called: dict[UUID, int]

    @property
    def others_by_mask(self) -> dict[int, list[UUID]]:
        others = {mask: [unit for unit in units if unit not in self.called] for mask, units in self.by_mask.items()}
        return {mask: units for mask, units in others.items() if units}


def units_called(names: Sequence[NameOfUnit], chunks: Sequence[Chunk]) -> CalledUnits:
    """Find the units that have a chunk in their code, name or aliases."""
    bits = [(1 << place, f" {chunk.words}") for place, chunk in enumerate(chunks)]
    words_mask = sum(1 << place for place, chunk in enumerate(chunks) if not chunk.is_number)
    words_in_order = [chunk.words for chunk in chunks if not chunk.is_number]
    masks: dict[UUID, int] = {}
    named, in_order = set[UUID](), set[UUID]()
    for unit_id, text, whole in names:
        mask = sum(bit for bit, words in bits if words in text)
        if not mask:
            continue
        masks[unit_id] = masks.get(unit_id, 0) | mask
        if any(chunk.words in whole for chunk in chunks):
            named.add(unit_id)
        has_all_words = len(words_in_order) > 1 and mask & words_mask == words_mask
        if has_all_words and any(_has_in_order(name, words_in_order) for name in whole):
            in_order.add(unit_id)
    by_mask: dict[int, list[UUID]] = {}
    for unit_id, mask in masks.items():
        by_mask.setdefault(mask, []).append(unit_id)
    in_any_order = [
        unit_id
        for unit_id, mask in masks.items()
        if words_mask and mask & words_mask == words_mask and unit_id not in named
    ]
    called = dict.fromkeys(in_any_order, UNIT_CALLED) if len(in_any_order) <= MOST_CALLED else {}
    if len(in_order) <= MOST_CALLED:
        called |= dict.fromkeys(in_order, UNIT_IN_ORDER)
    called |= dict.fromkeys(named, UNIT_NAMED)
    return CalledUnits(by_mask, called)


def _has_in_order(name: str, words: Sequence[str]) -> bool:
    """Tell whether a name has the words in this order, perhaps with others between them."""
    position, text = 0, f" {name}"
    for word in words:
        position = text.find(f" {word}", position) + 1
        if not position:
            return False
        position += len(word)
    return True


@lru_cache(100_000)
def _name_texts(code: str, name: str, alias: str | None) -> tuple[str, frozenset[str]]:
    names = [text for text in (code, name, alias) if text]
    whole = frozenset(write(text) for text in names for write in (search_words, marked_words))
    return search_text(*names), whole


def duties_called(
    session: Session,
    chunks: Sequence[Chunk],
    masks: Sequence[int],
    *,
    phrase: Chunk | None,
    within: ColumnElement[bool],
    after: Spot | None,
) -> list[FoundDuty]:
    """Find duties that contain, together with their directive, one of these sets of chunks.

    The best come first, then the newest. `within` is a condition on directives. It returns at most MOST_DUTIES,
    beginning where the previous page ended.
    """
    mask, rank = _mask(chunks, masks), _rank(chunks, phrase)
    needed = [_has(chunk) for place, chunk in enumerate(chunks) if all(mask_ >> place & 1 for mask_ in masks)]
    query: Any = (
        select(col(Duty.id), mask.label("mask"), rank.label("rank"))
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .where(*needed, within)
        .order_by(*_unless_fixed(rank), col(Duty.id).desc())
        .limit(MOST_DUTIES)
    )
    if len(masks) < 1 << len(chunks) - len(needed):  # not every combination of the other chunks is allowed
        query = query.where(mask.in_(masks))
    if after is not None and after.rank != NAMED:
        is_later_duty = col(Duty.id) < after.duty_id if after.task_id == LAST_ID else col(Duty.id) <= after.duty_id
        query = query.where(or_(rank > after.rank, and_(rank == after.rank, is_later_duty)))
    return [FoundDuty(*row) for row in session.execute(query)]


def tasks_named(session: Session, *, digits: str, number: str) -> tuple[list[UUID], list[UUID]]:
    """Find tasks whose id ends in these six to twelve digits; and tasks whose result's number begins with `number`.

    Each list has at most 50 ids. Empty text finds nothing.
    """
    by_digits: Select[Any] = select(col(Task.id).label("id")).where(ends_in(digits))
    by_number: Select[Any] = (
        select(col(Result.task_id).label("id"))
        .where(col(Result.number_words) >= number, col(Result.number_words) < number + _LAST)
        .order_by(col(Result.number_words))
    )
    candidates = ((0, by_digits, digits), (1, by_number, number))
    parts = [
        select(query.limit(_MOST_NAMED).subquery().c.id, literal(part, Integer).label("part"))
        for part, query, text in candidates
        if text
    ]
    if not parts:
        return [], []
    rows = session.execute(union(*parts)).all()
    return [row.id for row in rows if row.part == 0], [row.id for row in rows if row.part == 1]


def tasks_of(
    groups: Sequence[RankedDuties], within: ColumnElement[bool], *, without: Collection[UUID]
) -> list[Select[Any]]:
    """Select the spots of the groups' tasks `within` a condition, `without` those of some lead units."""
    parts = []
    is_of_others = col(Task.lead_unit_id).not_in(without) if without else true()
    for rank in (PHRASE, AS_WRITTEN, FOLDED):
        same_rank = [group for group in groups if group.rank == rank]
        if same_rank:
            # repeat the duties of all groups, so that an index gives the tasks in their order
            duty_ids = [duty_id for group in same_rank for duty_id in group.duty_ids]
            conditions = (col(Task.duty_id).in_(duty_ids), or_(*map(_in_group, same_rank)), is_of_others)
            parts.append(_spots(literal(rank, Integer)).where(*conditions, filtering(within)))
    return parts


def tasks_of_units(chunks: Sequence[Chunk], units: CalledUnits, within: ColumnElement[bool]) -> list[Select[Any]]:
    """Select the spots of tasks of the called units. The duties must contain the chunks that the names lack.

    This reads all tasks of these units by their index, as the units are few.
    """
    parts: list[Select[Any]] = []
    for rank in sorted(set(units.called.values())):
        unit_ids = [unit_id for unit_id, unit_rank in units.called.items() if unit_rank == rank]
        few = _few_tasks(and_(col(Task.lead_unit_id).in_(unit_ids), within))
        fitting = [
            and_(few.c.unit_id.in_(ids), *(_has(chunk) for n, chunk in enumerate(chunks) if not mask >> n & 1))
            for mask, ids in units.by_mask.items()
        ]
        parts.append(_spots_of(few, literal(rank, Integer)).where(or_(*fitting)))
    return parts


def _in_group(group: RankedDuties) -> ColumnElement[bool]:
    has_duty = col(Task.duty_id).in_(group.duty_ids)
    return has_duty if group.unit_ids is None else and_(has_duty, col(Task.lead_unit_id).in_(group.unit_ids))


def tasks_called(
    chunks: Sequence[Chunk], units: CalledUnits, within: ColumnElement[bool], *, phrase: Chunk | None
) -> Select[Any]:
    """Select the spots of tasks that have every chunk, reading all tasks `within`. There must not be very many."""
    units_by_chunk = [
        [unit for mask, ids in units.by_mask.items() if mask >> n & 1 for unit in ids] for n in range(len(chunks))
    ]
    few = _few_tasks(within)
    has_every_chunk = [
        or_(_has(chunk), few.c.unit_id.in_(unit_ids)) for chunk, unit_ids in zip(chunks, units_by_chunk, strict=True)
    ]
    rank = _rank(chunks, phrase)
    for unit_rank in sorted(set(units.called.values()), reverse=True):
        unit_ids = [unit_id for unit_id, other_rank in units.called.items() if other_rank == unit_rank]
        rank = case((few.c.unit_id.in_(unit_ids), unit_rank), else_=rank)
    return _spots_of(few, rank).where(*has_every_chunk)


def _few_tasks(within: ColumnElement[bool]) -> CTE:
    """Have the database read these tasks first, by their indexes. It would otherwise read every task in order."""
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
    """Read tasks in the order of their spots, beginning after a spot. `is_whole` tells whether `whole` holds."""
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
        is_later = and_(duty_id == after.duty_id, tuple_(unit_id, task_id) > tuple_(after.unit_id, after.task_id))
        spots = spots.where(or_(rank > after.rank, and_(rank == after.rank, or_(duty_id < after.duty_id, is_later))))
    return spots.order_by(*_unless_fixed(rank), duty_id.desc(), unit_id, task_id).limit(limit)


def _mask(chunks: Sequence[Chunk], masks: Sequence[int]) -> ColumnElement[int]:
    """Compute the bits of the contained chunks. Chunks that all masks have are required anyway."""
    common = reduce(and_bits, masks)
    bits = [case((_has(chunk), 1 << n), else_=0) for n, chunk in enumerate(chunks) if not common >> n & 1]
    return sum(bits, start=literal(common, Integer))


def _unless_fixed(rank: ColumnElement[int]) -> list[ColumnElement[int]]:
    """Leave out a constant rank, because a database would sort all rows by it."""
    return [] if isinstance(rank, BindParameter) else [rank]


def _rank(chunks: Sequence[Chunk], phrase: Chunk | None) -> ColumnElement[int]:
    """Rank a duty: best if it contains the phrase, then if it contains the words with the same marks."""
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
