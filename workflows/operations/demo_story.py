"""The demonstration: the bundled directive over 120 simulated days, with units that behave in different ways.

Every action goes through `act`, and every letter through real SMTP to the local mailbox. Only the clock is simulated.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, exists
from sqlmodel import Session, col, select

from models.database.run import DEMO, Installation
from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.directives.template import TemplateVersion
from models.errors import Refused
from models.letters.letter import Letter, LetterState
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.task import OPEN_STATUSES, Extension, Obstacle, Result, Task, TaskStatus, WaitKind
from models.text.localtime import at_local, due_date, local_date
from notifications.smtp.transport import Sender
from workflows.access.roster import Roster
from workflows.jobs.tick import next_moment, tick
from workflows.launch.launch_tasks import LaunchOutcome, launch
from workflows.operations.demo_accounts import RUNNING
from workflows.operations.demo_events import DemoEvents
from workflows.operations.setup import BUNDLED, set_up
from workflows.organization.working_calendar import load_calendar
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import DECIDER
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act

DAYS = 120
DUE_AFTER = 50
"""Calendar days from the launch to the date that the coordinator sets for the duties without one."""
COORDINATOR, CLERK = "le.thi.c", "ngo.van.loc"
LATE_STARTER = "CTY-H"
"""The unit of the head whom the demo prints. It does nothing until the last two working days, so that at the end it has
late, returned, new and accepted tasks at once."""
BEHAVIOURS = ("prompt", "prompt", "late", "prompt", "asks", "blocked", "paper", "silent", "returned", "late")
LACKING = "Đề nghị bổ sung số liệu về các đại lý"


class DemoPlan(NamedTuple):
    """A planned action on a task, by the id or the code of a person."""

    task_id: UUID
    action: Action
    person: UUID | str
    arguments: dict[str, Any] | None = None


@dataclass
class Story:
    """Counts of what happened. `told` counts the events beside the ordinary work (`DemoEvents`)."""

    launched_on: date
    outcome: LaunchOutcome
    acts: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    incident: str = ""
    refused: int = 0


def prepare(engine: Engine, *, now: datetime) -> bool:
    """Set up the demo's data. Return False if there is a finished demo. Raises Refused over real data."""
    start = now - timedelta(days=DAYS)
    fresh = set_up(engine, now=start, example=True)
    with transaction(engine) as session:
        demo = session.get(Installation, DEMO)
        if demo is not None and demo.value != RUNNING:
            return False
        if demo is not None or not fresh.directive:
            raise Refused(
                "this data folder holds other data or a demo that was cut short: name an empty one with DONDOC_DATA"
            )
        session.add(Installation(name=DEMO, value=RUNNING))
    return True


def play(engine: Engine, settings: Settings, sender: Sender, *, now: datetime) -> Iterator[tuple[date, Story]]:
    """Play from 120 days ago until `now`, and yield after each day."""
    with reading(engine) as session:
        calendar = load_calendar(session)
    first = calendar.on_or_after(local_date(now) - timedelta(days=DAYS))
    moment = at_local(first)
    with transaction(engine) as session:
        directive = find_directive(session, BUNDLED)
        coordinator = resolve_person(session, COORDINATOR)
        outcome = launch(
            session,
            directive,
            on=moment,
            coordinator_id=coordinator.id,
            calendar=calendar,
            due_on=calendar.on_or_before(first + timedelta(days=DUE_AFTER)),
        )
    story = Story(first, outcome)
    player = _Player(engine, settings, sender, calendar, story, last=_last_morning(calendar, now))
    for offset in range((local_date(now) - first).days + 1):
        day = first + timedelta(days=offset)
        moment = player.tick_until(moment, min(at_local(day, time(9, 0)), now))
        if calendar.is_working(day) and at_local(day, time(9, 30)) < now:
            player.play_day(day, offset)
        moment = player.tick_until(moment, min(at_local(day, time(17, 30)), now))
        yield day, story
    with transaction(engine) as session:
        for (kind,) in session.execute(select(col(Letter.kind)).where(Letter.state == LetterState.SENT)):
            story.letters[kind.value] += 1
        session.get_one(Installation, DEMO).value = first.isoformat()


def _last_morning(calendar: WorkCalendar, now: datetime) -> date:
    """Return the last working day on which units still act before `now`."""
    today = local_date(now)
    day = calendar.on_or_before(today)
    return day if at_local(day, time(9, 30)) < now else calendar.add(day, -1)


@dataclass
class _Player:
    engine: Engine
    settings: Settings
    sender: Sender
    calendar: WorkCalendar
    story: Story
    last: date
    events: DemoEvents = field(init=False)

    def __post_init__(self) -> None:
        self.events = DemoEvents(self.engine, self.settings, self.calendar, self.story.acts)

    def tick_until(self, moment: datetime, until: datetime) -> datetime:
        """Tick at every moment at which something may happen, and once at `until`. Return `until`."""
        while True:
            moment = min(next_moment(self.engine, after=moment, calendar=self.calendar), until)
            tick(self.engine, self.settings, now=moment, sender=self.sender)
            if moment >= until:
                return moment

    def play_day(self, day: date, offset: int) -> None:
        """Let units act and deciders decide at half past nine, then carry out the day's events in the afternoon."""
        with reading(self.engine) as session:
            tasks = session.exec(select(Task).where(col(Task.status).in_(OPEN_STATUSES)).order_by(col(Task.id))).all()
            plans = [plan for task in tasks if (plan := self._plan(session, task, day))]
            plans += self._late_start(session, tasks, day)
        for number, (task_id, action, person, arguments) in enumerate(plans):
            now = at_local(day, time(9, 30)) + timedelta(seconds=15 * number)
            with transaction(self.engine) as session:
                actor = session.get_one(Person, person) if isinstance(person, UUID) else resolve_person(session, person)
                try:
                    act(self.events.acting(session, actor, now), task_id, action, arguments or {})
                    self.story.acts[action.value] += 1
                except Refused:
                    self.story.refused += 1  # for example, somebody was quicker
        self.events.day(day, offset)
        self.story.told = self.events.told
        self.story.incident = self.events.incident

    def _plan(self, session: Session, task: Task, day: date) -> DemoPlan | None:
        if task.incident_id is not None:
            return None  # `DemoEvents` acts on it
        lead = session.get_one(Unit, task.lead_unit_id)
        behaviour = BEHAVIOURS[sum(lead.code.encode()) % len(BEHAVIOURS)]
        if lead.code in ("VU-VT", "VU-BC", "VU-KHTC", "VP"):
            behaviour = "prompt"
        if task.wait_kind is not None:
            return self._plan_decision(session, task, behaviour, day)
        head = lead.head_id
        if head is None or behaviour == "silent":
            return None
        days_assigned = self.calendar.between(local_date(task.assigned_at), day)
        days_left = self.calendar.between(day, due_date(task.due_at)) if task.due_at else 10
        if task.status is TaskStatus.ASSIGNED:
            days_to_accept = {"prompt": 1, "late": 4}.get(behaviour, 2)
            if days_assigned >= days_to_accept and (task.due_at is None or days_left > -3 or behaviour != "late"):
                return DemoPlan(task.id, Action.ACCEPT, head)
            return None
        if behaviour == "asks" and days_left == 3 and not _has_any(session, Extension.task_id == task.id):
            due_on = self.calendar.add(due_date(task.due_at) if task.due_at else day, 10)
            note = "Cần thêm thời gian thống nhất với đơn vị phối hợp"
            return DemoPlan(task.id, Action.ASK_EXTENSION, head, {"due": due_on, "note": note})
        if behaviour == "blocked" and days_left == 6 and not _has_any(session, Obstacle.task_id == task.id):
            return DemoPlan(task.id, Action.RAISE_OBSTACLE, head, {"note": "Chưa có hướng dẫn về mẫu biểu số liệu"})
        if days_left == 10:
            return DemoPlan(task.id, Action.PROGRESS, head, {"note": "Đang triển khai, đã hoàn thành dự thảo"})
        days_before_result = {"prompt": 4, "late": -6, "returned": 5}.get(behaviour, 1)
        if days_left > days_before_result:
            return None
        if behaviour == "paper" and days_left <= 1:
            facts = {"number": _result_number(task, lead), "date": day, "received_on": day}
            return DemoPlan(task.id, Action.RECEIVE, CLERK, facts | {"signer": "Thủ trưởng đơn vị"})
        return self._plan_result(session, task, lead, head, day)

    def _plan_result(self, session: Session, task: Task, lead: Unit, head: UUID, day: date) -> DemoPlan:
        result = session.get_one(TemplateVersion, task.template_version_id).read_spec().result
        arguments: dict[str, Any] = {"number": _result_number(task, lead), "date": day}
        if not result.classified_mail:
            arguments |= {"subject": "Báo cáo kết quả thực hiện", "signer": "Thủ trưởng đơn vị"}
        return DemoPlan(task.id, Action.SUBMIT, head, arguments)

    def _late_start(self, session: Session, tasks: Sequence[Task], day: date) -> list[DemoPlan]:
        """Let the late starter accept two tasks and submit one result, which is returned the next day."""
        lead = session.exec(select(Unit).where(Unit.code == LATE_STARTER)).one()
        own_tasks = [task for task in tasks if task.lead_unit_id == lead.id and not task.incident_id]
        if day == self.last:
            submitted = [task for task in own_tasks if task.wait_kind is WaitKind.DECISION][:1]
            return [DemoPlan(task.id, Action.RETURN, COORDINATOR, {"note": LACKING}) for task in submitted]
        if day != self.calendar.add(self.last, -1) or lead.head_id is None:
            return []
        coming = [
            task
            for task in own_tasks
            if task.status is TaskStatus.ASSIGNED and task.due_at and due_date(task.due_at) > day
        ]
        chosen = sorted(coming, key=lambda task: (task.due_at, task.id))[:2]
        plans = [DemoPlan(task.id, Action.ACCEPT, lead.head_id) for task in chosen]
        return plans + [self._plan_result(session, task, lead, lead.head_id, day) for task in chosen[:1]]

    def _plan_decision(self, session: Session, task: Task, behaviour: str, day: date) -> DemoPlan | None:
        days_waiting = self.calendar.between(local_date(task.wait_since or task.assigned_at), day)
        deciders = Roster.for_tasks(session, [task], day).recipients(DECIDER, task)
        decider = deciders[0].person_id if deciders else task.coordinator_id
        if task.wait_kind is WaitKind.DECISION and days_waiting >= 2:
            was_returned = (Result.task_id == task.id, Result.decision == "returned")
            if behaviour == "returned" and not _has_any(session, *was_returned):
                return DemoPlan(task.id, Action.RETURN, decider, {"note": LACKING})
            return DemoPlan(task.id, Action.APPROVE, decider)
        if task.wait_kind is WaitKind.EXTENSION and days_waiting >= 2:
            return DemoPlan(task.id, Action.GRANT_EXTENSION, decider, {"note": "Đồng ý, đây là lần gia hạn duy nhất"})
        if task.wait_kind is WaitKind.OBSTACLE and days_waiting >= 4:
            obstacle = session.exec(
                select(Obstacle).where(Obstacle.task_id == task.id, col(Obstacle.answered_at).is_(None))
            ).one()
            head = session.get_one(Unit, obstacle.authority_unit_id).head_id
            if head:
                return DemoPlan(task.id, Action.ANSWER_OBSTACLE, head, {"note": "Áp dụng mẫu biểu kèm theo Chỉ thị"})
        return None


def _result_number(task: Task, lead: Unit) -> str:
    return f"{int(task.id.hex[-4:], 16) % 900 + 100}/{lead.code}"


def _has_any(session: Session, *conditions: Any) -> bool:
    return bool(session.exec(select(exists().where(*conditions))).one())
