"""Explain a task: its deadlines and why they moved, and what became of each rung and its letters."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from models.directives.directive import Directive, Duty
from models.directives.ladders import RungName, RungSpec
from models.directives.template import TemplateVersion
from models.errors import NotFound
from models.i18n import Labelled, _
from models.letters.letter import Letter, Notice, NoticeState
from models.organization.calendar import OffDay
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import RECORDED, History, HistoryNote
from models.tasks.task import Task, WaitKind
from models.tasks.task_check import TaskCheck
from models.text.localtime import due_date
from models.words import FROM_ASSIGNMENT
from workflows.access.receiver import deciding_unit_name
from workflows.escalation.task_facts import SENT_BEFORE, ladder_facts
from workflows.rules.calendar.due import kept_day_off
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import LadderFacts, fire_moment, is_applicable, is_silenced, is_true

_DATE_EVENTS = ("assigned", "due_set", "due_moved")
_WAIT_STARTS = {
    "submitted": WaitKind.DECISION,
    "corrected": WaitKind.DECISION,
    "received": WaitKind.DECISION,
    "approval_undone": WaitKind.DECISION,
    "extension_asked": WaitKind.EXTENSION,
    "obstacle_raised": WaitKind.OBSTACLE,
    "lead_change_asked": WaitKind.LEAD_CHANGE,
}
_WAIT_ENDS = {
    "returned": WaitKind.DECISION,
    "taken_back": WaitKind.DECISION,
    "extension_accepted": WaitKind.EXTENSION,
    "extension_refused": WaitKind.EXTENSION,
    "extension_countered": WaitKind.EXTENSION,
    "obstacle_answered": WaitKind.OBSTACLE,
    "lead_changed": WaitKind.LEAD_CHANGE,
    "lead_kept": WaitKind.LEAD_CHANGE,
}
_ENDS_EVERY_WAIT = ("approved", "withdrawn", "reopened")


class RungState(Labelled):
    """The past or future of a rung on the task's present clocks."""

    TOLD = "told", _("notified")
    ON_ITS_WAY = "on_its_way", _("on its way")  # its letter has not left yet
    SUPERSEDED = "superseded", _("covered by a more severe rung")
    DROPPED = "dropped", _("dropped, no longer true")
    FAILED = "failed", _("not delivered")
    TOLD_BEFORE = ("told_before", _("skipped: its day was over when the version changed, and the same had been sent"))
    NOT_APPLICABLE = "not_applicable", _("past already when the clock started")
    SILENCED = "silenced", _("silent: the unit was waiting for somebody else")
    NOT_TRUE = "not_true", _("not needed: accepted, done or withdrawn by then")
    NO_DATE = "no_date", _("no deadline to count from")
    TO_COME = "to_come", _("to come")  # it fires later, or at the next sweep


@dataclass(frozen=True)
class DateStep:
    """One change of the task's deadline, from one local day to another.

    `reason` is what a person wrote, or a sentence of an earlier release. `due_facts` is what the program decided.
    """

    recorded_at: datetime
    event: str
    previous: date | None
    due_on: date | None
    reason: str
    due_facts: Sequence[Any]
    actor: str | None  # None: the system


@dataclass(frozen=True)
class NoticeLine:
    """One notice and the letter it travels in. Instants are UTC."""

    rung: str
    offset: int
    recipient: str
    role: str
    kind: str
    fired_at: datetime
    slot: datetime
    notice_state: str
    letter_id: UUID | None
    letter_state: str | None  # None: not yet in a letter
    sent_at: datetime | None
    undeliverable: str | None
    reason: str
    template_version: int | None  # the version that fired it; None: an older release did not record it
    clock: str | None  # the clock of that version's ladder


@dataclass(frozen=True)
class RungLine:
    """One rung of the ladder: when it fires (UTC), what became of it, and its letters.

    A rung that was told keeps the moment and the template version of then. Any other has those of today.
    """

    rung: str
    offset: int
    roles: tuple[str, ...]
    fires_at: datetime | None
    state: RungState
    letters: tuple[NoticeLine, ...]
    template_version: int | None


@dataclass(frozen=True)
class Explanation:
    """A task explained. `other_letters` are about events, requests to decide, and former deadlines or leads."""

    task_id: UUID
    directive: str
    duty: str
    title: str
    lead_unit: str
    occurrence: str
    is_drill: bool
    status: str
    template_version: int
    clock: str  # of the ladder: working_days or hours
    original_due_on: date | None
    due_on: date | None
    due_at: datetime | None
    due_reason: str
    due_facts: Sequence[Any]
    day_off: OffDay | None  # set where the deadline stays on a day off
    waiting_for: str | None
    waiting_since: datetime | None
    result_goes_to: str  # the unit that decides on the result
    next_check_at: datetime | None
    dates: tuple[DateStep, ...]
    rungs: tuple[RungLine, ...]
    other_letters: tuple[NoticeLine, ...]


@dataclass(frozen=True)
class _TaskRecord:
    """What the database holds about the task, read as of `now` (UTC)."""

    task: Task
    version: TemplateVersion
    facts: LadderFacts
    history: list["_Event"]
    now: datetime
    calendar: WorkCalendar


def explain_task(session: Session, task_id: UUID, *, now: datetime, calendar: WorkCalendar) -> Explanation:
    """Explain a task as of `now` (UTC), in six or seven queries. Raise NotFound for an unknown task."""
    row = session.execute(_task_query().where(col(Task.id) == task_id)).mappings().first()
    task = session.get(Task, task_id)
    if row is None or task is None:
        raise NotFound("task {task}: there is no such task; `dondoc task list` shows them", task=task_id)
    version = session.get_one(TemplateVersion, task.template_version_id)
    history = _read_history(session, task_id)
    notices = _read_notices(session, task_id, version)
    facts = ladder_facts(task, version.read_spec())
    rungs = facts.ladder.rungs
    record = _TaskRecord(task, version, facts, history, now, calendar)
    return Explanation(
        task_id=task_id,
        **row,
        occurrence=task.occurrence,
        is_drill=task.is_drill,
        status=task.status.value,
        template_version=version.version,
        clock=facts.ladder.clock,
        original_due_on=due_date(task.original_due_at) if task.original_due_at else None,
        due_on=due_date(task.due_at) if task.due_at else None,
        due_at=task.due_at,
        due_reason=task.due_reason,
        due_facts=task.due_facts,
        day_off=kept_day_off(task.due_at, calendar),
        waiting_for=task.wait_kind.value if task.wait_kind else None,
        waiting_since=task.wait_since,
        result_goes_to=deciding_unit_name(session, task_id),
        dates=tuple(_date_steps(history)),
        rungs=tuple(_explain_rung(spec, notices, record) for spec in rungs),
        other_letters=tuple(
            notice
            for anchor, notice in notices
            if notice.reason != SENT_BEFORE and not any(_belongs(spec, anchor, notice, facts) for spec in rungs)
        ),
    )


def _task_query() -> Any:
    return (
        select(
            col(Directive.code).label("directive"),
            col(Duty.path).label("duty"),
            col(Duty.title).label("title"),
            col(Unit.name).label("lead_unit"),
            col(TaskCheck.at).label("next_check_at"),
        )
        .select_from(Task)
        .outerjoin(TaskCheck, col(TaskCheck.task_id) == col(Task.id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
    )


@dataclass(frozen=True)
class _Event:
    recorded_at: datetime
    event: str
    facts: dict[str, Any]
    note: str
    actor: str | None


def _read_history(session: Session, task_id: UUID) -> list[_Event]:
    """Return the task's history with notes and the names of the actors, the oldest line first."""
    query = (
        select(
            col(History.recorded_at),
            col(History.event),
            col(History.facts),
            col(HistoryNote.text),
            col(Person.full_name),
        )
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(col(History.task_id) == task_id)
        .order_by(*RECORDED)
    )
    rows = session.execute(query)
    return [_Event(recorded_at, event, facts, note or "", actor) for recorded_at, event, facts, note, actor in rows]


def _read_notices(session: Session, task_id: UUID, current: TemplateVersion) -> list[tuple[UUID, NoticeLine]]:
    """Return the notices with their anchors and letters, the oldest first."""
    query: Any = (
        select(
            col(Notice.anchor_id),
            col(Notice.template_version_id),
            *(col(column) for column in (Notice.rung, Notice.offset, Notice.role, Notice.kind, Notice.fired_at)),
            *(col(column) for column in (Notice.slot, Notice.letter_id, Notice.undeliverable, Notice.reason)),
            col(Person.full_name).label("recipient"),
            col(Notice.state).label("notice_state"),
            col(Letter.state).label("letter_state"),
            col(Letter.sent_at),
        )
        .join(Person, col(Person.id) == col(Notice.recipient_id))
        .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(col(Notice.task_id) == task_id)
        .order_by(col(Notice.fired_at), col(Notice.id))
    )
    rows = session.execute(query).mappings().all()
    version_ids = {row["template_version_id"] for row in rows} - {None, current.id}
    versions = {version.id: version for version in (current, *_read_versions(session, version_ids))}
    notices = []
    for row in rows:
        columns = dict(row)
        anchor = columns.pop("anchor_id")
        version = versions.get(columns.pop("template_version_id"))
        ladder = version.read_ladder() if version else None
        number, clock = version.version if version else None, ladder.clock if ladder else None
        notices.append((anchor, NoticeLine(**columns, template_version=number, clock=clock)))
    return notices


def _read_versions(session: Session, ids: Collection[UUID]) -> Sequence[TemplateVersion]:
    query = select_rows(TemplateVersion).where(col(TemplateVersion.id).in_(ids))
    return session.exec(query).all() if ids else ()


def _date_steps(history: Iterable[_Event]) -> Iterable[DateStep]:
    """Yield each deadline that the task has had, with its reason."""
    due_on: date | None = None
    for event in history:
        iso_date = event.facts.get("due_on")
        if event.event not in _DATE_EVENTS or iso_date is None:
            continue
        previous, due_on = due_on, date.fromisoformat(iso_date)
        due_facts = event.facts.get("due_facts", ())
        note = "" if event.event == "assigned" and due_facts else event.note  # the note of a launch is no reason
        reason = event.facts.get("reason") or event.facts.get("due_reason") or note
        yield DateStep(event.recorded_at, event.event, previous, due_on, reason, due_facts, event.actor)


def _explain_rung(spec: RungSpec, notices: list[tuple[UUID, NoticeLine]], record: _TaskRecord) -> RungLine:
    own_notices = [notice for anchor, notice in notices if _belongs(spec, anchor, notice, record.facts)]
    letters = tuple(notice for notice in own_notices if notice.reason != SENT_BEFORE)
    fires_at = letters[0].fired_at if letters else _fires_at(spec, record)
    state = _best_outcome(letters)
    if state is None:
        state = RungState.TOLD_BEFORE if own_notices else _state_without_notice(spec, fires_at, record)
    return RungLine(
        rung=spec.rung.value,
        offset=spec.at,
        roles=tuple(role.value for role in spec.to),
        fires_at=fires_at,
        state=state,
        letters=letters,
        template_version=letters[0].template_version if letters else record.version.version,
    )


def _belongs(spec: RungSpec, anchor: UUID, notice: NoticeLine, facts: LadderFacts) -> bool:
    """Return whether a notice tells this rung of the present clock. A new lead is told by the change of lead."""
    if anchor != (facts.assigned_anchor if spec.rung in FROM_ASSIGNMENT else facts.due_anchor):
        return False
    tells_new_lead = spec.rung is RungName.ASSIGNED and notice.rung == "event:lead_changed"
    return tells_new_lead or (notice.rung, notice.offset) == (spec.rung.value, spec.at)


def _fires_at(spec: RungSpec, record: _TaskRecord) -> datetime | None:
    facts = record.facts
    if spec.rung is RungName.ASSIGNED:
        return facts.assigned_at  # the launch itself sends it
    return fire_moment(spec, facts.ladder, assigned_at=facts.assigned_at, due_at=facts.due_at, calendar=record.calendar)


def _best_outcome(letters: tuple[NoticeLine, ...]) -> RungState | None:
    states = {line.notice_state for line in letters}
    outcomes = {  # the best one first
        NoticeState.SENT: RungState.TOLD,
        NoticeState.PENDING: RungState.ON_ITS_WAY,
        NoticeState.SUPERSEDED: RungState.SUPERSEDED,
        NoticeState.FAILED: RungState.FAILED,
        NoticeState.DROPPED: RungState.DROPPED,
    }
    return next((outcome for state, outcome in outcomes.items() if state in states), None)


def _state_without_notice(spec: RungSpec, fires_at: datetime | None, record: _TaskRecord) -> RungState:
    facts, now, closed_at = record.facts, record.now, record.task.closed_at
    if fires_at is None:
        return RungState.NO_DATE
    is_fired_by_clock = spec.rung is not RungName.ASSIGNED
    applies = is_applicable(spec, fires_at, assigned_at=facts.assigned_at, due_set_at=facts.due_set_at)
    if is_fired_by_clock and not applies:
        return RungState.NOT_APPLICABLE
    if closed_at is not None and fires_at >= closed_at:
        return RungState.NOT_TRUE
    if fires_at > now:
        is_accepted = spec.rung is RungName.NOT_ACCEPTED and not is_true(spec.rung, facts, now)
        return RungState.NOT_TRUE if is_accepted else RungState.TO_COME
    facts_then = replace(facts, wait_kind=_wait_at(record.history, fires_at))
    if all(is_silenced(role.value, facts_then) for role in spec.to):
        return RungState.SILENCED
    return RungState.TO_COME if is_true(spec.rung, facts, now) else RungState.NOT_TRUE


def _wait_at(history: Iterable[_Event], moment: datetime) -> WaitKind | None:
    """Return what the task waited for at a moment, according to its history."""
    waits: dict[WaitKind, None] = {}
    for event in history:
        if event.recorded_at > moment:
            break
        if event.event in _WAIT_STARTS:
            waits[_WAIT_STARTS[event.event]] = None
        elif event.event in _WAIT_ENDS:
            waits.pop(_WAIT_ENDS[event.event], None)
        elif event.event in _ENDS_EVERY_WAIT:
            waits.clear()
    return next(iter(waits), None)
