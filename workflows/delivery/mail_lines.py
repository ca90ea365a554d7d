"""The lines to the mail server. Each is a connection with its own thread, so that no job waits for the mail server.

While the server keeps one line waiting, deliveries go on over the others.
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
"""At its end the program waits this long for the server's answer to a letter."""
CLOSE_SECONDS = 20.0
"""At its end the program waits this long in all, so that lines can record how their letters ended."""
Opens = Callable[[], AbstractContextManager[Sender]]
"""Opens a sender for one line."""
_log = get_log(__name__)


@dataclass
class _MailLine:
    delivery: Delivery
    ended: Future[None]
    sender: Sender | None = None


class MailLines:
    """All lines of this process. `waits`: whether a delivery waits until every conversation has ended."""

    def __init__(self, stop: Event | None = None, *, waits: bool = False) -> None:
        self.stop, self._waits = stop or Event(), waits
        self._lock = Lock()
        self._lines: list[_MailLine] = []  # those that still run, or whose work is not reported yet

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
        """Deliver from `now` (UTC) on, over all free lines.

        Return what was done since the last report, or raise what went wrong. The next report tells of a line that is
        still busy after `for_seconds`. A delivery of some kinds (`only`) does not wait; the next report tells of it.
        """
        stopwatch = CLOCKS.start()
        delivery = Delivery(
            engine,
            settings,
            lambda: now + timedelta(seconds=stopwatch.seconds),
            calendar,
            for_seconds=for_seconds,
            only=only,
            stop=self.stop,
        )
        ends = self._begin(delivery, opens, settings.mail.connections) if delivery.begin() else []
        if only is not None and not self._waits:
            return Delivered()
        until = time.monotonic() + for_seconds
        while wait(ends, timeout=LOOK_SECONDS).not_done:
            delivery.look_at_lines()
            if not self._waits and (time.monotonic() >= until or self.stop.is_set()):
                break
        return self._take_done()

    def close(self) -> None:
        """Stop all lines. A line that does not end in time dies with the process, and its letter becomes uncertain."""
        self.stop.set()
        self._leave(at_once=False, timeout=LAST_WORD_SECONDS)
        self._leave(at_once=True, timeout=CLOSE_SECONDS - LAST_WORD_SECONDS)

    def _leave(self, *, at_once: bool, timeout: float) -> None:
        for line in [*self._lines]:
            if line.sender is not None:
                line.sender.leave(at_once=at_once)
        wait([line.ended for line in [*self._lines]], timeout=timeout)

    def _begin(self, delivery: Delivery, opens: Opens, most: int) -> list[Future[None]]:
        with self._lock:
            free = most - sum(not line.ended.done() for line in self._lines)
            new_lines = [_MailLine(delivery, Future()) for _ in range(free)]
            self._lines += new_lines
        for line in new_lines:
            run = partial(contextvars.copy_context().run, self._work, line, opens)  # within the caller's trace
            # A daemon: looking a host name up may never end, and must not keep the process alive.
            Thread(target=run, name="mail line", daemon=True).start()
        return [line.ended for line in new_lines]

    def _work(self, line: _MailLine, opens: Opens) -> None:
        try:
            if letter := line.delivery.next_letter():
                with opens() as line.sender:
                    if self.stop.is_set():  # `close` may have come before there was a sender
                        line.sender.leave()
                    line.delivery.send_over(line.sender, letter)
        except BaseException as error:
            line.ended.set_exception(error)
        else:
            line.ended.set_result(None)

    def _take_done(self) -> Delivered:
        with self._lock:
            lines, self._lines = self._lines, [line for line in self._lines if not line.ended.done()]
        done = Delivered()
        for delivery in {id(line.delivery): line.delivery for line in lines}.values():
            done += delivery.take_done()
        ended = [line.ended.exception() for line in lines if line.ended.done()]
        errors = [error for error in ended if error is not None]
        for error in errors[1:]:  # the job reports the first
            _log.error("mail_line_failed", exc_info=error)
        if errors:
            raise errors[0]
        return done


@contextmanager
def open_sender(settings: Settings) -> Iterator[Sender]:
    """Open SMTP as configured. In mode `local` it leads to our own mailbox on a free port of loopback.

    The port is never the configured one: another installation's mailbox may listen there. Several mailboxes can share
    a folder, since each letter is a file with its own name.
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
