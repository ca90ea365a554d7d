"""The page that the link in the answer to a reply opens. Opening it changes nothing; pressing its button acts once."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from models.directives.template import TemplateVersion
from models.errors import DondocError, Refused
from models.i18n import _
from models.organization.person import Person
from models.organization.unit import Unit
from models.replies.reply import MESSAGE, ReplyState
from models.tasks.act_inputs import ActionInput, MessageInput
from models.tasks.evidence_files import MOST_FILES, StoredFile, clean_name, store_file
from models.tasks.task import Task
from notifications.composing.facts import AnswerTask
from web.actions import submitted_action
from web.actions.action_forms import FormField, Kind, form_of, initial_values
from web.actions.submitted_action import FieldFault, Typed
from web.request.form_input import FormInput, Posted, Ticked
from web.request.given_values import id_or_none
from web.request.request_context import Guest, RequestContext
from web.request.word_filters import write_size
from workflows.access.actor_context import ActorContext
from workflows.replies.confirm_reply import VOID, OpenedDraft, confirm, open_draft
from workflows.replies.reply_answers import action_words
from workflows.replies.reply_tasks import has_classified, name_tasks, newest_history
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

router = APIRouter()
_COMMENT_FIELDS = (FormField("text", Kind.AREA, _("Your comment"), needed=True),)
_LEFT_OUT = (Kind.FILES, Kind.LINK, Kind.UNIT)
"""Fields that the words of a reply cannot fill. The page has a field of its own for files."""


class Confirmation(FormInput):
    """The fields of the form beside those of the action."""

    seen: str = ""  # the newest line of the task's history when the page was opened
    comment: Ticked = False  # post the reply as a comment instead


SentConfirmation = Annotated[Confirmation, Depends(Confirmation.sent)]


@dataclass(frozen=True)
class _Page:
    opened: OpenedDraft
    task: AnswerTask | None
    choices: list[AnswerTask]  # where the task is still to be chosen
    fields: tuple[FormField, ...]
    seen: UUID | None
    takes_files: bool = False

    @property
    def action(self) -> str:
        return self.opened.draft.action

    @property
    def offers_comment(self) -> bool:
        reply = self.opened.reply
        return self.action != MESSAGE and reply.state is ReplyState.WAITS and bool(reply.text)

    @property
    def input_class(self) -> type[ActionInput]:
        return MessageInput if self.action == MESSAGE else SPECS[Action(self.action)].input


@router.get("/r/{token}")
def reply_page(token: str, context: Guest) -> Response:
    return _show(context, token, None)


@router.get("/r/{token}/{number}")
def reply_page_of_task(token: str, number: int, context: Guest) -> Response:
    return _show(context, token, number)


@router.post("/r/{token}")
def confirm_reply(token: str, context: Guest, sent: SentConfirmation, form: Posted) -> Response:
    return _confirm(context, token, None, sent, form)


@router.post("/r/{token}/{number}")
def confirm_reply_of_task(token: str, number: int, context: Guest, sent: SentConfirmation, form: Posted) -> Response:
    return _confirm(context, token, number, sent, form)


def _show(context: RequestContext, token: str, number: int | None) -> HTMLResponse:
    with context.reading() as session:
        page = _open(context, session, token, number)
        defaults = _defaults(context, session, page)
    given = page.opened.draft.given
    typed: Typed = {field.name: str(given.get(field.name) or defaults.get(field.name, "")) for field in page.fields}
    return _render(context, page, typed, [])


def _confirm(context: RequestContext, token: str, number: int | None, sent: Confirmation, form: FormData) -> Response:
    with context.reading() as session:
        page = _open(context, session, token, number)
    typed = submitted_action.typed_values(form, page.fields)
    with context.again(lambda error: _render(context, page, typed, [], error)):
        as_comment = sent.comment and page.offers_comment
        given, faults = submitted_action.check_typed(page.input_class, page.fields, typed)
        if faults and not as_comment:
            return _render(context, page, typed, faults)
        files = _store_files(context, page, form)
        with context.transaction() as session:
            opened = open_draft(session, context.site.key, token, number)
            acting = ActorContext(session, opened.person, context.now, context.calendar(session), context.settings)
            confirm(acting, opened, given, seen=id_or_none(sent.seen), files=files, as_comment=as_comment)
    return context.go(f"/r/{token}")


def _store_files(context: RequestContext, page: _Page, form: FormData) -> list[StoredFile]:
    """Store the files that were sent. Refused for classified work, and where the link has been used."""
    files = submitted_action.uploads(form)
    if files and not (page.takes_files and page.opened.draft.is_open(context.now)):
        raise Refused("no file may be given here: {file}", file=clean_name(files[0].name))
    most = context.settings.file_max_bytes
    return [store_file(context.settings.evidence, file, max_bytes=most) for file in files]


def _open(context: RequestContext, session: Session, token: str, number: int | None) -> _Page:
    opened = open_draft(session, context.site.key, token, number)
    context.prefer_language(opened.person.language)
    if opened.task_id is None:
        task_ids = [UUID(hex=task_id) for task_id in opened.draft.task_ids]
        return _Page(opened, None, name_tasks(session, task_ids, f"/r/{token}"), (), None)
    return _Page(
        opened=opened,
        task=next(iter(name_tasks(session, [opened.task_id])), None),
        choices=[],
        fields=_fields(session, opened.draft.action, opened.task_id),
        seen=newest_history(session, opened.task_id),
        takes_files=not has_classified(session, [opened.task_id]),
    )


def _fields(session: Session, action: str, task_id: UUID) -> tuple[FormField, ...]:
    if action == MESSAGE:
        return _COMMENT_FIELDS
    task = session.get_one(Task, task_id)
    result = session.get_one(TemplateVersion, task.template_version_id).read_spec().result
    return tuple(field for field in form_of(Action(action), result).fields if field.kind not in _LEFT_OUT)


def _defaults(context: RequestContext, session: Session, page: _Page) -> dict[str, str]:
    """Return the values that the same form on the task's page begins with."""
    if page.opened.task_id is None or page.action == MESSAGE:
        return {}
    unit = session.get_one(Unit, session.get_one(Task, page.opened.task_id).lead_unit_id)
    head = session.get_one(Person, unit.head_id).full_name if unit.head_id else None
    return initial_values(Action(page.action), page.fields, today=context.today, head=head)


def _render(
    context: RequestContext, page: _Page, typed: Typed, faults: list[FieldFault], error: DondocError | None = None
) -> HTMLResponse:
    draft, request = page.opened.draft, page.opened.request
    is_open = draft.is_open(context.now)
    code = 422 if faults else 200
    if error is not None:
        code = context.fault(error)
    elif not is_open and draft.used_at is None:
        error, code = Refused(VOID), 410
    return context.page(
        "reply.html",
        code,
        person=page.opened.person,
        reply=page.opened.reply,
        draft=draft,
        is_open=is_open,
        task=page.task,
        choices=page.choices,
        asked=action_words(draft.action, context.language),
        fields=page.fields,
        typed=typed,
        faults={fault.name: fault.words for fault in faults},
        error=error,
        needs=lambda field: submitted_action.is_needed(page.input_class, field),
        longest=lambda name: submitted_action.max_length(page.input_class, name),
        seen=page.seen,
        takes_files=page.takes_files,
        offers_comment=page.offers_comment,
        most_files=MOST_FILES - len(draft.files),
        largest=context.settings.file_max_bytes,
        files=[(file.filename, write_size(file.size, context.language)) for file in request.files],
        leaves_files=request.leaves_files,
    )
