"""`dondoc clock`: the clock alone, without the site; as many of them as wanted, on any machine."""

import sys
import threading
from contextlib import ExitStack

from commands.background import clock_of_many, signals
from commands.context import CommandContext, check_sealed, command, front
from models.i18n import Words, _
from models.operations.logs import start_logging, stop_logging
from models.operations.traces import tracing


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
        ringing, lines = clock_of_many(context.engine, settings, None, stop, context.say)
        stack.callback(ringing.stop)
        stack.callback(lines.close)
        stack.callback(stop.set)
        ringing.start()
        places = {"prefect": settings.prefect_api_url, "work_pool": settings.work_pool}
        told = _("the clock hands jobs over to the workers of pool {pool} at {url}; Ctrl-C stops it")
        context.show(places, Words(told, pool=settings.work_pool, url=settings.prefect_api_url))
        sys.stdout.flush()
        stop.wait()
        context.say(_("stopping"))
