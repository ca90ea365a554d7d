"""`dondoc doctor`: check an installation, change nothing, and say what to do.

The checks are independent: one that raises or hangs is reported as broken, and the others go on.
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
from workflows.operations.doctor import database, engine, mail, network, office, place, seals
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
    Check("https", network.https, _("address of the site"), with_session=False, asks_others=True),
    Check("connections", network.connections, _("connections to others"), with_session=False, asks_others=True),
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
    """Return all checks in the order in which they are shown, with those of the installed rooms in their places."""
    return [check for entry in _CHECKS for check in (entry.added() if isinstance(entry, Place) else (entry,))]


def title_of(name: str) -> Words:
    return next(check.title for check in checks() if check.name == name)


def examine(case: CheckedInstallation, *, seconds: float = SECONDS, asks_others: bool = True) -> Iterator[Finding]:
    """Yield one finding for each check, within `seconds` each. A broken database skips the checks that need it.

    Without `asks_others`, checks ask only this machine and its database.
    """
    usable = True
    try:
        case = replace(case, engine=case.engine or database.open_read_only(case.settings))
    except Exception as error:  # the check of the database reports a wrong URL or a missing driver
        _log.warning("database_cannot_be_opened", exc_info=error)
    for check in checks():
        if check.asks_others and not asks_others:
            continue
        if not usable and (check.with_session or check.name == "schema"):
            yield Finding(State.WARNING, _("not checked: repair the database first"), name=check.name)
            continue
        finding = _run_within(seconds, check, case)
        if check.name in ("database", "schema") and finding.state is State.BROKEN:
            usable = False
        yield finding


def _run_within(seconds: float, check: Check, case: CheckedInstallation) -> Finding:
    """Run a check in a thread of its own. If it hangs, the thread is abandoned."""
    answer: queue.Queue[Finding] = queue.Queue()
    threading.Thread(target=lambda: answer.put(_run_isolated(check, case)), daemon=True).start()
    try:
        finding = answer.get(timeout=seconds)
    except queue.Empty:
        finding = broken(
            _n("no answer within {count} second", "no answer within {count} seconds", count=f"{seconds:g}"),
            _("see whether this machine, its network or the disk is overloaded, then run `dondoc doctor` again"),
        )
    return replace(finding, name=check.name)


def _run_isolated(check: Check, case: CheckedInstallation) -> Finding:
    try:
        if not check.with_session:
            return check.look(case)
        with Session(case.engine) as session:
            return check.look(case, session)
    except Exception as error:  # a failing check must not stop the others
        _log.warning("check_failed", check=check.name, exc_info=error)
        reason: Words | str = f"{type(error).__name__}: {(str(error).strip().splitlines() or ['–'])[0]}"
        if isinstance(error, DondocError):
            reason = Words(error.message, **error.facts)
        return broken(
            _("the check itself failed: {reason}", reason=reason),
            _("run it with DONDOC_LOG_LEVEL=debug and send the trace to the program's maintainer"),
        )
