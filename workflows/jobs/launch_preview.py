"""Preview an ordered launch: its tasks, deadlines and letters by day, if nobody acts. The engine runs ahead on a copy.

The preview is stored with its background job, one part for each day, so that a page reads one day only.
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
"""The lengths of a preview, in calendar days."""
_MOST_COPIED = 20_000
"""A copy contains all open tasks up to this number. Of more, it contains those of the directive and its addressees."""


def preview(turn: JobRun) -> dict[str, Any]:
    """Run the days after the launch on a copy, and store what happens on each day."""
    days = int(turn.job.given["days"])
    if days not in HORIZONS:
        raise BadInput("days {days}: between 1 and 3660", days=days)
    order = LaunchOrder.model_validate(turn.job.given["order"])
    on = order.starts_at(turn.now)
    with transaction(turn.engine) as session:
        turn.progress(session, 0, days)
    with reading(turn.engine) as session:
        among = _tasks_to_copy(session, order, turn.now)

    def tell(moment: datetime) -> None:
        turn.tell(min((moment - on).days, days), days)

    def launch_it(session: Session) -> LaunchOutcome:
        return _launch(session, order, turn.now)

    copied_launch = launched_on_a_copy(turn.engine, turn.settings, launch_it, on=on, days=days, tell=tell, among=among)
    with copied_launch as (scratch, outcome), reading(scratch) as copy:
        launch_id = outcome.launch_id
        tasks = list_tasks(copy, since=on, launch_id=launch_id) if launch_id else []
        letters = list_letters(copy, since=on, launch_id=launch_id) if launch_id else []
    parts = group_by_day(tasks, letters)
    with reading(turn.engine) as session:
        unknown = [year for year in sorted({int(day[:4]) for day in parts}) if not is_decided(session, year)]
    summary = {
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
        turn.finish(session, summary, parts)
    return summary


def group_by_day(
    tasks: Iterable[dict[str, Any]], letters: Iterable[dict[str, Any]]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return the tasks assigned, the tasks due and the letters of each local day."""
    days: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: {"tasks": [], "due": [], "letters": []})
    for task in tasks:
        days[task["assigned_on"]]["tasks"].append(task)
        if task["due_on"]:
            days[task["due_on"]]["due"].append(task)
    for letter in letters:
        days[letter["date"]]["letters"].append(letter)
    return dict(days)


def _days_off(parts: dict[str, dict[str, list[dict[str, Any]]]]) -> list[list[Any]]:
    """Return the days off with deadlines: the day, the reason as facts, and the number of deadlines."""
    reasons = {day: [task["day_off"] for task in part["due"] if task["day_off"]] for day, part in parts.items()}
    return [[day, of_day[0], len(of_day)] for day, of_day in sorted(reasons.items()) if of_day]


def _launch(session: Session, order: LaunchOrder, now: datetime) -> LaunchOutcome:
    """Launch an order despite any gaps, as the preview shows them."""
    return carry_out(session, plan_order(session, order, now=now, calendar=load_calendar(session)), override=True)


def are_all_copied(session: Session) -> bool:
    """Return whether the open tasks are few enough to copy all of them."""
    count = select(func.count()).select_from(Task).where(col(Task.status).in_(OPEN_STATUSES))
    return (session.scalar(count) or 0) <= _MOST_COPIED


def _tasks_to_copy(session: Session, order: LaunchOrder, now: datetime) -> ColumnElement[bool] | None:
    """Return the condition for the open tasks to copy; None to copy all of them."""
    if are_all_copied(session):
        return None
    plan = plan_order(session, order, now=now, calendar=load_calendar(session))
    units = {unit_id for batch in plan.batches for unit_id in batch.shares}
    return (col(Task.directive_id) == plan.directive.id) | col(Task.lead_unit_id).in_(units)
