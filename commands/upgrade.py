"""`dondoc upgrade`: bring the database's schema up to date, on PostgreSQL while older programs work on it."""

from typing import Annotated

import typer

from commands.context import CommandContext, command, front, lacks_file
from commands.secret_words import KEPT_APART
from models.database.schema import migrate
from models.database.schema_state import SchemaState, refuse_unfit
from models.database.secret_keys import keys_of
from models.database.upgrade import Plan, Step, plan, upgrade
from models.errors import Refused
from models.i18n import _
from workflows.access.secret_upkeep import seal_rest


@command(front, "upgrade", example="dondoc upgrade --plan", ready=False)
def upgrade_(
    context: CommandContext,
    plan_: Annotated[
        bool, typer.Option("--plan", help="Say what would be done and whom it holds up; change nothing.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="Take away what only older programs need: once none of them runs.")
    ] = False,
) -> None:
    """Bring the database up to date; on PostgreSQL older programs go on working meanwhile.

    One machine does it, others that are told the same wait for it. With SQLite stop `dondoc serve` first.
    """
    coming = None if lacks_file(context) else plan(context.engine)
    if coming is None or coming.state is SchemaState.NONE:
        raise Refused("the database is not set up: run `dondoc init`")
    if coming.state is SchemaState.HALF:
        refuse_unfit(coming.state)
    if plan_:
        _show(context, coming)
        return
    if context.engine.dialect.name == "postgresql":
        changed = upgrade(context.engine, finish=finish, tell=context.say)
    else:
        changed = _in_one(context, coming)
    with context.transaction() as session:
        sealed = seal_rest(session)
    left = plan(context.engine).finish
    context.show({"changed": changed, "to_finish": [one.name for one in left]})
    context.say(_("the database is up to date") if changed else _("nothing to do: the database is up to date"))
    if sealed or (changed and not left):
        context.say(KEPT_APART, place=keys_of(context.settings).place)
    if left:
        context.say(_("once no older program runs on any machine: `dondoc upgrade --finish`"))


def _in_one(context: CommandContext, coming: Plan) -> bool:
    """SQLite: one transaction, finishing steps included."""
    refuse_unfit(SchemaState.NEWER if coming.state is SchemaState.AHEAD else coming.state)
    for step in coming.upgrade:
        context.say(_("{revision}: {title}"), revision=step.name, title=step.says)
    if coming.upgrade or coming.finish:
        migrate(context.engine)
    return bool(coming.upgrade or coming.finish)


def _show(context: CommandContext, coming: Plan) -> None:
    data = {
        "schema": coming.state.value,
        "upgrade": [_plain(context, one) for one in coming.upgrade],
        "finish": [_plain(context, one) for one in coming.finish],
    }
    lines = [line for one in coming.upgrade for line in _lines(context, one)]
    if coming.finish:
        lines.append(context.words(_("once no older program runs on any machine, `dondoc upgrade --finish`:")))
        lines += [line for one in coming.finish for line in _lines(context, one)]
    is_newer = coming.state in (SchemaState.AHEAD, SchemaState.NEWER)
    if not lines and not is_newer:
        lines = [context.words(_("nothing to do: the database is up to date"))]
    context.show(data, *lines)
    if is_newer:
        context.say(_("the database is newer than this program"))


def _plain(context: CommandContext, step: Step) -> dict[str, object]:
    touches = [{"does": f"{one.name} {one.what}", "locks": context.words(one.locks)} for one in step.touches]
    if step.locks is not None:
        touches.append({"does": context.words(step.says), "locks": context.words(step.locks)})
    return {"name": step.name, "title": context.words(step.says), "does": touches}


def _lines(context: CommandContext, step: Step) -> list[str]:
    told = [context.words(_("{revision}: {title}"), revision=step.name, title=context.words(step.says))]
    if step.locks is not None:
        told.append(f"  {context.words(step.locks)}")
    by_lock: dict[str, list[str]] = {}
    for one in step.touches:
        by_lock.setdefault(one.locks, []).append(f"{one.name} {one.what}".strip())
    for lock, names in by_lock.items():
        told.append(f"  {', '.join(dict.fromkeys(names))}: {context.words(lock)}")
    return told
