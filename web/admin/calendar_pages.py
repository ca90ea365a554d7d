"""The working calendar: its years, and changes of days. A change shows its effect first, and is then confirmed.

Between the two steps the days and the reason wait in files, whose token is in the address.
"""

from datetime import date
from typing import Annotated, NamedTuple

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
    year = min(max(year or context.today.year, FIRST_YEAR), LAST_YEAR)
    with context.reading() as session:
        calendar, revisions = context.calendar(session), revisions_of(session, year)
        decided = is_decided(session, year)
    months = year_of(calendar, year)
    days = [day for month in months for week in month for day in week if day is not None]
    return admin_page(
        context,
        "calendar.html",
        year=year,
        before=year - 1 if year > FIRST_YEAR else None,
        after=year + 1 if year < LAST_YEAR else None,
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
def edit(context: MayEditCalendar, form: Annotated[DaysForm, Depends(DaysForm.sent)], data: Posted) -> Response:
    with context.again(lambda error: _form(context, form, error)):
        days = _read_edited_days(data, form)
        if not form.reason:
            raise BadInput("reason: name the decision that changes the calendar, in at most 500 characters")
        with context.reading() as session:
            preview_edit(session, days, context.now)
    files = {"days": ("days.txt", write_days(days).encode()), "reason": ("reason.txt", form.reason.encode())}
    token = keep_files(context.settings.data, context.person.id, files, now=context.now)
    return context.go(f"/admin/calendar/changes/{token}")


def _read_edited_days(data: FormData, form: DaysForm) -> dict[date, EditedDay]:
    lines = []
    if not form.first and (form.last or form.name):
        raise BadInput(_("first day: without it the last day and the name have no effect"))
    if form.first:
        first = read_day(_("First day"), form.first)
        last = read_day(_("Last day"), form.last) if form.last else first
        lines.append(f"{first.isoformat()}..{last.isoformat()}\t{form.kind}\t{form.name}")
    upload = data.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        lines.append(_decode(upload.filename, upload.file.read(_LARGEST + 1)))
    return read_days("\n".join([*lines, form.days]))


def _decode(name: str, content: bytes) -> str:
    if len(content) > _LARGEST:
        raise BadInput(_("{file}: too large for a list of days"), file=name)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(_("{file}: not text in UTF-8; save it as “CSV UTF-8”"), file=name) from None


def _form(context: RequestContext, form: DaysForm, error: DondocError | None = None) -> HTMLResponse:
    kinds = options(DayKind.labels().items(), context)
    return admin_page(context, "calendar_form.html", given=form, kinds=kinds, error=error)


@router.get("/admin/calendar/changes/{token}")
def preview_page(context: MayEditCalendar, token: str) -> HTMLResponse:
    return _preview(context, token)


def _preview(context: RequestContext, token: str, error: DondocError | None = None) -> HTMLResponse:
    days, reason = _read_kept(context, token)
    with context.reading() as session:
        calendar, preview = context.calendar(session), preview_edit(session, days, context.now)
        tasks = moved_tasks(session, preview.moved)
    changes = [
        ChangedDay(
            day,
            calendar.is_working(day),
            calendar.called(day) or off_words(calendar.why_off(day), context.language),
            edited,
        )
        for day, edited in preview.days.items()
    ]
    return admin_page(
        context,
        "calendar_preview.html",
        changes=changes,
        reason=reason,
        tasks=tasks,
        moved=len(preview.moved),
        more=max(0, len(preview.moved) - MOST),
        rechecked=preview.rechecked,
        mark=_digest(preview),
        error=error,
    )


class ChangedDay(NamedTuple):
    """A day as the calendar has it now, and as it would become."""

    day: date
    is_working: bool
    name: str
    edited: EditedDay


@router.post("/admin/calendar/changes/{token}")
def confirm(
    context: MayEditCalendar, token: str, form: Annotated[ConfirmedDays, Depends(ConfirmedDays.sent)]
) -> Response:
    """Change the calendar. If the effect is no longer the one that was shown, show the new effect instead."""
    days, reason = _read_kept(context, token)
    with context.submit(lambda error: _preview(context, token, error)) as session:
        if _digest(preview_edit(session, days, context.now)) != form.seen:
            raise Refused(_("tasks have changed since you looked: check again what the change would do now"))
        done = edit_calendar(session, context.person.id, days, reason, context.now, address=context.audit_actor.address)
    forget_files(context.settings.data, context.person.id, token)
    message = _("The calendar is changed; deadlines moved: {count}.")
    return context.go(f"/admin/calendar?year={min(days).year}", message, count=len(done.preview.moved))


def _read_kept(context: RequestContext, token: str) -> tuple[dict[date, EditedDay], str]:
    """Return the days and the reason that wait for confirmation. BadInput for an unknown token."""
    files = kept_files(context.settings.data, context.person.id, token)
    if not {"days", "reason"} <= files.keys():
        raise BadInput("there is no such page")
    days, reason = (files[name][1].decode() for name in ("days", "reason"))
    return read_days(days), reason


def _digest(preview: CalendarPreview) -> str:
    return mark_shown((sorted(preview.days.items()), [(task.task_id, task.new_due) for task in preview.moved]))
