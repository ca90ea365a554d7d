"""A directive's root tasks by column, as far as somebody oversees them, and which of them a filter wants.

One read and one pass whatever is asked: the board counts thousands of tasks on every look, so nothing here makes an
object per task.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Text, case, cast, select
from sqlmodel import Session, col

from models.database.rows import IN_CHUNK, read_columns
from models.directives.launch import Incident
from models.organization.unit import Unit, UnitKind, UnitTag
from models.tasks.task import Task
from models.text.vietnamese import fold
from workflows.access.rights import Principal, overseen_tasks, visible_incidents
from workflows.rules.figures.board_cells import Judged, Mark, judge
from workflows.rules.tasks.classification import Bucket, Figures

# only where the day of closing counts: the moment, unlike all else, is every task's own, and each would be judged alone
_CLOSED_AT = case((col(Task.submitted_on).is_(None), col(Task.closed_at)))
REQUESTS = "request"
"""The period under which everything asked for singly stands together."""


class BoardUnit(NamedTuple):
    """What the board says of a lead unit, and filters and sorts it by."""

    code: str
    name: str
    name_folded: str
    sort_key: str
    kind: UnitKind
    supervisor: str | None  # its key


class BoardFilter(BaseModel):
    """What is looked for, as an address says it; an empty field asks for nothing."""

    model_config = ConfigDict(frozen=True)

    duty: tuple[str, ...] = ()  # paths
    q: str = ""  # words in the unit's name or code; with accents, only names with these very accents
    kind: UnitKind | None = None
    tag: str = ""
    supervisor: str = ""  # a unit's code
    unit: str = ""  # a unit's code
    state: str = ""  # a Bucket's, a Mark's or WITHDRAWN
    period: str = ""  # an occurrence, or REQUESTS

    @property
    def asks_of_units(self) -> bool:
        return bool(self.kind or self.tag or self.supervisor or self.unit or self.q)


@dataclass(frozen=True)
class Counts:
    """The official figures, and beside them how many open tasks carry each mark, and what has left the total."""

    figures: Figures
    marks: Mapping[Mark, int]
    withdrawn: int
    waiting: int  # of the open ones, for somebody's decision
    soon: int = 0  # of the open ones, due within days


@dataclass(frozen=True)
class BoardTasks:
    """The tasks, each at one position of every list. Ids are keys (`key_of`); UUID reads those that are shown."""

    ids: Sequence[str]
    duties: Sequence[str]
    leads: Sequence[str]
    periods: Sequence[str]
    drills: Sequence[bool]
    states: Sequence[int]
    judged: Sequence[Judged]  # what the numbers in `states` say
    units: Mapping[str, BoardUnit]
    tagged: frozenset[str]  # units with the tag that was asked for
    supervisors: Mapping[str, tuple[str, str]]  # code and name of every unit that supervises others

    def positions(self, wanted: BoardFilter, duties: Iterable[Any]) -> Sequence[int]:
        """Drills are there only where their own incident is asked for."""
        found: Sequence[int] = range(len(self.ids))
        if wanted.period:
            found = [n for n in found if period_of(self.periods[n]) == wanted.period]
        elif any(self.drills):
            found = [n for n in found if not self.drills[n]]
        if wanted.duty:
            right_duties = {one.key for one in duties if one.path in wanted.duty}
            found = [n for n in found if self.duties[n] in right_duties]
        if wanted.state:
            right = [wanted.state in one.states for one in self.judged]
            found = [n for n in found if right[self.states[n]]]
        if wanted.asks_of_units:
            units = {unit for unit, row in self.units.items() if self._is_wanted(unit, row, wanted)}
            found = [n for n in found if self.leads[n] in units]
        return found

    def states_by(self, keys: Sequence[str], found: Sequence[int]) -> dict[str, dict[int, int]]:
        """Return how many of those positions stand in which state, by their keys (one of the lists here)."""
        parts: dict[str, dict[int, int]] = defaultdict(dict)
        pairs = zip([keys[n] for n in found], [self.states[n] for n in found], strict=True)
        for (key, state), count in Counter(pairs).items():
            parts[key][state] = count
        return dict(parts)

    def whole(self, found: Iterable[int]) -> Counts:
        return self.count(Counter([self.states[n] for n in found]))

    def count(self, part: Mapping[int, int]) -> Counts:
        """`part` gives how many tasks stand in each state; each distinct state is looked at once."""
        buckets: Counter[Bucket] = Counter()
        marks: Counter[Mark] = Counter()
        withdrawn = waiting = soon = 0
        for state, count in part.items():
            judged = self.judged[state]
            if judged.bucket is None:
                withdrawn += count
                continue
            buckets[judged.bucket] += count
            waiting += count if judged.is_waiting else 0
            soon += count if judged.is_soon else 0
            for mark in judged.marks:
                marks[mark] += count
        return Counts(Figures.counted(buckets, no_deadline=marks[Mark.UNDATED]), marks, withdrawn, waiting, soon)

    def _is_wanted(self, unit: str, row: BoardUnit, wanted: BoardFilter) -> bool:
        return (
            (wanted.kind is None or row.kind is wanted.kind)
            and (not wanted.tag or unit in self.tagged)
            and (not wanted.supervisor or self._supervisor_code(row) == wanted.supervisor)
            and (not wanted.unit or row.code == wanted.unit)
            and (not wanted.q or has_words(row, wanted.q))
        )

    def _supervisor_code(self, row: BoardUnit) -> str:
        return self.supervisors[row.supervisor][0] if row.supervisor and row.supervisor in self.supervisors else ""


def read_sheet(
    session: Session, principal: Principal, directive_id: UUID, wanted: BoardFilter, now: datetime
) -> BoardTasks:
    """Four queries, whatever there is."""
    query: Any = select(
        *(key_of(Task.id), key_of(Task.duty_id), key_of(Task.lead_unit_id), col(Task.occurrence), col(Task.is_drill)),
        *(col(Task.status), col(Task.due_at), col(Task.submitted_on), _CLOSED_AT.label("closed_at")),
        col(Task.wait_kind),
    ).where(col(Task.directive_id) == directive_id, col(Task.parent_id).is_(None), overseen_tasks(principal))
    ids, duties, leads, periods, drills, *facts = read_columns(session, query)
    judged, states = _judge(list(zip(*facts, strict=True)), now)
    with_tag = select(key_of(UnitTag.unit_id)).where(col(UnitTag.tag) == wanted.tag)
    return BoardTasks(
        ids,
        duties,
        leads,
        periods,
        drills,
        states,
        judged,
        _read_units(session, set(leads)),
        frozenset(session.scalars(with_tag)),
        _read_supervisors(session),
    )


def key_of(id_column: Any) -> ColumnElement[str]:
    """Write an id as its database does: to look up by text takes a tenth of the time."""
    return cast(id_column, Text)


def period_of(occurrence: str) -> str:
    return REQUESTS if occurrence.startswith(f"{REQUESTS}:") else occurrence


def has_words(unit: BoardUnit, words: str) -> bool:
    """Marks do not matter unless they were written."""
    folded = fold(words)
    if folded in unit.code.casefold():
        return True
    plain = " ".join(unicodedata.normalize("NFC", words).casefold().split())
    return folded in unit.name_folded if plain == folded else plain in unit.name.casefold()


def _judge(facts: Iterable[tuple[Any, ...]], now: datetime) -> tuple[list[Judged], list[int]]:
    """Judge equal facts once: return the judgements, and for each task the position of its own."""
    facts = list(facts)
    numbers = {one: number for number, one in enumerate(dict.fromkeys(facts))}
    return [judge(*one, now=now) for one in numbers], [numbers[one] for one in facts]


def _read_supervisors(session: Session) -> dict[str, tuple[str, str]]:
    above = select(col(Unit.supervising_unit_id)).where(col(Unit.supervising_unit_id).is_not(None))
    query: Any = select(key_of(Unit.id), col(Unit.code), col(Unit.name)).where(col(Unit.id).in_(above))
    found = session.execute(query.order_by(col(Unit.sort_key), col(Unit.code)))
    return {key: (code, name) for key, code, name in found}


def _read_units(session: Session, keys: set[str]) -> dict[str, BoardUnit]:
    query: Any = select(
        *(key_of(Unit.id), col(Unit.code), col(Unit.name), col(Unit.name_folded), col(Unit.sort_key), col(Unit.kind)),
        key_of(Unit.supervising_unit_id),
    )
    if len(keys) <= IN_CHUNK:  # past that, one pass over the register costs less than naming each
        query = query.where(col(Unit.id).in_(map(UUID, keys)))
    return {key: BoardUnit(*row) for key, *row in session.execute(query)}


@dataclass(frozen=True)
class BoardChoices:
    duties: Sequence[tuple[str, str]]  # path, title: of those with tasks
    without_tasks: Sequence[tuple[str, str]]  # armed or never launched
    periods: Sequence[str]
    incidents: Mapping[str, tuple[str, bool]]  # by occurrence: title, whether it is a drill
    kinds: Sequence[UnitKind]
    tags: Sequence[str]
    supervisors: Sequence[tuple[str, str]]  # code, name


def read_choices(
    session: Session, principal: Principal, directive_id: UUID, sheet: BoardTasks, duties: Sequence[Any]
) -> BoardChoices:
    launched = set(sheet.duties)
    tags = session.scalars(select(col(UnitTag.tag)).distinct().order_by(col(UnitTag.tag))).all()
    above = {row.supervisor for row in sheet.units.values()}
    return BoardChoices(
        duties=[(one.path, one.title) for one in duties if one.key in launched],
        without_tasks=[(one.path, one.title) for one in duties if one.key not in launched],
        periods=sorted({period_of(period) for period in set(sheet.periods)}),
        incidents=read_incidents(session, principal, directive_id),
        kinds=sorted({row.kind for row in sheet.units.values()}),
        tags=tags,
        supervisors=[called for unit, called in sheet.supervisors.items() if unit in above],
    )


def read_incidents(session: Session, principal: Principal, directive_id: UUID) -> dict[str, tuple[str, bool]]:
    """Return the incidents that somebody is told of, by the occurrence of their tasks: title, whether it is a drill."""
    query: Any = select(col(Incident.id), col(Incident.title), col(Incident.is_drill))
    found = session.execute(query.where(col(Incident.directive_id) == directive_id, visible_incidents(principal)))
    return {f"incident:{one.id.hex}": (one.title, one.is_drill) for one in found}
