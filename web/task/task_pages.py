"""One task: its page, and the files of its results."""

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
from web.conversation.placed import place
from web.request.navigation import came_to_task, oversees
from web.request.request_context import RequestContext, Signed
from workflows.access.find_task import find_task_id
from workflows.escalation.why import RungState
from workflows.escalation.why_words import write_rule, write_when
from workflows.rules.rights_table import Right
from workflows.rules.tasks.lifecycle import Action, Relation
from workflows.rules.tasks.offers import main_action
from workflows.tasks.conversation.conversation_access import candidates, conversation_on
from workflows.tasks.conversation.conversation_view import read_conversation
from workflows.worklists.result_files import open_file
from workflows.worklists.task_path import task_path
from workflows.worklists.task_view import TaskSheet, around, read_sheet

router = APIRouter()
MESSAGES_ON_TASK, PUBLISHED_ON_TASK = 5, 10
"""So many stand on a task's page; the others on the page of its conversation."""


REPLIES: Place[Callable[[Session, UUID, UUID, str], Sequence[Any]]] = Place("task.replies")
"""Finds what became of somebody's answers by mail on a task: task, person, key of links."""


@router.get("/tasks/{name}")
def task_page(name: str, context: Signed, history: str = "") -> HTMLResponse:
    """`name` is the task's id, or the last digits of it."""
    with context.reading() as session:
        sheet = read_sheet(
            session,
            context.principal,
            find_task_id(session, context.principal, name),
            every_step=history == "all",
            **context.moment(session),
        )
        talk = talk_of(session, context, sheet)
        answered = of(session, sheet.task.id, context.person.id, context.site.key) if (of := REPLIES.only) else []
    facts = sheet_facts(context, sheet) | talk | {"own_replies": answered}
    return context.page("task/sheet.html", path=task_path(sheet, context.now), **facts)


@router.get("/tasks/{name}/files/{file_id}")
def evidence_file(name: str, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        task_id = find_task_id(session, context.principal, name)
        file, path = open_file(session, context.principal, task_id, file_id, context.settings, today=context.today)
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}  # whatever opens it, it runs nothing
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=headers)


def talk_of(session: Session, context: RequestContext, sheet: TaskSheet) -> dict[str, Any]:
    """Return what the templates of the conversation on a task see: its newest messages, and a form for another."""
    found = conversation_on(
        sheet.directive,
        sheet.task,
        context.principal,
        sheet.view,
        sheet.relations,
        is_classified=sheet.spec.result.classified_mail,
    )
    placed = place(found, sheet.directive_name, sheet.duty, sheet.lead)
    talked = read_conversation(session, found, now=context.now, most=MESSAGES_ON_TASK, most_published=PUBLISHED_ON_TASK)
    return {
        "placed": placed,
        "talked": talked,
        "message_form": MessageForm(),
        "offered": [(one.code, one.full_name) for one in candidates(session, found)],
        **placed.words(context),
    }


def sheet_facts(context: RequestContext, sheet: TaskSheet) -> dict[str, Any]:
    before, quoted, after = around(sheet.directive.text, sheet.duty.quote)
    explained = sheet.whole.why if sheet.whole else None
    files = [file for one in sheet.whole.results for file in one.files] if sheet.whole else []
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
        "as_whom": ", ".join(context.words(one.label) for one in Relation if one in sheet.relations),
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
        "rule": lambda line: write_rule(explained, line, context.language) if explained else "",
    }


def _when(sheet: TaskSheet, rung: str, offset: int, language: str) -> str:
    """Empty for what is told outside of the ladder, which says it by itself."""
    return write_when(rung, offset, sheet.spec.rungs.clock, language) if rung in set(RungName) else ""
