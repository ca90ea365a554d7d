"""`dondoc reply …`: replies to letters, what came of each, and messages read by hand."""

from pathlib import Path
from typing import Annotated

import typer

from commands.context import CommandContext, command
from commands.options import Now, read_now
from commands.output import check_one_of
from models.errors import BadInput, Refused
from models.i18n import _, _n
from models.replies.reply import ReplyState
from notifications.replies.imap import LARGEST
from workflows.organization.working_calendar import load_calendar
from workflows.replies.read_mail import open_reader
from workflows.replies.replies_view import ReplyFilter, list_replies

_LISTED = 200  # replies, unless another number is asked for
app = typer.Typer(help="Replies to letters: list, read by hand.", no_args_is_help=True)


@command(app, "list", example="dondoc reply list --state waits")
def list_(
    context: CommandContext,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help=", ".join(state.value for state in ReplyState) + ".")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest.")] = _LISTED,
) -> None:
    """List the replies that were read, the newest first, with what came of each and why."""
    check_one_of("--state", state, ReplyState)
    wanted = ReplyFilter(state=ReplyState(state) if state else None)
    with context.reading() as session:
        replies = list_replies(session, wanted, limit=limit)
    rows = [
        {
            "id": line.reply.id,
            "read_at": line.reply.read_at,
            "sender": line.reply.sender,
            "subject": line.reply.subject,
            "state": line.reply.state.value,
            "why": line.reply.why.value,
        }
        for line in replies
    ]
    shown = [
        row | {"state": line.reply.state.label, "why": line.reply.why.label if line.reply.why else ""}
        for row, line in zip(rows, replies, strict=True)
    ]
    columns = {
        "read_at": _("read"),
        "sender": _("sender"),
        "subject": _("subject"),
        "state": _("state"),
        "why": _("reason"),
    }
    context.show(rows, context.table(shown, columns, whole=("read_at",)))


@command(app, "read", example="dondoc reply read replies/0001.eml")
def read(
    context: CommandContext,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An .eml file, or a folder of them.")],
    now: Now = None,
) -> None:
    """Read messages as the clock reads those of the folder `replies`; the files stay where they are.

    Each is taken once: one that was read before changes nothing.
    """
    files = sorted(path.glob("*.eml")) if path.is_dir() else [path]
    if not path.is_dir() and not path.is_file():
        raise BadInput("file {file}: there is no such file", file=str(path))
    with context.reading() as session:
        calendar = load_calendar(session)
    reader = open_reader(context.engine, context.settings, now=read_now(now), calendar=calendar)
    if reader is None:
        raise Refused("nothing is read now: this installation was restored, and letters are held back")
    with context.logging():
        for file in files:
            with file.open("rb") as source:
                reader.keep_at_replies(source.read(LARGEST + 1))
    counts = {"replies": reader.counts.replies, "bounces": reader.counts.bounces}
    context.show(counts, _n("{count} reply read", "{count} replies read", count=reader.counts.replies))
