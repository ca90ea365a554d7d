"""Checks of what the office must have entered: the yearly calendar, an administrator, addresses in letters, dates."""

from datetime import date

from sqlmodel import Session, col, select

from models.database.run import LINK_KEY, Installation
from models.i18n import Words, _
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import LAST_DAY, end_of_day, local_date, write_date
from workflows.delivery.letters.letter_texts import unusable_texts
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, ok, warning
from workflows.operations.doctor.site import is_loopback
from workflows.operations.personal.erased import come_back
from workflows.organization.working_calendar import is_decided, is_next_year_wanted
from workflows.queue.alerts import administrators

_NAMED = 10  # tasks
_ENTER = _(
    "enter the government's decision under Administration → Working calendar; "
    "where it moves no day, enter Tết itself as a day off"
)


def calendar(case: CheckedInstallation, session: Session) -> Finding:
    """This year's days off and make-up days, as the government decides them every year."""
    year = local_date(case.now).year
    if is_decided(session, year):
        return ok(_("{year}: the yearly decision is in"), year=year)
    return broken(_("{year}: nobody has entered the yearly decision; deadlines may be wrong", year=year), Words(_ENTER))


def calendar_next_year(case: CheckedInstallation, session: Session) -> Finding:
    """Next year's: wanted from 1 November, needed from 1 December."""
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
    """Somebody is told when the engine is in trouble."""
    found = len(administrators(session))
    if found:
        return ok(_("administrators with a mail address: {count}"), count=found)
    return warning(
        _("no administrator with a mail address: nobody is informed of problems"),
        _("give somebody the role administrator and an address: dondoc person import"),
    )


def links(case: CheckedInstallation, session: Session) -> Finding:
    """The key that signs letters' links, and where these lead."""
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
    """This version of the program can still use the office's own wordings of letters."""
    if found := unusable_texts(session):
        return warning(
            _("wordings that no longer fit, so that the original stands instead: {names}", names=", ".join(found)),
            _("open the administration's page of letter texts, and word them anew or restore the original"),
        )
    return ok(_("every wording can be used"))


def erased(case: CheckedInstallation, session: Session) -> Finding:
    """Nobody who was erased is back, as a back-up of before brings them."""
    if back := come_back(session, case.settings.data):
        return warning(
            _("erased, and here again, from a back-up: {people}", people=back),
            _("erase each of them again: dondoc person erase {person}", person=back[0]),
        )
    return ok(_("nobody who was erased is here again"))


def dates(_case: CheckedInstallation, session: Session) -> Finding:
    """No open task is due later than the working calendar can count to, as could be granted before it was checked."""
    beyond = (col(Task.due_at) > end_of_day(LAST_DAY), col(Task.status).in_(OPEN_STATUSES))
    found = [task_id.hex[-8:] for task_id in session.exec(select(Task.id).where(*beyond).order_by(col(Task.id)))]
    if not found:
        return ok(_("every open task's deadline lies within the working calendar"))
    return broken(
        _(
            "open tasks due after {last}, whose pages do not open: {count} ({tasks})",
            last=write_date(LAST_DAY),
            count=len(found),
            tasks=[*found[:_NAMED], *(["…"] if len(found) > _NAMED else [])],
        ),
        _(
            "set the intended deadline: dondoc task act {task} set-date --as PERSON --due DATE --note REASON",
            task=found[0],
        ),
    )
