"""Order a paper with the rights of the person who asks already applied.

An enterprise gets its own reports and slips alone. Papers on the tasks of several units need the right to oversee them.
"""

from datetime import date, datetime

from sqlmodel import Session, col, select

from models.errors import NotFound
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import local_date
from workflows.access.find_task import find_task_id
from workflows.access.rights import Principal, open_directive, overseen_tasks
from workflows.access.task_access import look_at
from workflows.papers.contents.subject import find_led_directive, own_office
from workflows.papers.make_paper import Order, PaperKind
from workflows.reports.report_scope import check_cutoff, check_drawable
from workflows.rules.rights_table import Right

_UNIT_KINDS = (PaperKind.UNIT_REPORT, PaperKind.UNIT_OUTLINE)
_LETTER_KINDS = (PaperKind.PRESS, PaperKind.SUBMISSION)


def open_order(
    session: Session,
    principal: Principal,
    kind: PaperKind,
    *,
    now: datetime,
    cutoff: date | None = None,
    directive: str = "",
    unit: str = "",
    task: str = "",
    language: str = "vi",
) -> Order:
    """Order a paper. NotFound for what the person cannot see, Forbidden without the right, BadInput for a later day."""
    today = local_date(now)
    check_cutoff(cutoff, today)
    day = cutoff or today
    if kind is PaperKind.ASSIGNMENT:
        return Order(kind, day, task=_whole_task(session, principal, task, today))
    if kind in _UNIT_KINDS:
        return _order_unit_paper(session, principal, kind, day, directive, unit, language)
    principal.require(Right.SEE_REPORT)
    if kind in _LETTER_KINDS:
        principal.require(Right.WRITE_PAPERS)
    office = opened = None
    if directive:
        opened = open_directive(session, principal, directive, Right.SEE_REPORT)
    elif kind is PaperKind.REPORT:
        check_drawable(session, principal)
        office = own_office(session, principal)
    else:
        raise NotFound("there is no such directive")
    return Order(
        kind,
        day,
        directive=opened,
        unit=_overseen_unit(session, principal, unit) if unit else None,
        office=office,
        task=_whole_task(session, principal, task, today) if task else None,
        language=language,
        among=overseen_tasks(principal),
    )


def _order_unit_paper(
    session: Session, principal: Principal, kind: PaperKind, day: date, directive: str, code: str, language: str
) -> Order:
    """Order a unit's paper: the unit's own people get all its tasks, an overseer gets those that they oversee."""
    unit = session.exec(select(Unit).where(Unit.code == code)).first()
    if unit is not None and unit.id in principal.serves | principal.speaks_for:
        opened, among = find_led_directive(session, directive, unit), None
    else:
        principal.require(Right.SEE_REPORT)
        unit = _overseen_unit(session, principal, code)
        opened = open_directive(session, principal, directive, Right.SEE_REPORT) if directive else None
        among = overseen_tasks(principal)
    return Order(kind, day, directive=opened, unit=unit, language=language, among=among)


def _overseen_unit(session: Session, principal: Principal, code: str) -> Unit:
    """Find a unit by its code. NotFound for one that leads no task which the person oversees."""
    led = select(Task.lead_unit_id).where(overseen_tasks(principal))
    unit = session.exec(select(Unit).where(Unit.code == code, col(Unit.id).in_(led))).first()
    if unit is None:
        raise NotFound("there is no such unit")
    return unit


def _whole_task(session: Session, principal: Principal, name: str, today: date) -> Task:
    return look_at(session, principal, find_task_id(session, principal, name), today).whole_task()
