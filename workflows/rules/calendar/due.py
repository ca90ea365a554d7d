"""How a task gets its date: the template's deadline rule, the reporting preset, the launch, the parent.

Pure. `due_at` is 24:00 local of the last permitted day, as an exclusive UTC instant; reasons are Vietnamese.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from dateutil.relativedelta import relativedelta

from models.directives.template import (
    FixedDeadline,
    HoursDeadline,
    Move,
    NoDeadline,
    RelativeDeadline,
    TemplateSpec,
    VagueDeadline,
)
from models.errors import BadInput
from models.organization.unit import UnitKind
from models.tasks.task import DueFixedBy
from models.text.localtime import due_date, end_of_day, local_date, write_date, write_time
from workflows.rules.calendar.periods import Period, last_permitted, parse, sending_date, sent_before
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class DueDecision:
    """A task's date, who set it and why it is what it is ("" where that is plain).

    `moved_from` is the day before the calendar or the parent moved it, None where neither did.
    """

    due_at: datetime | None
    fixed_by: DueFixedBy | None
    reason: str = ""
    moved_from: date | None = None


def compute_due(
    spec: TemplateSpec,
    *,
    unit_kind: UnitKind,
    issued_on: date | None,
    assigned_at: datetime,
    occurrence: Period | None,
    launch_due_on: date | None,
    parent_due_at: datetime | None,
    calendar: WorkCalendar,
) -> DueDecision:
    """Return the date of one task. `launch_due_on` counts only where the template has no date of its own.

    `occurrence` is the reporting period, None for once, incident and request tasks. Raises BadInput where the rule
    counts from a signing date the directive does not have, or leaves the years the calendar knows.
    """
    rule = spec.deadline
    if isinstance(rule, HoursDeadline):
        reason = f"{rule.hours} giờ kể từ khi giao ({_write_instant(assigned_at)})"
        own = DueDecision(assigned_at + timedelta(hours=rule.hours), DueFixedBy.TEMPLATE, reason)
    elif spec.period is not None and occurrence is not None:
        day = sending_date(spec.period, occurrence, unit_kind)
        named = sent_before(spec.period, occurrence, unit_kind)
        own = _settle(
            day,
            _write_before(named) if named else "",
            spec.period.move,
            DueFixedBy.TEMPLATE,
            "báo cáo ",
            local_date(assigned_at),
            calendar,
        )
    elif isinstance(rule, NoDeadline):
        due_at = end_of_day(launch_due_on) if launch_due_on else None
        own = DueDecision(due_at, DueFixedBy.ASSIGNER if due_at else None)
    else:
        day, reason = _count(spec.duty, rule, issued_on, local_date(assigned_at), calendar)
        own = _settle(day, reason, rule.move, DueFixedBy(rule.fixed_by), "", local_date(assigned_at), calendar)
    return own if parent_due_at is None else within_parent(own, parent_due_at)


def within_parent(own: DueDecision, parent_due_at: datetime) -> DueDecision:
    """Cut a child task's date to its parent's; a child without a date has its parent's."""
    if own.due_at is None:
        reason = f"theo hạn của nhiệm vụ cấp trên: {_write_due(parent_due_at)}"
        return DueDecision(parent_due_at, DueFixedBy.PARENT, reason)
    if own.due_at <= parent_due_at:
        return own
    cut = f"hạn {_write_due(own.due_at)} quá hạn của nhiệm vụ cấp trên, rút về {_write_due(parent_due_at)}"
    return replace(
        own,
        due_at=parent_due_at,
        fixed_by=DueFixedBy.PARENT,
        reason=f"{own.reason}; {cut}" if own.reason else cut,
        moved_from=own.moved_from or due_date(own.due_at),
    )


def kept_day_off(due_at: datetime | None, calendar: WorkCalendar) -> str:
    """Return why the last day of a date is off ("thứ Bảy", "Quốc khánh") where the date stays on it all the same.

    "" where that day is worked, where the clock runs by the hour, and where the task has no date. It is derived, not
    stored: an edit of the calendar changes it, and it holds for a date that a person set as for one from a template.
    """
    if due_at is None:
        return ""
    day = due_date(due_at)
    return (calendar.why_off(day) or "") if due_at == end_of_day(day) else ""


def moves_with_calendar(spec: TemplateSpec) -> bool:
    """Return whether an edit of the working calendar can change dates computed from this template."""
    if spec.period is not None:
        return spec.period.move is not Move.STAYS
    rule = spec.deadline
    if isinstance(rule, RelativeDeadline):
        return rule.unit == "working_days" or rule.move is not Move.STAYS
    return isinstance(rule, FixedDeadline | VagueDeadline) and rule.move is not Move.STAYS


def _count(
    duty: str,
    rule: FixedDeadline | RelativeDeadline | VagueDeadline,
    issued_on: date | None,
    assigned_on: date,
    calendar: WorkCalendar,
) -> tuple[date, str]:
    """Return the last permitted day before any move, and how it was counted."""
    match rule:
        case FixedDeadline():
            return last_permitted(rule.on, before=rule.before), _write_before(rule.on) if rule.before else ""
        case VagueDeadline():
            return parse(rule.within).last_day, f"ngày cuối cùng của {_write_within(rule.within)}"
        case RelativeDeadline():
            start = assigned_on if rule.since == "assigned" else issued_on
            if start is None:
                raise BadInput(
                    "duty {duty}: deadline counts from the signing date, but issued_on of the directive is empty;"
                    " give the date or count from assignment (since: assigned)",
                    duty=duty,
                )
            return _add(start, rule, calendar), _write_counted(start, rule)
        case _:
            assert_never(rule)


def _add(start: date, rule: RelativeDeadline, calendar: WorkCalendar) -> date:
    """Add a span to a day that itself does not count: 15 days from the 7th end with the 22nd. Months clip to their
    end.
    """
    if rule.unit == "working_days":
        return calendar.add(start, rule.amount)
    return start + (relativedelta(months=rule.amount) if rule.unit == "months" else timedelta(days=rule.amount))


def _settle(
    day: date, reason: str, move: Move, fixed_by: DueFixedBy, subject: str, assigned_on: date, calendar: WorkCalendar
) -> DueDecision:
    """Move a day that falls on a day off, and say why. Never back to before the assignment: then forward."""
    why = calendar.why_off(day)
    if why is None or move is Move.STAYS:
        return DueDecision(end_of_day(day), fixed_by, reason)
    moved = calendar.on_or_before(day) if move is Move.BACK else calendar.on_or_after(day)
    where = "chuyển lên ngày làm việc liền trước" if move is Move.BACK else "chuyển sang ngày làm việc liền sau"
    if moved < assigned_on <= day:
        moved = calendar.on_or_after(day)
        where = "ngày làm việc liền trước đã qua khi giao, chuyển sang ngày làm việc liền sau"
    said = f"hạn {write_date(day)} rơi vào {why}, {subject}{where}"
    return DueDecision(end_of_day(moved), fixed_by, f"{reason}; {said}" if reason else said, moved_from=day)


def _write_before(named: date) -> str:
    return f"trước ngày {write_date(named)}, không tính ngày đó"


def _write_counted(start: date, rule: RelativeDeadline) -> str:
    unit = {"days": "ngày", "working_days": "ngày làm việc", "months": "tháng"}[rule.unit]
    since = "ngày ký" if rule.since == "signed" else "ngày giao"
    return f"{rule.amount} {unit} kể từ {since} {write_date(start)}"


def _write_within(key: str) -> str:
    year, _, part = key.partition("-")
    if part.startswith("Q"):
        return f"quý {('I', 'II', 'III', 'IV')[int(part[1]) - 1]}/{year}"
    if part.startswith("H"):
        return f"6 tháng {'đầu' if part == 'H1' else 'cuối'} năm {year}"
    return f"tháng {int(part)}/{year}" if part else f"năm {year}"


def _write_instant(instant: datetime) -> str:
    return f"{write_time(instant, 'vi')} ngày {write_date(local_date(instant))}"


def _write_due(due_at: datetime) -> str:
    """Return a day where the date is a whole day, the hour too where it is not."""
    day = due_date(due_at)
    return write_date(day) if due_at == end_of_day(day) else _write_instant(due_at)
