"""The pages of an action on a task: its form, for some actions a check, then the action and its confirmation."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, TypeGuard
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from models.errors import DondocError, NotFound, Refused
from models.i18n import Words, _
from models.tasks.evidence_files import MOST_FILES, StoredFile, clean_name, store_file
from models.tasks.history import History
from models.tasks.task import Task
from models.text.localtime import as_day, local
from models.words import EVENT_WORDS
from notifications.composing.wording import WrittenWords
from web.actions import submitted_action
from web.actions.action_choices import ActionChoices, read_choices
from web.actions.action_forms import FORMS, ActionForm, Kind, form_of, initial_values
from web.actions.kept_files import FormFiles, KeptFile, KeptTokens
from web.actions.submitted_action import FieldFault, Typed
from web.request.form_input import Posted
from web.request.given_values import id_or_none
from web.request.request_context import RequestContext, Signed
from web.task.task_pages import sheet_facts
from workflows.access.conflict import Conflict
from workflows.access.find_task import find_task_id, short
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS, UNDO_WITHIN
from workflows.tasks.act import ActionResult, act
from workflows.worklists.task_view import TaskSheet, letters_leave_at, read_sheet

router = APIRouter()


class ActionStep(KeptTokens):
    """The common fields: `seen` is the page's newest line of history, `step` the button, `then` the list before."""

    seen: str = ""
    step: str = ""
    then: str = ""


@dataclass(frozen=True)
class ActionPage:
    context: RequestContext
    action: Action
    sheet: TaskSheet
    choices: ActionChoices

    @property
    def form(self) -> ActionForm:
        form = form_of(self.action, self.sheet.spec.result)
        if self.action is Action.SET_DATE and self.sheet.task.due_at is not None:  # moving a deadline needs a reason
            form = replace(form, fields=tuple(replace(field, needed=True) for field in form.fields))
        return form

    @property
    def files(self) -> FormFiles:
        return FormFiles(self.context.site.key, self.sheet.task.id, self.context.person.id, self.context.now)

    @property
    def is_offered(self) -> bool:
        return self.action in (*self.sheet.near, *self.sheet.far)

    @property
    def path(self) -> str:
        return f"/tasks/{self.sheet.task.id.hex}/{self.action.value}"


@router.get("/tasks/{name}/{action}")
def action_form(name: str, action: str, context: Signed) -> Response:
    page = _open(context, name, action)
    if not page.is_offered:
        reason = _why_not(page)
        facts = sheet_facts(context, page.sheet)
        return context.page("task/not_now.html", 409, **facts, action=page.action, reason=reason)
    return _page(page, *_initial_values(page))


@router.post("/tasks/{name}/{action}")
def do_action(
    name: str, action: str, context: Signed, sent: Annotated[ActionStep, Depends(ActionStep.sent)], form: Posted
) -> Response:
    """Check the form, show it once more if the action cannot be undone, then do the action."""
    page = _open(context, name, action)
    typed, kept = submitted_action.typed_values(form, page.form.fields), page.files.read(sent)
    seen = id_or_none(sent.seen) or page.sheet.seen

    def refused(error: DondocError) -> HTMLResponse:
        shown = page.sheet.seen if isinstance(error, Conflict) else seen  # the page now shows the conflicting line
        return _page(page, typed, kept, error=error, seen=shown)

    with context.again(refused):
        if not page.is_offered:
            raise _why_not(page)
        _store_files(page, form, kept)
        arguments, faults = submitted_action.check_typed(SPECS[page.action].input, page.form.fields, typed)
        if faults or sent.step == "change":
            return _page(page, typed, kept, faults, seen=seen)
        arguments |= {"file": tuple(kept_file.file for kept_file in kept)} if kept else {}
        if page.form.is_checked and sent.step != "send":
            with context.dry_run() as session:
                _act(page, session, arguments, seen)
            return _page(page, typed, kept, template="task/check.html", seen=seen)
        with context.transaction() as session:
            result = _act(page, session, arguments, seen)
            leaves_at = letters_leave_at(session, page.sheet.task.id, result.history_id)
    if sent.then:
        return _go_back(page, sent.then, leaves_at)
    return context.go(f"{page.path}/done/{result.history_id.hex}")


def _go_back(page: ActionPage, then: str, leaves_at: datetime | None) -> Response:
    """Go back to the list from which the person acted, and say there what was done."""
    context = page.context
    words, unit = context.words(page.action.label), page.sheet.lead.name
    undo = [page.sheet.task.id] if page.action is Action.APPROVE else []
    if not _waits(leaves_at, context.now):
        return context.go(then, _("Done: {what}, {unit}."), undo=undo, what=words, unit=unit)
    write = WrittenWords(context.language)
    done = _(
        "Done: {what}, {unit}. The letter about it leaves at {time} on {day}, together with other news for its reader."
    )
    day = f"{write.weekday(leaves_at)} {write.day(leaves_at)}"
    return context.go(then, done, undo=undo, what=words, unit=unit, time=write.time(leaves_at), day=day)


@router.get("/tasks/{name}/{action}/done/{history_id}")
def action_done(name: str, action: str, history_id: UUID, context: Signed) -> HTMLResponse:
    with context.reading() as session:
        history = session.get(History, history_id)
        task = session.get(Task, history.task_id) if history and history.actor_id == context.person.id else None
        if history is None or task is None or task.id.hex != name or action not in set(Action):
            raise NotFound("there is no such page")
        sheet = _sheet_or_none(session, context, task.id)
        leaves_at = letters_leave_at(session, task.id, history_id)
    facts = sheet_facts(context, sheet) if sheet else {"sheet": None, "task": task}
    return context.page(
        "task/done.html",
        **facts,
        done_at=history.recorded_at,
        reference=_reference(history, task.id),
        words=Action(action).label,
        next=FORMS[Action(action)].next,
        leaves_at=leaves_at if _waits(leaves_at, context.now) else None,
        may_undo=sheet is not None and Action.UNDO_APPROVAL in sheet.near,
    )


def _reference(history: History, task_id: UUID) -> str:
    """Return a reference by which an action can be found: its task, local minute, and the end of its line's id."""
    return f"{short(task_id)}-{local(history.recorded_at):%d%m%y-%H%M}-{history.id.hex[-4:]}"


def _waits(leaves_at: datetime | None, now: datetime) -> TypeGuard[datetime]:
    """Return whether a letter waits for longer than an approval can be undone."""
    return leaves_at is not None and leaves_at > now + UNDO_WITHIN


def _open(context: RequestContext, name: str, action: str) -> ActionPage:
    if action not in set(Action):
        raise NotFound("there is no such page")
    with context.reading() as session:
        task_id = find_task_id(session, context.principal, name)
        sheet = read_sheet(session, context.principal, task_id, **context.moment(session))
        form = form_of(Action(action), sheet.spec.result)
        choices = read_choices(session, sheet, Action(action), form, **context.moment(session))
    return ActionPage(context, Action(action), sheet, choices)


def _act(page: ActionPage, session: Session, arguments: dict[str, object], seen: UUID | None) -> ActionResult:
    context = page.context
    return act(
        context.acting(session),
        page.sheet.task.id,
        page.action,
        arguments,
        seen=seen,
        letters_at=context.now + UNDO_WITHIN if page.action is Action.APPROVE else None,
    )


def _initial_values(page: ActionPage) -> tuple[Typed, list[KeptFile]]:
    """Return the values and files with which a form begins. A correction begins with the submitted result."""
    whole = page.sheet.whole
    if page.action is not Action.CORRECT or whole is None or not whole.results:
        today, head = page.context.today, page.sheet.head
        return initial_values(page.action, page.form.fields, today=today, head=head), []
    result = whole.results[0]
    events = (EVENT_WORDS["submitted"], EVENT_WORDS["corrected"])
    notes = (
        line.note for line in whole.timeline if line.recorded_at == result.row.submitted_at and line.event in events
    )
    values = {
        "number": result.row.number,
        "date": result.row.document_date.isoformat(),
        "subject": result.row.subject,
        "signer": result.row.signer,
        "link": result.row.link or "",
        "note": next(notes, ""),
    }
    names = {field.name for field in page.form.fields}
    files = [StoredFile(file.sha256, file.filename, file.media_type, file.size) for file in result.files]
    kept = [page.files.keep(file) for file in files] if "file" in names else []
    return {name: value for name, value in values.items() if name in names}, kept


def _store_files(page: ActionPage, form: FormData, kept: list[KeptFile]) -> None:
    """Store the uploaded files and add them to `kept`, so that no later step asks for them again.

    Files before a wrong one stay. Raise Refused if the action takes no files, or too many are given.
    """
    settings = page.context.settings
    sent = submitted_action.uploads(form)
    if sent and not any(field.kind is Kind.FILES for field in page.form.fields):
        raise Refused("no file may be given here: {file}", file=clean_name(sent[0].name))
    if len(kept) + len(sent) > MOST_FILES:
        raise Refused("at most {most} files belong to one result", most=MOST_FILES)
    for file in sent:
        kept.append(page.files.keep(store_file(settings.evidence, file, max_bytes=settings.file_max_bytes)))


def _page(
    page: ActionPage,
    typed: Typed,
    kept: list[KeptFile],
    faults: list[FieldFault] | None = None,
    *,
    error: DondocError | None = None,
    template: str = "task/action.html",
    seen: UUID | None = None,
) -> HTMLResponse:
    context, kind = page.context, SPECS[page.action].input
    status = context.fault(error) if error else (422 if faults else 200)
    return context.page(
        template,
        status,
        **sheet_facts(context, page.sheet),
        form=page.form,
        action=page.action,
        path=page.path,
        typed=typed,
        kept=kept,
        faults={fault.name: fault.words for fault in faults or ()},
        refusal=error,
        choices=page.choices,
        needs=lambda name: submitted_action.is_needed(kind, name),
        longest=lambda name: submitted_action.max_length(kind, name),
        most_files=MOST_FILES,
        words_of=lambda words: _write_words(words, context),
        day_of=lambda value: _write_day(value, context),
        largest=context.settings.file_max_bytes,
        seen=seen or page.sheet.seen,
    )


def _why_not(page: ActionPage) -> Refused:
    rule, sheet = SPECS[page.action].rule, page.sheet
    words = page.action.label
    if not rule.by & sheet.relations:  # checked first, as a coordinating unit must not learn the status
        by = [relation.label for relation in Relation if relation in rule.by]
        return Refused("“{action}” is not for you, but for: {by}", action=words, by=by)
    if sheet.task.status not in rule.sources:
        status = sheet.task.status.label
        return Refused("“{action}” is not possible while the task is at: {status}", action=words, status=status)
    return Refused("“{action}” is not possible in the task's present state: look at its page", action=words)


def _sheet_or_none(session: Session, context: RequestContext, task_id: UUID) -> TaskSheet | None:
    """Return the task's sheet, or None if the person may not see the task any more after the action."""
    try:
        return read_sheet(session, context.principal, task_id, **context.moment(session))
    except NotFound:
        return None


def _write_words(words: Words, context: RequestContext) -> str:
    write = WrittenWords(context.language)
    facts = {name: write.day(fact) if isinstance(fact, date) else fact for name, fact in words.facts.items()}
    return context.words(words.message, **facts)


def _write_day(value: str, context: RequestContext) -> str:
    return WrittenWords(context.language).day(date.fromisoformat(as_day(value)))
