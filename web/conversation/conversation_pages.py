"""The pages of the conversation about a task, and about a directive: the same pages under two addresses."""

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
from web.conversation.conversation_place import ConversationPlace, place_of_directive, place_of_task
from web.launch.launch_form import form_id
from web.request.form_input import FormInput, Posted, Ticked
from web.request.given_values import id_or_none, read_instant
from web.request.request_context import RequestContext, Signed
from workflows.tasks.act import read_input
from workflows.tasks.conversation.conversation_access import candidates, find_message, sees_directive
from workflows.tasks.conversation.conversation_view import open_message_file, page_of, read_conversation, read_published
from workflows.tasks.conversation.post import count_readers, edit_message, post_message, publish_answer
from workflows.tasks.conversation.read_marks import mark_read

OpenPlace = Callable[[Session, RequestContext, str], ConversationPlace]
"""Opens the conversation that an address names. Raises NotFound where the reader may not see it."""
_SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox"}
ANSWERS_A_PAGE = 50


class MessageForm(KeptTokens):
    """A message. `nonce` becomes its id, so that a repeat writes one. `then` is the list that contained the form."""

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
        """Return the names and codes. A field may hold several of them."""
        names = (name.strip().removeprefix("@") for field in self.mention for name in re.split("[;,]", field))
        return tuple(dict.fromkeys(filter(None, names)))


class ReadUpTo(FormInput):
    upto: str = ""
    then: str = ""


class PublicationForm(FormInput):
    question: str = ""
    show_unit: Ticked = False


class EditForm(FormInput):
    text: str = ""


def conversation_routes(prefix: str, name_in_path: str, open_place: OpenPlace) -> APIRouter:
    """Return the routes under a prefix. `name_in_path` is the path parameter of the task or directive."""
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
        """Show the newest messages, or those before one of them, and the form for another.

        `m` is a message to go to. Links use it because a fragment would be lost on the way through the sign-in.
        """
        message_id = id_or_none(m)
        if message_id is not None:
            return _go_to_message(context, open_place, name, message_id)
        return _page(context, open_place, name, MessageForm(answers=answer), before=id_or_none(before), done=done)

    @router.post(f"/{{{name_in_path}}}/conversation")
    def write_message(
        context: Signed,
        message_form: Annotated[MessageForm, Depends(MessageForm.sent)],
        form: Posted,
        name: str = Path(alias=name_in_path),
    ) -> Response:
        """Write a message once, even if the form is sent again, and go back to the list that contained the form."""
        kept: list[KeptFile] = []
        with context.again(lambda error: _page(context, open_place, name, message_form, kept, error=error)):
            with context.reading() as session:
                place = open_place(session, context, name)
            _store(context, place, message_form, form, kept)
            with context.transaction() as session:
                done = post_message(
                    context.acting(session),
                    read_input(MessageInput, _message(place, message_form, kept)),
                    task_id=place.task_id,
                    directive_id=place.directive_id,
                    message_id=form_id(message_form.nonce),
                )
        return context.go(
            message_form.then or _message_path(place, done.message_id),
            _("Your message has been written."),
            is_repeated=True,
        )

    @router.post(f"/{{{name_in_path}}}/conversation/read")
    def read_up_to_here(
        context: Signed, form: Annotated[ReadUpTo, Depends(ReadUpTo.sent)], name: str = Path(alias=name_in_path)
    ) -> Response:
        with context.transaction() as session:
            place = open_place(session, context, name)
            mark_read(session, place.conversation, min(read_instant("upto", form.upto), context.now))
        return context.go(form.then or place.path, _("Marked as read."), is_repeated=True)

    @router.get(f"/{{{name_in_path}}}/conversation/answers")
    def published_answers(context: Signed, name: str = Path(alias=name_in_path), before: str = "") -> HTMLResponse:
        with context.reading() as session:
            place = open_place(session, context, name)
            until = read_instant("before", before) if before else None
            answers = read_published(session, place.conversation, most=ANSWERS_A_PAGE + 1, before=until)
            head = place.head(context)
        return context.page(
            "conversation/answers.html",
            place=place,
            head=head,
            published=answers[:ANSWERS_A_PAGE],
            older=answers[ANSWERS_A_PAGE - 1].published_at if len(answers) > ANSWERS_A_PAGE else None,
            **place.words(context),
        )

    @router.get(f"/{{{name_in_path}}}/conversation/files/{{file_id}}")
    def message_file(file_id: UUID, context: Signed, name: str = Path(alias=name_in_path)) -> FileResponse:
        with context.reading() as session:
            place = open_place(session, context, name)
            file, path = open_message_file(session, place.conversation, file_id, context.settings)
        return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=_SANDBOX)

    @router.get(f"/{{{name_in_path}}}/conversation/{{message_id}}/edit")
    def edit_page(message_id: UUID, context: Signed, name: str = Path(alias=name_in_path)) -> HTMLResponse:
        return _edit(context, open_place, name, message_id, None)

    @router.post(f"/{{{name_in_path}}}/conversation/{{message_id}}/edit")
    def change_message(
        message_id: UUID,
        context: Signed,
        form: Annotated[EditForm, Depends(EditForm.sent)],
        name: str = Path(alias=name_in_path),
    ) -> Response:
        with context.submit(lambda error: _edit(context, open_place, name, message_id, form.text, error)) as session:
            place = open_place(session, context, name)
            find_message(session, place.conversation, message_id)
            edit = read_input(MessageEdit, form.model_dump())
            edit_message(session, context.person, edit, message_id=message_id, now=context.now)
        return context.go(_message_path(place, message_id), _("Your message has been changed."))

    @router.get(f"/{{{name_in_path}}}/conversation/{{message_id}}/publish")
    def publish_page(message_id: UUID, context: Signed, name: str = Path(alias=name_in_path)) -> HTMLResponse:
        return _publish(context, open_place, name, message_id, PublicationForm())

    @router.post(f"/{{{name_in_path}}}/conversation/{{message_id}}/publish")
    def publish_message(
        message_id: UUID,
        context: Signed,
        form: Annotated[PublicationForm, Depends(PublicationForm.sent)],
        name: str = Path(alias=name_in_path),
    ) -> Response:
        with context.submit(lambda error: _publish(context, open_place, name, message_id, form, error)) as session:
            place = open_place(session, context, name)
            find_message(session, place.conversation, message_id)
            publication = read_input(Publication, form.model_dump())
            publish_answer(context.acting(session), publication, message_id=message_id)
        return context.go(f"{place.path}?done=answers#h-answers", _("The question and its answer have been published."))

    return router


def _page(
    context: RequestContext,
    open_place: OpenPlace,
    name: str,
    form: MessageForm,
    kept: Sequence[KeptFile] = (),
    *,
    before: UUID | None = None,
    error: DondocError | None = None,
    done: str = "",
) -> HTMLResponse:
    with context.reading() as session:
        place = open_place(session, context, name)
        shown = read_conversation(session, place.conversation, now=context.now, before=before)
        offered = candidates(session, place.conversation)
        answers = id_or_none(form.answers)
        question = place.line(session, answers, context.now) if answers else None
        head = place.head(context)
        directive = place.conversation.directive
        sees_whole = place.duty is not None and sees_directive(session, context.principal, directive)
    return context.page(
        "conversation/conversation.html",
        place=place,
        head=head,
        shown=shown,
        form=form,
        kept=kept,
        asked=question,
        offered=[(person.code, person.full_name) for person in offered],
        before=before,
        sees_directive=sees_whole,
        done=done if done == "answers" or any(line.row.id.hex == done for line in shown.lines) else "",
        error=error,
        **place.words(context),
    )


def _store(
    context: RequestContext, place: ConversationPlace, message_form: MessageForm, form: FormData, kept: list[KeptFile]
) -> None:
    """Store the files sent now. Add them to `kept`, after the files that earlier steps of the form have kept.

    Raise BadInput for a file of another kind, Refused for too many files and where no file is allowed.
    """
    files = FormFiles(context.site.key, place.task_id or place.directive_id, context.person.id, context.now)
    kept += files.read(message_form)
    sent, settings = submitted_action.uploads(form), context.settings
    if sent and place.conversation.standing.is_classified:
        raise Refused("no file may be given here: {file}", file=clean_name(sent[0].name))
    if len(kept) + len(sent) > MOST_FILES:
        raise Refused("at most {most} files belong to one message", most=MOST_FILES)
    kept += [files.keep(store_file(settings.evidence, file, max_bytes=settings.file_max_bytes)) for file in sent]


def _message(place: ConversationPlace, message_form: MessageForm, kept: Sequence[KeptFile]) -> dict[str, Any]:
    answers = id_or_none(message_form.answers)
    return {
        "text": message_form.text,
        "mention": message_form.mentioned,
        "quote": message_form.quote,
        "question": message_form.question or place.only_asks,
        "to_all": message_form.to_all,
        "file": tuple(kept_file.file for kept_file in kept),
    } | ({"answers": answers} if answers else {})


def _go_to_message(context: RequestContext, open_place: OpenPlace, name: str, message_id: UUID) -> Response:
    """Redirect to a message on its page, or to the newest page if the reader may not read it."""
    with context.reading() as session:
        place = open_place(session, context, name)
        try:
            before = page_of(session, place.conversation, message_id)
        except NotFound:
            return context.go(place.path)
    page = f"{place.path}?before={before.hex}" if before else place.path
    return context.go(f"{page}#m-{message_id.hex}")


def _message_path(place: ConversationPlace, message_id: UUID) -> str:
    return f"{place.path}?done={message_id.hex}#m-{message_id.hex}"


def _edit(
    context: RequestContext,
    open_place: OpenPlace,
    name: str,
    message_id: UUID,
    typed: str | None,
    error: DondocError | None = None,
) -> HTMLResponse:
    with context.reading() as session:
        place = open_place(session, context, name)
        find_message(session, place.conversation, message_id)
        line = place.line(session, message_id, context.now)
        head = place.head(context)
    return context.page(
        "conversation/edit.html",
        place=place,
        head=head,
        line=line,
        typed=typed if typed is not None else (line.text if line else ""),
        error=error,
        **place.words(context),
    )


def _publish(
    context: RequestContext,
    open_place: OpenPlace,
    name: str,
    message_id: UUID,
    form: PublicationForm,
    error: DondocError | None = None,
) -> HTMLResponse:
    with context.reading() as session:
        place = open_place(session, context, name)
        message, question = find_message(session, place.conversation, message_id)
        line = place.line(session, message.id, context.now)
        question_line = place.line(session, question.id, context.now) if question else None
        units = count_readers(session, place.conversation)
        head = place.head(context)
    return context.page(
        "conversation/publish.html",
        place=place,
        head=head,
        line=line,
        question=question_line,
        units=units,
        given=form,
        error=error,
        **place.words(context),
    )


of_tasks = conversation_routes("/tasks", "name", place_of_task)
of_directives = conversation_routes("/directives", "code", place_of_directive)
