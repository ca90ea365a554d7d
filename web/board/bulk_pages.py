"""Act on many tasks at once: a page to check the tasks, the action itself, and a page with its result."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BeforeValidator, Field
from sqlmodel import Session

from models.database.ids import new_id
from models.directives.directive import Directive
from models.errors import DondocError, NotFound, Refused
from models.i18n import translate
from models.operations.background_job import BULK, BackgroundJob
from models.organization.person import Person
from models.organization.register_reads import coordinators_of
from models.words import period_words
from web.actions.action_forms import FORMS
from web.actions.submitted_action import Typed, typed_values
from web.board.board_query import BoardQuery
from web.board.board_view import Looks
from web.request.form_input import FormInput, Posted
from web.request.given_values import read_choice
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import open_directive
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.queue.background_jobs import STATE_WORDS, find_background_job
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Action
from workflows.worklists.board.bulk_action import ask_bulk, read_refusals
from workflows.worklists.board.bulk_check import BulkCheck, Picked, check_bulk, name_tasks

router = APIRouter(prefix="/directives/{code}/bulk")
MOST_IN_REQUEST = 25
"""Tasks that are acted on before the page answers. A job with more of them is left to the background."""
MOST_LISTED = 300


class BulkQuery(BoardQuery):
    """The filters of a board, the action, and the boxes that were ticked."""

    action: Annotated[Action, BeforeValidator(lambda value: read_choice(Action, "action", value, BULK_ACTIONS))] = (
        Field("", validate_default=True)
    )
    u: tuple[str, ...] = ()  # units
    t: tuple[str, ...] = ()  # tasks


class BulkForm(FormInput):
    """The fields of the form beside those of the action."""

    nonce: str = ""  # becomes the id of the background job, so that the same form makes one job
    digest: str = ""  # of the tasks that the page showed


AskedBulk = Annotated[BulkQuery, Query()]


@router.get("")
def check_page(code: str, context: Signed, asked: AskedBulk) -> Response:
    return _check_page(context, code, asked, nonce=new_id())


@router.post("")
def do_page(
    code: str, context: Signed, asked: AskedBulk, sent: Annotated[BulkForm, Depends(BulkForm.sent)], form: Posted
) -> Response:
    """Act on the tasks, if they are still those that the page showed. The same form leads to the same job again."""
    nonce = _read_nonce(sent.nonce)
    typed = typed_values(form, FORMS[asked.action].fields)
    count = 0
    with context.submit(
        lambda error: _check_page(context, code, asked, nonce=nonce, typed=typed, error=error)
    ) as session:
        directive = open_directive(session, context.principal, code, Right.BULK)
        if session.get(BackgroundJob, nonce) is None:
            check = _check(session, context, directive, asked)
            if check.digest != sent.digest:
                raise Refused("your selection has changed since you checked it: please check again")
            job = ask_bulk(session, context.principal, directive, check, typed, job_id=nonce, now=context.now)
            count = len(job.given["tasks"])
    if 0 < count <= MOST_IN_REQUEST:
        run_background_jobs(context.site.engine, context.settings, now=context.now, only=nonce, is_watched=True)
    return context.go(f"/directives/{code}/bulk/{nonce}")


@router.get("/{job_id}")
def result_page(code: str, job_id: UUID, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        job = find_background_job(session, context.principal, job_id)
        if job.kind != BULK or job.given["directive"] != code:
            raise NotFound("there is no such page")
        tasks = name_tasks(session, [UUID(task_id) for task_id in job.given["tasks"]])
        refusals = read_refusals(session, job)
        asked_by = session.get_one(Person, job.asked_by).full_name
    refused = [_ActedTask(*task, why_not=refusals[task.id][context.language]) for task in tasks if task.id in refusals]
    acted = [_ActedTask(*task) for task in tasks[: job.done] if task.id not in refusals]
    return context.page(
        "bulk_result.html",
        head=directive_head(context, directive, "board"),
        job=job,
        total=len(tasks),
        refused=refused,
        acted=acted,
        asked_by=asked_by,
        words=Action(job.given["action"]).label,
        most=MOST_LISTED,
        job_states=STATE_WORDS,
    )


@dataclass(frozen=True)
class _ActedTask:
    id: UUID
    unit: str
    path: str
    why_not: str = ""


def _read_nonce(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise Refused("this form is too old, or came from another site: open the page again and repeat it") from error


def _check(session: Session, context: RequestContext, directive: Directive, asked: BulkQuery) -> BulkCheck:
    picked = Picked(frozenset(asked.u), frozenset(asked.t))
    return check_bulk(session, context.principal, directive, asked, picked, asked.action, context.now)


def _check_page(
    context: RequestContext,
    code: str,
    asked: BulkQuery,
    *,
    nonce: UUID,
    typed: Typed | None = None,
    error: DondocError | None = None,
) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code, Right.BULK)
        check = _check(session, context, directive, asked)
        people = coordinators_of(session, (directive.coordinating_unit_id, directive.issuer_office_id))
    url, form = context.request.url, FORMS[asked.action]
    return context.page(
        "bulk.html",
        error=error,
        head=directive_head(context, directive, "board"),
        check=check,
        words=asked.action.label,
        explained=form.for_many,
        fields=[field.name for field in form.fields],
        note_is_free=asked.action in (Action.REMIND, Action.CHANGE_COORDINATOR),
        is_grave=form.is_grave,
        typed={"due": "", "to": "", "note": ""} | dict(typed or {}),
        nonce=nonce,
        action_url=f"{url.path}?{url.query}",
        back=asked.address(f"/directives/{code}", select=bool(asked.t), action="", u=(), t=()),
        people=[(person.code, person.full_name) for person in people],
        looks=Looks(context.language),
        period_name=lambda period: _period_name(period, context.language),
        most=MOST_LISTED,
    )


def _period_name(period: str, language: str) -> str:
    words = period_words(period)
    if words is None:
        return ""
    message, values = words
    return translate(message, language, **values)
