"""The effect of publishing a template: the fields that change, the open tasks concerned, and the letters they cause."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.database.rows import one_of, read_plain
from models.directives.directive import Duty
from models.directives.ladders import LadderSpec, RecipientRole
from models.directives.template import TemplateVersion
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from workflows.access.roster import Roster
from workflows.escalation.rung_notices import DueTask, KnownNotices, RungNotices, group_tasks
from workflows.escalation.sweep import TASK_COLUMNS, read_already_sent
from workflows.escalation.task_facts import SentRungs, anchor_of, ladder_facts
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import FiredRung, covers_rung, decide_change, may_follow

REACHES_OPEN_TASKS = frozenset(
    {"title", "steps", "ladder", "result", "reports_to", "authority", "authority_working_days", "max_extension_days"}
)
"""Fields that a migrated task follows. Its audience, partners and dates were settled when it was created."""


@dataclass(frozen=True)
class FieldDifference:
    """A field that differs between two versions."""

    field: str  # such as "result.description"
    before: object
    after: object

    @property
    def reaches_open_tasks(self) -> bool:
        return self.field.split(".")[0] in REACHES_OPEN_TASKS


@dataclass(frozen=True)
class OpenTask:
    """An open task on an earlier version."""

    task_id: UUID
    unit: str  # code of the lead
    occurrence: str
    status: TaskStatus
    from_version: int
    would_change: tuple[str, ...]  # the fields that a migration changes
    may_move: bool  # False where one ladder counts in hours and the other in working days


@dataclass(frozen=True)
class MoveLetter:
    """A rung of which a person is told because open tasks move."""

    person: str
    rung: str
    offset: int
    role: str
    leaves_at: datetime  # in UTC
    units: tuple[str, ...]  # codes


@dataclass(frozen=True)
class PublishEffect:
    """The effect of publishing, as a preview or after it is done."""

    version_id: UUID
    duty: str
    version: int
    replaces: int | None
    changes: tuple[FieldDifference, ...]
    open_tasks: tuple[OpenTask, ...]
    clock: str  # of the ladder: working_days or hours
    letters: tuple[MoveLetter, ...] = ()  # that moving the open tasks causes
    digests: tuple[str, ...] = ()  # coordinators who then get a digest
    migrated: int = 0  # open tasks that were moved

    @property
    def letters_digest(self) -> str:
        """Differs when moving the open tasks would cause other letters."""
        letters = sorted(
            (letter.person, letter.rung, letter.offset, letter.role, letter.units) for letter in self.letters
        )
        return hashlib.sha256(repr((letters, self.digests)).encode()).hexdigest()


def differences(before: Any, after: Any, field: str = "") -> Iterator[FieldDifference]:
    """Yield the fields in which two stored specifications differ. A list is one field."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            yield FieldDifference(field, before, after)
        return
    for name in sorted(before.keys() | after.keys()):
        yield from differences(before.get(name), after.get(name), f"{field}.{name}" if field else name)


def on_earlier_version(duty: Duty, version: TemplateVersion) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the open tasks that another version created."""
    return (
        col(Task.duty_id) == duty.id,
        col(Task.status).in_(OPEN_STATUSES),
        col(Task.template_version_id) != version.id,
    )


def open_tasks(session: Session, duty: Duty, version: TemplateVersion) -> Iterator[OpenTask]:
    """Yield the open tasks of other versions by unit and occurrence."""
    versions = session.exec(select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)).all()
    numbers = {earlier.id: earlier.version for earlier in versions}
    changes = {
        earlier.id: tuple(
            change.field for change in differences(earlier.spec, version.spec) if change.reaches_open_tasks
        )
        for earlier in versions
    }
    ladder = version.read_spec().rungs
    former_ladders = {earlier.id: earlier.read_ladder() for earlier in versions}
    query = (
        select_columns(
            *(col(Task.id), col(Unit.code), col(Task.occurrence), col(Task.status), col(Task.template_version_id))
        )
        .join(Unit, col(Unit.id) == Task.lead_unit_id)
        .where(*on_earlier_version(duty, version))
        .order_by(col(Unit.code), col(Task.occurrence), col(Task.id))
    )
    for task_id, unit, occurrence, status, from_id in session.execute(query):
        former_ladder = former_ladders[from_id]
        yield OpenTask(
            task_id=task_id,
            unit=unit,
            occurrence=occurrence,
            status=status,
            from_version=numbers[from_id],
            would_change=changes[from_id],
            may_move=former_ladder is None or may_follow(ladder, former_ladder),
        )


def move_notices(
    session: Session, version: TemplateVersion, task_ids: Collection[UUID], *, now: datetime, calendar: WorkCalendar
) -> RungNotices:
    """Return the notices that moving tasks to a version causes at `now`, as the sweep decides them. Writes nothing."""
    query = select_columns(*TASK_COLUMNS).where(one_of(session, TASK_COLUMNS[0], task_ids))
    tasks: list[Any] = read_plain(session, query)
    already_sent, known = read_already_sent(session, [task.id for task in tasks])
    spec, notices = version.read_spec(), RungNotices(now, calendar)
    versions = session.exec(select(TemplateVersion).where(TemplateVersion.duty_id == version.duty_id))
    former_ladders = {former.id: former.read_ladder() for former in versions}
    groups_by_day: dict[date, list[_FiringGroup]] = defaultdict(list)
    for group, sent in group_tasks(tasks, already_sent):
        first = group[0]
        fired = decide_change(
            ladder_facts(first, spec),
            former_ladders[first.template_version_id],
            now=now,
            already_sent=frozenset(already_sent.get(first.id, ())),
            calendar=calendar,
        )
        if not fired:
            continue
        for task in group:
            known[task.id].sent_in_other_role |= _sent_in_other_role(task, spec.rungs, fired, known[task.id])
        groups_by_day[notices.day(first, spec)].append(_FiringGroup(group, sent, fired))
    for day, groups in groups_by_day.items():
        tasks_of_day = [task for firing in groups for task in firing.tasks]
        needs_partners = any(rung.role == RecipientRole.COORDINATING for firing in groups for rung in firing.fired)
        notices.rosters[day] = Roster.for_tasks(session, tasks_of_day, day, None if needs_partners else {})
        for firing in groups:
            moved = [task._replace(template_version_id=version.id) for task in firing.tasks]
            for _task, error in notices.add(moved, spec, firing.fired, firing.sent, known):
                raise error
    return notices


class _FiringGroup(NamedTuple):
    """Tasks with equal facts, and the rungs that fire for them."""

    tasks: list[Any]
    sent: SentRungs
    fired: tuple[FiredRung, ...]


def _sent_in_other_role(
    task: DueTask, ladder: LadderSpec, fired: Sequence[FiredRung], known: KnownNotices
) -> set[tuple[UUID | None, str, int, UUID]]:
    """Return (anchor, rung, offset, person) of the new rungs that a letter to the person, in any role, has covered."""
    brought = {(rung.rung, rung.offset) for rung in fired if rung.brought}
    return {
        (anchor, rung, offset, person_id)
        for anchor, sent_rung, sent_offset, person_id in known.sent
        for rung, offset in brought
        if anchor == anchor_of(rung, task) and covers_rung(ladder, sent_rung, sent_offset, rung, offset)
    }


def move_letters(
    session: Session, notices: RungNotices, units: Mapping[UUID, str]
) -> tuple[tuple[MoveLetter, ...], tuple[str, ...]]:
    """Return the letters by person, and the people who get a digest. `units` has the code of each task's unit."""
    codes_by_letter: dict[tuple[UUID, str, int, str, datetime], list[str]] = defaultdict(list)
    for shared, task_id, person_id in notices.pending_notices():
        leaves_at = max(shared.slot, notices.now)
        codes_by_letter[person_id, shared.rung, shared.offset, shared.role, leaves_at].append(units[task_id])
    digests = notices.digests()
    person_ids = {person_id for person_id, *_letter in codes_by_letter} | digests
    is_wanted = one_of(session, col(Person.id), person_ids)
    people = {person.id: person for person in session.exec(select(Person).where(is_wanted))}
    ordered = sorted(people.values(), key=lambda person: (person.sort_key, person.code))
    letters_by_person: dict[UUID, list[MoveLetter]] = defaultdict(list)
    for (person_id, rung, offset, role, leaves_at), codes in codes_by_letter.items():
        name = people[person_id].full_name
        letters_by_person[person_id].append(MoveLetter(name, rung, offset, role, leaves_at, tuple(sorted(codes))))
    for letters in letters_by_person.values():
        letters.sort(key=lambda letter: (letter.leaves_at, letter.rung, letter.offset))
    return (
        tuple(letter for person in ordered for letter in letters_by_person.get(person.id, ())),
        tuple(person.full_name for person in ordered if person.id in digests),
    )
