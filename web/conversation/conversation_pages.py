"""The conversation on a task, and on a directive as a whole: the same pages under two addresses."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from models.errors import DondocError, NotFound, Refused
from models.i18n import _
from models.tasks.act_inputs import MessageEdit, MessageInput, Publication
from models.tasks.evidence_files import MOST_FILES, clean_name, store_file
from web.actions import submitted_action
from web.actions.kept_files import FormFiles, KeptFile, KeptTokens
from web.conversation.placed import Placed, place_of_directive, place_of_task
from web.launch.asked import form_id
from web.request.form_input import FormInput, Posted, Ticked
from web.request.given_values import given_instant, id_or_none
from web.request.request_context import RequestContext, Signed
from workflows.tasks.act import read_input
from workflows.tasks.conversation.conversation_access import candidates, find_message, sees_directive
from workflows.tasks.conversation.conversation_view import open_message_file, page_of, read_conversation, read_published
from workflows.tasks.conversation.post import count_readers, edit_message, post_message, publish_answer
from workflows.tasks.conversation.read_marks import mark_read

Opener = Callable[[Session, RequestContext, str], Placed]
"""How the name in an address becomes a conversation. Raises NotFound where it is none of the reader's."""
_SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox"}
ANSWERS_A_PAGE = 50


class MessageForm(KeptTokens):
    """A message; `nonce` becomes its id, so that a form sent twice writes one. `then`: the list that the form stood
    in.
    """

    nonce: str = ""
    text: str = ""
    mention: tuple[str, ...] = ()
    quote: Ticked = False
    question: Ticked = False
    to_all: Ticked = False
    answers: str = ""
    then: str = ""

    @property
    def mentioned(self) -> tuple[str, ...]:
        """A field may hold several names and codes."""
        names = (one.strip().removeprefix("@") for field in self.mention for one in re.split("[;,]", field))
        return tuple(dict.fromkeys(filter(None, names)))


class ReadUpTo(FormInput):
    upto: str = ""
    then: str = ""


class PublicationForm(FormInput):
    question: str = ""
    show_unit: Ticked = False


class EditForm(FormInput):
    text: str = ""


def conversation_routes(prefix: str, name_in_path: str, opened: Opener) -> APIRouter:
    """`name_in_path` is what the address calls the task or directive."""
    router = APIRouter(prefix=prefix)

    @router.get(f"/{{{name_in_path}}}/conversation")
    def conversation_page(
        context: Signed,
        name: str = Path(alias=name_in_path),
        before: str = "",
        answer: str = "",
        done: str = "",
        m: str = "",
    ) -> Response:
        """Return the newest messages, or those before one of them, and the form for another.

        `m`: a message to be led to. A link names it so, as a fragment would be lost on the way through the sign-in.
        """
        if (wanted := id_or_none(m)) is not None:
            return _lead_to(context, opened, name, wanted)
        return _page(context, opened, name, MessageForm(answers=answer), before=id_or_none(before), done=done)

    @router.post(f"/{{{name_in_path}}}/conversation")
    def write_message(
        context: Signed,
        given: Annotated[MessageForm, Depends(MessageForm.sent)],
        form: Posted,
        name: str = Path(alias=name_in_path),
    ) -> Response:
        """Write a message, once however often the form is sent; then back to the list from which one answered."""
        kept: list[KeptFile] = []
        with context.again(lambda error: _page(context, opened, name, given, kept, error=error)):
            with context.reading() as session:
                placed = opened(session, context, name)
            _store(context, placed, given, form, kept)
            with context.transaction() as session:
                done = post_message(
                    context.acting(session),
                    read_input(MessageInput, _message(placed, given, kept)),
                    task_id=placed.task_id,
                    directive_id=placed.directive_id,
                    message_id=form_id(given.nonce),
                )
        then = given.then or _at(placed, done.message_id)
        return context.go(then, _("Your message has been written."), is_repeated=True)

    @router.post(f"/{{{name_in_path}}}/conversation/read")
    def read_up_to_here(
        context: Signed, given: Annotated[ReadUpTo, Depends(ReadUpTo.sent)], name: str = Path(alias=name_in_path)
    ) -> Response:
        with context.transaction() as session:
            placed = opened(session, context, name)
            mark_read(session, placed.conversation, min(given_instant("upto", given.upto), context.now))
        return context.go(given.then or placed.path, _("Marked as read."), is_repeated=True)

    @router.get(f"/{{{name_in_path}}}/conversation/answers")
    def published_answers(context: Signed, name: str = Path(alias=name_in_path), before: str = "") -> HTMLResponse:
        with context.reading() as session:
            placed = opened(session, context, name)
            until = given_instant("before", before) if before else None
            found = read_published(session, placed.conversation, most=ANSWERS_A_PAGE + 1, before=until)
            head = placed.head(context)
        return context.page(
            "conversation/answers.html",
            placed=placed,
            head=head,
            published=found[:ANSWERS_A_PAGE],
            older=found[ANSWERS_A_PAGE - 1].published_at if len(found) > ANSWERS_A_PAGE else None,
            **placed.words(context),
        )

    @router.get(f"/{{{name_in_path}}}/conversation/files/{{file_id}}")
    def message_file(file_id: UUID, context: Signed, name: str = Path(alias=name_in_path)) -> FileResponse:
        with context.reading() as session:
            placed = opened(session, context, name)
            file, path = open_message_file(session, placed.conversation, file_id, context.settings)
        return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=_SANDBOX)

    @router.get(f"/{{{name_in_path}}}/conversation/{{message_id}}/edit")
    def edit_page(message_id: UUID, context: Signed, name: str = Path(alias=name_in_path)) -> HTMLResponse:
        return _edit(context, opened, name, message_id, None)

    @router.post(f"/{{{name_in_path}}}/conversation/{{message_id}}/edit")
    def change_message(
        message_id: UUID,
        context: Signed,
        given: Annotated[EditForm, Depends(EditForm.sent)],
        name: str = Path(alias=name_in_path),
    ) -> Response:
        with context.submit(lambda error: _edit(context, opened, name, message_id, given.text, error)) as session:
            placed = opened(session, context, name)
            find_message(session, placed.conversation, message_id)
            edit = read_input(MessageEdit, given.model_dump())
            edit_message(session, context.person, edit, message_id=message_id, now=context.now)
        return context.go(_at(placed, message_id), _("Your message has been changed."))

    @router.get(f"/{{{name_in_path}}}/conversation/{{message_id}}/publish")
    def publish_page(message_id: UUID, context: Signed, name: str = Path(alias=name_in_path)) -> HTMLResponse:
        return _publish(context, opened, name, message_id, PublicationForm())

    @router.post(f"/{{{name_in_path}}}/conversation/{{message_id}}/publish")
    def publish_it(
        message_id: UUID,
        context: Signed,
        given: Annotated[PublicationForm, Depends(PublicationForm.sent)],
        name: str = Path(alias=name_in_path),
    ) -> Response:
        with context.submit(lambda error: _publish(context, opened, name, message_id, given, error)) as session:
            placed = opened(session, context, name)
            find_message(session, placed.conversation, message_id)
            publication = read_input(Publication, given.model_dump())
            publish_answer(context.acting(session), publication, message_id=message_id)
        return context.go(
            f"{placed.path}?done=answers#h-answers", _("The question and its answer have been published.")
        )

    return router


def _page(
    context: RequestContext,
    opened: Opener,
    name: str,
    form: MessageForm,
    kept: Sequence[KeptFile] = (),
    *,
    before: UUID | None = None,
    error: DondocError | None = None,
    done: str = "",
) -> HTMLResponse:
    with context.reading() as session:
        placed = opened(session, context, name)
        shown = read_conversation(session, placed.conversation, now=context.now, before=before)
        offered = candidates(session, placed.conversation)
        answers = id_or_none(form.answers)
        asked = placed.line(session, answers, context.now) if answers else None
        head = placed.head(context)
        directive = placed.conversation.directive
        sees_whole = placed.duty is not None and sees_directive(session, context.principal, directive)
    return context.page(
        "conversation/conversation.html",
        placed=placed,
        head=head,
        shown=shown,
        form=form,
        kept=kept,
        asked=asked,
        offered=[(one.code, one.full_name) for one in offered],
        before=before,
        sees_directive=sees_whole,
        done=done if done == "answers" or any(one.row.id.hex == done for one in shown.lines) else "",
        error=error,
        **placed.words(context),
    )


def _store(context: RequestContext, placed: Placed, given: MessageForm, form: FormData, kept: list[KeptFile]) -> None:
    """Add to `kept` the files of the form, those of its steps before and those sent now, which are stored.

    BadInput for a file that is none of the accepted kinds; Refused for too many, and where none may be given.
    """
    files = FormFiles(context.site.key, placed.task_id or placed.directive_id, context.person.id, context.now)
    kept += files.kept(given)
    sent, settings = submitted_action.uploads(form), context.settings
    if sent and placed.conversation.standing.is_classified:
        raise Refused("no file may be given here: {file}", file=clean_name(sent[0].name))
    if len(kept) + len(sent) > MOST_FILES:
        raise Refused("at most {most} files belong to one message", most=MOST_FILES)
    kept += [files.keep(store_file(settings.evidence, one, max_bytes=settings.file_max_bytes)) for one in sent]


def _message(placed: Placed, given: MessageForm, kept: Sequence[KeptFile]) -> dict[str, Any]:
    """As `MessageInput` takes it."""
    answers = id_or_none(given.answers)
    return {
        "text": given.text,
        "mention": given.mentioned,
        "quote": given.quote,
        "question": given.question or placed.only_asks,
        "to_all": given.to_all,
        "file": tuple(one.file for one in kept),
    } | ({"answers": answers} if answers else {})


def _lead_to(context: RequestContext, opened: Opener, name: str, message_id: UUID) -> Response:
    """Lead to the page on which a message stands, at that message; to the newest for one that they do not read."""
    with context.reading() as session:
        placed = opened(session, context, name)
        try:
            before = page_of(session, placed.conversation, message_id)
        except NotFound:
            return context.go(placed.path)
    page = f"{placed.path}?before={before.hex}" if before else placed.path
    return context.go(f"{page}#m-{message_id.hex}")


def _at(placed: Placed, message_id: UUID) -> str:
    return f"{placed.path}?done={message_id.hex}#m-{message_id.hex}"


def _edit(
    context: RequestContext,
    opened: Opener,
    name: str,
    message_id: UUID,
    words: str | None,
    error: DondocError | None = None,
) -> HTMLResponse:
    with context.reading() as session:
        placed = opened(session, context, name)
        find_message(session, placed.conversation, message_id)
        line = placed.line(session, message_id, context.now)
        head = placed.head(context)
    return context.page(
        "conversation/edit.html",
        placed=placed,
        head=head,
        line=line,
        typed=words if words is not None else line.text if line else "",
        error=error,
        **placed.words(context),
    )


def _publish(
    context: RequestContext,
    opened: Opener,
    name: str,
    message_id: UUID,
    given: PublicationForm,
    error: DondocError | None = None,
) -> HTMLResponse:
    with context.reading() as session:
        placed = opened(session, context, name)
        message, asked = find_message(session, placed.conversation, message_id)
        line = placed.line(session, message.id, context.now)
        question = placed.line(session, asked.id, context.now) if asked else None
        units = count_readers(session, placed.conversation)
        head = placed.head(context)
    return context.page(
        "conversation/publish.html",
        placed=placed,
        head=head,
        line=line,
        question=question,
        units=units,
        given=given,
        error=error,
        **placed.words(context),
    )


of_tasks = conversation_routes("/tasks", "name", place_of_task)
of_directives = conversation_routes("/directives", "code", place_of_directive)
