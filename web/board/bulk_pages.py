"""Many tasks at once: look at what is chosen, then do it, then see what became of each."""

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
from web.actions.action_forms import FORMS
from web.actions.submitted_action import Typed, typed_in
from web.board.board_query import BoardQuery
from web.board.board_view import Looks
from web.request.form_input import FormInput, Posted
from web.request.given_values import one_of
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from web.request.word_filters import period_words
from workflows.access.rights import open_directive
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.queue.background_jobs import STATE_WORDS, find_background_job
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import Right
from workflows.rules.tasks.lifecycle import Action
from workflows.worklists.board.bulk_action import ask_bulk, read_refusals
from workflows.worklists.board.bulk_check import BulkCheck, Picked, check_bulk, named_tasks

router = APIRouter(prefix="/directives/{code}/bulk")
AT_ONCE = 25
"""So few tasks are acted on before the page answers; more are left to the background."""
MOST_LISTED = 300


class BulkQuery(BoardQuery):
    """What is to be done with the tasks of a board; `u` and `t`: units and tasks that were ticked there."""

    action: Annotated[Action, BeforeValidator(lambda one: one_of(Action, "action", one, BULK_ACTIONS))] = Field(
        "", validate_default=True
    )
    u: tuple[str, ...] = ()
    t: tuple[str, ...] = ()


class BulkForm(FormInput):
    """Which choice was looked at, beside the action's own fields. `nonce` becomes the number of its background job."""

    nonce: str = ""
    digest: str = ""


AskedBulk = Annotated[BulkQuery, Query()]


@router.get("")
def check_page(code: str, context: Signed, asked: AskedBulk) -> Response:
    return _check_page(context, code, asked, nonce=new_id())


@router.post("")
def do_page(
    code: str, context: Signed, asked: AskedBulk, sent: Annotated[BulkForm, Depends(BulkForm.sent)], form: Posted
) -> Response:
    """Do it, if the choice is still the one that was looked at. The same form again leads to the same result."""
    nonce = _nonce(sent.nonce)
    typed = typed_in(form, FORMS[asked.action].fields)
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
    if 0 < count <= AT_ONCE:
        run_background_jobs(context.site.engine, context.settings, now=context.now, only=nonce, is_watched=True)
    return context.go(f"/directives/{code}/bulk/{nonce}")


@router.get("/{job_id}")
def result_page(code: str, job_id: UUID, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        job = find_background_job(session, context.principal, job_id)
        if job.kind != BULK or job.given["directive"] != code:
            raise NotFound("there is no such page")
        tasks = named_tasks(session, [UUID(one) for one in job.given["tasks"]])
        refusals = read_refusals(session, job)
        asked_by = session.get_one(Person, job.asked_by).full_name
    refused = [_ActedTask(*one, why_not=refusals[one[0]][context.language]) for one in tasks if one[0] in refusals]
    acted = [_ActedTask(*one) for one in tasks[: job.done] if one[0] not in refusals]
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


def _nonce(given: str) -> UUID:
    try:
        return UUID(given)
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
        fields=[one.name for one in form.fields],
        note_is_free=asked.action in (Action.REMIND, Action.CHANGE_COORDINATOR),
        is_grave=form.is_grave,
        typed={"due": "", "to": "", "note": ""} | dict(typed or {}),
        nonce=nonce,
        action_url=f"{url.path}?{url.query}",
        back=asked.address(f"/directives/{code}", select=bool(asked.t), action="", u=(), t=()),
        people=[(one.code, one.full_name) for one in people],
        looks=Looks(context.language),
        period_name=lambda period: _period(period, context.language),
        most=MOST_LISTED,
    )


def _period(period: str, language: str) -> str:
    found = period_words(period)
    return translate(found[0], language, **found[1]) if found else ""
