"""The made government is one that the product could have written: rules, report, seals and tick agree with it."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, inspect, text
from sqlmodel import Session, SQLModel, col, select

from bench.government import Government, fill_government
from bench.government.offices import LEAST, Sizes
from models.database.session import open_engine, reading, transaction
from models.directives.template import TemplateVersion
from models.letters.letter import Letter, LetterAttempt, Notice, NoticeState
from models.organization.person import Person
from models.organization.unit import Unit, UnitTag
from models.settings import Settings
from models.tasks.history import History
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from models.tasks.task_check import TaskCheck
from models.text.localtime import due_date, local_date
from models.text.vietnamese import fold as without_marks
from models.text.vietnamese import person_sort_key
from tests.keys import KEYS
from workflows.escalation.sweep import sweep
from workflows.escalation.task_facts import Decisions
from workflows.history.seal import seal
from workflows.history.verify_history import verify
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.reports.counted_history import counted_tasks
from workflows.reports.report_figures import report
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.classification import AsOf, Bucket, Figures, classify, fold
from workflows.rules.tasks.lifecycle import SPECS

pytestmark = pytest.mark.long

UNITS, TASKS = 120, 900


@pytest.fixture(scope="module")
def government(standing_engine: Engine) -> Iterator[Government]:
    yield fill_government(standing_engine, units=UNITS, tasks=TASKS, years=2)
    standing_engine.dispose()


@pytest.fixture
def made(standing_engine: Engine, government: Government) -> Iterator[Session]:
    standing_engine.dispose()  # what filled it checked no foreign keys
    with reading(standing_engine) as session:
        yield session


def test_there_is_as_much_as_was_asked_for(made: Session, government: Government) -> None:
    assert made.scalar(select(func.count()).select_from(Unit)) == UNITS == government.units
    assert made.scalar(select(func.count()).select_from(Task)) == TASKS == government.tasks
    assert {TaskStatus(one) for one in made.scalars(select(col(Task.status)).distinct())} == set(TaskStatus)


def test_no_row_points_at_nothing_and_no_constraint_is_broken(made: Session) -> None:
    if made.connection().dialect.name == "sqlite":
        assert made.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []
        return
    keys = made.execute(
        text(
            "SELECT conrelid::regclass::text, a.attname, confrelid::regclass::text, b.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]"
            " JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = confkey[1] WHERE contype = 'f'"
        )
    ).all()
    for table, column, other, key in keys:
        lost = f"SELECT count(*) FROM {table} x LEFT JOIN {other} y ON y.{key} = x.{column}"
        assert made.execute(text(f"{lost} WHERE x.{column} IS NOT NULL AND y.{key} IS NULL")).scalar_one() == 0, (
            table,
            column,
        )


def test_every_unique_key_is_there_after_it_and_in_a_database_made_later(
    standing_engine: Engine, made: Session
) -> None:
    keys = {
        (name, tuple(key["column_names"]))
        for name in SQLModel.metadata.tables
        for key in inspect(standing_engine).get_unique_constraints(name)
    }
    assert {("letter", ("recipient_id", "slot", "kind", "topic")), ("unit", ("code",))} <= keys
    other = create_engine("sqlite://")
    SQLModel.metadata.create_all(other)
    assert ["code"] in [key["column_names"] for key in inspect(other).get_unique_constraints("unit")]
    other.dispose()


def test_people_have_an_address_of_their_own_and_stand_in_vietnamese_order(made: Session) -> None:
    people = made.scalars(select(Person)).all()
    assert len({one.email for one in people}) == len(people)
    assert all(one.sort_key == person_sort_key(one.full_name) for one in people)
    assert any(one.full_name != without_marks(one.full_name) for one in people)
    heads = set(made.scalars(select(col(Unit.head_id))))
    assert heads <= {one.id for one in people if one.is_active}, "who handed over has retired"


def test_directives_reach_exactly_whom_their_templates_address(made: Session) -> None:
    """Periods at least: the next one that opens asks the same units."""
    tags = defaultdict(set)
    for unit_id, tag in made.execute(select(col(UnitTag.unit_id), col(UnitTag.tag))):
        tags[unit_id].add(tag)
    codes = dict(made.execute(select(col(Unit.id), col(Unit.code))).all())
    for version in made.scalars(select(TemplateVersion)):
        spec = version.read_spec()
        given = defaultdict(set)
        for task in made.scalars(select(Task).where(col(Task.template_version_id) == version.id)):
            given[task.occurrence].add(task.assigned_unit_id)
        wanted = {
            unit
            for unit, its in tags.items()
            if any(set(one.tags) <= its for one in spec.audience.any) and codes[unit] not in spec.audience.excluding
        }
        for occurrence, units in given.items():
            assert units <= wanted
            if spec.period is not None or occurrence == "once":
                assert units == wanted


def test_every_move_is_one_that_the_lifecycle_allows(made: Session) -> None:
    calendar, stories = WorkCalendar(), defaultdict(list)
    for row in made.scalars(select(History).order_by(col(History.recorded_at), col(History.id))):
        if row.task_id is not None:
            stories[row.task_id].append(row)
    assert len(stories) == TASKS
    for task in made.scalars(select(Task)):
        first, *later = stories[task.id]
        assert first.event == "assigned" and first.id == task.assigned_anchor_id
        status = TaskStatus.ASSIGNED
        for row in later:
            assert row.from_status == status and any(
                one.event == row.event
                and status in one.sources
                and row.relation in {by.value for by in one.by}
                and row.to_status == (one.target or status)
                for one in (spec.rule for spec in SPECS.values())
            ), row
            status = TaskStatus(row.to_status or status)
            assert calendar.is_working(local_date(row.recorded_at)), "offices are closed on other days"
        assert task.status is status
        assert task.revision == sum(row.event != "due_moved" for row in later)
        if task.due_at is not None and task.incident_id is None:
            assert calendar.is_working(due_date(task.due_at))


def test_the_report_counts_what_the_definition_says(made: Session, government: Government) -> None:
    for days in (1, 200):
        cutoff = local_date(government.now) - timedelta(days=days)
        known = [fold(rows, cutoff) for _task, _duty, rows in counted_tasks(made, cutoff, None)]
        counted = [one for one in known if one.counts]
        classes = Counter(classify(one, AsOf.close(cutoff)) for one in counted)
        undated = sum(1 for o in counted if o.due_on is None and classify(o, AsOf.close(cutoff)) is Bucket.OPEN_IN_TIME)
        assert report(made, cutoff=cutoff).figures == Figures.counted(classes, undated)
        assert all(classes[one] for one in Bucket), "each class has some"


def test_the_ladder_has_said_everything_up_to_that_morning(made: Session, government: Government) -> None:
    """Just before it nothing is left to be told, and the next look is the ladder's own."""
    before = government.now - timedelta(hours=1)
    decisions, told = Decisions(before, WorkCalendar()), defaultdict(list)
    for one in made.scalars(select(Notice).where(col(Notice.rung) != "assigned")):
        if not one.rung.startswith("event:"):
            told[one.task_id].append((one.anchor_id, one.rung, one.offset, one.role))
    specs = {one.id: one.read_spec() for one in made.scalars(select(TemplateVersion))}
    checks = {check.task_id: check.at for check in made.scalars(select(TaskCheck))}
    for task in made.scalars(select(Task)):
        decision = decisions.decide(task, specs[task.template_version_id], told[task.id])
        assert task.next_check_at == decision.next_check_at == checks.get(task.id)
        if task.status in OPEN_STATUSES:
            # of one person in two roles a rung is told once; a unit without an officer has none to tell
            silent = [one for one in decision.fired if one.role not in ("supervisor", "parent_organisation", "officer")]
            assert not silent, (task.id, silent)


def test_letters_were_delivered_once_at_the_moment_of_their_notices(made: Session) -> None:
    assert made.scalar(select(func.count()).select_from(Letter)) == made.scalar(
        select(func.count()).select_from(LetterAttempt)
    )
    apart = (
        select(func.count())
        .select_from(Notice)
        .join(Letter, col(Letter.id) == col(Notice.letter_id))
        .where((col(Letter.slot) != col(Notice.slot)) | (col(Letter.recipient_id) != col(Notice.recipient_id)))
    )
    assert made.scalar(apart) == 0
    assert (
        made.scalar(select(func.count()).where(col(Notice.state) == NoticeState.SENT, col(Notice.letter_id).is_(None)))
        == 0
    )


def _copy(migrated: Path, to: Path) -> Engine:
    shutil.copyfile(migrated, to)
    return open_engine(f"sqlite:///{to}", KEYS)


def test_the_same_seed_makes_the_same_government(migrated_sqlite: Path, tmp_path: Path) -> None:
    def digest(seed: int, name: str) -> list[tuple[object, ...]]:
        engine = _copy(migrated_sqlite, tmp_path / name)
        fill_government(engine, units=40, tasks=120, seed=seed, years=1)
        with engine.connect() as connection:
            told = "SELECT id, task_id, event, recorded_at, facts FROM history ORDER BY id"
            rows = [tuple(row) for row in connection.exec_driver_sql(told)]
        engine.dispose()
        return rows

    assert digest(1, "a.sqlite") == digest(1, "b.sqlite") != digest(2, "c.sqlite")


@pytest.mark.parametrize(("units", "tasks"), [(LEAST, 10), (LEAST, 400), (61, 7)])
def test_small_ones_come_out_exactly(migrated_sqlite: Path, tmp_path: Path, units: int, tasks: int) -> None:
    engine = _copy(migrated_sqlite, tmp_path / "small.sqlite")
    made = fill_government(engine, units=units, tasks=tasks, years=1, letters_days=30)
    assert (made.units, made.tasks) == (units, tasks)
    engine.dispose()
    with pytest.raises(ValueError, match=f"units {LEAST - 1}"):
        Sizes.of(LEAST - 1)


def test_the_engine_goes_on_from_there(engine: Engine, tmp_path: Path) -> None:
    """The first tick tells what that morning brings, a second has nothing left; the sealed history verifies."""
    government = fill_government(engine, units=60, tasks=500, years=1)
    engine.dispose()
    sender = RecordedSender()
    told = tick(engine, Settings(data=tmp_path), now=government.now, sender=sender)
    assert told.checked > 0 and told.sent == len(sender.letters) > 0 and told.failed == 0
    assert sweep(engine, now=government.now, calendar=WorkCalendar()).notices == 0
    while seal(engine, now=government.now + timedelta(minutes=5)):
        pass
    verified = verify(engine)
    assert verified.broken is None
    with transaction(engine) as session:
        assert verified.rows == session.scalar(select(func.count()).select_from(History))
