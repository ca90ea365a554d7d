"""Warnings before, not only after: the open tasks that are likely to miss their date, and how the rule did in the past.

The replay reads the same rows as the page, in the order in which they were recorded, and stops at the end of each past
day: what was recorded later does not exist there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.directives.directive import Directive, Duty, directive_name
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.reports.task_lives import read_told
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.backtest import Case, Score, by_month, score
from workflows.rules.escalation.experience import YEAR, missed
from workflows.rules.escalation.risk import Risk, Stage
from workflows.rules.tasks.task_life import TaskRecord

EVERY = timedelta(days=7)
"""How far apart the days of the replay lie: a coordinator looks about once a week."""
LEAD_IN = timedelta(days=91)
"""How long before the 12 months the replay begins, so that the first dates were looked at in good time as well."""


@dataclass(frozen=True)
class Warned:
    """An open task that the rule warns of."""

    task_id: UUID
    directive: str
    directive_name: str
    duty_path: str
    duty_title: str
    occurrence: str
    unit_code: str
    unit: str
    risk: Risk


@dataclass(frozen=True)
class Replay:
    """What the rule would have warned of in the 12 months before `until`, whole and by the month of the date."""

    until: date
    whole: Score
    months: dict[str, Score]


@dataclass(frozen=True)
class Risks:
    """The warnings of a day, first what speaks most against its date, then the nearest; and how the rule did before."""

    day: date
    looked_at: int  # open tasks with a date still to come
    warned: tuple[Warned, ...]
    replay: Replay


def read_risks(
    session: Session,
    *,
    day: date,
    calendar: WorkCalendar,
    directive: str | None = None,
    among: ColumnElement[bool] | None = None,
) -> Risks:
    """Return the warnings at the end of a day, in four queries. `directive` (a code) narrows what is shown, not what is
    known.

    `among`: a condition on tasks, such as those somebody oversees: of no others anything is known.
    """
    stage = Stage(list(read_told(session, day, among=among)), calendar)
    past = _replay(stage, day)
    open_now = dict(stage.risks(day))
    named = _name(session, stage, {task: risk for task, risk in open_now.items() if risk.is_warned})
    warned = [one for one in named if directive in (None, one.directive)]
    return Risks(
        day=day,
        looked_at=len(open_now),
        warned=tuple(sorted(warned, key=lambda one: (-one.risk.points, one.risk.due_on, one.unit, one.duty_path))),
        replay=past,
    )


def replay(tolds: Sequence[TaskRecord], until: date, calendar: WorkCalendar) -> Replay:
    """Ask the rule on every seventh day of the 12 months before, knowing what was recorded by the end of that day."""
    return _replay(Stage(tolds, calendar), until)


def _replay(stage: Stage, until: date) -> Replay:
    warned: set[tuple[UUID, date]] = set()
    for week in range((YEAR + LEAD_IN) // EVERY, 0, -1):
        day = until - week * EVERY
        stage.play(day)
        warned.update((task_id, risk.due_on) for task_id, risk in stage.risks(day) if risk.is_warned)
    stage.play(until)
    cases = list(_cases(stage, until, warned))
    return Replay(until, score(cases), by_month(cases))


def _cases(stage: Stage, until: date, warned: set[tuple[UUID, date]]) -> Iterable[Case]:
    """Yield the tasks whose date came in the 12 months, and of which it is known whether it was met."""
    for task_id, (life, _kind) in stage.lives.items():
        due_on = life.due_on
        if due_on is None or not until - YEAR < due_on < until:
            continue
        late = missed(life, until)
        if late is not None:
            yield Case(due_on, late, (task_id, due_on) in warned)


def _name(session: Session, stage: Stage, risks: dict[UUID, Risk]) -> Iterable[Warned]:
    units = {
        unit_id: (code, name)
        for unit_id, code, name in session.execute(select(col(Unit.id), col(Unit.code), col(Unit.name)))
    }
    of_directive = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    for chunk in chunks(risks):
        query = (
            select(col(Task.id), col(Task.occurrence), col(Duty.path), col(Duty.title), *of_directive)
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .join(Directive, col(Directive.id) == col(Task.directive_id))
            .where(col(Task.id).in_(chunk))
        )
        for task_id, occurrence, path, title, code, kind, number, subject in session.execute(query):
            lead = stage.lives[task_id][0].lead_unit
            assert lead is not None  # what cannot be led is not warned of
            name = directive_name(kind, number, subject)
            yield Warned(task_id, code, name, path, title, occurrence, *units[lead], risks[task_id])
