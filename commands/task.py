"""`dondoc task …`: see tasks and act on them."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.context import CommandContext, command
from commands.options import AsPerson, Now, TaskName, Units, read_moment, read_now, split
from commands.output import check_one_of
from models.directives.directive import find_directive
from models.errors import BadInput
from models.i18n import Words, _
from models.organization.register_reads import resolve_person, resolve_unit
from models.tasks.task import OPEN_STATUSES, TaskStatus, WaitKind
from models.tasks.task_reads import task_history, task_partners, task_results
from models.text.localtime import due_date, local_date, read_day
from models.words import DECISION_WORDS, EVENT_WORDS
from notifications.composing.reasons import move_in_words
from workflows.access.find_task import find_task, short
from workflows.access.rights import OPERATOR
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS, allowed_actions
from workflows.worklists.task_filter import EveryTaskFilter
from workflows.worklists.task_rows import TaskLine, list_tasks, read_task

app = typer.Typer(help="Tasks: list, show, act.", no_args_is_help=True)
COLUMNS = {
    "short_id": _("id"),
    "duty": _("duty"),
    "unit": _("unit"),
    "occurrence": _("occurrence"),
    "status": _("status"),
    "due_on": _("due on"),
    "overdue": _("overdue"),
    "waiting": _("waiting for"),
    "officer": _("officer"),
}
_STATUSES = [*(status.value for status in TaskStatus), "open", "overdue"]


@command(app, "list", example="dondoc task list --status overdue --unit TCT-T")
def list_(
    context: CommandContext,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="Only what this unit leads.")] = None,
    duty: Annotated[str | None, typer.Option("--duty", metavar="PATH", help="Only this duty, such as 2.a.")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help=", ".join(_STATUSES) + ".\n\nMay be repeated."),
    ] = None,
    directive: Annotated[
        str | None, typer.Option("--directive", metavar="DIRECTIVE", help="Only those of this directive.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0: all.")] = 0,
    now: Now = None,
) -> None:
    """List the tasks, with what is overdue at this moment."""
    moment = read_now(now)
    statuses, overdue = _read_statuses(split(status))
    with context.reading() as session:
        wanted = EveryTaskFilter(
            directive=find_directive(session, directive).code if directive else "",
            duty=duty or "",
            unit=resolve_unit(session, unit).code if unit else "",
            statuses=statuses,
            overdue=overdue,
        )
        listed = list_tasks(session, OPERATOR, wanted, moment, most=limit or None)
    rows = [TaskLine.of(row, context.language).model_dump() for row in listed]
    context.show(rows, context.table([_readable(row) for row in rows], COLUMNS))


@command(app, "show", example="dondoc task show 3f9a1c20")
def show(context: CommandContext, name: TaskName, now: Now = None) -> None:
    """Show one task: its dates, results, coordinating units and whole history."""
    moment = read_now(now)
    with context.reading() as session:
        task = find_task(session, name)
        row = TaskLine.of(read_task(session, task.id, moment), context.language).model_dump()
        data = row | {
            "partners": task_partners(session, task.id),
            "results": task_results(session, task.id),
            "history": [move_in_words(row, context.language) for row in task_history(session, task.id)],
        }
    columns = {"recorded_at": _("when"), "event": _("event"), "actor": _("who"), "relation": _("as"), "note": _("note")}
    partners = {"code": _("coordinating unit"), "name": _("name"), "contributed_at": _("contributed")}
    results = {
        "number": _("number"),
        "document_date": _("date"),
        "subject": _("subject"),
        "signer": _("signer"),
        "decision": _("decision"),
        "files": _("files"),
    }
    parts = [context.table([_readable(row)], COLUMNS, title=row["title"])]
    parts += [context.table(data["partners"], partners)] if data["partners"] else []
    parts += [context.table([_with_decision_words(row) for row in data["results"]], results)] if data["results"] else []
    context.show(data, *parts, context.table([_with_move_words(row) for row in data["history"]], columns))


@command(app, "actions", example="dondoc task actions 3f9a1c20 --as le.thi.d")
def actions(context: CommandContext, name: TaskName, person: AsPerson, now: Now = None) -> None:
    """List what a person may do to a task now, and what each action takes."""
    from workflows.access.relations import relations_of  # with all that actions need: a list starts without

    with context.reading() as session:
        task = find_task(session, name)
        actor = resolve_person(session, person)
        relations = relations_of(session, task, actor, local_date(read_now(now)))
        allowed = allowed_actions(task.status, relations)
    rows = [
        {
            "action": action.value,
            "name": context.words(action.label),
            "needs": [field for field, info in SPECS[action].input.model_fields.items() if info.is_required()],
            "takes": [field for field, info in SPECS[action].input.model_fields.items() if not info.is_required()],
        }
        for action in allowed
    ]
    data = {
        "task": task.id,
        "status": task.status.value,
        "person": actor.code,
        "relations": sorted(relation.value for relation in relations),
        "actions": rows,
    }
    columns = {"action": _("action"), "name": _("name"), "needs": _("needs"), "takes": _("may take")}
    context.show(data, context.table(rows, columns))


OPTIONS: dict[str, Any] = {
    "note": Annotated[str | None, typer.Option("--note", "--reason", metavar="TEXT", help="A comment: the reason.")],
    "to": Annotated[
        str | None, typer.Option("--to", metavar="CODE", help="The officer, the new lead, or another authority.")
    ],
    "due": Annotated[str | None, typer.Option("--due", metavar="DATE", help="The date set, asked or proposed.")],
    "number": Annotated[str | None, typer.Option("--number", help="The document's number.")],
    "date": Annotated[str | None, typer.Option("--date", metavar="DATE", help="The document's date.")],
    "subject": Annotated[str | None, typer.Option("--subject", help="The document's subject.")],
    "signer": Annotated[str | None, typer.Option("--signer", help="The signer of the document.")],
    "file": Annotated[
        list[Path] | None, typer.Option("--file", metavar="FILE", help="A file of the result; may be repeated.")
    ],
    "link": Annotated[str | None, typer.Option("--link", metavar="URL", help="Where the result can be read.")],
    "received_on": Annotated[
        str | None, typer.Option("--received-on", metavar="DATE", help="The day the written report arrived.")
    ],
    "answered_by": Annotated[str | None, typer.Option("--answered-by", help="The person who answered the telephone.")],
    "at": Annotated[str | None, typer.Option("--at", metavar="ISO", help="When the call was.")],
    "units": Units,
}
"""The option of each field that actions take (`SPECS`)."""


def _open_files(paths: list[Path]) -> tuple[object, ...]:
    from models.tasks.evidence_files import GivenFile

    return tuple(map(GivenFile.at, paths))


_READERS: dict[str, Callable[[Any], object]] = {
    "due": partial(read_day, "--due"),
    "date": partial(read_day, "--date"),
    "received_on": partial(read_day, "--received-on"),
    "at": partial(read_moment, "--at"),
    "file": _open_files,
    "units": lambda units: tuple(split(units)),
}


def _with_options(act: Callable[..., None]) -> Callable[..., None]:
    """Replace a command's `**fields` by an option for each field."""
    signature, keyword_only = inspect.signature(act, eval_str=True), inspect.Parameter.KEYWORD_ONLY
    *own_parameters, now, _fields = signature.parameters.values()
    own_parameters += [
        inspect.Parameter(name, keyword_only, default=None, annotation=kind) for name, kind in OPTIONS.items()
    ]
    act.__signature__ = signature.replace(parameters=[*own_parameters, now.replace(kind=keyword_only)])  # type: ignore[attr-defined]
    return act


@command(
    app,
    "act",
    example="dondoc task act 3f9a1c20 submit --as le.thi.d --number 12/BC --date 2026-11-05 --subject 'Report' "
    "--signer 'Le Thi D'",
)
@_with_options
def act_(
    context: CommandContext,
    name: TaskName,
    action: Annotated[str, typer.Argument(metavar="ACTION", help=", ".join(action.value for action in Action) + ".")],
    person: AsPerson,
    now: Now = None,
    **fields: Any,
) -> None:
    """Do one action on a task, as a person; `task actions` lists what is possible."""
    from workflows.access.actor_context import ActorContext
    from workflows.organization.working_calendar import load_calendar
    from workflows.tasks.act import act

    if action not in set(Action):
        raise BadInput(
            "action {action}: expected one of {allowed}",
            action=action,
            allowed=", ".join(member.value for member in Action),
        )
    values = {
        field: _READERS[field](value) if field in _READERS else value
        for field, value in fields.items()
        if value is not None and value != []
    }
    with context.transaction() as session:
        task, actor = find_task(session, name), resolve_person(session, person)
        acting = ActorContext(session, actor, read_now(now), load_calendar(session), context.settings)
        try:
            move = act(acting, task.id, Action(action), values)
        except BadInput:
            _check_options(Action(action), values)
            raise
        task = move.task
    data = {
        "task": task.id,
        "short_id": short(task.id),
        "action": action,
        "event": move.event,
        "status": task.status.value,
        "due_on": due_date(task.due_at) if task.due_at else None,
        "original_due_on": due_date(task.original_due_at) if task.original_due_at else None,
        "waiting": task.wait_kind.value if task.wait_kind else None,
        "history": move.history_id,
    }
    words = _("task {task}: “{action}” done; it is {status}")
    context.show(data, Words(words, task=short(task.id), action=Action(action).label, status=task.status.label))


def _check_options(action: Action, values: dict[str, Any]) -> None:
    """Refuse a missing option, or one of another action, in the command line's own words."""
    fields = SPECS[action].input.model_fields
    missing = [_option(name) for name, info in fields.items() if info.is_required() and name not in values]
    if missing:
        raise BadInput("{action}: {options} must be given", action=action.value, options=", ".join(missing))
    superfluous = [_option(name) for name in values if name not in fields]
    if superfluous:
        raise BadInput(
            "{action} does not take {options}; it takes {right}",
            action=action.value,
            options=", ".join(superfluous),
            right=", ".join(map(_option, fields)) or "–",
        )


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


def _read_statuses(names: list[str]) -> tuple[list[TaskStatus], bool | None]:
    """Return the statuses, and whether only overdue tasks are wanted. `open` stands for four statuses."""
    for name in names:
        check_one_of("--status", name, _STATUSES)
    statuses = {TaskStatus(name) for name in names if name not in ("open", "overdue")}
    statuses |= OPEN_STATUSES if "open" in names else set()
    return sorted(statuses), True if "overdue" in names else None


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    waiting = WaitKind(row["waiting"]).label if row["waiting"] else None
    occurrence = _("once") if row["occurrence"] == "once" else row["occurrence"]
    return row | {"occurrence": occurrence, "status": TaskStatus(row["status"]).label, "waiting": waiting}


def _with_decision_words(result: dict[str, Any]) -> dict[str, Any]:
    return result | {"decision": DECISION_WORDS.get(result["decision"], result["decision"])}


def _with_move_words(move: dict[str, Any]) -> dict[str, Any]:
    relation = move["relation"]
    return move | {
        "event": EVENT_WORDS.get(move["event"], move["event"]),
        "relation": Relation(relation).label if relation in set(Relation) else relation,
    }
