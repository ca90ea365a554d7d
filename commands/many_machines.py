"""The commands of an installation on several machines: `dondoc prefect-server`, `deploy`, `clock` and `worker`.

One machine runs the Prefect server. Clocks hand work over at its moments, and workers do it, on any number of machines.
"""

import os
import socket
import sys
import threading
from contextlib import ExitStack
from typing import Annotated

import typer
from rich.text import Text

from commands.background import clock_of_many, reach_prefect, secret_of, signals
from commands.context import CommandContext, check_sealed, command, front
from models.errors import BadInput, Refused
from models.i18n import Words, _
from models.operations.logs import start_logging, stop_logging
from models.operations.traces import tracing
from workflows.jobs.prefect.prefect_remote import check_address, check_database, worker_environment
from workflows.jobs.prefect.prefect_server import START_SECONDS, PrefectServer, free_port

_LOOK_SECONDS = 1.0
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=64, help="Runs at once on this machine.")]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="Its name in Prefect's pages; by default host and process.")
]


@command(front, "prefect-server", example="dondoc prefect-server", ready=False)
def prefect_server(context: CommandContext) -> None:
    """Run the Prefect server that other machines are pointed to, until Ctrl-C or SIGTERM.

    Where: `prefect_host` and `prefect_port`; who may: `prefect_auth`; its own data: `prefect_database_url`.
    """
    settings, stop = context.settings, threading.Event()
    database = settings.prefect_database_url.get_secret_value() if settings.prefect_database_url else None
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = PrefectServer(
        settings.data / "prefect",
        settings.prefect_port,
        host=settings.prefect_host,
        auth=secret_of(settings),
        database_url=database,
    )
    if free_port(settings.prefect_port, settings.prefect_host) != settings.prefect_port:
        raise Refused(  # other machines look for it at this port
            _("prefect_port {port}: something else listens there on {host}"),
            port=settings.prefect_port,
            host=settings.prefect_host,
        )
    with ExitStack() as stack:
        stack.enter_context(signals(stop))
        stack.callback(server.stop)
        server.start()
        if not server.owned:
            raise Refused(_("prefect: another process runs a server over {folder}"), folder=server.home)
        if not server.wait_until_healthy(START_SECONDS, give_up=stop):
            if stop.is_set():
                return
            raise Refused(_("Prefect's server does not answer: see {log}"), log=server.log)
        where = _("in PostgreSQL") if database else _("in SQLite")
        context.show(
            {"api_url": server.api_url, "url": server.url, "log": str(server.log)},
            Words(_("Prefect: {url} (its data {kept}); Ctrl-C stops it"), url=server.url, kept=where),
        )
        sys.stdout.flush()
        while not stop.wait(_LOOK_SECONDS):
            if server.exit_code is not None:
                raise Refused(_("Prefect's server ended with {code}: see {log}"), code=server.exit_code, log=server.log)
            server.trim_log()
        context.say(_("stopping"))


@command(front, "deploy", example="dondoc deploy", ready=False)
def deploy(context: CommandContext) -> None:
    """Register pool, queues, deployments, limits and watches with Prefect; a repeat changes nothing.

    To be run once, and again after an upgrade or a change of `work_pool` or `bulk_at_once`.
    """
    remote = reach_prefect(context.settings)
    remote.need()
    # slow to import, and it reads the environment that reach_prefect sets
    from workflows.jobs.prefect.deployment import deploy as register_all

    lines = register_all(context.settings, remote)
    columns = {"kind": _("kind"), "name": _("name"), "did": _("outcome")}
    kinds = {
        "work pool": _("work pool"),
        "queue": _("queue"),
        "deployment": _("deployment"),
        "limit": _("limit"),
        "automation": _("automation"),
    }
    rows = [
        {"kind": context.words(kinds[line.kind]), "name": line.name, "did": context.words(line.did)} for line in lines
    ]
    context.show(lines, context.table(rows, columns, whole=("name",)))


@command(front, "clock", example="dondoc clock")
def clock(context: CommandContext) -> None:
    """Hand the jobs over to the workers at their moments, until Ctrl-C or SIGTERM.

    Any number of clocks may run: of each moment there is one run. What no worker takes in time is done here.
    """
    settings = context.settings
    check_sealed(context)
    stop = threading.Event()
    with ExitStack() as stack:
        start_logging(sys.stderr, form=settings.log_format, level=settings.log_level)
        stack.callback(stop_logging)
        stack.enter_context(tracing())
        stack.enter_context(signals(stop))
        job_clock, lines = clock_of_many(context.engine, settings, None, stop, context.say)
        stack.callback(job_clock.stop)
        stack.callback(lines.close)
        stack.callback(stop.set)
        job_clock.start()
        places = {"prefect": settings.prefect_api_url, "work_pool": settings.work_pool}
        words = _("the clock hands jobs over to the workers of pool {pool} at {url}; Ctrl-C stops it")
        context.show(places, Words(words, pool=settings.work_pool, url=settings.prefect_api_url))
        sys.stdout.flush()
        stop.wait()
        context.say(_("stopping"))


@command(front, "worker", example="dondoc worker --limit 4")
def worker(context: CommandContext, limit: LimitOption = 4, name: NameOption = None) -> None:
    """Do what is handed over, each run in a process of its own, until Ctrl-C or SIGTERM.

    Told to stop, it takes nothing more and waits for what is under way; told twice, it does not wait.
    """
    settings = context.settings
    check_address(settings)
    check_database(settings)
    check_sealed(context)
    worker_name = name or f"{socket.gethostname()}-{os.getpid()}"
    if "/" in worker_name or "%" in worker_name:
        raise BadInput(_("--name {name}: expected a name without / and %"), name=worker_name)
    remote = reach_prefect(settings)
    remote.need()
    environment = worker_environment(os.environ, settings)
    os.environ.clear()
    os.environ.update(environment)
    from workflows.jobs.prefect.worker import work  # Prefect reads the environment when it is imported

    words = {
        "started": _("worker {name} takes runs of pool {pool} from {url}, {limit} at once; Ctrl-C stops it"),
        "draining": _("stopping: waiting for what is under way; a second signal does not wait"),
        "stopped": _("stopped"),
    }

    def say(what: str) -> None:
        context.messages.print(
            Text(context.words(words[what], name=worker_name, pool=settings.work_pool, url=remote.url, limit=limit)),
            soft_wrap=True,
        )

    work(settings.work_pool, limit=limit, name=worker_name, heard=say)
