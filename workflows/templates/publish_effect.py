"""What publishing a template does to its duty: fields that change, open tasks they reach, and letters these cause."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
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
from workflows.rules.escalation.ladder import Fired, covers_rung, decide_change, may_follow

REACHES_OPEN_TASKS = frozenset(
    {"title", "steps", "ladder", "result", "reports_to", "authority", "authority_working_days", "max_extension_days"}
)
"""Fields a migrated task takes on. Audience, partners and dates were settled when it was created, and stay."""


@dataclass(frozen=True)
class FieldDifference:
    """One field that differs from the version replaced: "result.description"."""

    field: str
    before: object
    after: object

    @property
    def reaches_open_tasks(self) -> bool:
        """A migrated task would follow it; everything else counts for later tasks only."""
        return self.field.split(".")[0] in REACHES_OPEN_TASKS


@dataclass(frozen=True)
class OpenTask:
    """An open task on an earlier version, and the fields that would change for it if it were migrated."""

    task_id: UUID
    unit: str  # code of the lead
    occurrence: str
    status: TaskStatus
    from_version: int
    would_change: tuple[str, ...]
    may_move: bool  # not where its ladder counts in hours and the new one in working days, or the other way round


@dataclass(frozen=True)
class MoveLetter:
    """One rung that a person is told because open tasks move, at one moment (UTC), of the tasks of some units."""

    person: str
    rung: str
    offset: int
    role: str
    leaves_at: datetime
    units: tuple[str, ...]  # codes


@dataclass(frozen=True)
class PublishEffect:
    """What publishing does, or did. `migrated` counts the open tasks moved to the version.

    `letters`: what moving them tells at once, and `digests`: the coordinators whose digest it opens.
    """

    version_id: UUID
    duty: str
    version: int
    replaces: int | None
    changes: tuple[FieldDifference, ...]
    open_tasks: tuple[OpenTask, ...]
    clock: str  # the ladder's: working_days or hours
    letters: tuple[MoveLetter, ...] = ()
    digests: tuple[str, ...] = ()
    migrated: int = 0

    @property
    def letters_digest(self) -> str:
        """It changes with whatever moving the open tasks would tell."""
        told = sorted((one.person, one.rung, one.offset, one.role, one.units) for one in self.letters)
        return hashlib.sha256(repr((told, self.digests)).encode()).hexdigest()


def differences(before: Any, after: Any, field: str = "") -> Iterator[FieldDifference]:
    """Yield the fields in which two stored specifications differ, lists taken whole."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            yield FieldDifference(field, before, after)
        return
    for name in sorted(before.keys() | after.keys()):
        yield from differences(before.get(name), after.get(name), f"{field}.{name}" if field else name)


def on_earlier_version(duty: Duty, version: TemplateVersion) -> tuple[ColumnElement[bool], ...]:
    """Open tasks of the duty that another version made: what a migration may move."""
    return (
        col(Task.duty_id) == duty.id,
        col(Task.status).in_(OPEN_STATUSES),
        col(Task.template_version_id) != version.id,
    )


def open_tasks(session: Session, duty: Duty, version: TemplateVersion) -> Iterator[OpenTask]:
    """Yield those tasks, by unit and occurrence, each with what the version would change for it."""
    versions = session.exec(select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)).all()
    numbers = {earlier.id: earlier.version for earlier in versions}
    changes = {
        earlier.id: tuple(
            change.field for change in differences(earlier.spec, version.spec) if change.reaches_open_tasks
        )
        for earlier in versions
    }
    ladder = version.read_spec().rungs
    movable = {one.id for one in versions if (former := one.read_ladder()) is None or may_follow(ladder, former)}
    query = (
        select_columns(
            *(col(Task.id), col(Unit.code), col(Task.occurrence), col(Task.status), col(Task.template_version_id))
        )
        .join(Unit, col(Unit.id) == Task.lead_unit_id)
        .where(*on_earlier_version(duty, version))
        .order_by(col(Unit.code), col(Task.occurrence), col(Task.id))
    )
    for task_id, unit, occurrence, status, from_id in session.execute(query):
        yield OpenTask(
            task_id, unit, occurrence, status, numbers[from_id], changes[from_id], may_move=from_id in movable
        )


def move_notices(
    session: Session, version: TemplateVersion, task_ids: Collection[UUID], *, now: datetime, calendar: WorkCalendar
) -> RungNotices:
    """Decide what moving tasks to a version tells at `now`, as the sweep would, and raises. Reads only."""
    query = select_columns(*TASK_COLUMNS).where(one_of(session, TASK_COLUMNS[0], task_ids))
    tasks: list[Any] = read_plain(session, query)
    already_sent, known = read_already_sent(session, [task.id for task in tasks])
    spec, notices = version.read_spec(), RungNotices(now, calendar)
    versions = session.exec(select(TemplateVersion).where(TemplateVersion.duty_id == version.duty_id))
    former = {one.id: one.read_ladder() for one in versions}
    firing: dict[date, list[tuple[list[Any], SentRungs, tuple[Fired, ...]]]] = defaultdict(list)
    for group, sent in group_tasks(tasks, already_sent):
        facts, before = ladder_facts(group[0], spec), former[group[0].template_version_id]
        sent_to_group = frozenset(already_sent.get(group[0].id, ()))
        fired = decide_change(facts, before, now=now, already_sent=sent_to_group, calendar=calendar)
        for task in group if fired else ():
            known[task.id].sent_in_other_role |= _sent_in_other_role(task, spec.rungs, fired, known[task.id])
        if fired:
            firing[notices.day(group[0], spec)].append((group, sent, fired))
    for day, groups in firing.items():
        of_day = [task for group, _sent, _fired in groups for task in group]
        needs_partners = any(one.role == RecipientRole.COORDINATING for _group, _sent, fired in groups for one in fired)
        notices.rosters[day] = Roster.for_tasks(session, of_day, day, None if needs_partners else {})
        for to_move, sent, fired in groups:
            moved = [task._replace(template_version_id=version.id) for task in to_move]
            for _task, error in notices.add(moved, spec, fired, sent, known):
                raise error
    return notices


def _sent_in_other_role(
    task: DueTask, ladder: LadderSpec, fired: Sequence[Fired], known: KnownNotices
) -> set[tuple[UUID | None, str, int, UUID]]:
    """(anchor, rung, offset, person) of new rungs whose sense the person has read, in whatever role."""
    brought = {(one.rung, one.offset) for one in fired if one.brought}
    return {
        (anchor, rung, offset, person_id)
        for anchor, sent_rung, sent_offset, person_id in known.sent
        for rung, offset in brought
        if anchor == anchor_of(rung, task) and covers_rung(ladder, sent_rung, sent_offset, rung, offset)
    }


def move_letters(
    session: Session, notices: RungNotices, units: Mapping[UUID, str]
) -> tuple[tuple[MoveLetter, ...], tuple[str, ...]]:
    """By person, with those whose digest opens. `units`: codes by task."""
    codes_by_letter: dict[tuple[UUID, str, int, str, datetime], list[str]] = defaultdict(list)
    for shared, task_id, person_id in notices.pending_notices():
        leaves_at = max(shared.slot, notices.now)
        codes_by_letter[person_id, shared.rung, shared.offset, shared.role, leaves_at].append(units[task_id])
    digests = notices.digests()
    wanted = {key[0] for key in codes_by_letter} | digests
    people = {one.id: one for one in session.exec(select(Person).where(one_of(session, col(Person.id), wanted)))}
    letters = [
        (
            people[person_id],
            MoveLetter(people[person_id].full_name, rung, offset, role, leaves_at, tuple(sorted(codes))),
        )
        for (person_id, rung, offset, role, leaves_at), codes in codes_by_letter.items()
    ]
    letters.sort(key=lambda one: (one[0].sort_key, one[0].code, one[1].leaves_at, one[1].rung, one[1].offset))
    opened = sorted((people[one] for one in digests), key=lambda one: (one.sort_key, one.code))
    return tuple(letter for _person, letter in letters), tuple(one.full_name for one in opened)
