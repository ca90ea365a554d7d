"""Tasks: lists, one, and everything that can be done to it."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import Base64Bytes, BaseModel, Field, create_model
from sqlmodel import Session

from models.directives.directive import Directive, Duty, directive_of_code
from models.errors import NotFound
from models.organization.register_reads import resolve_unit
from models.organization.unit import Unit
from models.signatures.signature_facts import outcome
from models.tasks import act_inputs
from models.tasks.evidence_files import MOST_FILES, GivenFile
from models.tasks.task import Task, TaskStatus
from models.tasks.task_reads import task_history, task_partners, task_results
from models.text.localtime import due_date
from notifications.composing.reasons import move_in_words
from web.api.caller import Acts, Caller, Reads
from web.api.files import BYTES, SAFE
from web.api.repeats import OnceRoute
from web.api.shapes import Acted, SignatureShape, StrictBody, TaskForPartner, TaskWhole
from web.request.cursor_paging import Cursor, Limit, Page, read_cursor, write_cursor
from workflows.access.find_task import find_task, short
from workflows.access.task_access import TaskAccess, look_at
from workflows.rules.tasks.lifecycle import SPECS, Action, allowed_actions
from workflows.tasks.act import act
from workflows.worklists.result_files import open_file
from workflows.worklists.task_list import EveryTask, TaskLine, list_tasks, read_task

_LONGEST_FILE = 64 * 1024 * 1024  # bytes; the settings allow less
router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=OnceRoute)


@router.get("")
def tasks(
    caller: Reads,
    directive: Annotated[str | None, Query(description="A directive's code", examples=["ct-06-2004"])] = None,
    duty: Annotated[str | None, Query(description="A duty's number", examples=["2.a"])] = None,
    unit: Annotated[str | None, Query(description="The lead unit: code, name or alias", examples=["TCT-T"])] = None,
    status: Annotated[list[TaskStatus] | None, Query(description="One or several")] = None,
    overdue: Annotated[bool | None, Query(description="Only what is, or is not, overdue now")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TaskLine]:
    """Return the tasks that the caller may see whole, in the order of their making."""
    with caller.reading() as session:
        wanted = EveryTask(
            directive=directive_of_code(session, directive).code if directive is not None else "",
            duty=duty or "",
            unit=resolve_unit(session, unit).code if unit else "",
            statuses=status or (),
            overdue=overdue,
            after=read_cursor(cursor),
            in_order_of_making=True,
        )
        rows = list_tasks(session, caller.principal, wanted, caller.now, most=limit + 1)
    more = len(rows) > limit
    items = [TaskLine.of(row, caller.person.language) for row in rows[:limit]]
    return Page[TaskLine](items=items, next=write_cursor(items[-1].id) if more else None)


@router.get("/{name}")
def task(name: str, caller: Reads) -> TaskWhole | TaskForPartner:
    """Return one task, by its id or the last six to twelve digits of it."""
    with caller.reading() as session:
        sight = look(session, caller, name)
        row = sight.task
        actions = [one.value for one in allowed_actions(row.status, sight.relations)]
        if not sight.is_whole:
            return _for_partner(session, row, actions)
        language = caller.person.language
        history = [move_in_words(one, language) for one in task_history(session, row.id)]
        line = TaskLine.of(read_task(session, row.id, caller.now), language)
        whole = TaskWhole(
            **dict(line),
            quote=session.get_one(Duty, row.duty_id).quote,
            actions=actions,
            partners=task_partners(session, row.id),  # type: ignore[arg-type]
            results=task_results(session, row.id),  # type: ignore[arg-type]
            history=history,  # type: ignore[arg-type]
            seen=history[-1]["id"] if history else None,
        )
    files = [file for result in whole.results for file in result.evidence]
    found = caller.site.signatures.of(files) if caller.site.signatures else {}
    for file in files:
        check = found.get(file.sha256)
        if check is not None and not check.has_failed:
            file.signatures = [SignatureShape.of(one, outcome=outcome(one, caller.now)) for one in check.signatures]
    return whole


@router.get("/{name}/files/{file_id}", response_class=FileResponse, responses=BYTES)
def evidence_file(name: str, file_id: UUID, caller: Reads) -> FileResponse:
    """Return a file of a task's result: for those who see the task whole."""
    with caller.reading() as session:
        found = look(session, caller, name)
        file, path = open_file(session, caller.principal, found.task.id, file_id, caller.settings, today=caller.today)
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=SAFE)


def _for_partner(session: Session, row: Task, actions: list[str]) -> TaskForPartner:
    duty, unit = session.get_one(Duty, row.duty_id), session.get_one(Unit, row.lead_unit_id)
    return TaskForPartner(
        id=row.id,
        short_id=short(row.id),
        directive=session.get_one(Directive, row.directive_id).code,
        duty=duty.path,
        title=duty.title,
        quote=duty.quote,
        unit_code=unit.code,
        unit=unit.name,
        due_on=due_date(row.due_at) if row.due_at else None,
        actions=actions,
    )


def look(session: Session, caller: Caller, name: str) -> TaskAccess:
    """What is not the caller's is as if it were not there."""
    try:
        found = find_task(session, name)
    except NotFound as error:
        raise NotFound("there is no task {task}", task=name) from error
    try:
        return look_at(session, caller.principal, found.id, caller.today)
    except NotFound as error:
        raise NotFound("there is no task {task}", task=name) from error


class FileGiven(StrictBody):
    """A file of a result, as base64."""

    name: str = Field(min_length=1, max_length=255, examples=["bao-cao.pdf"])
    content: Base64Bytes = Field(max_length=_LONGEST_FILE)


_SEEN: Any = Field(
    default=None,
    description="`seen` of the task as the caller knows it; 409 where something has happened since that bears on this",
)


def _body_of(action: Action) -> type[BaseModel]:
    """Its own input, what the program has seen, and files that come with the request."""
    kind = SPECS[action].input
    if kind not in _BODIES:
        fields: dict[str, Any] = {
            name: (field.annotation, field) for name, field in kind.model_fields.items() if name != "file"
        }
        if "file" in kind.model_fields:
            fields["files"] = (list[FileGiven], Field(default=[], max_length=MOST_FILES))
        fields["seen"] = (UUID | None, _SEEN)
        _BODIES[kind] = create_model(
            f"{kind.__name__}Given", __base__=act_inputs.ActionInput, __doc__=kind.__doc__, **fields
        )
    return _BODIES[kind]


_BODIES: dict[type[BaseModel], type[BaseModel]] = {}


def _given(body: BaseModel) -> dict[str, Any]:
    """As `act` takes it."""
    given = body.model_dump(exclude_unset=True, exclude={"files", "seen"})
    files: list[FileGiven] = getattr(body, "files", [])
    if files:
        given["file"] = tuple(GivenFile(one.name, partial(BytesIO, one.content)) for one in files)
    return given


def _endpoint(action: Action, body_type: type[BaseModel]) -> Callable[..., Acted]:
    def do(name: str, body: BaseModel, caller: Caller) -> Acted:
        with caller.transaction() as session:
            found = look(session, caller, name)
            done = act(caller.acting(session), found.task.id, action, _given(body), seen=getattr(body, "seen", None))
            status = done.task.status if found.is_whole else None
            return Acted(task=done.task.id, event=done.event, history=done.history_id, status=status)

    do.__annotations__ = {"name": str, "body": body_type, "caller": Acts, "return": Acted}
    return do


for _action in Action:
    _rule = SPECS[_action].rule
    router.post(
        f"/{{name}}/{_action.value}",
        name=_action.value,
        operation_id=f"task_{_action.value.replace('-', '_')}",
        description=f"For: {', '.join(sorted(one.value for one in _rule.by))}. "
        f"From: {', '.join(sorted(one.value for one in _rule.sources))}. "
        f"To: {_rule.target.value if _rule.target else 'the same status'}"
        f"{f', or {_rule.or_target.value} as before' if _rule.or_target else ''}.",
    )(_endpoint(_action, _body_of(_action)))
