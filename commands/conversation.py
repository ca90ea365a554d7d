"""`dondoc task say` and `dondoc directive say`: write a message, as a person."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import Session

from commands.context import CommandContext, command
from commands.options import AsPerson, DirectiveName, Now, TaskName, read_now, split
from models.errors import BadInput
from models.i18n import Words, _
from models.organization.register_reads import resolve_person
from models.tasks.act_inputs import MessageInput
from models.tasks.conversation import MessageWay
from models.tasks.evidence_files import GivenFile
from workflows.access.find_task import find_task
from workflows.launch.launch_plan import find_directive
from workflows.organization.working_calendar import load_calendar
from workflows.tasks.act import read_input
from workflows.tasks.conversation.post import post_message

Message = Annotated[str, typer.Argument(metavar="TEXT", help="The message; @code in it mentions a person.")]
Mention = Annotated[
    list[str] | None,
    typer.Option("--mention", metavar="PERSON", help="Code of a person who is told at once; may be repeated."),
]
Question = Annotated[bool, typer.Option("--question", help="A question to the coordinator.")]
Answers = Annotated[str | None, typer.Option("--answers", metavar="ID", help="The id of the question that it answers.")]
ToAll = Annotated[bool, typer.Option("--to-all", help="All units read it too.")]
Files = Annotated[
    list[Path] | None, typer.Option("--file", metavar="FILE", help="A file of the message; may be repeated.")
]


def register_on_tasks(app: typer.Typer) -> None:
    @command(app, "say", example="dondoc task say 3f9a1c20 'Which form is meant?' --as le.thi.d --question")
    def say(
        context: CommandContext,
        name: TaskName,
        message: Message,
        person: AsPerson,
        mention: Mention = None,
        question: Question = False,
        answers: Answers = None,
        quote: Annotated[bool, typer.Option("--quote", help="Quote the duty above the message.")] = False,
        to_all: ToAll = False,
        file: Files = None,
        now: Now = None,
    ) -> None:
        """Write a message in the conversation on a task, as a person."""
        given = _given(message, mention, question, answers, to_all, file) | {"quote": quote}
        with context.transaction() as session:
            _say(context, session, person, given, find_task(session, name).id, None, now)


def register_on_directives(app: typer.Typer) -> None:
    @command(app, "say", example="dondoc directive say ct-06-2004 'The form is attached.' --as le.thi.c --to-all")
    def say(
        context: CommandContext,
        name: DirectiveName,
        message: Message,
        person: AsPerson,
        mention: Mention = None,
        question: Question = False,
        answers: Answers = None,
        to_all: ToAll = False,
        file: Files = None,
        now: Now = None,
    ) -> None:
        """Write a message in the conversation on a directive, as a person."""
        given = _given(message, mention, question, answers, to_all, file)
        with context.transaction() as session:
            _say(context, session, person, given, None, find_directive(session, name).id, now)


def _given(
    message: str, mention: list[str] | None, question: bool, answers: str | None, to_all: bool, file: list[Path] | None
) -> dict[str, Any]:
    given: dict[str, Any] = {"text": message, "question": question, "to_all": to_all}
    given |= {"mention": tuple(split(mention))} if mention else {}
    given |= {"file": tuple(map(GivenFile.at, file))} if file else {}
    if answers is not None:
        try:
            given["answers"] = UUID(answers)
        except ValueError as error:
            raise BadInput(_("--answers {value}: expected the id of a message"), value=answers) from error
    return given


def _say(
    context: CommandContext,
    session: Session,
    person: str,
    given: dict[str, Any],
    task_id: UUID | None,
    directive_id: UUID | None,
    now: str | None,
) -> None:
    done = post_message(
        session,
        resolve_person(session, person),
        read_input(MessageInput, given),
        task_id=task_id,
        directive_id=directive_id,
        now=read_now(now),
        calendar=load_calendar(session),
        settings=context.settings,
        came_by=MessageWay.COMMAND,
    )
    data = {"message": done.message_id, "history": done.history_id}
    context.show(data, Words(_("message {id} written"), id=done.message_id))
