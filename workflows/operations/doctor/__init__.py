"""`dondoc doctor`: looks at an installation from all sides, changes nothing, and says what to do.

Each check stands alone: one that raises or hangs is told as broken, and the others go on.
"""

import queue
import threading
from collections.abc import Iterator
from dataclasses import replace

from sqlmodel import Session

from models.errors import DondocError
from models.i18n import Words, _, _n
from models.operations.logs import get_log
from models.rooms import Place
from workflows.operations.doctor import connections, database, engine, mail, office, place, seals, site
from workflows.operations.doctor.finding import Check, CheckedInstallation, Finding, State, broken

SECONDS = 5.0
_log = get_log(__name__)


_CHECKS: tuple[Check | Place[Check], ...] = (
    Check("settings", place.settings_file, _("settings"), with_session=False),
    Check("rooms", place.rooms, _("parts of the program"), with_session=False),
    Check("folder", place.folder, _("data folder"), with_session=False),
    Check("disk", place.disk, _("disk"), with_session=False),
    Check("database", database.database, _("database"), with_session=False),
    Check("schema", database.schema, _("schema"), with_session=False),
    Check("rooms_in_use", place.rooms_in_use, _("parts of the program in use")),
    Check("machine_clock", engine.machine_clock, _("this machine's time")),
    Check("clock", engine.clock, _("clock")),
    Check("jobs", engine.jobs, _("jobs")),
    Check("prefect", engine.prefect, _("Prefect"), with_session=False),
    Check("https", site.https, _("address of the site"), with_session=False, asks_others=True),
    Check("connections", connections.connections, _("connections to others"), with_session=False, asks_others=True),
    Check("mail_server", mail.mail_server, _("mail server"), with_session=False, asks_others=True),
    Place("doctor.mailboxes"),
    Check("mail_rules", mail.mail_rules, _("who gets letters")),
    Check("outbox", mail.outbox, _("outbox")),
    Place("doctor.edxml"),
    Check("history", seals.history, _("history")),
    Check("signatures", seals.signatures, _("signatures of seals")),
    Check("triggers", database.triggers, _("guards in the database"), with_session=False),
    Check("alerts", engine.alerts, _("alerts")),
    Check("calendar", office.calendar, _("calendar of this year")),
    Check("calendar_next_year", office.calendar_next_year, _("calendar of next year")),
    Check("people", office.people, _("administrators")),
    Check("secrets", seals.secrets, _("secrets")),
    Check("erased", office.erased, _("erased people")),
    Check("links", office.links, _("links in letters")),
    Check("letter_texts", office.letter_texts, _("letter texts")),
    Check("dates", office.dates, _("deadlines of tasks")),
    Place("doctor.scans"),
)


def checks() -> list[Check]:
    """In their order; those of rooms stand where somebody looks for them."""
    return [check for one in _CHECKS for check in (one.added() if isinstance(one, Place) else (one,))]


def title_of(name: str) -> Words:
    return next(check.title for check in checks() if check.name == name)


def examine(case: CheckedInstallation, *, seconds: float = SECONDS, asks_others: bool = True) -> Iterator[Finding]:
    """Yield one finding a check, each within `seconds`. A broken database leaves out what needs it.

    Without `asks_others` only what this machine and its database know is looked at.
    """
    usable = True
    try:
        case = replace(case, engine=case.engine or database.open_for_looking(case.settings))
    except Exception as error:  # a URL that is none, a driver that is not there: told by the check of the database
        _log.warning("database_cannot_be_opened", exc_info=error)
    for check in checks():
        if check.asks_others and not asks_others:
            continue
        if not usable and (check.with_session or check.name == "schema"):
            yield Finding(State.WARNING, _("not checked: repair the database first"), name=check.name)
            continue
        finding = _within(seconds, check, case)
        if check.name in ("database", "schema") and finding.state is State.BROKEN:
            usable = False
        yield finding


def _within(seconds: float, check: Check, case: CheckedInstallation) -> Finding:
    """Of a check that hangs, a thread is left behind that nobody waits for."""
    answer: queue.Queue[Finding] = queue.Queue()
    threading.Thread(target=lambda: answer.put(_isolated(check, case)), daemon=True).start()
    try:
        finding = answer.get(timeout=seconds)
    except queue.Empty:
        finding = broken(
            _n("no answer within {count} second", "no answer within {count} seconds", count=f"{seconds:g}"),
            _("see whether this machine, its network or the disk is overloaded, then run `dondoc doctor` again"),
        )
    return replace(finding, name=check.name)


def _isolated(check: Check, case: CheckedInstallation) -> Finding:
    try:
        if not check.with_session:
            return check.look(case)
        with Session(case.engine) as session:
            return check.look(case, session)
    except Exception as error:  # the border that isolates one check: told as broken, with its trace in the log
        _log.warning("check_failed", check=check.name, exc_info=error)
        told = Words(error.message, **error.facts) if isinstance(error, DondocError) else None
        return broken(
            _("the check itself failed: {reason}", reason=told or f"{type(error).__name__}: {_first_line(error)}"),
            _("run it with DONDOC_LOG_LEVEL=debug and send the trace to the program's maintainer"),
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["–"])[0]
