"""Simulate a launch: its tasks, letters, deadlines and recipients, if nobody acts.

The engine itself runs ahead of the clock, on a scratch copy of the register, the directives and the open tasks. So the
rules exist only once. No letter leaves, and the copy is deleted.
"""

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Table, event, select
from sqlmodel import Session, col

from models.database.all_tables import all_tables
from models.database.run import LINK_KEY, Run
from models.database.sealed import keys_in
from models.database.session import open_engine, reading, transaction
from models.directives.directive import Duty, find_directive
from models.errors import BadInput
from models.letters.letter import IS_PENDING, TO_SEND, Letter, LetterKind, LetterState, Notice, NoticeState
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.history import History, HistoryNote
from models.tasks.task import OPEN_STATUSES, Contribution, Extension, LeadChange, Obstacle, SignedPress, Task
from models.tasks.task_check import SQLITE_TRIGGERS, TaskCheck
from models.text.localtime import due_date, local, local_date
from notifications.composing.mime import address_fault
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, Sender, SendOutcome
from workflows.jobs.tick import next_moment, run_tick, tick_parts
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import LaunchOutcome, launch
from workflows.organization.working_calendar import load_calendar
from workflows.queue.send_hold import SEND_HOLD_KEY
from workflows.rules.calendar.due import kept_day_off

_TABLES_COPIED = (
    "installation",
    "unit",
    "unit_tag",
    "unit_alias",
    "person",
    "person_role",
    "absence",
    "directive",
    "duty",
    "template_version",
    "launch",
    "armed_duty",
    "incident",
    "calendar_revision",
    "calendar_day",
)
_TASK_TABLES = (Contribution, Extension, Obstacle, LeadChange, SignedPress, Notice, TaskCheck)
_SKIPPED_PARTS = ("incoming", "messages", "seal")
"""The parts of a tick that do not run on a copy."""
_KINDS_WITHOUT_TASK = (LetterKind.ACCOUNT, LetterKind.ALERT, LetterKind.COMPILED)


@dataclass(frozen=True)
class Simulation:
    """The tasks, and the letters in the order in which they would leave, as plain values."""

    outcome: LaunchOutcome
    tasks: list[dict[str, Any]]
    letters: list[dict[str, Any]]


def simulate(
    engine: Engine,
    settings: Settings,
    directive_name: str,
    *,
    on: datetime,
    due_on: date | None = None,
    days: int = 120,
    paths: Sequence[str] | None = None,
    coordinator_id: UUID | None = None,
    override: bool = False,
) -> Simulation:
    """Launch on a copy at `on` (UTC), and run `days` calendar days ahead."""

    def launch_it(session: Session) -> LaunchOutcome:
        directive = find_directive(session, directive_name)
        return launch(
            session,
            directive,
            on=on,
            calendar=load_calendar(session),
            paths=paths,
            due_on=due_on,
            override=override,
            coordinator_id=coordinator_id or default_coordinator(session, directive),
        )

    copy = launched_on_a_copy(engine, settings, launch_it, on=on, days=days)
    with copy as (scratch, outcome), reading(scratch) as session:
        return Simulation(outcome, list_tasks(session, since=on), list_letters(session, since=on))


@contextmanager
def launched_on_a_copy(
    engine: Engine,
    settings: Settings,
    launch_it: Callable[[Session], LaunchOutcome],
    *,
    on: datetime,
    days: int,
    tell: Callable[[datetime], None] = lambda moment: None,
    among: ColumnElement[bool] | None = None,
) -> Iterator[tuple[Engine, LaunchOutcome]]:
    """Yield a copy on which the launch was made at `on` (UTC), and `days` calendar days have passed.

    `tell` is called after each tick with its moment. With `among`, only these open tasks are copied.
    """
    if not 1 <= days <= 3660:
        raise BadInput("days {days}: between 1 and 3660", days=days)
    with scratch_copy(engine, among) as scratch:
        with transaction(scratch) as session:
            outcome = launch_it(session)
        run_ahead(scratch, settings, start=on, until=on + timedelta(days=days), tell=tell)
        yield scratch, outcome


@contextmanager
def scratch_copy(
    engine: Engine, among: ColumnElement[bool] | None = None, *, with_letters: bool = False
) -> Iterator[Engine]:
    """Yield a scratch copy of the register, the directives and the open tasks, or only of those `among`.

    With `with_letters`, waiting letters and the texts for letters are copied too. The copy ignores the send hold after
    a restore, and signs links with a key of its own, so that they open nothing.
    """
    with tempfile.TemporaryDirectory(prefix="dondoc-simulate-") as folder:
        scratch = _copy(engine, Path(folder) / "scratch.sqlite", among, with_letters=with_letters)
        try:
            yield scratch
        finally:
            scratch.dispose()


def run_ahead(
    engine: Engine,
    settings: Settings,
    *,
    start: datetime,
    until: datetime,
    tell: Callable[[datetime], None] = lambda moment: None,
    sender: Callable[[], Sender] | None = None,
) -> None:
    """Run a tick at each moment with work. No letter leaves, no mail is read, and history is not sealed."""
    with reading(engine) as session:
        calendar = load_calendar(session)
    # test mode and the mail server's quota do not change whom the rules tell, and when
    mail = settings.mail.model_copy(update={"only_to": (), "letters_per_minute": None, "letters_per_day": None})
    settings = settings.model_copy(update={"mail": mail})
    moment = start
    while moment <= until:
        parts = tick_parts(engine, settings, sender or _sender_without_texts)
        run_tick(engine, {name: part for name, part in parts.items() if name not in _SKIPPED_PARTS}, now=moment)
        tell(moment)
        moment = next_moment(engine, after=moment, calendar=calendar)


def list_letters(session: Session, *, since: datetime, launch_id: UUID | None = None) -> list[dict[str, Any]]:
    """Return the letters that left since an instant; with a launch, those about its tasks, and summaries."""
    rungs: dict[UUID, list[tuple[str, str]]] = {}
    query = (
        select(col(Notice.letter_id), col(Notice.rung), col(Notice.offset), col(Duty.path), col(Unit.code))
        .join(Task, col(Task.id) == col(Notice.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(col(Notice.state) == NoticeState.SENT)
    )
    if launch_id is not None:
        query = query.where(col(Task.launch_id) == launch_id)
    for letter_id, rung, offset, path, unit in session.execute(query):
        rungs.setdefault(letter_id, []).append((f"{rung}@{offset}", f"{path} {unit}"))
    letters = session.execute(
        select(Letter, col(Person.code), col(Person.full_name), col(Person.email))
        .join(Person, col(Person.id) == col(Letter.recipient_id))
        .where(col(Letter.state) == LetterState.SENT, col(Letter.sent_at) >= since)
        .order_by(col(Letter.sent_at), col(Person.code), col(Letter.kind))
    )
    if launch_id is None:
        return [_letter(row, rungs) for row in letters]
    rows = letters.all()
    recipients = {letter.recipient_id for letter, *_person in rows if letter.id in rungs}
    listed = []
    for row in rows:
        letter = row[0]
        is_summary_of_recipient = letter.kind is LetterKind.SUMMARY and letter.recipient_id in recipients
        if letter.id in rungs or is_summary_of_recipient:
            listed.append(_letter(row, rungs))
    return listed


def _letter(row: Any, rungs: dict[UUID, list[tuple[str, str]]]) -> dict[str, Any]:
    letter, code, name, email = row
    rungs_and_tasks = rungs.get(letter.id, [])
    return {
        "date": local_date(letter.sent_at).isoformat(),
        "time": f"{local(letter.sent_at):%H:%M}",
        "recipient": code,
        "recipient_name": name,
        "address": email,
        "kind": letter.kind.value,
        "subject": letter.subject,
        "rungs": sorted({rung for rung, _task in rungs_and_tasks}),
        "tasks": sorted({task for _rung, task in rungs_and_tasks}),
    }


def list_tasks(session: Session, *, since: datetime, launch_id: UUID | None = None) -> list[dict[str, Any]]:
    query = (
        select(Task, col(Duty.path), col(Unit.code), col(Unit.name))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(col(Task.assigned_at) >= since)
        .order_by(col(Task.assigned_at), col(Duty.position), col(Unit.sort_key))
    )
    if launch_id is not None:
        query = query.where(col(Task.launch_id) == launch_id)
    rows, calendar = session.execute(query), load_calendar(session)
    tasks = []
    for task, path, code, name in rows:
        day_off = kept_day_off(task.due_at, calendar)
        tasks.append(
            {
                "duty": path,
                "unit": code,
                "unit_name": name,
                "occurrence": task.occurrence,
                "assigned_on": local_date(task.assigned_at).isoformat(),
                "due_on": due_date(task.due_at).isoformat() if task.due_at else None,
                "due_reason": task.due_reason,
                "due_facts": task.due_facts,
                "day_off": day_off.model_dump(mode="json") if day_off else None,
            }
        )
    return tasks


def _copy(engine: Engine, path: Path, among: ColumnElement[bool] | None, *, with_letters: bool) -> Engine:
    scratch = open_engine(f"sqlite:///{path}", keys_in(engine))

    @event.listens_for(scratch, "connect")
    def loosen(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")  # only open tasks are copied, so some references have no target
        connection.execute("PRAGMA synchronous=OFF")

    all_tables().create_all(scratch)
    tables = all_tables().tables
    is_copied = col(Task.status).in_(OPEN_STATUSES) if among is None else col(Task.status).in_(OPEN_STATUSES) & among
    if with_letters:  # a task that was just closed may still have a waiting letter
        is_copied |= col(Task.id).in_(select(col(Notice.task_id)).where(IS_PENDING))
    copied_tasks = select(col(Task.id)).where(is_copied)
    with reading(engine) as source, transaction(scratch) as target:
        for name in _TABLES_COPIED:
            _copy_rows(source, target, tables[name], None)
        _copy_rows(source, target, tables["task"], is_copied)
        for model in _TASK_TABLES:
            _copy_rows(source, target, tables[str(model.__tablename__)], col(model.task_id).in_(copied_tasks))
        for trigger in SQLITE_TRIGGERS:
            target.connection().exec_driver_sql(trigger)
        _copy_rows(source, target, tables["run"], col(Run.key).like("summary:%"))
        if with_letters:
            _copy_letters(source, target, copied_tasks)
        notice = tables["notice"]
        has_no_letter = notice.c.letter_id.not_in(select(col(Letter.id)))
        target.execute(notice.update().where(has_no_letter).values(letter_id=None))
    return scratch


def _copy_letters(source: Session, target: Session, tasks: Any) -> None:
    """Copy the waiting letters, the office's own wordings, and the notes of the tasks' history."""
    tables = all_tables().tables
    letter, installation = tables["letter"], tables["installation"]
    is_waiting = TO_SEND & letter.c.kind.not_in(_KINDS_WITHOUT_TASK) & ~letter.c.resent
    _copy_rows(source, target, letter, is_waiting)
    content = tables["letter_content"]
    _copy_rows(source, target, content, content.c.letter_id.in_(select(letter.c.id).where(is_waiting)))
    for name in ("letter_text", "handover"):
        _copy_rows(source, target, tables[name], None)
    with_note = select(col(History.id)).join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    with_note = with_note.where(col(History.task_id).in_(tasks))
    _copy_rows(source, target, tables["history"], col(History.id).in_(with_note))
    _copy_rows(source, target, tables["history_note"], col(HistoryNote.history_id).in_(with_note))
    claimed = letter.c.state == LetterState.CLAIMED
    target.execute(letter.update().where(claimed).values(state=LetterState.QUEUED, lease_until=None))
    target.execute(installation.delete().where(installation.c.name == SEND_HOLD_KEY))
    own_key = secrets.token_urlsafe(32)
    target.execute(installation.update().where(installation.c.name == LINK_KEY).values(secret=own_key))


def _sender_without_texts() -> Sender:
    return RecordedSender(keep_content=False)


def _copy_rows(source: Session, target: Session, table: Table, where: Any) -> None:
    query = select(*(column for column in table.c if column.computed is None))
    query = query if where is None else query.where(where)
    for chunk in source.execute(query).mappings().partitions(5000):
        target.execute(table.insert(), [dict(row) for row in chunk])


class RecordedSender:
    """Accepts each letter to a usable address. `letters` holds (address, bytes) in order, or empty bytes."""

    def __init__(self, keep_content: bool = True) -> None:
        self.keep_content = keep_content
        self.letters: list[tuple[str, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        """Accept a letter, unless the real sender would refuse its address before any conversation."""
        problem = address_fault(to_address)
        if problem:
            return Attempt(SendOutcome.PERMANENT, reply=problem)
        self.letters.append((to_address, content if self.keep_content else b""))
        return Attempt(SendOutcome.ACCEPTED, 250, "recorded")

    def leave(self, *, at_once: bool = False) -> None:
        """Do nothing: no letter is ever under way."""
