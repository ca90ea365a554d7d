"""The database's figures against the readable definition, `fold` and `classify`, for any history there can be."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from models.database.ids import new_id
from models.directives.directive import Directive, Duty
from models.organization.unit import Unit, UnitKind
from models.tasks.history import History
from models.tasks.task import Contribution, Task
from models.text.localtime import at_local, end_of_day
from tests.ministry import CUTOFF, Ministry
from workflows.reports.counted_history import counted_tasks
from workflows.reports.report_figures import Breakdown, Report, report
from workflows.reports.report_tasks import CountedTask, Figure, ReportPart, tasks_behind
from workflows.rules.tasks.classification import AsOf, Bucket, Figures, TaskAt, classify, fold

pytestmark = pytest.mark.long

STATUS = {
    "accepted": "accepted",
    "progress": "accepted",
    "submitted": "submitted",
    "received": "submitted",
    "returned": "returned",
    "approved": "approved",
    "withdrawn": "withdrawn",
    "reopened": "accepted",
    "lead_changed": "assigned",
    "due_set": "assigned",
    "due_moved": "accepted",
    "contributed": "accepted",
}
"""What the transition table makes of a task; beside a new date any status may stand, and none of them counts."""
UNITS = ("AN", "DUNG", "DAI")
Known = tuple[UUID, TaskAt]
KINDS = [(True, False)] * 5 + [(False, False), (True, True)]
"""Root or not, drill or not."""
_DAY, _SERIAL = 24 * 60, count(1)

distances = st.integers(-15, 15)  # days from the cut-off


@dataclass(frozen=True)
class Moved:
    """A later row of a history; `turn` decides among rows of the same instant."""

    event: str
    minutes: int  # after the assignment
    turn: int
    day: int
    unit: str
    is_full: bool  # whether it says all that it may


@dataclass(frozen=True)
class GivenOut:
    """A task and its history."""

    duty: str
    unit: str
    period: str
    due: int | None
    assigned: int
    kind: tuple[bool, bool]
    partner: str | None
    moves: list[Moved]


moves = st.builds(
    Moved,
    event=st.sampled_from(list(STATUS)),
    unit=st.sampled_from(UNITS),
    is_full=st.booleans(),
    day=distances,
    minutes=st.sampled_from([0, 1, 5 * _DAY]) | st.integers(0, 40 * _DAY),
    turn=st.integers(1, 3),
)
tasks = st.builds(
    GivenOut,
    duty=st.sampled_from(["ct06/2", "ct06/4", "kl/1"]),
    unit=st.sampled_from(UNITS),
    period=st.sampled_from(["once", "2004-Q2", "2004-05", "request:1", "incident:1"]),
    due=st.none() | distances,
    assigned=st.integers(-30, 2),
    kind=st.sampled_from(KINDS),
    partner=st.none() | st.sampled_from(UNITS),
    moves=st.lists(moves, max_size=9),
)


@pytest.fixture
def ministry(session: Session) -> Ministry:
    return Ministry(session)


@settings(max_examples=50)
@given(given_out=st.lists(tasks, min_size=1, max_size=7))
def test_the_database_counts_what_the_definition_says(ministry: Ministry, given_out: list[GivenOut]) -> None:
    for session in _undone(ministry.session):
        for one in given_out:
            _write(ministry, one)
        known = list(_defined(session))
        told = report(session, cutoff=CUTOFF)
        assert (told.figures, told.on_original) == _figures(known)
        parts = Parts(session, known)
        _assert_lines(told, parts)
        _assert_lists(session, parts, known)
        alone = report(session, cutoff=CUTOFF, directive="ct06")
        assert alone.by_duty == tuple(line for line in told.by_duty if line.directive == "ct06")


@settings(max_examples=25)
@given(given_out=st.lists(tasks, min_size=1, max_size=7))
def test_the_four_classes_part_the_tasks_and_more_time_never_helps_the_original_date(
    ministry: Ministry, given_out: list[GivenOut]
) -> None:
    for session in _undone(ministry.session):
        for one in given_out:
            _write(ministry, one)
        before = report(session, cutoff=CUTOFF)
        lists = {bucket: _ids(tasks_behind(session, cutoff=CUTOFF, figure=Figure(bucket.value))) for bucket in Bucket}
        everything = _ids(tasks_behind(session, cutoff=CUTOFF, figure=Figure.TOTAL))
        assert sum(map(len, lists.values())) == len(everything) == before.figures.total, "each stands in one"
        assert set().union(*lists.values()) == everything, "and none in no class"
        dated = [task for task, known in _defined(session) if known.original_due_on is not None]
        for task in dated:  # every one of them gets more time, at the very end of the day
            _add(session, task, "due_moved", CUTOFF, {"due_on": (CUTOFF + timedelta(days=30)).isoformat()})
        after = report(session, cutoff=CUTOFF)
        for bucket in Bucket:
            assert getattr(after.on_original, bucket) == getattr(before.on_original, bucket)
        assert after.figures.open_overdue == 0 and after.figures.total == before.figures.total


def _write(ministry: Ministry, one: GivenOut) -> None:
    session, task = ministry.session, ministry.bare_task(one.duty, one.unit, occurrence=one.period, parent=new_id())
    if one.partner is not None:
        session.add(Contribution(task_id=task.id, unit_id=ministry.units[one.partner].id))
    root, drill = one.kind
    facts = {"due_on": _iso(one.due), "unit": ministry.units[one.unit].id.hex, "root": root, "drill": drill}
    rows = [("assigned", 0, 0, "assigned", 0, facts)]
    for move in one.moves:
        said = _facts(move, ministry.units[one.partner if move.event == "contributed" and one.partner else move.unit])
        rows.append((move.event, move.minutes, move.turn, STATUS[move.event], move.day, said))
    first = at_local(CUTOFF + timedelta(days=one.assigned))
    for event, minutes, turn, status, day, said in rows:
        session.add(
            History(
                id=UUID(int=turn << 100 | next(_SERIAL)),
                recorded_at=first + timedelta(minutes=minutes),
                facts=said,
                occurred_on=CUTOFF + timedelta(days=day),
                directive_id=task.directive_id,
                task_id=task.id,
                event=event,
                relation="system",
                to_status=status,
            )
        )
    session.flush()


def _facts(move: Moved, unit: Unit) -> dict[str, Any]:
    match move.event:
        case "due_set" | "due_moved":
            return {"due_on": _iso(move.day) if move.is_full else None, "from": "2004-01-01"}
        case "lead_changed":
            return {"from": new_id().hex, "to": str(unit.id) if move.is_full else unit.id.hex}
        case "contributed":
            return {"unit": unit.id.hex}
        case "received" if move.is_full:
            sent_here_before = {"counts_on": _iso(move.day - 2)} if move.minutes % 2 else {}
            return {"received_on": _iso(move.day - 1), "number": "1/BC"} | sent_here_before
        case "approved" if move.is_full:
            return {"counts_on": _iso(move.day - 1)}
    return {}


def _iso(distance: int | None) -> str | None:
    return None if distance is None else (CUTOFF + timedelta(days=distance)).isoformat()


def _add(session: Session, task: UUID, event: str, on: date, facts: dict[str, Any]) -> None:
    directive = session.get_one(Task, task).directive_id
    last = end_of_day(on) - timedelta(microseconds=1)
    row = History(
        id=UUID(int=9 << 100 | next(_SERIAL)),
        recorded_at=last,
        occurred_on=on,
        directive_id=directive,
        task_id=task,
        event=event,
        relation="system",
        facts=facts,
    )
    session.add(row)
    session.flush()


def _defined(session: Session) -> Iterator[Known]:
    for task, _duty, rows in counted_tasks(session, CUTOFF, None):
        at = fold(rows, CUTOFF)
        if at.counts:
            yield task, at


def _figures(known: Iterable[Known]) -> tuple[Figures, Figures]:
    every = [at for _task, at in known]
    undated = sum(1 for at in every if at.due_on is None and classify(at, AsOf.close(CUTOFF)) is Bucket.OPEN_IN_TIME)
    current = Counter(classify(at, AsOf.close(CUTOFF)) for at in every)
    original = Counter(classify(at, AsOf.close(CUTOFF), on_original=True) for at in every)
    return Figures.counted(current, undated), Figures.counted(original, undated)


class Parts:
    """The tasks that count, by the lines they must stand in, told from their rows and not from any query of ours."""

    def __init__(self, session: Session, known: list[Known]) -> None:
        tasks = {task.id: task for task in session.exec(select(Task))}
        units = {unit.id: unit for unit in session.exec(select(Unit))}
        duties = {duty.id: (duty, session.get_one(Directive, duty.directive_id)) for duty in session.exec(select(Duty))}
        said = session.exec(select(History).where(History.event == "contributed"))
        self.given = {(row.task_id, UUID(row.facts["unit"])) for row in said if row.recorded_at < end_of_day(CUTOFF)}
        self.of: dict[Breakdown, dict[tuple[str, str], list[Known]]] = {one: {} for one in Breakdown}
        self.partners = {unit.code: unit.id for unit in units.values()}
        for task_id, at in known:
            assert at.lead_unit is not None
            (duty, directive), lead = duties[tasks[task_id].duty_id], units[at.lead_unit]
            self._put(Breakdown.DIRECTIVE, (directive.code, directive.code), (task_id, at))
            self._put(Breakdown.DUTY, (directive.code, duty.path), (task_id, at))
            self._put(Breakdown.UNIT, ("", lead.code), (task_id, at))
            self._put(Breakdown.KIND, ("", lead.kind.value), (task_id, at))
            self._put(Breakdown.PERIOD, ("", tasks[task_id].occurrence.partition(":")[0]), (task_id, at))
            for share in session.exec(select(Contribution).where(Contribution.task_id == task_id)):
                if share.unit_id != at.lead_unit:
                    self._put(Breakdown.PARTNER, ("", units[share.unit_id].code), (task_id, at))

    def _put(self, breakdown: Breakdown, line: tuple[str, str], known: Known) -> None:
        self.of[breakdown].setdefault(line, []).append(known)

    def contributed(self, partner: str, known: list[Known]) -> set[UUID]:
        """The tasks for which its share was recorded by the cut-off."""
        return {task for task, _at in known if (task, self.partners[partner]) in self.given}


def _assert_lines(told: Report, parts: Parts) -> None:
    """Every line of every breakdown holds the figures of its own tasks, and no line is missing."""
    for breakdown, of in parts.of.items():
        lines = {(line.directive, line.code): line for line in told.lines(breakdown)}
        assert {key: (line.figures, line.on_original) for key, line in lines.items()} == {
            key: _figures(known) for key, known in of.items()
        }
        if breakdown is Breakdown.PARTNER:
            for (_none, code), known in of.items():
                assert lines["", code].contributed == len(parts.contributed(code, known))


def _assert_lists(session: Session, parts: Parts, known: list[Known]) -> None:
    """Behind each number stand its very tasks, each in its own place and with its own dates."""
    for on_original in (False, True):
        found = tasks_behind(session, cutoff=CUTOFF, figure=Figure.TOTAL, on_original=on_original)
        assert {one.task_id: (one.bucket, one.at) for one in found} == {
            task: (classify(at, AsOf.close(CUTOFF), on_original=on_original), at) for task, at in known
        }
    for breakdown, of in parts.of.items():
        for (directive, code), mine in of.items():
            part = _PART[breakdown](code)
            got = tasks_behind(session, cutoff=CUTOFF, figure=Figure.TOTAL, directive=directive or None, part=part)
            assert _ids(got) == {task for task, _at in mine}
            if breakdown is Breakdown.PARTNER:
                part = replace(part, contributed=True)
                given = tasks_behind(session, cutoff=CUTOFF, figure=Figure.TOTAL, part=part)
                assert _ids(given) == parts.contributed(code, mine)


_PART: dict[Breakdown, Callable[[str], ReportPart]] = {
    Breakdown.DIRECTIVE: lambda code: ReportPart(),
    Breakdown.DUTY: lambda code: ReportPart(duty=code),
    Breakdown.UNIT: lambda code: ReportPart(unit=code),
    Breakdown.KIND: lambda code: ReportPart(kind=UnitKind(code)),
    Breakdown.PARTNER: lambda code: ReportPart(partner=code),
    Breakdown.PERIOD: lambda code: ReportPart(period=code),
}


def _ids(found: Iterable[CountedTask]) -> set[UUID]:
    return {one.task_id for one in found}


def _undone(session: Session) -> Iterator[Session]:
    """One example's rows, taken back at its end."""
    savepoint = session.begin_nested()
    yield session
    savepoint.rollback()
    session.expunge_all()
