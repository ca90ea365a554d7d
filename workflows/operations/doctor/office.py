"""Checks of the office's own data: the yearly calendar, administrators, letters' links and texts, deadlines."""

from datetime import date

from sqlmodel import Session, col, select

from models.database.run import LINK_KEY, Installation
from models.i18n import Words, _
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import LAST_DAY, end_of_day, local_date, write_date
from workflows.delivery.letters.letter_texts import unusable_texts
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, ok, warning
from workflows.operations.doctor.network import is_loopback
from workflows.operations.personal.erased import find_restored
from workflows.organization.working_calendar import is_decided, is_next_year_wanted
from workflows.queue.alerts import administrators

_LISTED = 10  # tasks
_ENTER = _(
    "enter the government's decision under Administration → Working calendar; "
    "where it moves no day, enter Tết itself as a day off"
)


def calendar(case: CheckedInstallation, session: Session) -> Finding:
    """Check that this year's days off and make-up days, which the government decides every year, are entered."""
    year = local_date(case.now).year
    if is_decided(session, year):
        return ok(_("{year}: the yearly decision is in"), year=year)
    return broken(_("{year}: nobody has entered the yearly decision; deadlines may be wrong", year=year), Words(_ENTER))


def calendar_next_year(case: CheckedInstallation, session: Session) -> Finding:
    """Check next year's calendar: its absence is a warning from 1 November, a fault from 1 December."""
    today = local_date(case.now)
    year = today.year + 1
    if is_decided(session, year):
        return ok(_("{year}: the yearly decision is in"), year=year)
    if not is_next_year_wanted(today):
        return ok(_("{year}: not needed before 1 November"), year=year)
    words = _("{year}: nobody has entered the yearly decision; deadlines of January and Tết may be wrong", year=year)
    if today < date(today.year, 12, 1):
        return warning(words, Words(_ENTER))
    return broken(words, Words(_ENTER))


def people(_case: CheckedInstallation, session: Session) -> Finding:
    """Check that an administrator has a mail address and so learns of the engine's troubles."""
    if count := len(administrators(session)):
        return ok(_("administrators with a mail address: {count}"), count=count)
    return warning(
        _("no administrator with a mail address: nobody is informed of problems"),
        _("give somebody the role administrator and an address: dondoc person import"),
    )


def links(case: CheckedInstallation, session: Session) -> Finding:
    """Check the key that signs letters' links, and the address to which they lead."""
    if session.get(Installation, LINK_KEY) is None:
        return broken(
            _("the key of the letters' links is missing: no letter can be written"),
            _("run `dondoc init`, or restore a backup: with a new key, links of old letters end"),
        )
    url = case.settings.base_url
    if case.settings.mail.mode == "smtp" and is_loopback(url):
        return warning(
            _("base_url is {url}: links in letters lead nowhere but on this machine", url=url),
            _("set base_url (DONDOC_BASE_URL) to the address by which people reach the site"),
        )
    return ok(_("links in letters lead to {url}"), url=url)


def letter_texts(_case: CheckedInstallation, session: Session) -> Finding:
    """Check that this version of the program can use the office's own wordings of letters."""
    if names := unusable_texts(session):
        return warning(
            _("wordings that no longer fit, so that the original stands instead: {names}", names=", ".join(names)),
            _("open the administration's page of letter texts, and word them anew or restore the original"),
        )
    return ok(_("every wording can be used"))


def erased(case: CheckedInstallation, session: Session) -> Finding:
    """Look for erased people whom a restored back-up has brought back."""
    if codes := find_restored(session, case.settings.data):
        return warning(
            _("erased, and here again, from a back-up: {people}", people=codes),
            _("erase each of them again: dondoc person erase {person}", person=codes[0]),
        )
    return ok(_("nobody who was erased is here again"))


def dates(_case: CheckedInstallation, session: Session) -> Finding:
    """Look for open tasks due after the last day of the working calendar. Earlier versions let people grant that."""
    is_beyond = (col(Task.due_at) > end_of_day(LAST_DAY), col(Task.status).in_(OPEN_STATUSES))
    tasks = [task_id.hex[-8:] for task_id in session.exec(select(Task.id).where(*is_beyond).order_by(col(Task.id)))]
    if not tasks:
        return ok(_("every open task's deadline lies within the working calendar"))
    return broken(
        _(
            "open tasks due after {last}, whose pages do not open: {count} ({tasks})",
            last=write_date(LAST_DAY),
            count=len(tasks),
            tasks=[*tasks[:_LISTED], *(["…"] if len(tasks) > _LISTED else [])],
        ),
        _(
            "set the intended deadline: dondoc task act {task} set-date --as PERSON --due DATE --note REASON",
            task=tasks[0],
        ),
    )
