"""The watched folder: messages that another program puts into `in` are taken in, each once, wherever one is killed.

A file is taken when two looks in a row found it alike: whoever writes it is ready then. It goes to `done`, or with its
reason beside it to `failed`.
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
from workflows.apart.limits import MOST_BYTES
from workflows.exchange.keep_message import BeingTaken, open_whole, take_or_queue, taking_of_folder
from workflows.queue.alerts import end_alert, raise_alert
from workflows.queue.dropped_files import open_dropped
from workflows.queue.exchange_folder import make_shared, share
from workflows.rules.calendar.workdays import WorkCalendar

COMES, DONE, FAILED = "in", "done", "failed"
SUBJECT = "edxml_folder"
SEEN_KEY = "edxml_seen"
FILES, _LOOKED_AT = 100, 1000
"""Files taken in one look, and looked at, the oldest first; the next goes on."""
_ENDINGS = (".edxml", ".xml")
_Look = list[int]  # size in bytes, and when it was last changed, in nanoseconds
_log = get_log(__name__)


def take_folder(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    calendar: WorkCalendar,
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Take in what lies in the folder unchanged since the last look; return how many files were dealt with.

    Without `edxml.received_by` nothing is watched. A folder that cannot be read is told to the administrators.
    """
    if settings.edxml is None or not settings.edxml.received_by:
        return 0
    folder = settings.edxml_folder
    try:
        for name in (COMES, DONE, FAILED):
            make_shared(folder, name, settings.edxml.mode)
        looks = _look(folder / COMES)
    except OSError as error:
        _trouble(engine, f"{folder / COMES}: {error.strerror}", now, calendar)
        return 0
    before = _compare(engine, looks)
    ready = [name for name, look in looks.items() if before.get(name) == look][:FILES]
    taken, reason = 0, ""
    for name in ready:
        if not goes_on():
            break
        try:
            taken += _take(engine, settings, folder, name, now)
        except FileNotFoundError:
            continue  # another process has just taken it
        except OSError as error:
            reason = f"{folder / COMES / name}: {error.strerror}"
    if reason:
        _trouble(engine, reason, now, calendar)
    else:
        with transaction(engine) as session:
            end_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now)
    return taken


def count_files(folder: Path) -> int:
    return sum(_is_message(path) for path in folder.iterdir()) if folder.is_dir() else 0


def _look(folder: Path) -> dict[str, _Look]:
    """Return size and time of change of each message, the oldest first."""
    found = {path.name: path.stat() for path in folder.iterdir() if _is_message(path)}
    ordered = sorted(found.items(), key=lambda one: (one[1].st_mtime_ns, one[0]))
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in ordered[:_LOOKED_AT]}


def _is_message(path: Path) -> bool:
    return path.name.lower().endswith(_ENDINGS) and path.is_file() and not path.is_symlink()


def _compare(engine: Engine, looks: Mapping[str, _Look]) -> dict[str, _Look]:
    """Return what the last look saw, and keep what this one sees."""
    with reading(engine) as session:
        row = session.get(Installation, SEEN_KEY)
        before: dict[str, _Look] = json.loads(row.value) if row is not None else {}
    if before != dict(looks):
        value = json.dumps(dict(looks))
        with transaction(engine) as session:
            if not insert_new(session, table_of(Installation), [{"name": SEEN_KEY, "value": value}]):
                session.get_one(Installation, SEEN_KEY, with_for_update=True).value = value
                session.flush()
    return before


def _take(engine: Engine, settings: Settings, folder: Path, name: str, now: datetime) -> int:
    """Take one file in and put it away. Killed before it is put away, the next look finds it taken in already.

    A message whose document is a scan waits for its reading as a background job.
    """
    path = folder / COMES / name
    told: dict[str, object]
    with open_dropped(path) as file:
        data = file.read(MOST_BYTES + 1)  # of a larger one it need only be known that it is
    try:
        opened = open_whole(name, data)
        with transactions(engine) as begin, begin() as session:
            taken = take_or_queue(session, opened, taking_of_folder(session, settings, now=now))
            if isinstance(taken, BackgroundJob):
                told = {"job": str(taken.id)}
            else:
                told = {"message": str(taken.incoming.id), "is_new": taken.is_new}
    except (BeingTaken, Busy):
        return 0
    except (OperationalError, InterfaceError):
        raise  # not this file's fault: it is read again
    except DondocError as fault:
        return _fail(folder, name, fault.tell(settings.language))
    except Exception as fault:
        _log.exception("message_broke", file=name)
        why = translate(
            _("an unexpected fault: {reason}; tell the administrator"), settings.language, reason=reason_of(fault)
        )
        return _fail(folder, name, why)
    _log.info("message_taken", file=name, **told)
    _put_away(path, folder / DONE)
    return 1


def _fail(folder: Path, name: str, reason: str) -> int:
    """Put a file aside with the reason beside it; the reason first, so that no file lies there without one."""
    _log.warning("message_refused", file=name, reason=reason)
    target = _free(folder / FAILED, name)
    told = target.with_name(f"{target.name}.txt")
    told.write_text(f"{reason}\n", encoding="utf-8")
    share(told)
    (folder / COMES / name).rename(target)
    return 1


def _put_away(path: Path, folder: Path) -> None:
    path.rename(_free(folder, path.name))


def _free(folder: Path, name: str) -> Path:
    target, number, given = folder / name, 1, Path(name)
    while target.exists():
        number += 1
        target = folder / f"{given.stem}.{number}{given.suffix}"
    return target


def _trouble(engine: Engine, reason: str, now: datetime, calendar: WorkCalendar) -> None:
    _log.warning("folder_unread", reason=reason)
    with transaction(engine) as session:
        raise_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now, calendar=calendar, facts={"reason": reason})
