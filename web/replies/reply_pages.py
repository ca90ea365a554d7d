"""What a reply asks for, confirmed by the link in its answer: opening it changes nothing, a press acts once."""

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
from web.actions.action_forms import FormField, Kind, begins_with, form_of
from web.actions.submitted_action import FieldFault, Typed
from web.request.form_input import FormInput, Posted, Ticked
from web.request.given_values import id_or_none
from web.request.request_context import Guest, RequestContext
from web.request.word_filters import write_size
from workflows.access.actor_context import ActorContext
from workflows.replies.confirm_reply import VOID, OpenedDraft, confirm, open_draft
from workflows.replies.reply_answers import asked_words
from workflows.replies.reply_tasks import has_classified, name_tasks, newest_history
from workflows.rules.tasks.lifecycle import SPECS, Action

router = APIRouter()
_TEXT = (FormField("text", Kind.AREA, _("Your comment"), needed=True),)
_LEFT_OUT = (Kind.FILES, Kind.LINK, Kind.UNIT)
"""What a reply does not bring in words. Files have a field of their own, whatever the act."""


class Confirmation(FormInput):
    """What the form says beside the action's own fields; `comment`: the words are to be no more than that."""

    seen: str = ""
    comment: Ticked = False


SentConfirmation = Annotated[Confirmation, Depends(Confirmation.sent)]


@dataclass(frozen=True)
class _Page:
    """A reply to be confirmed, as its link opens it."""

    opened: OpenedDraft
    task: AnswerTask | None  # what it is about
    choices: list[AnswerTask]  # where one is to be chosen
    fields: tuple[FormField, ...]
    seen: UUID | None
    takes_files: bool = False

    @property
    def action(self) -> str:
        return self.opened.draft.action

    @property
    def offers_comment(self) -> bool:
        """The words may still become no more than a comment."""
        return self.action != MESSAGE and self.opened.reply.state is ReplyState.WAITS and bool(self.opened.reply.text)

    @property
    def kind(self) -> type[ActionInput]:
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
        usual = _usual(context, session, page)
    draft = page.opened.draft
    typed: Typed = {one.name: str(draft.given.get(one.name) or usual.get(one.name, "")) for one in page.fields}
    return _page(context, page, typed, [])


def _confirm(context: RequestContext, token: str, number: int | None, sent: Confirmation, form: FormData) -> Response:
    with context.reading() as session:
        page = _open(context, session, token, number)
    typed = submitted_action.typed_in(form, page.fields)
    with context.again(lambda error: _page(context, page, typed, [], error)):
        as_comment = sent.comment and page.offers_comment
        given, faults = submitted_action.read(page.kind, page.fields, typed)
        if faults and not as_comment:
            return _page(context, page, typed, faults)
        files = _store(context, page, form)
        with context.transaction() as session:
            opened = open_draft(session, context.site.key, token, number)
            acting = ActorContext(session, opened.person, context.now, context.calendar(session), context.settings)
            confirm(acting, opened, given, seen=id_or_none(sent.seen), files=files, as_comment=as_comment)
    return context.go(f"/r/{token}")


def _store(context: RequestContext, page: _Page, form: FormData) -> list[StoredFile]:
    """Store the files that were chosen, before anything is written; of classified work, and by a link that was used,
    none.
    """
    sent = submitted_action.uploads(form)
    if sent and not (page.takes_files and page.opened.draft.is_open(context.now)):
        raise Refused("no file may be given here: {file}", file=clean_name(sent[0].name))
    most = context.settings.file_max_bytes
    return [store_file(context.settings.evidence, one, max_bytes=most) for one in sent]


def _open(context: RequestContext, session: Session, token: str, number: int | None) -> _Page:
    opened = open_draft(session, context.site.key, token, number)
    context.speak(opened.person.language)
    tasks = [UUID(hex=one) for one in opened.draft.task_ids]
    named = name_tasks(session, tasks, f"/r/{token}")
    if opened.task_id is None:
        return _Page(opened, None, named, (), None)
    about = next(iter(name_tasks(session, [opened.task_id])), None)
    fields = _fields(session, opened.draft.action, opened.task_id)
    takes_files = not has_classified(session, [opened.task_id])
    return _Page(opened, about, [], fields, newest_history(session, opened.task_id), takes_files)


def _fields(session: Session, action: str, task_id: UUID) -> tuple[FormField, ...]:
    if action == MESSAGE:
        return _TEXT
    task = session.get_one(Task, task_id)
    result = session.get_one(TemplateVersion, task.template_version_id).read_spec().result
    return tuple(one for one in form_of(Action(action), result).fields if one.kind not in _LEFT_OUT)


def _usual(context: RequestContext, session: Session, page: _Page) -> dict[str, str]:
    """As the form on the task's page begins."""
    if page.opened.task_id is None or page.action == MESSAGE:
        return {}
    unit = session.get_one(Unit, session.get_one(Task, page.opened.task_id).lead_unit_id)
    head = session.get_one(Person, unit.head_id).full_name if unit.head_id else None
    return begins_with(Action(page.action), page.fields, today=context.today, head=head)


def _page(
    context: RequestContext, page: _Page, typed: Typed, faults: list[FieldFault], error: DondocError | None = None
) -> HTMLResponse:
    draft, reply = page.opened.draft, page.opened.reply
    code = context.fault(error) if error else 422 if faults else 200
    is_open = draft.is_open(context.now)
    if not is_open and draft.used_at is None and error is None:
        error, code = Refused(VOID), 410
    return context.page(
        "reply.html",
        code,
        person=page.opened.person,
        reply=reply,
        draft=draft,
        is_open=is_open,
        task=page.task,
        choices=page.choices,
        asked=asked_words(draft.action, context.language),
        fields=page.fields,
        typed=typed,
        faults={one.name: one.words for one in faults},
        error=error,
        needs=lambda field: submitted_action.needs(page.kind, field),
        longest=lambda name: submitted_action.longest(page.kind, name),
        seen=page.seen,
        takes_files=page.takes_files,
        offers_comment=page.offers_comment,
        most_files=MOST_FILES - len(draft.files),
        largest=context.settings.file_max_bytes,
        files=[(one.filename, write_size(one.size, context.language)) for one in page.opened.asked.files],
        leaves_files=page.opened.asked.leaves_files,
    )
