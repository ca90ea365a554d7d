"""`dondoc init`: make the installation ready."""

from typing import Annotated

import typer

from commands.context import CommandContext, command, front, now
from commands.secrets import KEPT_APART
from models.database.secret_keys import keys_of
from models.i18n import _, _n
from workflows.operations.first_steps import ensure_code
from workflows.operations.private_files import close_to_others
from workflows.operations.setup import set_up


@command(front, "init", example="dondoc init", ready=False)
def init(
    context: CommandContext,
    example: Annotated[
        bool, typer.Option("--example", help="With the bundled directive and an organisation of invented people.")
    ] = False,
) -> None:
    """Make the database ready; a repeat changes nothing.

    With --example an empty register gets an organisation of invented people, and the bundled directive: to try it out.
    """
    context.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    closed = close_to_others(context.settings.data)  # before SQLite makes its log by the permissions of its file
    result = set_up(context.engine, now=now(), example=example)
    with context.transaction() as session:
        code = ensure_code(session)
    data = {
        "changed": result.changed,
        "migrated": result.migrated,
        "units": result.units,
        "people": result.people,
        "directive": result.directive,
        "templates": result.templates,
        "closed_to_others": closed,
        "setup_code": code,
    }
    context.show(data)
    context.say(
        _("ready: {data}") if result.changed else _("nothing to do: the installation is ready"),
        data=context.settings.data,
    )
    if closed:
        context.say(_("others on this machine could read {names}: now they cannot"), names=", ".join(closed))
    if result.key_made:
        context.say(KEPT_APART, place=keys_of(context.settings).place)
    if code is not None:
        context.say(
            _("nobody administers it yet: `dondoc serve`, then {url}/setup, code {code}"),
            url=context.settings.base_url,
            code=code,
        )
    if result.directive:
        context.say(
            _("imported: {units}, {people}, directive {directive} with {templates}"),
            units=_n("{count} unit", "{count} units", count=result.units),
            people=_n("{count} person", "{count} people", count=result.people),
            directive=result.directive,
            templates=_n("{count} template", "{count} templates", count=result.templates),
        )
