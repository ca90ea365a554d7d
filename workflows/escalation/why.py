"""Why a task stands where it stands: its dates and what moved them, its rungs, its letters and the rule behind each."""

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
from workflows.access.receiver import name_of_deciding
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
    """What became, or will become, of a rung under the task's present clocks."""

    TOLD = "told", _("notified")
    ON_ITS_WAY = "on_its_way", _("on its way")  # noticed, its letter has not left
    SUPERSEDED = "superseded", _("covered by a more severe rung")
    DROPPED = "dropped", _("dropped, no longer true")
    FAILED = "failed", _("not delivered")
    TOLD_BEFORE = ("told_before", _("skipped: its day was over when the version changed, and the same had been sent"))
    NOT_APPLICABLE = "not_applicable", _("past already when the clock started")
    SILENCED = "silenced", _("silent: the unit was waiting for somebody else")
    NOT_TRUE = "not_true", _("not needed: accepted, done or withdrawn by then")
    NO_DATE = "no_date", _("no deadline to count from")
    TO_COME = "to_come", _("to come")  # not yet, or at the next sweep


@dataclass(frozen=True)
class DateStep:
    """One moment at which the task got a date: from which to which local day, why, and by whom.

    `reason`: what a person said, or a sentence of an earlier release; `due_facts`: what the engine decided.
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
    template_version: int | None  # followed when it was decided; None: an older release did not record it
    clock: str | None  # that version's ladder's


@dataclass(frozen=True)
class RungLine:
    """One rung of the ladder: when it fires (UTC), what became of it and the letters it caused.

    `template_version`: what it followed when it was told, else the one that the task follows now. One that was told
    has the moment of then, whatever the calendar says today.
    """

    rung: str
    offset: int
    roles: tuple[str, ...]
    fires_at: datetime | None
    state: RungState
    letters: tuple[NoticeLine, ...]
    template_version: int | None


@dataclass(frozen=True)
class Why:
    """A task explained. `other_letters`: events, decisions asked for, and rungs of earlier dates or leads."""

    task_id: UUID
    directive: str
    duty: str
    title: str
    lead_unit: str
    occurrence: str
    is_drill: bool
    status: str
    template_version: int
    clock: str  # the ladder's: working_days or hours
    original_due_on: date | None
    due_on: date | None
    due_at: datetime | None
    due_reason: str
    due_facts: Sequence[Any]
    day_off: OffDay | None  # why the last day is off, where the date stays on it
    waiting_for: str | None
    waiting_since: datetime | None
    result_goes_to: str  # the unit that decides on the result
    next_check_at: datetime | None
    dates: tuple[DateStep, ...]
    rungs: tuple[RungLine, ...]
    other_letters: tuple[NoticeLine, ...]


def why(session: Session, task_id: UUID, *, now: datetime, calendar: WorkCalendar) -> Why:
    """Explain a task as of `now` (UTC), in six queries, seven where it has moved. NotFound without one."""
    row = session.execute(_task_query().where(col(Task.id) == task_id)).mappings().first()
    task = session.get(Task, task_id)
    if row is None or task is None:
        raise NotFound("task {task}: there is no such task; `dondoc task list` shows them", task=task_id)
    version = session.get_one(TemplateVersion, task.template_version_id)
    history = _history(session, task_id)
    notices = _notices(session, task_id, version)
    facts = ladder_facts(task, version.read_spec())
    explained: set[int] = set()
    rungs = []
    for spec in facts.ladder.rungs:
        mine = [index for index, (anchor, line) in enumerate(notices) if _belongs(spec, anchor, line, facts)]
        explained.update(mine)
        found = tuple(notices[index][1] for index in mine)
        letters = tuple(line for line in found if line.reason != SENT_BEFORE)
        fires_at = letters[0].fired_at if letters else _fires_at(spec, facts, calendar)
        state = _told(letters) or (RungState.TOLD_BEFORE if found else None)
        state = state or _untold(spec, fires_at, task, facts, history, now)
        roles = tuple(role.value for role in spec.to)
        followed = letters[0].template_version if letters else version.version
        rungs.append(RungLine(spec.rung.value, spec.at, roles, fires_at, state, letters, followed))
    return Why(
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
        result_goes_to=name_of_deciding(session, task_id),
        dates=tuple(_date_steps(history)),
        rungs=tuple(rungs),
        other_letters=tuple(
            line
            for index, (_anchor, line) in enumerate(notices)
            if index not in explained and line.reason != SENT_BEFORE
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


def _history(session: Session, task_id: UUID) -> list[_Event]:
    """Oldest first, with their words and the name of who made them."""
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


def _notices(session: Session, task_id: UUID, current: TemplateVersion) -> list[tuple[UUID, NoticeLine]]:
    """Oldest first, with their anchors and letters."""
    notice = (Notice.rung, Notice.offset, Person.full_name, Notice.role, Notice.kind, Notice.fired_at, Notice.slot)
    letter = (Notice.state, Notice.letter_id, Letter.state, Letter.sent_at, Notice.undeliverable, Notice.reason)
    query: Any = (
        select(col(Notice.anchor_id), col(Notice.template_version_id), *(col(column) for column in (*notice, *letter)))
        .join(Person, col(Person.id) == col(Notice.recipient_id))
        .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(col(Notice.task_id) == task_id)
        .order_by(col(Notice.fired_at), col(Notice.id))
    )
    rows = session.execute(query).all()
    followed = {version_id for _anchor, version_id, *_ in rows if version_id is not None}
    versions: dict[UUID | None, tuple[Any, ...]] = {None: (None, None)}
    for one in [current, *_versions(session, followed - {current.id})]:
        ladder = one.read_ladder()
        versions[one.id] = (one.version, ladder.clock if ladder else None)
    return [(anchor, NoticeLine(*values, *versions[version_id])) for anchor, version_id, *values in rows]


def _versions(session: Session, ids: Collection[UUID]) -> Sequence[TemplateVersion]:
    query = select_rows(TemplateVersion).where(col(TemplateVersion.id).in_(ids))
    return session.exec(query).all() if ids else ()


def _date_steps(history: Iterable[_Event]) -> Iterable[DateStep]:
    """Each first or changed date, with the reason given for it."""
    due_on: date | None = None
    for move in history:
        iso = move.facts.get("due_on")
        if move.event not in _DATE_EVENTS or iso is None:
            continue
        previous, due_on = due_on, date.fromisoformat(iso)
        due_facts = move.facts.get("due_facts", ())
        note = "" if move.event == "assigned" and due_facts else move.note  # that one speaks of the launch
        reason = move.facts.get("reason") or move.facts.get("due_reason") or note
        yield DateStep(move.recorded_at, move.event, previous, due_on, reason, due_facts, move.actor)


def _belongs(spec: RungSpec, anchor: UUID, line: NoticeLine, facts: LadderFacts) -> bool:
    """The notice tells this rung of the present clock; an event's letter tells a new lead."""
    if anchor != (facts.assigned_anchor if spec.rung in FROM_ASSIGNMENT else facts.due_anchor):
        return False
    by_event = spec.rung is RungName.ASSIGNED and line.rung == "event:lead_changed"
    return by_event or (line.rung, line.offset) == (spec.rung.value, spec.at)


def _fires_at(spec: RungSpec, facts: LadderFacts, calendar: WorkCalendar) -> datetime | None:
    if spec.rung is RungName.ASSIGNED:
        return facts.assigned_at  # told at once, not by the clock
    return fire_moment(spec, facts.ladder, assigned_at=facts.assigned_at, due_at=facts.due_at, calendar=calendar)


def _told(letters: tuple[NoticeLine, ...]) -> RungState | None:
    """The best outcome stands first; None without any."""
    states = {line.notice_state for line in letters}
    outcomes = {
        NoticeState.SENT: RungState.TOLD,
        NoticeState.PENDING: RungState.ON_ITS_WAY,
        NoticeState.SUPERSEDED: RungState.SUPERSEDED,
        NoticeState.FAILED: RungState.FAILED,
        NoticeState.DROPPED: RungState.DROPPED,
    }
    return next((outcome for state, outcome in outcomes.items() if state in states), None)


def _untold(
    spec: RungSpec, fires_at: datetime | None, task: Task, facts: LadderFacts, history: list[_Event], now: datetime
) -> RungState:
    if fires_at is None:
        return RungState.NO_DATE
    by_clock = spec.rung is not RungName.ASSIGNED
    if by_clock and not is_applicable(spec, fires_at, assigned_at=facts.assigned_at, due_set_at=facts.due_set_at):
        return RungState.NOT_APPLICABLE
    if task.closed_at is not None and fires_at >= task.closed_at:
        return RungState.NOT_TRUE
    if fires_at > now:
        done_with = spec.rung is RungName.NOT_ACCEPTED and not is_true(spec.rung, facts, now)
        return RungState.NOT_TRUE if done_with else RungState.TO_COME
    waited = replace(facts, wait_kind=_wait_at(history, fires_at))
    if all(is_silenced(role.value, waited) for role in spec.to):
        return RungState.SILENCED
    return RungState.TO_COME if is_true(spec.rung, facts, now) else RungState.NOT_TRUE


def _wait_at(history: Iterable[_Event], moment: datetime) -> WaitKind | None:
    """What the task waited for at a moment, from its moves up to then."""
    waits: dict[WaitKind, None] = {}
    for move in history:
        if move.recorded_at > moment:
            break
        if move.event in _WAIT_STARTS:
            waits[_WAIT_STARTS[move.event]] = None
        elif move.event in _WAIT_ENDS:
            waits.pop(_WAIT_ENDS[move.event], None)
        elif move.event in _ENDS_EVERY_WAIT:
            waits.clear()
    return next(iter(waits), None)
