"""The working calendar: a year of it, and days changed by the yearly decision, their effect seen beforehand."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, DondocError, Refused
from models.i18n import _
from models.organization.calendar import DayKind
from models.text.localtime import FIRST_YEAR, LAST_YEAR, read_day
from notifications.composing.reasons import off_words
from web.request.form_input import FormInput, Posted
from web.request.having_right import MayEditCalendar
from web.request.page_frame import admin_page, options
from web.request.request_context import RequestContext
from workflows.access.conflict import mark_shown
from workflows.organization.uploads import forget_files, keep_files, kept_files
from workflows.organization.working_calendar import EditedDay, is_decided, read_days, write_days
from workflows.tasks.edit_calendar import CalendarPreview, edit_calendar, preview_edit
from workflows.worklists.calendar_year import MOST, moved_tasks, revisions_of, special_days, year_of

router = APIRouter()
_LARGEST = 100_000  # bytes; a year's decision is a page


class DaysForm(FormInput):
    kind: str = ""
    first: str = ""
    last: str = ""
    name: str = ""
    days: str = ""
    reason: str = ""


class ConfirmedDays(FormInput):
    seen: str = ""


@router.get("/admin/calendar")
def calendar_page(context: MayEditCalendar, year: int = 0) -> HTMLResponse:
    shown = min(max(year or context.today.year, FIRST_YEAR), LAST_YEAR)
    with context.reading() as session:
        calendar, revisions = context.calendar(session), revisions_of(session, shown)
        decided = is_decided(session, shown)
    months = year_of(calendar, shown)
    days = [day for month in months for week in month for day in week if day is not None]
    return admin_page(
        context,
        "calendar.html",
        year=shown,
        before=shown - 1 if shown > FIRST_YEAR else None,
        after=shown + 1 if shown < LAST_YEAR else None,
        months=months,
        special=special_days(months),
        working=sum(day.is_working for day in days),
        is_decided=decided,
        revisions=revisions,
    )


@router.get("/admin/calendar/edit")
def edit_page(context: MayEditCalendar, day: str = "") -> HTMLResponse:
    if not day:
        return _form(context, DaysForm())
    chosen = read_day(_("Day"), day)
    with context.reading() as session:
        calendar = context.calendar(session)
    kind = DayKind.OFF if calendar.is_working(chosen) else DayKind.WORKING
    return _form(context, DaysForm(kind=kind.value, first=day, name=calendar.names.get(chosen, "")))


@router.post("/admin/calendar/edit")
def edit(context: MayEditCalendar, given: Annotated[DaysForm, Depends(DaysForm.sent)], form: Posted) -> Response:
    with context.again(lambda error: _form(context, given, error)):
        days = _read(form, given)
        if not given.reason:
            raise BadInput("reason: name the decision that changes the calendar, in at most 500 characters")
        with context.reading() as session:
            preview_edit(session, days, context.now)
    files = {"days": ("days.txt", write_days(days).encode()), "reason": ("reason.txt", given.reason.encode())}
    token = keep_files(context.settings.data, context.person.id, files, now=context.now)
    return context.go(f"/admin/calendar/changes/{token}")


def _read(form: FormData, given: DaysForm) -> dict[date, EditedDay]:
    lines = []
    if not given.first and (given.last or given.name):
        raise BadInput(_("first day: without it the last day and the name have no effect"))
    if given.first:
        first = read_day(_("First day"), given.first)
        last = read_day(_("Last day"), given.last) if given.last else first
        lines.append(f"{first.isoformat()}..{last.isoformat()}\t{given.kind}\t{given.name}")
    sent = form.get("file")
    if isinstance(sent, UploadFile) and sent.filename:
        lines.append(_decoded(sent.filename, sent.file.read(_LARGEST + 1)))
    return read_days("\n".join([*lines, given.days]))


def _decoded(name: str, content: bytes) -> str:
    if len(content) > _LARGEST:
        raise BadInput(_("{file}: too large for a list of days"), file=name)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(_("{file}: not text in UTF-8; save it as “CSV UTF-8”"), file=name) from None


def _form(context: RequestContext, given: DaysForm, error: DondocError | None = None) -> HTMLResponse:
    kinds = options(DayKind.labels().items(), context)
    return admin_page(context, "calendar_form.html", given=given, kinds=kinds, error=error)


@router.get("/admin/calendar/changes/{token}")
def preview_page(context: MayEditCalendar, token: str) -> HTMLResponse:
    return _preview(context, token)


def _preview(context: RequestContext, token: str, error: DondocError | None = None) -> HTMLResponse:
    days, reason = _kept(context, token)
    with context.reading() as session:
        calendar, seen = context.calendar(session), preview_edit(session, days, context.now)
        tasks = moved_tasks(session, seen.moved)
    changes = [
        (
            day,
            calendar.is_working(day),
            calendar.called(day) or off_words(calendar.why_off(day), context.language),
            edited,
        )
        for day, edited in seen.days.items()
    ]
    return admin_page(
        context,
        "calendar_preview.html",
        changes=changes,
        reason=reason,
        tasks=tasks,
        moved=len(seen.moved),
        more=max(0, len(seen.moved) - MOST),
        rechecked=seen.rechecked,
        mark=_mark(seen),
        error=error,
    )


@router.post("/admin/calendar/changes/{token}")
def confirm(
    context: MayEditCalendar, token: str, given: Annotated[ConfirmedDays, Depends(ConfirmedDays.sent)]
) -> Response:
    """Do what was shown; where it would do something else by now, that is shown first."""
    days, reason = _kept(context, token)
    with context.submit(lambda error: _preview(context, token, error)) as session:
        if _mark(preview_edit(session, days, context.now)) != given.seen:
            raise Refused(_("tasks have changed since you looked: check again what the change would do now"))
        done = edit_calendar(session, context.person.id, days, reason, context.now, address=context.hand.address)
    forget_files(context.settings.data, context.person.id, token)
    year = min(days).year
    said = _("The calendar is changed; deadlines moved: {count}.")
    return context.go(f"/admin/calendar?year={year}", said, count=len(done.preview.moved))


def _kept(context: RequestContext, token: str) -> tuple[dict[date, EditedDay], str]:
    files = kept_files(context.settings.data, context.person.id, token)
    if not {"days", "reason"} <= files.keys():
        raise BadInput("there is no such page")
    days, reason = (files[name][1].decode() for name in ("days", "reason"))
    return read_days(days), reason


def _mark(seen: CalendarPreview) -> str:
    """Another one where the change would do anything else."""
    return mark_shown((sorted(seen.days.items()), [(one.task_id, one.new_due) for one in seen.moved]))
