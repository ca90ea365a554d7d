"""Watch the folder: take in each message that another program puts into `in`, once, even if a process is killed.

A file is taken in when two readings of the folder in a row found it unchanged, because its writer is finished then.
It moves to `done`; or to `failed`, with a file beside it that gives the reason.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from models.database.rows import insert_new, table_of
from models.database.run import Installation
from models.database.session import reading, transaction, transactions
from models.errors import Busy, DondocError, reason_of
from models.i18n import _, translate
from models.operations.alert import AlertKind
from models.operations.background_job import BackgroundJob
from models.operations.logs import get_log
from models.settings import Settings
from workflows.bounded_process.limits import MOST_BYTES
from workflows.exchange.keep_message import BeingTaken, open_message, take_or_queue, taking_of_folder
from workflows.queue.alerts import end_alert, raise_alert
from workflows.queue.shared_folders import make_shared, open_dropped, share
from workflows.rules.calendar.workdays import WorkCalendar

COMES, DONE, FAILED = "in", "done", "failed"
SUBJECT = "edxml_folder"
SEEN_KEY = "edxml_seen"
FILES, _LISTED = 100, 1000
"""Files that are taken in, and that are listed, at one time, the oldest first. The next time goes on."""
_ENDINGS = (".edxml", ".xml")
_FileState = list[int]  # size in bytes, and the time of the last change in nanoseconds
_log = get_log(__name__)


def take_folder(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    calendar: WorkCalendar,
    should_continue: Callable[[], bool] = lambda: True,
) -> int:
    """Take in the files that are unchanged since the last time. Return how many files moved.

    Without `edxml.received_by` no folder is watched. An unreadable folder alerts the administrators.
    """
    if settings.edxml is None or not settings.edxml.received_by:
        return 0
    folder = settings.edxml_folder
    try:
        for name in (COMES, DONE, FAILED):
            make_shared(folder, name, settings.edxml.mode)
        states = _list_messages(folder / COMES)
    except OSError as error:
        _raise_folder_alert(engine, f"{folder / COMES}: {error.strerror}", now, calendar)
        return 0
    previous_states = _exchange_states(engine, states)
    ready = [name for name, state in states.items() if previous_states.get(name) == state][:FILES]
    count, reason = 0, ""
    for name in ready:
        if not should_continue():
            break
        try:
            count += _take_file(engine, settings, folder, name, now)
        except FileNotFoundError:
            continue  # another process has just taken it
        except OSError as error:
            reason = f"{folder / COMES / name}: {error.strerror}"
    if reason:
        _raise_folder_alert(engine, reason, now, calendar)
    else:
        with transaction(engine) as session:
            end_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now)
    return count


def count_files(folder: Path) -> int:
    return sum(_is_message(path) for path in folder.iterdir()) if folder.is_dir() else 0


def _list_messages(folder: Path) -> dict[str, _FileState]:
    """Return the state of each message by name, the oldest first."""
    states = [(path.stat(), path.name) for path in folder.iterdir() if _is_message(path)]
    states.sort(key=lambda state: (state[0].st_mtime_ns, state[1]))
    return {name: [stat.st_size, stat.st_mtime_ns] for stat, name in states[:_LISTED]}


def _is_message(path: Path) -> bool:
    return path.name.lower().endswith(_ENDINGS) and path.is_file() and not path.is_symlink()


def _exchange_states(engine: Engine, states: Mapping[str, _FileState]) -> dict[str, _FileState]:
    """Return the states of the last time, and store the present ones."""
    with reading(engine) as session:
        row = session.get(Installation, SEEN_KEY)
        previous: dict[str, _FileState] = json.loads(row.value) if row is not None else {}
    if previous != dict(states):
        value = json.dumps(dict(states))
        with transaction(engine) as session:
            if not insert_new(session, table_of(Installation), [{"name": SEEN_KEY, "value": value}]):
                session.get_one(Installation, SEEN_KEY, with_for_update=True).value = value
                session.flush()
    return previous


def _take_file(engine: Engine, settings: Settings, folder: Path, name: str, now: datetime) -> int:
    """Take one file in, and move it. If the process is killed before the move, the next time finds it taken in.

    A message whose document is a scan waits as a background job for its reading.
    """
    path = folder / COMES / name
    facts: dict[str, object]
    with open_dropped(path) as file:
        data = file.read(MOST_BYTES + 1)  # one byte more shows that a file is too large
    try:
        opened = open_message(name, data)
        with transactions(engine) as begin, begin() as session:
            taken = take_or_queue(session, opened, taking_of_folder(session, settings, now=now))
            if isinstance(taken, BackgroundJob):
                facts = {"job": str(taken.id)}
            else:
                facts = {"message": str(taken.incoming.id), "is_new": taken.is_new}
    except (BeingTaken, Busy):
        return 0
    except (OperationalError, InterfaceError):
        raise  # the file is not at fault, and is read again
    except DondocError as fault:
        return _move_to_failed(folder, name, fault.tell(settings.language))
    except Exception as fault:
        _log.exception("message_broke", file=name)
        why = translate(
            _("an unexpected fault: {reason}; tell the administrator"), settings.language, reason=reason_of(fault)
        )
        return _move_to_failed(folder, name, why)
    _log.info("message_taken", file=name, **facts)
    _put_away(path, folder / DONE)
    return 1


def _move_to_failed(folder: Path, name: str, reason: str) -> int:
    """Write the reason to a file in `failed`, then move the message there, so that none is there without a reason."""
    _log.warning("message_refused", file=name, reason=reason)
    target = _free_path(folder / FAILED, name)
    reason_path = target.with_name(f"{target.name}.txt")
    reason_path.write_text(f"{reason}\n", encoding="utf-8")
    share(reason_path)
    (folder / COMES / name).rename(target)
    return 1


def _put_away(path: Path, folder: Path) -> None:
    path.rename(_free_path(folder, path.name))


def _free_path(folder: Path, name: str) -> Path:
    """Return a path that does not exist yet: the name itself, or the name with a number."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}.{number}{Path(name).suffix}"
    return path


def _raise_folder_alert(engine: Engine, reason: str, now: datetime, calendar: WorkCalendar) -> None:
    _log.warning("folder_unread", reason=reason)
    with transaction(engine) as session:
        raise_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now, calendar=calendar, facts={"reason": reason})
