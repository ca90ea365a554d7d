"""`dondoc prefect-server`: the Prefect server that many machines share, in the foreground."""

import sys
import threading
from contextlib import ExitStack

from commands.background import secret_of, signals
from commands.context import CommandContext, command, front
from models.errors import Refused
from models.i18n import Words, _
from workflows.jobs.prefect.prefect_server import START_SECONDS, PrefectServer, free_port

_LOOK_SECONDS = 1.0


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
        raise Refused(  # whoever was pointed to this port would look for it in vain
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
        kept = _("in PostgreSQL") if database else _("in SQLite")
        context.show(
            {"api_url": server.api_url, "url": server.url, "log": str(server.log)},
            Words(_("Prefect: {url} (its data {kept}); Ctrl-C stops it"), url=server.url, kept=kept),
        )
        sys.stdout.flush()
        while not stop.wait(_LOOK_SECONDS):
            if server.exit_code is not None:
                raise Refused(_("Prefect's server ended with {code}: see {log}"), code=server.exit_code, log=server.log)
            server.trim_log()
        context.say(_("stopping"))
