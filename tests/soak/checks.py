"""What must hold whatever happened. Each check tells what it found wrong, as `name: words`; nothing means well."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from uuid import UUID

from sqlalchemy import Engine, exists, func, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, select

from models.database.run import Run
from models.database.session import reading
from models.letters.letter import (
    LETTER_RUNGS,
    OF_THE_DAY,
    Letter,
    LetterAttempt,
    LetterState,
    Notice,
    NoticeState,
    as_of,
)
from models.operations.alert import Alert, AlertKind
from models.organization.person import Person
from models.tasks.history import History
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from models.tasks.task_check import TaskCheck
from models.text.localtime import local_date
from notifications.outbox.explain import NOTHING_TRUE
from notifications.outbox.grouping import JOINED_NEWER
from tests.simulation.daybook import shift
from tests.simulation.world import day_of, moment
from tests.soak.server import Post
from workflows.history.verify_history import verify
from workflows.reports.report_figures import report
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.board_cells import judge
from workflows.rules.tasks.classification import AsOf
from workflows.rules.tasks.lifecycle import SPECS


def post_office(engine: Engine, post: Post) -> Iterator[str]:
    """Each letter arrives once, except one that was uncertain or denied by the server; and then it says so itself."""
    with reading(engine) as session:
        rows = session.execute(
            select(Letter.id, Letter.message_id, Letter.state).where(col(Letter.message_id).is_not(None))
        ).all()
        ends = Counter[tuple[UUID, str]]()
        for letter_id, outcome in session.execute(select(LetterAttempt.letter_id, LetterAttempt.outcome)):
            ends[letter_id, outcome] += 1
    names = {message_id: letter_id for letter_id, message_id, _state in rows}
    for message_id, copies in post.arrived.items():
        if message_id not in names:
            yield f"known: {message_id} arrived, and no letter is called so"
        elif len(copies) > 1 and not post.lied[message_id]:
            if not ends[names[message_id], "uncertain"]:
                yield f"uncertain: {message_id} arrived twice, and no attempt is shown as uncertain"
            if len(set(copies)) > 1:
                yield f"frozen: the copies of {message_id} differ"
    for letter_id, message_id, state in rows:
        if state is LetterState.SENT and message_id not in post.arrived and message_id not in post.swallowed:
            yield f"lost: {message_id} is said to be sent and never arrived"
        if ends[letter_id, "accepted"] > post.accepted[message_id]:
            yield f"answer: {message_id} is said to be accepted more often than the server said so"
        if ends[letter_id, "uncertain"] and message_id not in post.blurred:
            yield f"answer: {message_id} is said to be uncertain, and each answer to its text came"


def moves(engine: Engine) -> Iterator[str]:
    """Every move is one of the table, and a task's moves lead from its first status to the one it has."""
    by_event: dict[str, set[tuple[str, str]]] = {}
    for rule in (spec.rule for spec in SPECS.values()):
        pairs = {(source.value, (rule.target or source).value) for source in rule.sources}
        pairs |= {(source.value, rule.or_target.value) for source in rule.sources if rule.or_target}
        by_event.setdefault(rule.event, set()).update(pairs)
    by_event["reopened"].add(("withdrawn", "assigned"))  # never accepted, it must still be
    open_pairs = {(one.value, one.value) for one in OPEN_STATUSES}
    balance: dict[UUID, Counter[str]] = {}
    with reading(engine) as session:
        rows = session.execute(
            select(col(History.task_id), col(History.event), col(History.from_status), col(History.to_status)).where(
                col(History.task_id).is_not(None)
            )
        ).all()
        status: dict[UUID, TaskStatus] = {
            row[0]: row[1] for row in session.execute(select(col(Task.id), col(Task.status)))
        }
    for task_id, event, source, target in rows:
        if task_id not in status:
            yield f"moves: {event} of task {task_id.hex}, which is not there"
        if target is None:
            continue
        balance.setdefault(task_id, Counter())[target] += 1
        if source is None:
            continue
        balance[task_id][source] -= 1
        allowed = by_event.get(event, open_pairs)
        if (source, target) not in allowed and event not in ("due_set", "due_moved", "withdrawn"):
            yield f"moves: {event} from {source} to {target} stands in no table"
    for task_id, one in status.items():
        left = {name: count for name, count in balance.get(task_id, Counter()).items() if count}
        if left != {one.value: 1}:
            yield f"moves: the history of task {task_id.hex} leads to {left}, and it is {one.value}"


def tasks(engine: Engine) -> Iterator[str]:
    """One task per key, and whoever got one was told, or it is said why not."""
    key = col(Task.duty_id), col(Task.assigned_unit_id), col(Task.occurrence), col(Task.parent_key)
    with reading(engine) as session:
        for row in session.execute(select(*key).group_by(*key).having(func.count() > 1)):
            yield f"keys: more than one task of one key, {tuple(row)}"
        told = exists().where(col(Notice.task_id) == col(Task.id), col(Notice.rung).in_(("assigned", "event:assigned")))
        for task_id, at in session.execute(select(Task.id, Task.assigned_at).where(~told)):
            yield f"told: nobody was told of task {task_id.hex} given at {at}"


def partition(engine: Engine, today: datetime) -> Iterator[str]:
    """Each task that counts stands in exactly one place of the two by two, by its history as by its columns."""
    with reading(engine) as session:
        newest = session.exec(select(func.max(History.recorded_at))).one()
        day = local_date(max(today, newest or today))  # what a clock ahead opened stands in reports from its date on
        figures = report(session, cutoff=day).figures
        rows = session.exec(select(Task).where(col(Task.parent_id).is_(None), col(Task.is_drill).is_(False))).all()
    close = AsOf.close(day).moment
    places = Counter(
        judge(one.status, one.due_at, one.submitted_on, one.closed_at, one.wait_kind, now=close).bucket for one in rows
    )
    withdrawn = places.pop(None, 0)
    by_columns = {bucket.value: count for bucket, count in places.items() if bucket is not None}
    names = ("done_on_time", "done_late", "open_in_time", "open_overdue")
    by_history = {name: getattr(figures, name) for name in names if getattr(figures, name)}
    if by_columns != by_history:
        yield f"partition: by history {by_history}, by the columns {by_columns}"
    if sum(by_history.values()) != figures.total or figures.total + withdrawn != len(rows):
        yield f"partition: {by_history} of {figures.total}, {withdrawn} withdrawn, {len(rows)} tasks"


def whole(engine: Engine) -> Iterator[str]:
    """The file is sound; who is said to have been told was told by a letter that left."""
    with reading(engine) as session:
        if engine.dialect.name == "sqlite":
            if (said := session.execute(text("PRAGMA integrity_check")).scalars().all()) != ["ok"]:
                yield f"whole: {said}"
            if session.execute(text("PRAGMA foreign_key_check")).all():
                yield "whole: a foreign key leads nowhere"
    yield from half_told(engine)


def half_told(engine: Engine) -> Iterator[str]:
    """Nobody is said to have been told by a letter that did not leave."""
    with reading(engine) as session:
        left = select(Letter.id).where(Letter.state == LetterState.SENT)
        query = select(Notice).where(Notice.state == NoticeState.SENT, col(Notice.letter_id).not_in(left)).limit(3)
        for notice in session.exec(query):
            yield f"told: {notice.rung} is said to be sent, its letter is not"


def untold(engine: Engine) -> Iterator[str]:
    """Of a reminder that was refused for good or given up, the task's coordinator hears, else the administrators.

    Of one that may have arrived and is not sent again too.
    """
    told = aliased(Notice)
    same = (col(told.task_id) == col(Notice.task_id), col(told.offset) == col(Notice.offset))
    refused, uncertain = (exists().where(*same, col(told.rung) == rung) for rung in ("undeliverable", "uncertain"))
    of_a_letter = col(Notice.rung).in_(("undeliverable", "uncertain"))
    lost = and_(col(Notice.state) == NoticeState.FAILED, of_a_letter | ~refused)
    left = and_(col(Notice.state) == NoticeState.PENDING, col(Letter.state) == LetterState.UNCERTAIN, Letter.resent)
    left = and_(left, col(Letter.error) != NOTHING_TRUE, of_a_letter | ~uncertain)
    with reading(engine) as session:
        raised = set(session.exec(select(Alert.subject).where(Alert.kind == AlertKind.LETTER_GIVEN_UP)))
        failed = session.execute(
            select(col(Notice.rung), Task.id, Letter, Person.code)
            .join(Letter, col(Letter.id) == col(Notice.letter_id))
            .join(Task, col(Task.id) == col(Notice.task_id))
            .join(Person, col(Person.id) == col(Notice.recipient_id))
            .where(lost | left)
        )
        for rung, task_id, letter, code in failed:
            if str(letter.id) not in raised:
                why = f"did not reach {code} ({letter.error}), and nobody heard of it"
                yield f"told: {rung} of task {task_id.hex} {why}"


def settled(engine: Engine, calendar: WorkCalendar, now: datetime) -> Iterator[str]:
    """Some quiet days after: nothing waits that could have left, and what did not leave says why."""
    with reading(engine) as session:
        for letter in session.exec(select(Letter).where(Letter.slot <= now)):
            words = f"{letter.kind} of {letter.slot}: {letter.state}, attempts {letter.attempts}, {letter.error!r}"
            if letter.state is LetterState.CLAIMED:
                yield f"settled: {words}"
            if letter.state is LetterState.QUEUED and letter.not_before <= now:
                yield f"settled: {words}"
            if letter.state is LetterState.UNCERTAIN and not letter.resent and letter.not_before <= now:
                yield f"settled: {words}"
            if letter.state is LetterState.FAILED and not letter.error:
                yield f"reason: {words}"
        for notice in session.exec(select(Notice).where(Notice.state == NoticeState.PENDING, Notice.slot <= now)):
            state = session.get_one(Letter, notice.letter_id).state if notice.letter_id else None
            if state not in (LetterState.QUEUED, LetterState.UNCERTAIN):
                yield f"settled: {notice.rung} of {notice.slot} is pending in a letter that is {state}"
        for notice in session.exec(select(Notice).where(Notice.state == NoticeState.DROPPED)):
            if not notice.reason and not _of_an_empty_letter(session, notice):
                yield f"reason: {notice.rung} of {notice.slot} was dropped, and nothing says why"
        for late in session.exec(select(TaskCheck).where(col(TaskCheck.at) <= now)):
            yield f"settled: task {late.task_id.hex} was to be looked at by {late.at}"


Unfinished = dict[tuple[str, UUID, UUID | None], datetime]
"""Tasks to be looked at and notices of the day that have no letter, each with its moment and, of a notice, its reader:
one that an office handed over meanwhile is another's, and new to them."""


def unfinished(engine: Engine, now: datetime) -> Unfinished:
    """Return what digests may still lack at that moment."""
    with reading(engine) as session:
        due = session.exec(select(TaskCheck).where(col(TaskCheck.at) <= now)).all()
        alone = session.exec(
            select(Notice).where(
                Notice.state == NoticeState.PENDING,
                col(Notice.letter_id).is_(None),
                Notice.slot <= now,
                col(Notice.kind).in_(OF_THE_DAY),
            )
        ).all()
    tasks: Unfinished = {("task", one.task_id, None): one.at for one in due}
    return tasks | {("notice", one.id, one.recipient_id): one.slot for one in alone}


def incomplete(engine: Engine, before: Unfinished, taken: set[tuple[UUID, int]], now: datetime) -> Iterator[str]:
    """No letter of the day is claimed while something is unfinished that was so before that tick began.

    Unless the ticks have had half an hour for it. One in which nothing is true is claimed and ended at once.
    `taken`: claims that were judged before; this one's are added.
    """
    still = before.items() & unfinished(engine, now).items()
    with reading(engine) as session:
        is_empty = (col(Letter.state) == LetterState.EMPTY) & (col(Letter.error) != JOINED_NEWER)
        claimed = session.exec(
            select(Letter).where((col(Letter.state) == LetterState.CLAIMED) | is_empty & (col(Letter.attempts) > 0))
        ).all()
        new = [one for one in claimed if (one.id, one.lease_token) not in taken]
        taken |= {(one.id, one.lease_token) for one in new}
        if not still:
            return
        (what, which, _reader), first = min(still, key=itemgetter(1))
        ticks = select(func.min(Run.started_at)).where(col(Run.key).like("tick:%"), Run.started_at >= first)
        began = session.exec(ticks).one()
    if began is not None and now >= began + timedelta(minutes=30):
        return
    for one in new:
        if one.kind in OF_THE_DAY and as_of(one.kind, one.slot, now) >= first:
            yield f"incomplete: {one.kind} of {one.slot} is taken at {now}, and {what} {which.hex} of {first} waits"


def _of_an_empty_letter(session: Session, notice: Notice) -> bool:
    """What was set aside with its whole letter has its reason there."""
    letter = session.get(Letter, notice.letter_id) if notice.letter_id else None
    return letter is not None and letter.state is LetterState.EMPTY


def chained(engine: Engine, now: datetime) -> Iterator[str]:
    """The chain of the history holds from its first row; what has come is sealed. A clock ahead leaves what has not."""
    told = verify(engine)
    if told.broken is not None:
        yield f"chain: {told.broken}"
    with reading(engine) as session:
        unsealed = select(func.count()).where(col(History.seal_id).is_(None), col(History.recorded_at) <= now)
        tail = session.exec(unsealed).one()
    if tail:
        yield f"chain: {tail} rows are not sealed"


def missed(engine: Engine, now: datetime) -> Iterator[str]:
    """Of each open task whose date is over, the coordinator's rungs are written down, by the table of `domain.md`."""
    with reading(engine) as session:
        late = select(Task).where(col(Task.status).in_(OPEN_STATUSES), col(Task.due_at) < now)
        for task in session.exec(late.where(col(Task.parent_id).is_(None))).all():
            assert task.due_at is not None
            told = session.exec(
                select(Notice.offset).where(
                    Notice.task_id == task.id, Notice.anchor_id == task.due_anchor_id, Notice.rung == "overdue"
                )
            ).all()
            for after in (1,) if task.incident_id else (1, 4):
                at = _overdue_at(task.due_at, after, is_hourly=task.incident_id is not None)
                begun = max(task.assigned_at, task.due_set_at or task.assigned_at)
                if begun < at <= now and after not in told:
                    yield f"missed: overdue {after} of task {task.id.hex} (due {task.due_at}) was not told by {now}"


def early(engine: Engine) -> Iterator[str]:
    """No rung is told before a tick has come to its moment, by whatever clock that went."""
    with reading(engine) as session:
        reached = session.exec(select(func.max(Run.started_at)).where(col(Run.key).like("tick:%"))).one()
        is_rung = ~col(Notice.rung).startswith("event:") & col(Notice.rung).not_in(("assigned", *LETTER_RUNGS))
        for notice in session.exec(select(Notice).where(col(Notice.fired_at) > reached, is_rung).limit(3)):
            yield f"early: {notice.rung} {notice.offset} of {notice.fired_at} is {notice.state} at {reached}"


def _overdue_at(due_at: datetime, after: int, *, is_hourly: bool) -> datetime:
    if is_hourly:
        return due_at + timedelta(hours=after)
    return moment(shift(day_of(due_at - timedelta(seconds=1)), after))
