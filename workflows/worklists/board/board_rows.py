"""A directive's root tasks as columns of values, and the positions in them that a filter chooses.

Each look at the board counts thousands of tasks. So one query reads all of them, and no object is made per task.
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

# NULL where the day of submission counts: equal facts are judged once, and every task has its own moment of closing
_CLOSED_AT = case((col(Task.submitted_on).is_(None), col(Task.closed_at)))
REQUESTS = "request"
"""The period that stands for all single requests."""


class BoardUnit(NamedTuple):
    code: str
    name: str
    name_folded: str
    sort_key: str
    kind: UnitKind
    supervisor: str | None  # the key of the supervising unit


class BoardFilter(BaseModel):
    """The filters in the address of a board. An empty field does not filter."""

    model_config = ConfigDict(frozen=True)

    duty: tuple[str, ...] = ()  # paths
    q: str = ""  # words in the unit's name or code; if written with accents, the accents must match
    kind: UnitKind | None = None
    tag: str = ""
    supervisor: str = ""  # a unit's code
    unit: str = ""  # a unit's code
    state: str = ""  # the value of a Bucket or a Mark, or WITHDRAWN
    period: str = ""  # an occurrence, or REQUESTS

    @property
    def filters_units(self) -> bool:
        return bool(self.kind or self.tag or self.supervisor or self.unit or self.q)


@dataclass(frozen=True)
class Counts:
    """The official figures, the number of open tasks with each mark, and other counts."""

    figures: Figures
    marks: Mapping[Mark, int]
    withdrawn: int  # not in the figures
    waiting: int  # open tasks that wait for a decision
    soon: int = 0  # open tasks that are due within days


@dataclass(frozen=True)
class BoardTasks:
    """The tasks as lists, in which a task has the same position everywhere. Ids are texts, written by `key_of`."""

    ids: Sequence[str]
    duties: Sequence[str]
    leads: Sequence[str]
    periods: Sequence[str]
    drills: Sequence[bool]
    states: Sequence[int]  # positions in `judged`
    judged: Sequence[Judged]
    units: Mapping[str, BoardUnit]
    tagged: frozenset[str]  # units with the tag of the filter
    supervisors: Mapping[str, tuple[str, str]]  # code and name of every unit that supervises others

    def positions(self, wanted: BoardFilter, duties: Iterable[Any]) -> Sequence[int]:
        """Return the positions that a filter chooses. Drills are chosen only by the period of their incident."""
        chosen: Sequence[int] = range(len(self.ids))
        if wanted.period:
            chosen = [position for position in chosen if period_of(self.periods[position]) == wanted.period]
        elif any(self.drills):
            chosen = [position for position in chosen if not self.drills[position]]
        if wanted.duty:
            duty_keys = {duty.key for duty in duties if duty.path in wanted.duty}
            chosen = [position for position in chosen if self.duties[position] in duty_keys]
        if wanted.state:
            is_wanted_state = [wanted.state in judged.states for judged in self.judged]
            chosen = [position for position in chosen if is_wanted_state[self.states[position]]]
        if wanted.filters_units:
            units = {unit for unit, row in self.units.items() if self._is_wanted(unit, row, wanted)}
            chosen = [position for position in chosen if self.leads[position] in units]
        return chosen

    def states_by(self, keys: Sequence[str], positions: Sequence[int]) -> dict[str, dict[int, int]]:
        """Count the states at these positions by key. `keys` is one of the lists here, such as `leads`."""
        counts_by_key: dict[str, dict[int, int]] = defaultdict(dict)
        keys_of_tasks = [keys[position] for position in positions]
        states = [self.states[position] for position in positions]
        for (key, state), count in Counter(zip(keys_of_tasks, states, strict=True)).items():
            counts_by_key[key][state] = count
        return dict(counts_by_key)

    def count_all(self, positions: Iterable[int]) -> Counts:
        return self.count(Counter([self.states[position] for position in positions]))

    def count(self, tasks_by_state: Mapping[int, int]) -> Counts:
        """Add up the numbers of tasks by state. Each distinct state is looked at once."""
        buckets: Counter[Bucket] = Counter()
        marks: Counter[Mark] = Counter()
        withdrawn = waiting = soon = 0
        for state, count in tasks_by_state.items():
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


def read_board_tasks(
    session: Session, principal: Principal, directive_id: UUID, wanted: BoardFilter, now: datetime
) -> BoardTasks:
    """Return all root tasks that the person oversees, in four queries. Only `wanted.tag` is applied here."""
    query: Any = select(
        *(key_of(Task.id), key_of(Task.duty_id), key_of(Task.lead_unit_id), col(Task.occurrence), col(Task.is_drill)),
        *(col(Task.status), col(Task.due_at), col(Task.submitted_on), _CLOSED_AT.label("closed_at")),
        col(Task.wait_kind),
    ).where(col(Task.directive_id) == directive_id, col(Task.parent_id).is_(None), overseen_tasks(principal))
    ids, duties, leads, periods, drills, *facts = read_columns(session, query)
    judged, states = _judge(list(zip(*facts, strict=True)), now)
    tagged = select(key_of(UnitTag.unit_id)).where(col(UnitTag.tag) == wanted.tag)
    return BoardTasks(
        ids=ids,
        duties=duties,
        leads=leads,
        periods=periods,
        drills=drills,
        states=states,
        judged=judged,
        units=_read_units(session, set(leads)),
        tagged=frozenset(session.scalars(tagged)),
        supervisors=_read_supervisors(session),
    )


def key_of(id_column: Any) -> ColumnElement[str]:
    """Return an id as text. To look texts up takes a tenth of the time that UUIDs take."""
    return cast(id_column, Text)


def period_of(occurrence: str) -> str:
    return REQUESTS if occurrence.startswith(f"{REQUESTS}:") else occurrence


def has_words(unit: BoardUnit, words: str) -> bool:
    """Return whether a unit's code or name has the words. Accents must match only if they were written."""
    folded = fold(words)
    if folded in unit.code.casefold():
        return True
    plain = " ".join(unicodedata.normalize("NFC", words).casefold().split())
    return folded in unit.name_folded if plain == folded else plain in unit.name.casefold()


def _judge(facts: Iterable[tuple[Any, ...]], now: datetime) -> tuple[list[Judged], list[int]]:
    """Judge equal facts once. Return the judgements, and for each task the position of its judgement."""
    facts = list(facts)
    numbers = {task_facts: number for number, task_facts in enumerate(dict.fromkeys(facts))}
    return [judge(*task_facts, now=now) for task_facts in numbers], [numbers[task_facts] for task_facts in facts]


def _read_supervisors(session: Session) -> dict[str, tuple[str, str]]:
    ids = select(col(Unit.supervising_unit_id)).where(col(Unit.supervising_unit_id).is_not(None))
    query: Any = select(key_of(Unit.id), col(Unit.code), col(Unit.name)).where(col(Unit.id).in_(ids))
    units = session.execute(query.order_by(col(Unit.sort_key), col(Unit.code)))
    return {key: (code, name) for key, code, name in units}


def _read_units(session: Session, keys: set[str]) -> dict[str, BoardUnit]:
    query: Any = select(
        *(key_of(Unit.id), col(Unit.code), col(Unit.name), col(Unit.name_folded), col(Unit.sort_key), col(Unit.kind)),
        key_of(Unit.supervising_unit_id),
    )
    if len(keys) <= IN_CHUNK:  # with more keys, reading the whole register is cheaper
        query = query.where(col(Unit.id).in_(map(UUID, keys)))
    return {key: BoardUnit(*row) for key, *row in session.execute(query)}


@dataclass(frozen=True)
class BoardChoices:
    """The values that the board's filters offer."""

    duties: Sequence[tuple[str, str]]  # path and title of the duties with tasks
    without_tasks: Sequence[tuple[str, str]]  # path and title of duties that are armed or were never launched
    periods: Sequence[str]
    incidents: Mapping[str, tuple[str, bool]]  # by occurrence: title, whether it is a drill
    kinds: Sequence[UnitKind]
    tags: Sequence[str]
    supervisors: Sequence[tuple[str, str]]  # code, name


def read_choices(
    session: Session, principal: Principal, directive_id: UUID, tasks: BoardTasks, duties: Sequence[Any]
) -> BoardChoices:
    launched = set(tasks.duties)
    tags = session.scalars(select(col(UnitTag.tag)).distinct().order_by(col(UnitTag.tag))).all()
    supervisors = {unit.supervisor for unit in tasks.units.values()}
    return BoardChoices(
        duties=[(duty.path, duty.title) for duty in duties if duty.key in launched],
        without_tasks=[(duty.path, duty.title) for duty in duties if duty.key not in launched],
        periods=sorted({period_of(period) for period in set(tasks.periods)}),
        incidents=read_incidents(session, principal, directive_id),
        kinds=sorted({unit.kind for unit in tasks.units.values()}),
        tags=tags,
        supervisors=[code_and_name for key, code_and_name in tasks.supervisors.items() if key in supervisors],
    )


def read_incidents(session: Session, principal: Principal, directive_id: UUID) -> dict[str, tuple[str, bool]]:
    """Return the incidents that the person may see, by the occurrence of their tasks: title, whether it is a drill."""
    query: Any = select(col(Incident.id), col(Incident.title), col(Incident.is_drill))
    rows = session.execute(query.where(col(Incident.directive_id) == directive_id, visible_incidents(principal)))
    return {f"incident:{incident.id.hex}": (incident.title, incident.is_drill) for incident in rows}
