"""The page of a task, and the files of its results."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse
from sqlmodel import Session

from models.directives.ladders import RungName
from models.letters.letter import NOTICE_REASON_WORDS, letter_state
from models.rooms import Place
from models.words import after_the_last_rung
from web.conversation.conversation_pages import MessageForm
from web.conversation.conversation_place import place_on_task
from web.request.navigation import came_to_task, oversees
from web.request.request_context import RequestContext, Signed
from workflows.access.find_task import find_task_id
from workflows.escalation.explanation import RungState
from workflows.escalation.explanation_words import write_rule, write_when
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.offers import main_action
from workflows.tasks.conversation.conversation_access import candidates, conversation_on
from workflows.tasks.conversation.conversation_view import read_conversation
from workflows.worklists.result_files import open_file
from workflows.worklists.task_path import task_path
from workflows.worklists.task_view import TaskSheet, around, read_sheet

router = APIRouter()
MESSAGES_ON_TASK, PUBLISHED_ON_TASK = 5, 10
"""The numbers on a task's page. The page of its conversation shows the others."""

REPLIES: Place[Callable[[Session, UUID, UUID, str], Sequence[Any]]] = Place("task.replies")
"""Reads the outcomes of a person's replies by mail about a task, by task, person and the key of links."""


@router.get("/tasks/{name}")
def task_page(name: str, context: Signed, history: str = "") -> HTMLResponse:
    """Show the task with this id, or with these last digits of it."""
    with context.reading() as session:
        sheet = read_sheet(
            session,
            context.principal,
            find_task_id(session, context.principal, name),
            every_step=history == "all",
            **context.moment(session),
        )
        talk = talk_of(session, context, sheet)
        read_replies = REPLIES.only
        replies = read_replies(session, sheet.task.id, context.person.id, context.site.key) if read_replies else []
    facts = sheet_facts(context, sheet) | talk | {"own_replies": replies}
    return context.page("task/sheet.html", path=task_path(sheet, context.now), **facts)


@router.get("/tasks/{name}/files/{file_id}")
def evidence_file(name: str, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        task_id = find_task_id(session, context.principal, name)
        file, path = open_file(session, context.principal, task_id, file_id, context.settings, today=context.today)
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}  # no program in it can run
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=headers)


def talk_of(session: Session, context: RequestContext, sheet: TaskSheet) -> dict[str, Any]:
    """Return the facts for the conversation on a task's page: its newest messages, and a form for another."""
    conversation = conversation_on(
        sheet.directive,
        sheet.task,
        context.principal,
        sheet.view,
        sheet.relations,
        is_classified=sheet.spec.result.classified_mail,
    )
    place = place_on_task(conversation, sheet.directive_name, sheet.duty, sheet.lead)
    talked = read_conversation(
        session, conversation, now=context.now, most=MESSAGES_ON_TASK, most_published=PUBLISHED_ON_TASK
    )
    return {
        "place": place,
        "talked": talked,
        "message_form": MessageForm(),
        "offered": [(person.code, person.full_name) for person in candidates(session, conversation)],
        **place.words(context),
    }


def sheet_facts(context: RequestContext, sheet: TaskSheet) -> dict[str, Any]:
    before, quoted, after = around(sheet.directive.text, sheet.duty.quote)
    explanation = sheet.whole.why if sheet.whole else None
    files = [file for result in sheet.whole.results for file in result.files] if sheet.whole else []
    principal = context.principal
    may_oversee = oversees(principal, sheet.relations)
    may_report = may_oversee or sheet.lead.id in principal.serves | principal.speaks_for
    return {
        "sheet": sheet,
        "task": sheet.task,
        "before": before,
        "quoted": quoted,
        "after": after,
        "actions": Action.labels(),
        "relation_words": {relation.value: words for relation, words in Relation.labels().items()},
        "main_action": main_action(sheet.near),
        "came_from": came_to_task(context.request, principal, sheet.relations),
        "as_whom": ", ".join(context.words(relation.label) for relation in Relation if relation in sheet.relations),
        "signed": context.signatures_of(files),
        "rung_states": RungState.labels(),
        "letter_state": letter_state,
        "after_the_last_rung": after_the_last_rung,
        "reasons": NOTICE_REASON_WORDS,
        "may_see_letters": context.principal.may(Right.SEE_LETTERS),
        "may_report": may_report,
        "may_oversee": may_oversee,
        "may_press": may_oversee and context.principal.may(Right.WRITE_PAPERS),
        "when": lambda rung, offset: _when(sheet, rung, offset, context.language),
        "rule": lambda line: write_rule(explanation, line, context.language) if explanation else "",
    }


def _when(sheet: TaskSheet, rung: str, offset: int, language: str) -> str:
    """Return when a rung fires, or "" for a notice that belongs to no rung."""
    return write_when(rung, offset, sheet.spec.rungs.clock, language) if rung in set(RungName) else ""
