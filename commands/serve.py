"""`dondoc serve`: run the site, the clock, Prefect and the local mailbox in one process, until it is told to stop."""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated

import typer
from sqlalchemy import Engine

from commands.arenas import keep_few_arenas
from commands.background import clock_of_many, clock_of_one, reach_prefect, secret_of, signals
from commands.context import CommandContext, cause, command, front, now
from commands.secrets import KEPT_APART
from models.database.schema_state import SchemaState, refuse_older, refuse_unfit, state_of
from models.database.secret_keys import keys_of
from models.database.session import transaction
from models.errors import DondocError, Refused
from models.i18n import _
from models.operations.logs import start_logging, stop_logging
from models.operations.traces import tracing
from models.settings import Settings, listening_at
from notifications.smtp.mailbox import LocalMailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Sender
from workflows.jobs.prefect.prefect_server import PrefectServer, prefect_environment
from workflows.jobs.prefect.prefect_watch import PrefectWatch, Say
from workflows.operations.first_steps import ensure_code
from workflows.operations.private_files import close_to_others
from workflows.operations.setup import set_up

HostOption = Annotated[
    str | None, typer.Option("--host", metavar="ADDRESS", help="Address to listen on, instead of the setting `host`.")
]
PortOption = Annotated[
    int | None,
    typer.Option("--port", metavar="PORT", min=1, max=65535, help="Port of the site, instead of the setting `port`."),
]
NoPrefectOption = Annotated[
    bool, typer.Option("--no-prefect", help="Do the background work without Prefect: no pages of runs, no retries.")
]


@command(front, "serve", example="dondoc serve --port 8080", ready=False)
def serve(
    context: CommandContext, host: HostOption = None, port: PortOption = None, no_prefect: NoPrefectOption = False
) -> None:
    """Serve the site and do what is due, until Ctrl-C or SIGTERM.

    The database is set up first if it has not been. The Prefect server and the local mailbox run on this machine only;
    a second `serve` over the same data shares the first one's Prefect server. With `prefect_api_url` it has none, and
    hands the work over to the workers of all machines.
    """
    chosen = {"host": host, "port": port}
    settings = context.settings.model_copy(update={name: value for name, value in chosen.items() if value is not None})
    prepare(context.engine, settings, context.say)
    run_server(
        context.engine,
        settings,
        say=context.say,
        with_prefect=not no_prefect,
        on_open=lambda places: show_places(context, places),
    )


def prepare(engine: Engine, settings: Settings, say: Say) -> None:
    """Set up a new database, and say so. Refused for a database of another version: `serve` never upgrades it.

    Raises where the key of the database's secrets is missing.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    closed = close_to_others(settings.data)
    state = state_of(engine)
    if closed:
        say(_("others on this machine could read {names}: now they cannot"), names=", ".join(closed))
    refuse_unfit(state)
    refuse_older(state)
    if state is SchemaState.NONE:
        say(
            _(
                "the database is not set up yet: setting it up, empty; `dondoc init --example` adds an invented office "
                "to try"
            )
        )
    done = set_up(engine, now=now())
    if done.key_made:
        say(KEPT_APART, place=keys_of(settings).place)


def run_server(
    engine: Engine,
    settings: Settings,
    *,
    say: Say,
    with_prefect: bool = True,
    on_open: Callable[[dict[str, str]], None] | None = None,
) -> None:
    """Run everything until SIGINT or SIGTERM. Nothing of it is left running afterwards.

    It needs the main thread and a database that is set up. `on_open` receives the addresses. Refused for a taken port.
    """
    from web.app import create_app  # a second of imports that no other command needs
    from web.server import listen, serve_site

    keep_few_arenas()
    prefect: PrefectWatch | None = None
    start_logging(sys.stderr, form=settings.log_format, level=settings.log_level)
    with ExitStack() as stack:
        stack.callback(stop_logging)
        stack.enter_context(tracing())
        site = stack.enter_context(listen(settings.host, settings.port))
        stop = threading.Event()
        stack.enter_context(signals(stop))
        url = listening_at(settings.host, settings.port)
        places = {"site": url}
        settings = reached_at_its_address(settings)
        sender = _Senders(stack, settings, places, say)
        if with_prefect and settings.prefect_api_url is not None:
            clock, lines = clock_of_many(engine, settings, sender, stop, say)
            places["prefect"] = reach_prefect(settings).url
        else:
            prefect = _prefect(stack, settings, say) if with_prefect else None
            if prefect is not None and prefect.server.is_known:  # a later address is printed when it is known
                places["prefect"] = prefect.server.url
            clock, lines = clock_of_one(engine, settings, sender, stop, prefect)
        stack.callback(clock.stop)  # before Prefect and the mailbox end: a tick under way reports to them
        stack.callback(lines.close)
        stack.callback(stop.set)
        clock.start()
        if on_open is not None:
            on_open(places | setup_places(engine, url))
        serve_site(create_app(engine, settings), site, stop)
        say(_("stopping"))
    if prefect is not None and prefect.has_run:
        # our own threads have ended; Prefect's would wait for minutes for a server that is gone
        sys.stdout.flush()
        os._exit(0)


def _prefect(stack: ExitStack, settings: Settings, say: Say) -> PrefectWatch:
    """Start the Prefect server and watch over it. A failed start is reported, and tried again."""
    home, auth, database = settings.data / "prefect", secret_of(settings), settings.prefect_database_url
    server = PrefectServer(
        home,
        settings.prefect_port,
        host=settings.prefect_host,
        auth=auth,
        database_url=database.get_secret_value() if database else None,
    )
    os.environ.update(prefect_environment(home, auth))
    watch = PrefectWatch(server, say)
    stack.callback(watch.stop)
    try:
        watch.server.start()
    except (DondocError, OSError) as error:
        say(_("Prefect cannot be started: the background work goes on without it ({reason})"), reason=cause(error))
    watch.start()
    return watch


class _Senders:
    """Opens senders by the settings at the beginning of each run, which the site may change.

    The local mailbox starts when letters first go to it, and listens until `serve` ends.
    """

    def __init__(self, stack: ExitStack, settings: Settings, places: dict[str, str], say: Say) -> None:
        self._stack, self._settings, self._places, self._say = stack, settings, places, say
        self._mailbox = self._start() if settings.mail.mode == "local" else None

    def __call__(self) -> Sender:
        mail = self._settings.mail
        if mail.mode == "smtp":
            return YagmailSender(mail)
        if self._mailbox is None:
            self._mailbox = self._start()
        host, port = self._mailbox.host, self._mailbox.port
        here = {"host": host, "port": port, "security": "none", "user": None, "password": None}
        return YagmailSender(mail.model_copy(update=here))

    def _start(self) -> LocalMailbox:
        wanted = self._settings.mail.port
        mailbox = LocalMailbox(self._settings.mailbox, port=wanted)
        try:
            mailbox.start()
        except Refused:  # another installation's mailbox, or a second `serve`
            mailbox = LocalMailbox(self._settings.mailbox)
            mailbox.start()
            self._say(_("port {taken} is taken: the local mailbox listens on {port}"), taken=wanted, port=mailbox.port)
        self._stack.callback(mailbox.stop)
        self._places |= {"mailbox": str(mailbox.folder), "mail": f"{self._places['site']}/mail"}
        self._places["smtp"] = f"{mailbox.host}:{mailbox.port}"
        return mailbox


def reached_at_its_address(settings: Settings) -> Settings:
    """Return settings in which letters link to the address that the site listens at, unless `base_url` is set."""
    if "base_url" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"base_url": listening_at(settings.host, settings.port)})


def setup_places(engine: Engine, url: str) -> dict[str, str]:
    """Return address and code of the first set-up, nothing once there is an administrator."""
    with transaction(engine) as session:
        code = ensure_code(session)
    return {"setup": f"{url}/setup", "setup_code": code} if code is not None else {}


def show_places(context: CommandContext, places: dict[str, str]) -> None:
    names = {
        "site": _("site"),
        "mail": _("letters sent (local mailbox)"),
        "mailbox": _("mailbox folder"),
        "smtp": _("mailbox SMTP"),
        "prefect": _("Prefect"),
        "setup": _("first set-up"),
        "setup_code": _("set-up code, to be entered there"),
    }
    lines = [f"{context.words(words)}: {places[name]}" for name, words in names.items() if name in places]
    context.show(places, *lines, _("Ctrl-C stops everything"))
    sys.stdout.flush()  # a reader of the pipe needs it now, not when we end
