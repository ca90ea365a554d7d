"""`dondoc worker`: does what clocks and sites hand over, on as many machines as wanted."""

import os
import socket
from typing import Annotated

import typer
from rich.text import Text

from commands.background import reach_prefect
from commands.context import CommandContext, check_sealed, command, front
from models.errors import BadInput
from models.i18n import _
from workflows.jobs.prefect.prefect_remote import check_address, check_database, worker_environment

LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=64, help="Runs at once on this machine.")]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="Its name in Prefect's pages; by default host and process.")
]


@command(front, "worker", example="dondoc worker --limit 4")
def worker(context: CommandContext, limit: LimitOption = 4, name: NameOption = None) -> None:
    """Do what is handed over, each run in a process of its own, until Ctrl-C or SIGTERM.

    Told to stop, it takes nothing more and waits for what is under way; told twice, it does not wait.
    """
    settings = context.settings
    check_address(settings)
    check_database(settings)
    check_sealed(context)
    named = name or f"{socket.gethostname()}-{os.getpid()}"
    if "/" in named or "%" in named:
        raise BadInput(_("--name {name}: expected a name without / and %"), name=named)
    remote = reach_prefect(settings)
    remote.need()
    wanted = worker_environment(os.environ, settings)
    os.environ.clear()
    os.environ.update(wanted)
    from workflows.jobs.prefect.worker import work  # Prefect reads the environment when it is imported

    words = {
        "started": _("worker {name} takes runs of pool {pool} from {url}, {limit} at once; Ctrl-C stops it"),
        "draining": _("stopping: waiting for what is under way; a second signal does not wait"),
        "stopped": _("stopped"),
    }

    def say(what: str) -> None:
        context.messages.print(
            Text(context.words(words[what], name=named, pool=settings.work_pool, url=remote.url, limit=limit)),
            soft_wrap=True,
        )

    work(settings.work_pool, limit=limit, name=named, heard=say)
