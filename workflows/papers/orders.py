"""Who may have which paper: an order with the rights of whoever asks already in it.

An enterprise has its own reports and slips, and nobody else's; what oversees is for those who oversee.
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
from workflows.papers.contents.subject import led_by, own_office
from workflows.papers.make_paper import Order, PaperKind
from workflows.reports.report_scope import check_cutoff, check_drawable
from workflows.rules.rights_table import Right

_OF_UNITS = (PaperKind.UNIT_REPORT, PaperKind.UNIT_OUTLINE)
_LETTERS = (PaperKind.PRESS, PaperKind.SUBMISSION)


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
    """NotFound for what is none of theirs, Forbidden without the right, BadInput for a later day."""
    today = local_date(now)
    check_cutoff(cutoff, today)
    day = cutoff or today
    if kind is PaperKind.ASSIGNMENT:
        return Order(kind, day, task=_whole_task(session, principal, task, today))
    if kind in _OF_UNITS:
        return _of_unit(session, principal, kind, day, directive, unit, language)
    principal.require(Right.SEE_REPORT)
    if kind in _LETTERS:
        principal.require(Right.WRITE_PAPERS)
    found = open_directive(session, principal, directive, Right.SEE_REPORT) if directive else None
    if found is None and kind is not PaperKind.REPORT:
        raise NotFound("there is no such directive")
    office = None
    if found is None:
        check_drawable(session, principal)
        office = own_office(session, principal)
    among = overseen_tasks(principal)
    return Order(
        kind,
        day,
        directive=found,
        unit=_overseen_unit(session, principal, unit) if unit else None,
        office=office,
        task=_whole_task(session, principal, task, today) if task else None,
        language=language,
        among=among,
    )


def _of_unit(
    session: Session, principal: Principal, kind: PaperKind, day: date, directive: str, code: str, language: str
) -> Order:
    """Order a unit's paper: its own people have all of it, an overseer has the tasks that they oversee."""
    unit = session.exec(select(Unit).where(Unit.code == code)).first()
    if unit is not None and unit.id in principal.serves | principal.speaks_for:
        found, among = led_by(session, directive or None, unit), None
    else:
        principal.require(Right.SEE_REPORT)
        unit = _overseen_unit(session, principal, code)
        found = open_directive(session, principal, directive, Right.SEE_REPORT) if directive else None
        among = overseen_tasks(principal)
    return Order(kind, day, directive=found, unit=unit, language=language, among=among)


def _overseen_unit(session: Session, principal: Principal, code: str) -> Unit:
    """NotFound for a unit that leads no task which somebody oversees."""
    led = select(Task.lead_unit_id).where(overseen_tasks(principal))
    unit = session.exec(select(Unit).where(Unit.code == code, col(Unit.id).in_(led))).first()
    if unit is None:
        raise NotFound("there is no such unit")
    return unit


def _whole_task(session: Session, principal: Principal, name: str, today: date) -> Task:
    return look_at(session, principal, find_task_id(session, principal, name), today).whole_task()
