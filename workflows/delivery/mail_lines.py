"""The lines to the mail server: each a connection with a thread of its own, so that no job waits for mail.

A line that the server keeps waiting is left to itself; deliveries go on over the others.
"""

import contextvars
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Lock, Thread

from sqlalchemy import Engine

from models.letters.letter import LetterKind
from models.operations.logs import get_log
from models.operations.system_job import DELIVERY_SECONDS
from models.settings import Settings
from notifications.smtp.clocks import CLOCKS
from notifications.smtp.mailbox import LocalMailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Sender
from workflows.delivery.deliver import Delivered, Delivery
from workflows.rules.calendar.workdays import WorkCalendar

LOOK_SECONDS = 1.0
LAST_WORD_SECONDS = 8.0
"""Time that the end of the program waits for the server's answer to a letter."""
CLOSE_SECONDS = 20.0
"""And for all that lines then still have to write down."""
Opens = Callable[[], AbstractContextManager[Sender]]
"""Opens a sender for one line."""
_log = get_log(__name__)


@dataclass
class _MailLine:
    delivery: Delivery
    ended: Future[None]
    sender: Sender | None = None


class MailLines:
    """All lines of this process. `waits`: whether a delivery waits for the end of every conversation."""

    def __init__(self, stop: Event | None = None, *, waits: bool = False) -> None:
        self.stop, self._waits = stop or Event(), waits
        self._lock = Lock()
        self._lines: list[_MailLine] = []  # those that have not ended, or of whose work nobody has been told

    def deliver(
        self,
        engine: Engine,
        settings: Settings,
        opens: Opens,
        *,
        now: datetime,
        calendar: WorkCalendar,
        for_seconds: float = DELIVERY_SECONDS,
        only: Sequence[LetterKind] | None = None,
    ) -> Delivered:
        """Deliver as of `now` (UTC) and on, over all lines that are free.

        Return what was done since the last time, or raise what went wrong. A line that is still at its letter after
        `for_seconds` is told of the next time. A delivery of some kinds `only` is not waited for, and told of so too.
        """
        since = CLOCKS.start()
        delivery = Delivery(
            engine,
            settings,
            lambda: now + timedelta(seconds=since.seconds),
            calendar,
            for_seconds=for_seconds,
            only=only,
            stop=self.stop,
        )
        mine = self._begin(delivery, opens, settings.mail.connections) if delivery.begin() else []
        if only is not None and not self._waits:
            return Delivered()
        until = time.monotonic() + for_seconds
        while wait(mine, timeout=LOOK_SECONDS).not_done:
            delivery.look_at_lines()
            if not self._waits and (time.monotonic() >= until or self.stop.is_set()):
                break
        return self._take_done()

    def close(self) -> None:
        """Stop all lines. Whatever does not end in time ends with the process: its letters will be uncertain."""
        self.stop.set()
        for seconds in (LAST_WORD_SECONDS, CLOSE_SECONDS - LAST_WORD_SECONDS):
            for line in [*self._lines]:
                if line.sender is not None:
                    line.sender.leave(at_once=seconds != LAST_WORD_SECONDS)
            wait([line.ended for line in [*self._lines]], timeout=seconds)

    def _begin(self, delivery: Delivery, opens: Opens, most: int) -> list[Future[None]]:
        with self._lock:
            free = most - sum(not line.ended.done() for line in self._lines)
            begun = [_MailLine(delivery, Future()) for _ in range(free)]
            self._lines += begun
        for line in begun:
            run = partial(contextvars.copy_context().run, self._work, line, opens)  # within the asker's trace
            Thread(target=run, name="mail line", daemon=True).start()  # a look-up of a name has no end, a process has
        return [line.ended for line in begun]

    def _work(self, line: _MailLine, opens: Opens) -> None:
        try:
            if found := line.delivery.next_letter():
                with opens() as line.sender:
                    if self.stop.is_set():  # before `close` could see it
                        line.sender.leave()
                    line.delivery.send_over(line.sender, found)
        except BaseException as fault:
            line.ended.set_exception(fault)
        else:
            line.ended.set_result(None)

    def _take_done(self) -> Delivered:
        with self._lock:
            lines, self._lines = self._lines, [line for line in self._lines if not line.ended.done()]
        done = Delivered()
        for delivery in {id(line.delivery): line.delivery for line in lines}.values():
            done += delivery.take_done()
        faults = [fault for line in lines if line.ended.done() and (fault := line.ended.exception()) is not None]
        for fault in faults[1:]:  # the job tells of the first
            _log.error("mail_line_failed", exc_info=fault)
        if faults:
            raise faults[0]
        return done


@contextmanager
def open_sender(settings: Settings) -> Iterator[Sender]:
    """SMTP as configured; in mode `local`, SMTP to a mailbox of our own on a free port of loopback.

    The port is never the configured one: what listens there may be another installation's mailbox. Several mailboxes
    over one folder get on, since each letter is a file with a name of its own.
    """
    if settings.mail.mode == "smtp":
        yield YagmailSender(settings.mail)
        return
    with LocalMailbox(settings.mailbox) as mailbox:
        here = {"host": mailbox.host, "port": mailbox.port, "security": "none", "user": None, "password": None}
        yield YagmailSender(settings.mail.model_copy(update=here))


def sender_opener(
    settings: Settings, sender: Callable[[], Sender] | None = None
) -> Callable[[], AbstractContextManager[Sender]]:
    return partial(open_sender, settings) if sender is None else lambda: nullcontext(sender())
