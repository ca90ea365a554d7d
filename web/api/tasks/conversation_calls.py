"""Calls about conversations: read, write, edit, publish. Tasks and directives each have their own addresses."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from io import BytesIO
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from pydantic import Field
from sqlmodel import Session

from models.tasks import act_inputs
from models.tasks.act_inputs import LONGEST_MESSAGE, MOST_MENTIONS, MessageEdit, MessageInput, Publication
from models.tasks.conversation import MessageWay
from models.tasks.evidence_files import MOST_FILES, GivenFile
from web.api.caller import Acts, Caller, Reads
from web.api.files import BYTES, SAFE
from web.api.repeats import OnceRoute
from web.api.shapes import Shape
from web.api.tasks.task_calls import FileGiven, open_task
from web.request.given_values import Instant
from workflows.tasks.conversation.conversation_access import (
    Conversation,
    conversation_of,
    find_message,
    open_conversation,
)
from workflows.tasks.conversation.conversation_view import (
    MESSAGES_SHOWN,
    MessageLine,
    open_message_file,
    read_conversation,
)
from workflows.tasks.conversation.post import edit_message, post_message, publish_answer
from workflows.tasks.conversation.read_marks import mark_read

Opener = Callable[[Session, Caller, str], Conversation]


class MessageFileShape(Shape):
    """A file of a message."""

    id: UUID
    filename: str = Field(examples=["bảng-kê.xlsx"])
    media_type: str
    size: int = Field(description="Bytes")


class MessageShape(Shape):
    """A message. `text` is null after its words were erased."""

    id: UUID
    author: str = Field(description="A person's code", examples=["le.thi.c"])
    author_name: str
    unit: str = Field(description="The unit that the author wrote for")
    written_at: datetime
    edited_at: datetime | None
    came_by: MessageWay
    text: str | None
    quotes_duty: bool
    for_all: bool = Field(description="Whether coordinating units, or all units of the directive, read it too")
    is_question: bool
    is_answered: bool
    answers: UUID | None = Field(description="The question that it answers")
    published_at: datetime | None
    mentions: list[str] = Field(description="Names")
    files: list[MessageFileShape]
    unread: bool


class PublishedShape(Shape):
    """A question and its answer for all units of a duty. It names no person."""

    id: UUID
    question: str | None
    answer: str | None
    unit: str = Field(description="The unit that asked, where the coordinator shows it")
    answered_by: str = Field(description="The unit that answered")
    duty: str = Field(description="The duty's number; empty where the question is about the whole directive")
    published_at: datetime


class ConversationShape(Shape):
    """The newest messages, the oldest first. For earlier ones send the first id as `before`."""

    items: list[MessageShape]
    has_earlier: bool
    published: list[PublishedShape] = Field(description="Questions and answers, the newest first")


class MessageGiven(act_inputs.ActionInput):
    """A message, with its files as base64."""

    text: str = Field(min_length=1, max_length=LONGEST_MESSAGE, examples=["Đề nghị hướng dẫn mẫu biểu của mục 2."])
    mention: tuple[str, ...] = Field(default=(), max_length=MOST_MENTIONS, description="Codes of people")
    quote: bool = False
    question: bool = Field(default=False, description="To the coordinator")
    answers: UUID | None = Field(default=None, description="The question that it answers; only for the coordinator")
    to_all: bool = Field(default=False, description="For all units")
    files: list[FileGiven] = Field(default=[], max_length=MOST_FILES)

    def as_input(self) -> MessageInput:
        """Return the input of `post_message`."""
        values = self.model_dump(exclude={"files"})
        files = tuple(GivenFile(file.name, partial(BytesIO, file.content)) for file in self.files)
        return MessageInput(**values, file=files)


class MessagePosted(Shape):
    """The message that was written or changed, and the history row that holds its words."""

    message: UUID
    history: UUID


class ReadUpto(act_inputs.ActionInput):
    """The time of the newest message that was read."""

    upto: Instant


class Marked(Shape):
    """Whether any message was marked as read."""

    changed: bool


def conversation_calls(prefix: str, name_in_path: str, tag: str, open_named: Opener) -> APIRouter:
    """Return the calls for tasks, or those for directives.

    `name_in_path`: the path parameter with the name of the task or directive. `open_named` opens its conversation.
    """
    router = APIRouter(prefix=prefix, tags=[tag], route_class=OnceRoute)

    @router.get(f"/{{{name_in_path}}}/conversation", operation_id=f"{tag}_conversation")
    def conversation(
        caller: Reads,
        name: str = Path(alias=name_in_path),
        before: Annotated[UUID | None, Query(description="The messages before this one")] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = MESSAGES_SHOWN,
    ) -> ConversationShape:
        """Return the messages that the caller reads, and the published questions and answers."""
        with caller.reading() as session:
            conversation = open_named(session, caller, name)
            page = read_conversation(session, conversation, now=caller.now, before=before, most=limit)
        return ConversationShape(
            items=[_message(line) for line in page.lines],
            has_earlier=page.has_earlier,
            published=[PublishedShape.model_validate(answer) for answer in page.published],
        )

    @router.post(f"/{{{name_in_path}}}/conversation", operation_id=f"{tag}_say")
    def say(body: MessageGiven, caller: Acts, name: str = Path(alias=name_in_path)) -> MessagePosted:
        """Write a message. The people it mentions get a letter at once, other readers with their next digest."""
        with caller.transaction() as session:
            conversation = open_named(session, caller, name)
            posted = post_message(
                caller.acting(session),
                body.as_input(),
                task_id=conversation.task.id if conversation.task else None,
                directive_id=conversation.directive.id,
                came_by=MessageWay.API,
            )
        return MessagePosted(message=posted.message_id, history=posted.history_id)

    @router.post(f"/{{{name_in_path}}}/conversation/read", operation_id=f"{tag}_read")
    def read(body: ReadUpto, caller: Acts, name: str = Path(alias=name_in_path)) -> Marked:
        """Mark messages as read, so that no letter tells of them."""
        with caller.transaction() as session:
            conversation = open_named(session, caller, name)
            return Marked(changed=mark_read(session, conversation, min(body.upto, caller.now)))

    @router.post(f"/{{{name_in_path}}}/conversation/{{message_id}}/edit", operation_id=f"{tag}_edit_message")
    def edit(message_id: UUID, body: MessageEdit, caller: Acts, name: str = Path(alias=name_in_path)) -> MessagePosted:
        """Change the words of a message. Its author may do so for ten minutes."""
        with caller.transaction() as session:
            find_message(session, open_named(session, caller, name), message_id)
            edited = edit_message(session, caller.person, body, message_id=message_id, now=caller.now)
        return MessagePosted(message=edited.message_id, history=edited.history_id)

    @router.post(f"/{{{name_in_path}}}/conversation/{{message_id}}/publish", operation_id=f"{tag}_publish_answer")
    def publish(
        message_id: UUID, body: Publication, caller: Acts, name: str = Path(alias=name_in_path)
    ) -> MessagePosted:
        """Publish an answer with its question to all units, without the asker's name. Only the coordinator may."""
        with caller.transaction() as session:
            find_message(session, open_named(session, caller, name), message_id)
            published = publish_answer(caller.acting(session), body, message_id=message_id)
        return MessagePosted(message=published.message_id, history=published.history_id)

    @router.get(
        f"/{{{name_in_path}}}/conversation/files/{{file_id}}",
        operation_id=f"{tag}_message_file",
        response_class=FileResponse,
        responses=BYTES,
    )
    def message_file(file_id: UUID, caller: Reads, name: str = Path(alias=name_in_path)) -> FileResponse:
        """Return a file of a message, for callers who may read the message."""
        with caller.reading() as session:
            file, path = open_message_file(session, open_named(session, caller, name), file_id, caller.settings)
        return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=SAFE)

    return router


def _message(line: MessageLine) -> MessageShape:
    row = line.row
    return MessageShape.of(
        row,
        author=line.author_code,
        author_name=line.author,
        unit=line.unit,
        text=line.text,
        for_all=row.is_for_all,
        is_answered=line.is_answered,
        answers=row.answers_id,
        mentions=line.mentions,
        files=line.files,
        unread=line.is_unread,
    )


def _on_task(session: Session, caller: Caller, name: str) -> Conversation:
    task = open_task(session, caller, name).task
    return open_conversation(session, caller.principal, caller.today, task_id=task.id)


def _on_directive(session: Session, caller: Caller, name: str) -> Conversation:
    return conversation_of(session, caller.principal, name, caller.today)


router = APIRouter()
router.include_router(conversation_calls("/tasks", "name", "tasks", _on_task))
router.include_router(conversation_calls("/directives", "code", "directives", _on_directive))
