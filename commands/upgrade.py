"""`dondoc upgrade`: bring the database's schema up to date, after a back-up, while nobody else is at work."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from commands.context import CommandContext, cause, command, front, lacks_file, now, to_dondoc_error
from models.database.schema import migrate, require_alone
from models.database.schema_state import SchemaState, refuse_unfit, state_of
from models.database.seal_keys import begin_signing
from models.errors import DondocError, Refused
from models.i18n import _
from models.text.localtime import local


@command(front, "upgrade", example="dondoc upgrade", ready=False)
def upgrade_(
    context: CommandContext,
    backup: Annotated[
        Path | None, typer.Option("--backup", metavar="FILE", help="Where the back-up goes; else into the data folder.")
    ] = None,
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Make no back-up: there is one already.")] = False,
) -> None:
    """Bring the database up to date: stop everything, then run this with the new version, then start again.

    It makes a back-up first, as `dondoc backup` does. Where the upgrade fails, the database is as it was. Refused while
    others work on the database.
    """
    state = SchemaState.NONE if lacks_file(context) else state_of(context.engine)
    if state is SchemaState.NONE:
        raise Refused("the database is not set up: run `dondoc init`")
    refuse_unfit(state)
    if state is SchemaState.CURRENT:
        context.show({"changed": False, "backup": None})
        context.say(_("nothing to do: the database is up to date"))
        return
    require_alone(context.engine)
    file = None if no_backup else _back_up(context, backup)
    try:
        migrate(context.engine)
    except Exception as error:
        reason = cause(to_dondoc_error(error))
        if file is None:
            raise DondocError("the upgrade failed, and the database is as it was: {reason}", reason=reason) from error
        raise DondocError(
            "the upgrade failed, and the database is as it was: {reason}. Its back-up is {file}",
            reason=reason,
            file=file,
        ) from error
    with context.transaction() as session:
        begin_signing(session.connection())
    context.show({"changed": True, "backup": file})
    context.say(_("the database is up to date"))


def _back_up(context: CommandContext, to: Path | None) -> Path:
    from workflows.operations.backups.make_backup import back_up

    name = f"before-{version('dondoc')}-{local(now()):%Y%m%d-%H%M%S}.tar"
    file = to or context.settings.data / name
    back_up(context.engine, context.settings, file, now=now())
    context.say(_("the database as it was is saved: {file}"), file=file)
    return file
