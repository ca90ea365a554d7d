"""Pages that retire a unit, a person or a template's version: each first lists the effects and asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.directives.template import TemplateState, TemplateVersion
from models.errors import DondocError, Refused
from models.i18n import Words, _, _n
from models.words import OFFICE_WORDS
from notifications.composing.wording import WrittenWords
from web.admin.people.people_pages import ROLE_NAMES
from web.request.form_input import Posted
from web.request.having_right import MayEditRegister
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext, Signed
from web.request.word_filters import duty_name
from workflows.operations.personal.erase import directives_followed
from workflows.organization.register.editing import change_unit
from workflows.organization.register.person_sheet import PersonSheet, find_person, read_person
from workflows.organization.register.retirement import refuse_retirement, retire_person
from workflows.organization.register.spreadsheet.checks import STILL_LEADS
from workflows.organization.register.unit_sheet import UnitSheet, read_unit
from workflows.templates.edit_template import EditedDuty, open_duty, retire_version
from workflows.templates.template_list import name_directives
from workflows.templates.version_use import read_use

router = APIRouter()
_UNIT, _PERSON = "/admin/units/{code}/retire", "/admin/people/{code}/retire"
_VERSION = "/admin/templates/{code}/{path}/{number:int}/retire"


@dataclass(frozen=True)
class Effect:
    """One effect of retiring, with a link to the page where the reader can deal with it first."""

    says: Words
    href: str = ""
    link: str = ""


@router.get(_UNIT)
def ask_unit(context: MayEditRegister, code: str) -> Response:
    return _ask_unit(context, code)


@router.post(_UNIT)
def retire_unit(context: MayEditRegister, code: str, form: Posted) -> Response:
    """Retire a unit: it gets no more tasks. Refused while it leads open ones."""
    with context.submit(lambda error: _ask_unit(context, code, error)) as session:
        change_unit(session, code, {"is_active": "no"}, context.audit_actor)
    return context.go(f"/admin/units/{code}", _("The unit is retired: it gets no more tasks."))


@router.get(_PERSON)
def ask_person(context: MayEditRegister, code: str) -> Response:
    return _ask_person(context, code)


@router.post(_PERSON)
def retire_this_person(context: MayEditRegister, code: str, form: Posted) -> Response:
    """Retire a person: they no longer act and get no letters. Refused while they head a unit."""
    with context.submit(lambda error: _ask_person(context, code, error)) as session:
        retire_person(session, find_person(session, code).code, context.now, context.audit_actor)
    return context.go(f"/admin/people/{code}", _("Retired: they can no longer act, and get no letters."))


@router.get(_VERSION)
def ask_version(code: str, path: str, number: int, context: Signed) -> Response:
    return _ask_version(context, code, path, number)


@router.post(_VERSION)
def retire_this_version(code: str, path: str, number: int, context: Signed, form: Posted) -> Response:
    with context.submit(lambda error: _ask_version(context, code, path, number, error)) as session:
        edited = open_duty(session, context.principal, code, path)
        retire_version(session, context.principal, edited, number, now=context.now)
    message = _("Version {version} is retired: it serves no new launch; open tasks keep it.")
    return context.go(f"/admin/templates/{code}/{path}/{number}", message, version=number)


def _ask_unit(context: RequestContext, code: str, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        sheet = read_unit(session, code)
    home = f"/admin/units/{code}"
    if not sheet.unit.is_active and error is None:
        return context.go(home)
    obstacle = Refused(STILL_LEADS, unit=sheet.unit.code, count=sheet.open_tasks) if sheet.open_tasks else None
    parents = [("/admin/units", _("All units")), (home, sheet.unit.code)]
    return _page(context, _("Retire this unit"), sheet.unit.name, parents, _unit_effects(sheet), error, obstacle)


def _ask_person(context: RequestContext, code: str, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        sheet = read_person(session, code, context.today)
        write = WrittenWords(context.language)
        named = name_directives(session, directives_followed(session, sheet.person.id))
        directives = [write.directive(directive) for directive in named.values()]
        obstacle = _find_obstacle(session, sheet)
    home = f"/admin/people/{code}"
    if not sheet.person.is_active and error is None:
        return context.go(home)
    parents = [("/admin/people", _("People")), (home, sheet.person.full_name)]
    effects = _person_effects(sheet, directives, write)
    return _page(context, _("Retire this person"), sheet.person.full_name, parents, effects, error, obstacle)


def _ask_version(
    context: RequestContext, code: str, path: str, number: int, error: DondocError | None = None
) -> Response:
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        version = edited.version(number)
        effects = list(_version_effects(session, edited, version, WrittenWords(context.language)))
    duty, home = duty_name(path, context.language), f"/admin/templates/{code}/{path}"
    if version.state is not TemplateState.PUBLISHED and error is None:
        return context.go(f"{home}/{number}")
    version_words = Words(_("Version {version}"), version=number)
    parents = [("/admin/templates", _("Workflow templates")), (home, duty), (f"{home}/{number}", version_words)]
    title = Words(_("Retire version {version}"), version=number)
    return _page(context, title, f"{duty}: {version.spec['title']}", parents, effects, error)


def _page(
    context: RequestContext,
    title: str,
    name: str,
    parents: list[tuple[str, str]],
    effects: Iterable[Effect],
    error: DondocError | None,
    obstacle: DondocError | None = None,
) -> HTMLResponse:
    """Show the page that asks.

    `parents`: the pages above it, the nearest last. `error`: why the attempt was refused. `obstacle`: why an attempt
    would be refused; it leaves the status at 200.
    """
    crumbs = [(href, context.words(words)) for href, words in [*parents, ("", title)]]
    return admin_page(
        context,
        "retire.html",
        None if error else 200,
        title=title,
        name=name,
        crumbs=crumbs,
        effects=list(effects),
        back=parents[-1][0],
        error=error or obstacle,
    )


def _find_obstacle(session: Session, sheet: PersonSheet) -> DondocError | None:
    try:
        refuse_retirement(session, sheet.person)
    except Refused as error:
        return error
    return None


def _unit_effects(sheet: UnitSheet) -> Iterator[Effect]:
    yield Effect(_("It gets no more tasks: launches, periods, incidents and requests skip it."))
    if sheet.joined:
        yield Effect(
            _n(
                "It coordinates {count} open task that others lead, and continues to do so.",
                "It coordinates {count} open tasks that others lead, and continues to do so.",
                count=sheet.joined,
            )
        )
    if sheet.supervised:
        yield Effect(
            _n(
                "Supervises {count} unit: reminders about it still go to the head here until it has another "
                "supervising unit.",
                "Supervises {count} units: reminders about them go on to its head until they have another supervising "
                "unit.",
                count=sheet.supervised,
            )
        )
    if sheet.directives:
        yield Effect(
            Words(
                _("Directives that it follows up, or whose issuer it decides for: {count}. They stay with it."),
                count=sheet.directives,
            )
        )
    yield Effect(
        _("Its people stay active, but nobody acts for it any longer as head, deputy in charge or focal point.")
    )
    yield Effect(_("Its past work stays in the history and in reports. It can be made active again."))


def _person_effects(sheet: PersonSheet, directives: list[str], write: WrittenWords) -> Iterator[Effect]:
    home = f"/admin/people/{sheet.person.code}"
    yield Effect(_("They can no longer sign in or act, not even by links in letters, and get no letters."))
    for unit, count in sheet.held:
        says = _n(
            "Assigned to them: {count} open task of {unit}. Their name stays on it; letters meant "
            "for them go to the coordinator.",
            "Assigned to them: {count} open tasks of {unit}. Their name stays on these; letters "
            "meant for them go to the coordinator.",
        )
        yield Effect(Words(says, count=count, unit=unit.name), f"{home}/tasks", _("Hand these tasks over"))
    if sheet.followed:
        says = _n(
            "Followed up by them: {count} open task. Their name and telephone stay on it; letters meant for them go "
            "to the head of the unit that gave the task out. A coordinator of that unit gives it to another on the "
            "directive's board, under “Act on many tasks at once”.",
            "Followed up by them: {count} open tasks. Their name and telephone stay on these; letters meant for them "
            "go to the head of the unit that gave the task out. A coordinator of that unit gives these tasks to "
            "another on the directive's board, under “Act on many tasks at once”.",
        )
        yield Effect(Words(says, count=write.count(sheet.followed)), "/directives", _("Directives"))
    if directives:
        yield Effect(
            Words(
                _("Duties of {directives} that they launched go on: tasks to come name them as coordinator too."),
                directives=directives,
            )
        )
    for office, unit in sheet.offices:
        says = _("Holds an office: {office} of {unit}. It passes to nobody automatically.")
        href = f"/admin/units/{unit.code}/offices/{office}"
        yield Effect(Words(says, office=OFFICE_WORDS[office], unit=unit.name), href, _("Hand over"))
    for role, unit in sheet.roles:
        says = _("Has a role: {role}, {unit}. It has no effect while they are retired.")
        yield Effect(Words(says, role=ROLE_NAMES[role], unit=unit.name))
    for absence in sheet.absences:
        if absence.stand_in.id == sheet.person.id and not absence.is_over:
            says = _("They stand in for {person} until {day}: letters meant for {person} then go to the coordinator.")
            yield Effect(Words(says, person=absence.person.full_name, day=write.day(absence.ends_on)))
    yield Effect(_("Their past work stays in the history and in reports. They can be made active again."))


def _version_effects(
    session: Session, edited: EditedDuty, version: TemplateVersion, write: WrittenWords
) -> Iterator[Effect]:
    use = read_use(session, edited.duty.id, version.id)
    yield Effect(Words(_("Open tasks that follow this version, and keep it: {count}."), count=use.open_tasks))
    yield Effect(_("The duty cannot be launched until another version is published."))
    if use.next_opens_at:
        says = _("It recurs: its next period, of {day}, does not open until another version is published.")
        yield Effect(Words(says, day=write.day(use.next_opens_at)))
    elif use.is_armed:
        yield Effect(_("It is ready: incidents and requests make no task of it until another version is published."))
    yield Effect(_("This version cannot be restored, but a new draft can be made from it."))
