"""The demonstration: the bundled directive over 120 simulated days, with units that behave as units do.

Every act goes through `act`, every letter through real SMTP to the local mailbox; only the clock is ours.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
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
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.act import act

Plan = tuple[UUID, Action, UUID | str, dict[str, Any]]
"""An act on a task: by a person's id or code, with what the act takes."""
DAYS = 120
DUE_AFTER = 50
"""Calendar days from the launch to the date that the coordinator sets for the duties without one."""
COORDINATOR, CLERK = "le.thi.c", "ngo.van.loc"
LATE_STARTER = "CTY-H"
"""The unit of the head whom the demo prints: silent until the story's last two working days, so that at the end it has
late, returned, new and accepted tasks at once."""
BEHAVIOURS = ("prompt", "prompt", "late", "prompt", "asks", "blocked", "paper", "silent", "returned", "late")


LACKING = "Đề nghị bổ sung số liệu về các đại lý"


@dataclass
class Story:
    launched_on: date
    outcome: LaunchOutcome
    acts: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    """What came beside the ordinary work: an obstacle, requests, inspected units, findings, tasks by the hour."""
    incident: str = ""
    refused: int = 0


def prepare(engine: Engine, *, now: datetime) -> bool:
    """Set the demo's own data up. False when a finished demo is there already; Refused over anybody's real data."""
    start = now - timedelta(days=DAYS)
    fresh = set_up(engine, now=start, example=True)
    with transaction(engine) as session:
        mark = session.get(Installation, DEMO)
        if mark is not None and mark.value != RUNNING:
            return False
        if mark is not None or not fresh.directive:
            raise Refused(
                "this data folder holds other data or a demo that was cut short: name an empty one with DONDOC_DATA"
            )
        session.add(Installation(name=DEMO, value=RUNNING))
    return True


def play(engine: Engine, settings: Settings, sender: Sender, *, now: datetime) -> Iterator[tuple[date, Story]]:
    """Play from 120 days ago to `now`, a day a step."""
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
    play_ = _Play(engine, settings, sender, calendar, story, last=_last_morning(calendar, now))
    for offset in range((local_date(now) - first).days + 1):
        day = first + timedelta(days=offset)
        moment = play_.tick_until(moment, min(at_local(day, time(9, 0)), now))
        if calendar.is_working(day) and at_local(day, time(9, 30)) < now:
            play_.day(day, offset)
        moment = play_.tick_until(moment, min(at_local(day, time(17, 30)), now))
        yield day, story
    with transaction(engine) as session:
        for (kind,) in session.execute(select(col(Letter.kind)).where(Letter.state == LetterState.SENT)):
            story.letters[kind.value] += 1
        session.get_one(Installation, DEMO).value = first.isoformat()


def _last_morning(calendar: WorkCalendar, now: datetime) -> date:
    """The last working day on which units still act before `now`."""
    today = local_date(now)
    day = calendar.on_or_before(today)
    return day if at_local(day, time(9, 30)) < now else calendar.add(day, -1)


@dataclass
class _Play:
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
        """Tick at every moment at which something can happen, and once at `until`."""
        while True:
            moment = min(next_moment(self.engine, after=moment, calendar=self.calendar), until)
            tick(self.engine, self.settings, now=moment, sender=self.sender)
            if moment >= until:
                return moment

    def day(self, day: date, offset: int) -> None:
        """Half past nine: units act, then those above them decide; in the afternoon what the day brings besides."""
        with reading(self.engine) as session:
            tasks = session.exec(select(Task).where(col(Task.status).in_(OPEN_STATUSES)).order_by(col(Task.id))).all()
            plans = [plan for task in tasks if (plan := self._plan(session, task, day))]
            plans += self._late_start(session, tasks, day)
        for minute, (task_id, action, person, given) in enumerate(plans):
            now = at_local(day, time(9, 30)) + timedelta(seconds=15 * minute)
            with transaction(self.engine) as session:
                actor = session.get_one(Person, person) if isinstance(person, UUID) else resolve_person(session, person)
                try:
                    act(self.events.acting(session, actor, now), task_id, action, given)
                    self.story.acts[action.value] += 1
                except Refused:
                    self.story.refused += 1  # as in life: somebody was quicker, or asked twice
        self.events.day(day, offset)
        self.story.told = self.events.told
        self.story.incident = self.events.incident

    def _plan(self, session: Session, task: Task, day: date) -> Plan | None:
        if task.incident_id is not None:
            return None  # by the hour, and not by a unit's habits
        lead = session.get_one(Unit, task.lead_unit_id)
        behaviour = BEHAVIOURS[sum(lead.code.encode()) % len(BEHAVIOURS)]
        if lead.code in ("VU-VT", "VU-BC", "VU-KHTC", "VP"):
            behaviour = "prompt"
        if task.wait_kind is not None:
            return self._decision(session, task, behaviour, day)
        head = lead.head_id
        if head is None or behaviour == "silent":
            return None
        age = self.calendar.between(local_date(task.assigned_at), day)
        left = self.calendar.between(day, due_date(task.due_at)) if task.due_at else 10
        if task.status is TaskStatus.ASSIGNED:
            wait = {"prompt": 1, "late": 4}.get(behaviour, 2)
            if age >= wait and (task.due_at is None or left > -3 or behaviour != "late"):
                return task.id, Action.ACCEPT, head, {}
            return None
        if behaviour == "asks" and left == 3 and not self._asked(session, task):
            until = self.calendar.add(due_date(task.due_at) if task.due_at else day, 10)
            note = "Cần thêm thời gian thống nhất với đơn vị phối hợp"
            return task.id, Action.ASK_EXTENSION, head, {"due": until, "note": note}
        if behaviour == "blocked" and left == 6 and not self._blocked(session, task):
            return task.id, Action.RAISE_OBSTACLE, head, {"note": "Chưa có hướng dẫn về mẫu biểu số liệu"}
        if left == 10:
            return task.id, Action.PROGRESS, head, {"note": "Đang triển khai, đã hoàn thành dự thảo"}
        ready = {"prompt": 4, "late": -6, "returned": 5}.get(behaviour, 1)
        if left > ready:
            return None
        if behaviour == "paper" and left <= 1:
            number = f"{int(task.id.hex[-4:], 16) % 900 + 100}/{lead.code}"
            given: dict[str, Any] = {"number": number, "date": day, "received_on": day, "signer": "Thủ trưởng đơn vị"}
            return task.id, Action.RECEIVE, CLERK, given
        return self._sending(session, task, lead, head, day)

    def _sending(self, session: Session, task: Task, lead: Unit, head: UUID, day: date) -> Plan:
        result = session.get_one(TemplateVersion, task.template_version_id).read_spec().result
        given: dict[str, Any] = {"number": f"{int(task.id.hex[-4:], 16) % 900 + 100}/{lead.code}", "date": day}
        if not result.classified_mail:
            given |= {"subject": "Báo cáo kết quả thực hiện", "signer": "Thủ trưởng đơn vị"}
        return task.id, Action.SUBMIT, head, given

    def _late_start(self, session: Session, tasks: Sequence[Task], day: date) -> list[Plan]:
        """Two tasks accepted and one result sent, which comes back the next day."""
        lead = session.exec(select(Unit).where(Unit.code == LATE_STARTER)).one()
        own = [task for task in tasks if task.lead_unit_id == lead.id and not task.incident_id]
        if day == self.last:
            sent = [task for task in own if task.wait_kind is WaitKind.DECISION][:1]
            return [(task.id, Action.RETURN, COORDINATOR, {"note": LACKING}) for task in sent]
        if day != self.calendar.add(self.last, -1) or lead.head_id is None:
            return []
        ahead = [
            task for task in own if task.status is TaskStatus.ASSIGNED and task.due_at and due_date(task.due_at) > day
        ]
        chosen = sorted(ahead, key=lambda task: (task.due_at, task.id))[:2]
        plans: list[Plan] = [(task.id, Action.ACCEPT, lead.head_id, {}) for task in chosen]
        return plans + [self._sending(session, task, lead, lead.head_id, day) for task in chosen[:1]]

    def _decision(self, session: Session, task: Task, behaviour: str, day: date) -> Plan | None:
        since = self.calendar.between(local_date(task.wait_since or task.assigned_at), day)
        asked = Roster.for_tasks(session, [task], day).recipients(DECIDER, task)
        decider = asked[0].person_id if asked else task.coordinator_id
        if task.wait_kind is WaitKind.DECISION and since >= 2:
            if behaviour == "returned" and not self._returned(session, task):
                return task.id, Action.RETURN, decider, {"note": LACKING}
            return task.id, Action.APPROVE, decider, {}
        if task.wait_kind is WaitKind.EXTENSION and since >= 2:
            return task.id, Action.GRANT_EXTENSION, decider, {"note": "Đồng ý, đây là lần gia hạn duy nhất"}
        if task.wait_kind is WaitKind.OBSTACLE and since >= 4:
            obstacle = session.exec(
                select(Obstacle).where(Obstacle.task_id == task.id, col(Obstacle.answered_at).is_(None))
            ).one()
            head = session.get_one(Unit, obstacle.authority_unit_id).head_id
            return (
                (task.id, Action.ANSWER_OBSTACLE, head, {"note": "Áp dụng mẫu biểu kèm theo Chỉ thị"}) if head else None
            )
        return None

    def _asked(self, session: Session, task: Task) -> bool:
        return session.exec(select(Extension.id).where(Extension.task_id == task.id)).first() is not None

    def _returned(self, session: Session, task: Task) -> bool:
        query = select(Result.id).where(Result.task_id == task.id, Result.decision == "returned")
        return session.exec(query).first() is not None

    def _blocked(self, session: Session, task: Task) -> bool:
        return session.exec(select(Obstacle.id).where(Obstacle.task_id == task.id)).first() is not None
