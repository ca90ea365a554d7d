"""Simulate: every task, letter, date and recipient of a launch beforehand, if nobody acts.

The simulation is the engine itself, run ahead of the clock on a scratch copy of the register, the directive and the
open tasks. Nothing of it is a second description of the rules, and nothing leaves or stays.
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
from workflows.queue.send_hold import FENCE_KEY
from workflows.rules.calendar.due import kept_day_off

_WHOLE = (
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
_OF_OPEN_TASKS = (Contribution, Extension, Obstacle, LeadChange, SignedPress, Notice, TaskCheck)
_LEFT_OUT = ("incoming", "messages", "seal")
"""Parts of the tick that a copy does not live through."""
_NOT_OF_TASKS = (LetterKind.ACCOUNT, LetterKind.ALERT, LetterKind.COMPILED)


@dataclass(frozen=True)
class Simulation:
    """What would happen, ready for JSON: tasks, and letters in the order they would leave."""

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
    """Launch on a copy at `on` (UTC) and run `days` calendar days ahead."""

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
    """A copy in which the launch has been made at `on` (UTC) and `days` calendar days have passed since.

    `tell` hears of each moment that was lived through. Of the open tasks only those `among` come along, if given.
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
    """A scratch copy of the register, the directives and the open tasks (of these only those `among`, if given).

    `with_letters`: the letters that wait come along, with what letters are written from; a restore's hold on them is
    lifted, and their links are signed by a key of the copy's own, so that they open nothing.
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
    """Tick at every moment at which something can happen, letters going nowhere; by default their words are not kept.

    What mail servers report is left for the true engine to read, and a copy's history needs no seal.
    """
    with reading(engine) as session:
        calendar = load_calendar(session)
    # neither test mode nor a mail server's quota says anything of whom the rules tell, and when
    mail = settings.mail.model_copy(update={"only_to": (), "letters_per_minute": None, "letters_per_day": None})
    settings = settings.model_copy(update={"mail": mail})
    moment = start
    while moment <= until:
        parts = tick_parts(engine, settings, sender or _forgetful)
        run_tick(engine, {name: part for name, part in parts.items() if name not in _LEFT_OUT}, now=moment)
        tell(moment)
        moment = next_moment(engine, after=moment, calendar=calendar)


def list_letters(session: Session, *, since: datetime, launch_id: UUID | None = None) -> list[dict[str, Any]]:
    """Letters that left since an instant, with recipient, local date and rungs: for people and for comparing.

    With a launch, only those that speak of its tasks, and of these only; weekly summaries go to whoever gets one.
    """
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
    found = letters.all()
    told = {row[0].recipient_id for row in found if row[0].id in rungs}
    return [
        _letter(row, rungs)
        for row in found
        if row[0].id in rungs or (row[0].kind is LetterKind.SUMMARY and row[0].recipient_id in told)
    ]


def _letter(row: Any, rungs: dict[UUID, list[tuple[str, str]]]) -> dict[str, Any]:
    letter, code, name, email = row
    told = rungs.get(letter.id, [])
    return {
        "date": local_date(letter.sent_at).isoformat(),
        "time": f"{local(letter.sent_at):%H:%M}",
        "recipient": code,
        "recipient_name": name,
        "address": email,
        "kind": letter.kind.value,
        "subject": letter.subject,
        "rungs": sorted({rung for rung, _task in told}),
        "tasks": sorted({task for _rung, task in told}),
    }


def list_tasks(session: Session, *, since: datetime, launch_id: UUID | None = None) -> list[dict[str, Any]]:
    """Those given since an instant, or those of a launch."""
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
    return [
        {
            "duty": path,
            "unit": code,
            "unit_name": name,
            "occurrence": task.occurrence,
            "assigned_on": local_date(task.assigned_at).isoformat(),
            "due_on": due_date(task.due_at).isoformat() if task.due_at else None,
            "due_reason": task.due_reason,
            "due_facts": task.due_facts,
            "day_off": off.model_dump(mode="json") if (off := kept_day_off(task.due_at, calendar)) else None,
        }
        for task, path, code, name in rows
    ]


def _copy(engine: Engine, path: Path, among: ColumnElement[bool] | None, *, with_letters: bool) -> Engine:
    scratch = open_engine(f"sqlite:///{path}", keys_in(engine))

    @event.listens_for(scratch, "connect")
    def loosen(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")  # only open tasks come along, so some references hang
        connection.execute("PRAGMA synchronous=OFF")

    all_tables().create_all(scratch)
    tables = all_tables().tables
    wanted = col(Task.status).in_(OPEN_STATUSES) if among is None else col(Task.status).in_(OPEN_STATUSES) & among
    if with_letters:  # a task that ended a moment ago may still have its last letter to come
        waiting = select(col(Notice.task_id)).where(IS_PENDING)
        wanted |= col(Task.id).in_(waiting)
    open_tasks = select(col(Task.id)).where(wanted)
    with reading(engine) as source, transaction(scratch) as target:
        for name in _WHOLE:
            _copy_rows(source, target, tables[name], None)
        _copy_rows(source, target, tables["task"], wanted)
        for model in _OF_OPEN_TASKS:
            _copy_rows(source, target, tables[str(model.__tablename__)], col(model.task_id).in_(open_tasks))
        for trigger in SQLITE_TRIGGERS:
            target.connection().exec_driver_sql(trigger)
        _copy_rows(source, target, tables["run"], col(Run.key).like("summary:%"))
        if with_letters:
            _copy_waiting(source, target, open_tasks)
        kept = select(col(Letter.id))
        notice = tables["notice"]
        target.execute(notice.update().where(notice.c.letter_id.not_in(kept)).values(letter_id=None))
    return scratch


def _copy_waiting(source: Session, target: Session, tasks: Any) -> None:
    """Copy the letters that wait, the office's own wordings, and the words said of the tasks.

    A letter that is being sent at this moment waits too; one that may have left goes out again, as it does in truth.
    """
    tables = all_tables().tables
    letter, installation = tables["letter"], tables["installation"]
    waits = TO_SEND & letter.c.kind.not_in(_NOT_OF_TASKS) & ~letter.c.resent
    _copy_rows(source, target, letter, waits)
    content = tables["letter_content"]
    _copy_rows(source, target, content, content.c.letter_id.in_(select(letter.c.id).where(waits)))
    for name in ("letter_text", "handover"):
        _copy_rows(source, target, tables[name], None)
    said = select(col(History.id)).join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    said = said.where(col(History.task_id).in_(tasks))
    _copy_rows(source, target, tables["history"], col(History.id).in_(said))
    _copy_rows(source, target, tables["history_note"], col(HistoryNote.history_id).in_(said))
    claimed = letter.c.state == LetterState.CLAIMED
    target.execute(letter.update().where(claimed).values(state=LetterState.QUEUED, lease_until=None))
    target.execute(installation.delete().where(installation.c.name == FENCE_KEY))
    own_key = secrets.token_urlsafe(32)
    target.execute(installation.update().where(installation.c.name == LINK_KEY).values(secret=own_key))


def _forgetful() -> Sender:
    return RecordedSender(keep_content=False)


def _copy_rows(source: Session, target: Session, table: Table, where: Any) -> None:
    query = select(*(column for column in table.c if column.computed is None))
    query = query if where is None else query.where(where)
    for chunk in source.execute(query).mappings().partitions(5000):
        target.execute(table.insert(), [dict(row) for row in chunk])


class RecordedSender:
    """Accepts every letter to a usable address. `letters` holds (address, bytes) in order; no bytes unless kept."""

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
        """Refuse what the real sender refuses before any conversation; accept the rest."""
        if fault := address_fault(to_address):
            return Attempt(SendOutcome.PERMANENT, reply=fault)
        self.letters.append((to_address, content if self.keep_content else b""))
        return Attempt(SendOutcome.ACCEPTED, 250, "recorded")

    def leave(self, *, at_once: bool = False) -> None:
        """No letter is ever under way."""
