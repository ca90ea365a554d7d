"""Calls about tasks: the list, one task, its files, and a POST for each action."""

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
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS, allowed_actions
from workflows.tasks.act import act
from workflows.worklists.result_files import open_file
from workflows.worklists.task_filter import EveryTaskFilter
from workflows.worklists.task_rows import TaskLine, list_tasks, read_task

_LONGEST_FILE = 64 * 1024 * 1024  # bytes; the settings allow less
router = APIRouter(prefix="/tasks", tags=["tasks"], route_class=OnceRoute)


@router.get("")
def tasks(
    caller: Reads,
    directive: Annotated[str | None, Query(description="A directive's code", examples=["ct-06-2004"])] = None,
    duty: Annotated[str | None, Query(description="A duty's number", examples=["2.a"])] = None,
    unit: Annotated[str | None, Query(description="The lead unit: code, name or alias", examples=["TCT-T"])] = None,
    status: Annotated[list[TaskStatus] | None, Query(description="One or several")] = None,
    overdue: Annotated[bool | None, Query(description="Only tasks that are, or are not, overdue now")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TaskLine]:
    """Return the tasks that the caller may see whole, the first made first."""
    with caller.reading() as session:
        wanted = EveryTaskFilter(
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
        access = open_task(session, caller, name)
        row = access.task
        actions = [action.value for action in allowed_actions(row.status, access.relations)]
        if not access.is_whole:
            return _for_partner(session, row, actions)
        language = caller.person.language
        history = [move_in_words(move, language) for move in task_history(session, row.id)]
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
    _add_signatures(whole, caller)
    return whole


def _add_signatures(task: TaskWhole, caller: Caller) -> None:
    """Give each file its digital signatures, where they have been checked."""
    files = [file for result in task.results for file in result.evidence]
    checks = caller.site.signatures.of(files) if caller.site.signatures else {}
    for file in files:
        check = checks.get(file.sha256)
        if check is not None and not check.has_failed:
            file.signatures = [
                SignatureShape.of(signature, outcome=outcome(signature, caller.now)) for signature in check.signatures
            ]


@router.get("/{name}/files/{file_id}", response_class=FileResponse, responses=BYTES)
def evidence_file(name: str, file_id: UUID, caller: Reads) -> FileResponse:
    """Return a file of a task's result, for callers who may see the task whole."""
    with caller.reading() as session:
        task_id = open_task(session, caller, name).task.id
        file, path = open_file(session, caller.principal, task_id, file_id, caller.settings, today=caller.today)
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


def open_task(session: Session, caller: Caller, name: str) -> TaskAccess:
    """Find a task by its id or last digits. NotFound, in the same words, where the caller may not see it."""
    try:
        task = find_task(session, name)
        return look_at(session, caller.principal, task.id, caller.today)
    except NotFound as error:
        raise NotFound("there is no task {task}", task=name) from error


class FileGiven(StrictBody):
    """A file of a result, as base64."""

    name: str = Field(min_length=1, max_length=255, examples=["bao-cao.pdf"])
    content: Base64Bytes = Field(max_length=_LONGEST_FILE)


_SEEN: Any = Field(
    default=None,
    description="`seen` of the task as the caller read it; 409 if a later change of the task affects this action",
)


def _body_of(action: Action) -> type[BaseModel]:
    """Return the request body of an action: its input, with `files` in base64, and `seen`."""
    input_type = SPECS[action].input
    if input_type not in _BODIES:
        fields: dict[str, Any] = {
            name: (field.annotation, field) for name, field in input_type.model_fields.items() if name != "file"
        }
        if "file" in input_type.model_fields:
            fields["files"] = (list[FileGiven], Field(default=[], max_length=MOST_FILES))
        fields["seen"] = (UUID | None, _SEEN)
        _BODIES[input_type] = create_model(
            f"{input_type.__name__}Given", __base__=act_inputs.ActionInput, __doc__=input_type.__doc__, **fields
        )
    return _BODIES[input_type]


_BODIES: dict[type[BaseModel], type[BaseModel]] = {}


def _action_values(body: BaseModel) -> dict[str, Any]:
    """Return the values of a body as `act` takes them."""
    values = body.model_dump(exclude_unset=True, exclude={"files", "seen"})
    files: list[FileGiven] = getattr(body, "files", [])
    if files:
        values["file"] = tuple(GivenFile(file.name, partial(BytesIO, file.content)) for file in files)
    return values


def _endpoint(action: Action, body_type: type[BaseModel]) -> Callable[..., Acted]:
    def endpoint(name: str, body: BaseModel, caller: Caller) -> Acted:
        with caller.transaction() as session:
            access = open_task(session, caller, name)
            values, seen = _action_values(body), getattr(body, "seen", None)
            moved = act(caller.acting(session), access.task.id, action, values, seen=seen)
            status = moved.task.status if access.is_whole else None
            return Acted(task=moved.task.id, event=moved.event, history=moved.history_id, status=status)

    endpoint.__annotations__ = {"name": str, "body": body_type, "caller": Acts, "return": Acted}
    return endpoint


def _description(action: Action) -> str:
    """Say who may do an action, from which statuses and to which one."""
    rule = SPECS[action].rule
    relations = ", ".join(sorted(relation.value for relation in rule.by))
    sources = ", ".join(sorted(status.value for status in rule.sources))
    target = rule.target.value if rule.target else "the same status"
    if rule.or_target:
        target += f", or {rule.or_target.value} as before"
    return f"For: {relations}. From: {sources}. To: {target}."


for _action in Action:
    router.post(
        f"/{{name}}/{_action.value}",
        name=_action.value,
        operation_id=f"task_{_action.value.replace('-', '_')}",
        description=_description(_action),
    )(_endpoint(_action, _body_of(_action)))
