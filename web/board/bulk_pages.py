"""Many tasks at once: look at what is chosen, then do it, then see what became of each."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from models.database.ids import new_id
from models.directives.directive import Directive
from models.errors import DondocError, NotFound, Refused
from models.i18n import translate
from models.operations.background_job import BULK, BackgroundJob
from models.organization.person import Person
from models.organization.register_reads import coordinators_of
from web.actions.action_forms import FORMS
from web.board.board_query import AskedBoard, BoardQuery
from web.board.board_view import Looks
from web.request.form_input import Posted, text
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


@router.get("")
def check_page(code: str, context: Signed, asked: AskedBoard) -> Response:
    return _check_page(context, code, asked, _action(context), nonce=new_id())


@router.post("")
def do_page(code: str, context: Signed, form: Posted, asked: AskedBoard) -> Response:
    """Do it, if the choice is still the one that was looked at. The same form again leads to the same result."""
    action = _action(context)
    nonce = _nonce(text(form, "nonce"))
    typed = {name: text(form, name) for name in _fields(action)}
    count = 0
    with context.submit(
        lambda error: _check_page(context, code, asked, action, nonce=nonce, typed=typed, error=error)
    ) as session:
        directive = open_directive(session, context.principal, code, Right.BULK)
        if session.get(BackgroundJob, nonce) is None:
            check = _check(session, context, directive, asked, action)
            if check.digest != text(form, "digest"):
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


def _action(context: RequestContext) -> Action:
    return one_of(Action, "action", context.request.query_params.get("action", ""), BULK_ACTIONS)


def _fields(action: Action) -> list[str]:
    return [one.name for one in FORMS[action].fields]


def _nonce(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise Refused("this form is too old, or came from another site: open the page again and repeat it") from error


def _check(
    session: Session, context: RequestContext, directive: Directive, asked: BoardQuery, action: Action
) -> BulkCheck:
    given = context.request.query_params
    picked = Picked(frozenset(given.getlist("u")), frozenset(given.getlist("t")))
    return check_bulk(session, context.principal, directive, asked, picked, action, context.now)


def _check_page(
    context: RequestContext,
    code: str,
    asked: BoardQuery,
    action: Action,
    *,
    nonce: UUID,
    typed: dict[str, str] | None = None,
    error: DondocError | None = None,
) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code, Right.BULK)
        check = _check(session, context, directive, asked, action)
        people = coordinators_of(session, (directive.coordinating_unit_id, directive.issuer_office_id))
    url = context.request.url
    return context.page(
        "bulk.html",
        error=error,
        head=directive_head(context, directive, "board"),
        check=check,
        words=action.label,
        explained=FORMS[action].for_many,
        fields=_fields(action),
        note_is_free=action in (Action.REMIND, Action.CHANGE_COORDINATOR),
        is_grave=FORMS[action].is_grave,
        typed={"due": "", "to": "", "note": ""} | (typed or {}),
        nonce=nonce,
        action_url=f"{url.path}?{url.query}",
        back=asked.address(f"/directives/{code}", select=bool(context.request.query_params.getlist("t"))),
        people=[(one.code, one.full_name) for one in people],
        looks=Looks(context.language),
        period_name=lambda period: _period(period, context.language),
        most=MOST_LISTED,
    )


def _period(period: str, language: str) -> str:
    found = period_words(period)
    return translate(found[0], language, **found[1]) if found else ""
