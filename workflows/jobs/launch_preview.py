"""Preview an ordered launch: every task, date and letter by day, if nobody acts; found by living it on a copy.

What it finds is kept with its background job, a day a part, so that a page shows a day without reading the others.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from models.database.session import reading, transaction
from models.errors import BadInput
from models.tasks.task import OPEN_STATUSES, Task
from workflows.jobs.simulate import launched_on_a_copy, list_letters, list_tasks
from workflows.launch.launch_order import LaunchOrder, plan_order
from workflows.launch.launch_tasks import LaunchOutcome, carry_out
from workflows.organization.working_calendar import is_decided, load_calendar
from workflows.queue.background_jobs import JobRun

HORIZONS = (30, 60, 120, 365)
"""Calendar days that can be looked ahead."""
WHOLE = 20_000
"""Up to so many open tasks the copy holds them all; beyond, those of the directive and of the units addressed."""


def preview(turn: JobRun) -> dict[str, Any]:
    """Live through the days after the launch and keep what happened on each."""
    days = int(turn.job.given["days"])
    if days not in HORIZONS:
        raise BadInput("days {days}: between 1 and 3660", days=days)
    order = LaunchOrder.model_validate(turn.job.given["order"])
    on = order.starts_at(turn.now)
    with transaction(turn.engine) as session:
        turn.progress(session, 0, days)
    with reading(turn.engine) as session:
        among = _nearby(session, order, turn.now)

    def tell(moment: datetime) -> None:
        turn.tell(min((moment - on).days, days), days)

    def launch_it(session: Session) -> LaunchOutcome:
        return _launch(session, order, turn.now)

    with (
        launched_on_a_copy(turn.engine, turn.settings, launch_it, on=on, days=days, tell=tell, among=among) as (
            scratch,
            outcome,
        ),
        reading(scratch) as copy,
    ):
        launch_id = outcome.launch_id
        tasks = list_tasks(copy, since=on, launch_id=launch_id) if launch_id else []
        letters = list_letters(copy, since=on, launch_id=launch_id) if launch_id else []
    parts = by_day(tasks, letters)
    with reading(turn.engine) as session:
        unknown = [year for year in sorted({int(day[:4]) for day in parts}) if not is_decided(session, year)]
    told = {
        "created": outcome.created,
        "existing": outcome.existing,
        "armed": list(outcome.armed),
        "tasks": len(tasks),
        "letters": len(letters),
        "whole": among is None,
        "on": on.isoformat(),
        "days": [
            [day, len(part["tasks"]), len(part["due"]), len(part["letters"])] for day, part in sorted(parts.items())
        ],
        "days_off": _days_off(parts),
        "unknown_years": unknown,
    }
    with transaction(turn.engine) as session:
        turn.progress(session, days, days)
        turn.finish(session, told, parts)
    return told


def by_day(
    tasks: Iterable[dict[str, Any]], letters: Iterable[dict[str, Any]]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """By local day, the tasks assigned, the tasks due, and the letters that leave."""
    days: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: {"tasks": [], "due": [], "letters": []})
    for task in tasks:
        days[task["assigned_on"]]["tasks"].append(task)
        if task["due_on"]:
            days[task["due_on"]]["due"].append(task)
    for letter in letters:
        days[letter["date"]]["letters"].append(letter)
    return dict(days)


def _days_off(parts: dict[str, dict[str, list[dict[str, Any]]]]) -> list[list[Any]]:
    """Only those on which dates fall and stay: the day, why it is off as facts, how many dates."""
    kept = {day: [task["day_off"] for task in part["due"] if task["day_off"]] for day, part in parts.items()}
    return [[day, why[0], len(why)] for day, why in sorted(kept.items()) if why]


def _launch(session: Session, order: LaunchOrder, now: datetime) -> LaunchOutcome:
    """Launch an order in one go, whatever the gaps: a preview shows what would come of it."""
    return carry_out(session, plan_order(session, order, now=now, calendar=load_calendar(session)), override=True)


def _nearby(session: Session, order: LaunchOrder, now: datetime) -> ColumnElement[bool] | None:
    """Which open tasks come along, where there are too many for all of them."""
    count = select(func.count()).select_from(Task).where(col(Task.status).in_(OPEN_STATUSES))
    if (session.scalar(count) or 0) <= WHOLE:
        return None
    plan = plan_order(session, order, now=now, calendar=load_calendar(session))
    units = {unit_id for batch in plan.batches for unit_id in batch.shares}
    return (col(Task.directive_id) == plan.directive.id) | col(Task.lead_unit_id).in_(units)
