"""Editing the working calendar: the newest revision wins, the preview is right, no original date moves."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from models.database.ids import ZERO_ID, new_id
from models.database.session import reading, transaction
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import Launch
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from models.errors import BadInput, Refused
from models.letters.letter import Notice
from models.organization.calendar import CalendarDay, CalendarRevision, DayKind
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit, UnitKind
from models.tasks.due_facts import CalendarChanged, CountedFrom, read_due_facts
from models.tasks.history import History, HistoryNote
from models.tasks.task import DueFixedBy, Task, TaskStatus
from models.text.localtime import due_date, end_of_day, local_date
from notifications.composing.reasons import note_words, off_words
from tests.postgres import start_and_wait
from workflows.organization.working_calendar import EditedDay, load_calendar
from workflows.tasks.edit_calendar import CalendarEdit, edit_calendar, preview_edit

NOW = datetime(2004, 5, 12, 3, tzinfo=UTC)
ASSIGNED = datetime(2004, 5, 10, 1, tzinfo=UTC)
DECISION = "Quyết định về lịch nghỉ năm 2004"
MONDAY = date(2004, 5, 24)  # the 22nd, 15 days after signing, is a Saturday: relative dates move here


class World:
    """One ministry department, one enterprise, one directive, and tasks as a test wants them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.admin, self.head = self._person("admin"), self._person("head")
        self.department = self._unit("VU-VT", UnitKind.DEPARTMENT)
        self.enterprise = self._unit("CTY-H", UnitKind.ENTERPRISE, head_id=self.head)
        self.below = self._unit("CTY-H-HCM", UnitKind.ENTERPRISE_UNIT, head_id=self.head, parent_id=self.enterprise)
        self._add(PersonRole(person_id=self.admin, role=Role.ADMINISTRATOR, unit_id=self.department))
        self.directive = self._add(
            Directive(
                code="ct-06-2004",
                issuer="Bộ Bưu chính, Viễn thông",
                subject="Tăng cường bảo đảm an toàn",
                issued_on=date(2004, 5, 7),
                text="…",
                coordinating_unit_id=self.department,
                issuer_office_id=self.department,
            )
        )
        self.launch = self._add(
            Launch(
                directive_id=self.directive,
                launched_at=ASSIGNED,
                assigner_unit_id=self.department,
                coordinator_id=self.admin,
            )
        )
        self.fifteen_days = self.version("2", DutyKind.ONE_OFF, deadline={"rule": "relative", "amount": 15})
        self.undated = self.version("4", DutyKind.ONE_OFF)
        self.quarterly = self.version(
            "1",
            DutyKind.STANDING,
            period={
                "every": "quarter",
                "data_start": {"day": 15, "months_before": 3},
                "data_end": {"day": 14},
                "opens": {"day": 1, "months_before": 1},
                "sends": {"enterprise": {"day": 6}},
            },
        )

    def task(self, version: tuple[UUID, UUID], due_on: date | None, **given: Any) -> UUID:
        due_at = end_of_day(due_on) if due_on else None
        facts: dict[str, Any] = {
            "directive_id": self.directive,
            "duty_id": version[0],
            "launch_id": self.launch,
            "template_version_id": version[1],
            "assigned_unit_id": self.enterprise,
            "lead_unit_id": self.enterprise,
            "occurrence": "once",
            "parent_key": given.get("parent_id", ZERO_ID),
            "assigner_unit_id": self.department,
            "coordinator_id": self.admin,
            "status": TaskStatus.ACCEPTED,
            "assigned_at": ASSIGNED,
            "assigned_anchor_id": new_id(),
            "original_due_at": due_at,
            "due_at": due_at,
            "due_fixed_by": DueFixedBy.DIRECTIVE if due_on else None,
            "next_check_at": datetime(2004, 5, 18, 1, tzinfo=UTC),
        }
        return self._add(Task(**{**facts, **given}))  # type: ignore[no-any-return]

    def given_out(self, task_id: UUID, at: datetime) -> None:
        """The line of history with which a task begins."""
        self._add(
            History(
                directive_id=self.directive,
                task_id=task_id,
                event="assigned",
                recorded_at=at,
                occurred_on=local_date(at),
                relation="coordinator",
                to_status="assigned",
            )
        )

    def edit(self, days: Mapping[date, DayKind | EditedDay], now: datetime = NOW) -> CalendarEdit:
        return edit_calendar(self.session, self.admin, days, DECISION, now)

    def due(self, task_id: UUID) -> date | None:
        task = self.session.get_one(Task, task_id)
        self.session.refresh(task)
        return due_date(task.due_at) if task.due_at else None

    def count(self, table: type) -> int:
        return self.session.scalar(select(func.count()).select_from(table)) or 0

    def _add(self, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        return getattr(row, "id", None)

    def _person(self, code: str) -> UUID:
        person = Person(code=code, full_name=code, name_folded=code, sort_key=code, email=f"{code}@cty-h.example")
        return self._add(person)  # type: ignore[no-any-return]

    def _unit(self, code: str, kind: UnitKind, **given: Any) -> UUID:
        unit = Unit(code=code, name=code, name_folded=code.lower(), sort_key=code, kind=kind, **given)
        return self._add(unit)  # type: ignore[no-any-return]

    def version(self, path: str, kind: DutyKind, **given: Any) -> tuple[UUID, UUID]:
        duty = Duty(directive_id=self.directive, path=path, position=1, kind=kind, title=path, quote="…")
        duty_id = self._add(duty)
        spec = TemplateSpec.model_validate(
            {
                "duty": path,
                "title": path,
                "kind": kind,
                "quote": "…",
                "steps": ["Thực hiện"],
                "audience": {"any": [{"kind": "enterprise"}]},
                "result": {"description": "Văn bản"},
                **given,
            }
        )
        version = TemplateVersion(
            duty_id=duty_id,
            version=1,
            state=TemplateState.PUBLISHED,
            spec=spec.model_dump(mode="json"),
            digest="0" * 64,
            created_at=ASSIGNED,
            published_at=ASSIGNED,
        )
        return duty_id, self._add(version)


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def test_the_newest_revision_of_a_day_counts(world: World) -> None:
    world.edit({MONDAY: EditedDay(DayKind.OFF, "nghỉ bù"), date(2004, 6, 5): DayKind.WORKING})
    calendar = load_calendar(world.session)
    assert off_words(calendar.why_off(MONDAY), "vi") == "nghỉ bù"
    assert calendar.is_working(date(2004, 6, 5))
    world.edit({MONDAY: DayKind.WORKING}, NOW.replace(hour=4))
    calendar = load_calendar(world.session)
    assert calendar.is_working(MONDAY)
    assert calendar.is_working(date(2004, 6, 5))


def test_an_edit_records_who_and_by_which_decision(world: World) -> None:
    done = world.edit({MONDAY: DayKind.OFF})
    revision = world.session.get_one(CalendarRevision, done.revision_id)
    assert (revision.actor_id, revision.reason, revision.recorded_at) == (world.admin, DECISION, NOW)


def test_the_same_edit_twice_writes_nothing_more(world: World) -> None:
    task = world.task(world.fifteen_days, MONDAY)
    world.edit({MONDAY: DayKind.OFF})
    rows = [world.count(table) for table in (CalendarRevision, CalendarDay, History, Notice)]
    again = world.edit({MONDAY: DayKind.OFF})
    assert again.revision_id is None
    assert [world.count(table) for table in (CalendarRevision, CalendarDay, History, Notice)] == rows
    assert world.due(task) == date(2004, 5, 25)


def test_an_edit_moves_the_current_date_with_its_reason_and_keeps_the_original(world: World) -> None:
    task_id = world.task(world.fifteen_days, MONDAY)
    world.edit({MONDAY: EditedDay(DayKind.OFF, "nghỉ bù")})
    assert world.due(task_id) == date(2004, 5, 25)
    task = world.session.get_one(Task, task_id)
    assert task.original_due_at == end_of_day(MONDAY)
    assert (task.due_revision, task.due_fixed_by, task.due_set_at) == (1, DueFixedBy.DIRECTIVE, NOW)
    changed = CalendarChanged(before=MONDAY, after=date(2004, 5, 25))
    counted = CountedFrom(amount=15, unit="days", since="signed", day=date(2004, 5, 7))
    assert task.due_reason == "" and read_due_facts(task.due_facts)[:2] == (changed, counted)
    assert task.next_check_at == NOW


def test_a_moved_date_stands_in_the_history_and_is_told(world: World) -> None:
    task_id = world.task(world.fifteen_days, MONDAY)
    done = world.edit({MONDAY: DayKind.OFF})
    assert done.revision_id
    row = world.session.exec(select(History).where(History.task_id == task_id)).one()
    assert (row.event, row.relation, row.actor_id) == ("due_moved", "system", None)
    facts = dict(row.facts)
    why = facts.pop("due_facts")
    assert facts == {"due_on": "2004-05-25", "from": "2004-05-24", "calendar_revision": done.revision_id.hex}
    assert why == world.session.get_one(Task, task_id).due_facts
    assert world.session.get_one(HistoryNote, row.id).text == DECISION
    assert note_words(row.event, {"due_facts": why}, DECISION, "en").endswith(f"next working day ({DECISION})")
    notice = world.session.exec(select(Notice).where(Notice.task_id == task_id)).one()
    assert (notice.rung, notice.recipient_id) == ("event:due_moved", world.head)


def test_a_report_moves_back_over_a_new_day_off(world: World) -> None:
    given: dict[str, Any] = {"occurrence": "2004-Q2", "due_fixed_by": DueFixedBy.TEMPLATE}
    task = world.task(world.quarterly, date(2004, 6, 4), **given)
    world.edit({date(2004, 6, 4): DayKind.OFF})
    assert world.due(task) == date(2004, 6, 3)


def test_a_second_edit_moves_on_from_the_first(world: World) -> None:
    task = world.task(world.fifteen_days, MONDAY)
    world.edit({MONDAY: DayKind.OFF})
    world.edit({MONDAY: DayKind.WORKING}, NOW.replace(hour=4))
    assert world.due(task) == MONDAY


def test_of_two_edits_at_once_the_second_moves_on_from_the_first(engine: Engine) -> None:
    with transaction(engine) as session:
        world = World(session)
        task_id = world.task(world.fifteen_days, MONDAY)

    def second() -> None:
        with transaction(engine) as session:
            edit_calendar(session, world.admin, {date(2004, 5, 25): DayKind.OFF}, DECISION, NOW)

    waiting = Thread(target=second)
    with transaction(engine) as session:
        edit_calendar(session, world.admin, {MONDAY: DayKind.OFF}, DECISION, NOW)
        start_and_wait(waiting, engine)
    waiting.join()
    with reading(engine) as session:
        due_at = session.get_one(Task, task_id).due_at
        assert load_calendar(session).edits.keys() == {MONDAY, date(2004, 5, 25)}
    assert due_at == end_of_day(date(2004, 5, 26))


@pytest.mark.parametrize(
    "given",
    [
        {"due_revision": 1, "due_at": end_of_day(date(2004, 6, 30))},  # extended
        {"due_fixed_by": DueFixedBy.ASSIGNER},  # set by the coordinator
        {"status": TaskStatus.APPROVED, "next_check_at": None},
        {"status": TaskStatus.WITHDRAWN, "next_check_at": None},
    ],
)
def test_a_date_somebody_decided_and_a_closed_task_stay(world: World, given: dict[str, Any]) -> None:
    task = world.task(world.fifteen_days, MONDAY, **given)
    before = world.due(task)
    assert not preview_edit(world.session, {MONDAY: DayKind.OFF}, NOW).moved
    world.edit({MONDAY: DayKind.OFF})
    assert world.due(task) == before


def test_nobody_becomes_late_by_an_edit(world: World) -> None:
    task = world.task(world.fifteen_days, MONDAY)
    sunday = datetime(2004, 5, 23, 3, tzinfo=UTC)
    world.edit({date(2004, 5, 22): DayKind.WORKING}, sunday)  # a make-up Saturday decided too late
    assert world.due(task) == MONDAY


def test_child_tasks_follow_their_parent_both_ways_but_keep_an_earlier_date(world: World) -> None:
    parent = world.task(world.fifteen_days, MONDAY)
    child: dict[str, Any] = {"parent_id": parent, "lead_unit_id": world.below, "assigned_unit_id": world.below}
    same = world.task(world.fifteen_days, MONDAY, **child, due_fixed_by=DueFixedBy.PARENT)
    grandchild = {**child, "parent_id": same, "due_fixed_by": DueFixedBy.PARENT}
    below = world.task(world.fifteen_days, MONDAY, **grandchild)
    earlier = world.task(
        world.undated, date(2004, 5, 20), **child | {"occurrence": "2"}, due_fixed_by=DueFixedBy.ASSIGNER
    )
    assert [one.task_id for one in preview_edit(world.session, {MONDAY: DayKind.OFF}, NOW).moved] == [
        parent,
        same,
        below,
    ]
    world.edit({MONDAY: DayKind.OFF})
    assert [world.due(task) for task in (parent, same, below)] == [date(2004, 5, 25)] * 3
    world.edit({date(2004, 5, 22): DayKind.WORKING}, NOW.replace(hour=4))
    assert [world.due(task) for task in (parent, same, below)] == [date(2004, 5, 22)] * 3
    assert world.due(earlier) == date(2004, 5, 20)
    moves = world.session.exec(select(History.task_id).where(col(History.event) == "due_moved")).all()
    assert sorted(moves, key=str) == sorted([parent, same, below] * 2, key=str)


def test_an_edit_moves_no_date_because_the_lead_changed_meanwhile(world: World) -> None:
    """The new lead's clock begins anew, the date still counts from when the task was given out."""
    ten_days = world.version(
        "5", DutyKind.ONE_OFF, deadline={"rule": "relative", "amount": 10, "unit": "working_days", "since": "assigned"}
    )
    task = world.task(ten_days, MONDAY, due_fixed_by=DueFixedBy.TEMPLATE, assigned_at=ASSIGNED + timedelta(days=1))
    world.given_out(task, ASSIGNED)
    assert not world.edit({date(2004, 12, 24): DayKind.OFF}).preview.moved
    assert world.due(task) == MONDAY
    world.edit({MONDAY: DayKind.OFF})
    assert world.due(task) == MONDAY + timedelta(days=1)


def test_the_preview_says_what_the_edit_then_does_and_writes_nothing(world: World) -> None:
    moving = world.task(world.fifteen_days, MONDAY)
    undated = world.task(world.undated, None)
    closed = world.task(world.quarterly, None, status=TaskStatus.WITHDRAWN, next_check_at=None)
    quiet = world.task(world.quarterly, None, occurrence="2", next_check_at=datetime(2004, 5, 13, tzinfo=UTC))
    days = {date(2004, 5, 17): DayKind.OFF, MONDAY: DayKind.OFF}
    preview = preview_edit(world.session, days, NOW)
    assert world.count(CalendarRevision) == 0
    assert preview.rechecked == 2
    done = world.edit(days)
    assert done.preview == preview
    assert [(one.task_id, due_date(one.new_due)) for one in preview.moved] == [(moving, world.due(moving))]
    checks = {task: world.session.get_one(Task, task) for task in (moving, undated, closed, quiet)}
    for task in checks.values():
        world.session.refresh(task)
    assert {task for task, row in checks.items() if row.next_check_at == NOW} == {moving, undated}


def test_only_an_administrator_edits_the_calendar(world: World) -> None:
    with pytest.raises(Refused, match="head is not an administrator"):
        edit_calendar(world.session, world.head, {MONDAY: DayKind.OFF}, DECISION, NOW)


@pytest.mark.parametrize(
    ("days", "reason", "says"),
    [
        ({MONDAY: DayKind.OFF}, "  ", "reason: name the decision"),
        ({}, DECISION, "days: name at least one day"),
        ({date(2204, 1, 1): DayKind.OFF}, DECISION, "date 01/01/2204: .* 1975 to 2099"),
    ],
)
def test_an_impossible_edit_is_refused_and_nothing_written(
    world: World, days: dict[date, DayKind | EditedDay], reason: str, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        edit_calendar(world.session, world.admin, days, reason, NOW)
    assert world.count(CalendarRevision) == 0
