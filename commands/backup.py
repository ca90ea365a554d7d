"""`dondoc backup` and `dondoc restore`: save an installation's data in one file, and restore it."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from commands.context import CommandContext, command, front, now, to_dondoc_error
from commands.output import is_terminal
from commands.secrets import lost_words
from models.database.schema_state import SchemaState, state_of
from models.database.seal_keys import SealKeyMissing, read_signing_key, seal_keys_of
from models.database.secret_keys import keys_of
from models.errors import DondocError
from models.i18n import LANGUAGES, _, _n
from models.operations.alert import AlertKind
from models.text.localtime import local
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert


@command(front, "backup", example="dondoc backup /mnt/backup/dondoc.tar")
def backup_(
    context: CommandContext,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to; else dondoc-DATE-TIME.tar in this folder.")
    ] = None,
) -> None:
    """Save the database, the settings and the files in one archive, while everything runs.

    It holds passwords: keep it away from others, and on another machine. Not in it: the key that opens the sealed
    secrets (secrets.key: keep a copy elsewhere), the local mailbox, and what Prefect keeps for itself.

    It is checked as `restore` checks it before it counts. Exit code 1 for a damaged database, and where files are
    missing that the database names. Where nobody sits at a terminal, the administrators hear of a failure by letter.
    """
    from workflows.operations.backups.make_backup import back_up
    from workflows.operations.backups.restore import missing_files

    target = file or Path(f"dondoc-{local(now()):%Y%m%d-%H%M%S}.tar")
    try:
        manifest = back_up(context.engine, context.settings, target, now=now())
    except Exception as error:
        if not is_terminal(sys.stdin):
            _alert(context, to_dondoc_error(error))
        raise
    with context.transaction() as session:
        end_alert(session, AlertKind.BACKUP_FAILED, now=now())
        missing = missing_files(session, context.settings.evidence)
    context.show(manifest.model_dump(mode="json") | {"file": target})
    context.say(
        _("saved: {file}, {rows} of {tables}"),
        file=target,
        rows=_n("{count} row", "{count} rows", count=manifest.total),
        tables=_n("{count} table", "{count} tables", count=len(manifest.rows)),
    )
    if manifest.head is not None:
        context.say(_("newest seal: number {number}, {head}"), number=manifest.seals, head=manifest.head)
    context.say(
        _("not in it: the key {key} that opens its secrets, from {place}: keep a copy apart from the back-ups"),
        key=manifest.secrets_key or "–",
        place=keys_of(context.settings).place,
    )
    if missing:
        context.say(_("missing, and so not in it: {files}"), files=", ".join(missing))
        raise typer.Exit(1)


def _alert(context: CommandContext, error: DondocError) -> None:
    """Write the administrators of a failed back-up, if the database can be written. The caller raises the error."""
    facts = {f"reason_{language}": error.tell(language) for language in LANGUAGES}
    try:
        with context.transaction() as session:
            raise_alert(session, AlertKind.BACKUP_FAILED, now=now(), calendar=load_calendar(session), facts=facts)
    except SQLAlchemyError as write_error:
        context.say(_("no letter tells of it: {reason}"), reason=to_dondoc_error(write_error).tell(context.language))


@command(front, "restore", example="dondoc restore dondoc.tar", ready=False)
def restore_(
    context: CommandContext, file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `backup` made.")]
) -> None:
    """Bring a back-up back into an empty place, check it, and hold back all letters until the send hold is lifted.

    Letters that left after the back-up was made are waiting in it again. See `dondoc fence`. One of version 0.3 is then
    brought up to date by `dondoc upgrade`. Exit code 1 where the history does not verify or a file is missing. Secrets
    open with the old installation's secrets.key, which is in no back-up: put it into the data folder, before or after;
    so is seals.key, which signs the history's seals.
    """
    from workflows.history.verify_history import verify
    from workflows.operations.backups.restore import restore
    from workflows.operations.personal.erased import find_restored

    restored = restore(file, context.settings, now=now())
    manifest = restored.manifest
    if state_of(context.engine) is SchemaState.OLDER:
        context.show({"made_at": manifest.made_at, "rows": manifest.total, "older": True, "fenced": True})
        context.say(
            _(
                "back as of {moment}, as version {version} left it: run `dondoc upgrade`, then `dondoc verify`; no "
                "letter leaves yet: see `dondoc fence`"
            ),
            moment=context.cell(manifest.made_at),
            version=manifest.program,
        )
        return
    check = verify(context.engine)
    with context.reading() as session:
        people = find_restored(session, context.settings.data)
    context.show(
        {
            "made_at": manifest.made_at,
            "rows": manifest.total,
            "tables": len(manifest.rows),
            "files": restored.files,
            "missing": restored.missing,
            "head": manifest.head,
            "whole": check.broken is None,
            "fenced": True,
            "secrets_key": manifest.secrets_key,
            "erased_before": people,
        }
    )
    context.say(
        _("back as of {moment}: {rows} of {tables}, as many as were saved; {files}"),
        moment=context.cell(manifest.made_at),
        rows=_n("{count} row", "{count} rows", count=manifest.total),
        tables=_n("{count} table", "{count} tables", count=len(manifest.rows)),
        files=_n("{count} file", "{count} files", count=restored.files),
    )
    if restored.settings_kept:
        context.say(_("the settings file that was there stays; the saved one was not taken"))
    if restored.missing:
        context.say(_("missing, as they were when it was saved: {files}"), files=", ".join(restored.missing))
    if check.broken is None:
        context.say(
            _("the history is whole: {seals}, {lines}"),
            seals=_n("{count} seal", "{count} seals", count=check.seals),
            lines=_n("{count} line", "{count} lines", count=check.rows),
        )
    else:
        context.say(_("the history is BROKEN: see `dondoc verify`"))
    _tell_secrets(context)
    _tell_seals(context)
    if people:
        context.say(_("erased, and here again: {people}; erase each again: dondoc person erase PERSON"), people=people)
    else:
        context.say(_("people erased after that moment are here again: see `erased.txt` of the lost installation"))
    context.say(_("no letter leaves yet: see `dondoc fence`"))
    if check.broken is not None or restored.missing:
        raise typer.Exit(1)


def _tell_secrets(context: CommandContext) -> None:
    """Say that the key is here, or what to do, and what would be lost without it."""
    from workflows.operations.secret_upkeep import check_secrets

    with context.reading() as session:
        check = check_secrets(session.connection())
    if check.fault is None:
        context.say(_("its secrets open with the key {key}, which is here"), key=check.key_id or "–")
    else:
        context.say(check.fault.message, **check.fault.facts)
        context.say(lost_words(check))


def _tell_seals(context: CommandContext) -> None:
    """Warn where the key that signs seals is missing: without it nothing is sealed."""
    keys = seal_keys_of(context.settings)
    with context.reading() as session:
        mark = read_signing_key(session.connection())
    if mark is not None and mark.digits not in keys.public_halves():
        missing = SealKeyMissing(mark.digits, keys.private.place)
        context.say(missing.message, **missing.facts)
