"""Lines to the mail server beside everything else: who waits for its answer holds up neither a job nor another letter.

A run begins with one line. While the server keeps that one waiting, another goes on with the other letters, a few at
most. A run returns once all its lines have ended or are kept waiting, or after some seconds; they go on by themselves.
"""

import contextvars
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from models.letters.letter import LetterKind
from models.operations.logs import get_log
from models.settings import Settings
from notifications.outbox.claims import LINES
from notifications.smtp.mailbox import LocalMailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Sender
from workflows.delivery.deliver import Delivered, DeliveryControl, deliver
from workflows.rules.calendar.workdays import WorkCalendar

HELD_SECONDS = 15.0
"""So long at most a job waits for its letters, to tell how many left; they go on leaving beside the next ones."""
CLOSE_SECONDS = 20.0
"""So long the end of the program waits for lines that were told to stop."""
Opens = Callable[[], AbstractContextManager[Sender]]
"""Opens a sender for one line."""
_log = get_log(__name__)


class MailLines:
    """All lines of this process. `stop` ends them, in the midst of a conversation too."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.changed = threading.Condition()
        self._late = Delivered()
        self._threads: list[threading.Thread] = []
        self.crew: list[_Line] = []  # of all runs

    def deliver(
        self,
        engine: Engine,
        settings: Settings,
        opens: Opens,
        *,
        now: datetime,
        calendar: WorkCalendar,
        for_seconds: float,
        only: Sequence[LetterKind] | None = None,
    ) -> Delivered:
        """Deliver as `deliver` does, and leave slow lines to themselves. Return or raise what was known by then."""
        run = _Run(self, engine, settings, opens, now, calendar, for_seconds, only)
        run.hire()
        return run.wait()

    @property
    def busy(self) -> int:
        """Return how many lines of all runs send letters; those that the server keeps waiting are counted elsewhere."""
        self.crew = [line for line in self.crew if not line.is_over]
        return sum(not line.is_waiting for line in self.crew)

    def start(self, run: Callable[[], None]) -> None:
        """Run a line in a thread of its own, within the traces and log keys of who asked for it."""
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(run,), name="mail line", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def add_late(self, done: Delivered) -> None:
        """Count what a line did after its run had returned."""
        with self.changed:
            self._late = _sum([self._late, done])

    def join(self) -> Delivered:
        """Wait for all lines; return what they did since their runs had returned."""
        while waiting := [one for one in self._threads if one.is_alive()]:
            waiting[0].join()
        return self._late

    def close(self) -> None:
        """Stop all lines. Whatever does not end in time ends with the process: its letters will be uncertain."""
        self.stop.set()
        until = time.monotonic() + CLOSE_SECONDS
        for thread in list(self._threads):
            thread.join(max(0.0, until - time.monotonic()))


@dataclass
class _Line:
    is_over: bool = False
    is_waiting: bool = False
    done: Delivered = field(default_factory=Delivered)
    fault: Exception | None = None


@dataclass
class _Run:
    lines: MailLines
    engine: Engine
    settings: Settings
    opens: Opens
    now: datetime
    calendar: WorkCalendar
    for_seconds: float
    only: Sequence[LetterKind] | None

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.crew: list[_Line] = []
        self.has_returned = False

    def hire(self) -> None:
        """One more line, while there is time, and not more than a few."""
        with self.lines.changed:
            passed, going = time.monotonic() - self.began, sum(not line.is_over for line in self.crew)
            most = 1 if self.settings.mail.connections is not None else LINES
            if self.lines.stop.is_set() or (self.crew and passed >= self.for_seconds) or going >= most:
                return
            if not self.crew and self.lines.busy >= most:
                return  # those of the runs before are at it
            line = _Line()
            self.crew.append(line)
            self.lines.crew.append(line)
        self.lines.start(lambda: self._work(line, passed, is_first=line is self.crew[0]))

    def wait(self) -> Delivered:
        """Until every line has ended, or is kept waiting; and no longer than a job may be held."""
        with self.lines.changed:
            self.lines.changed.wait_for(
                lambda: all(line.is_over or line.is_waiting for line in self.crew), timeout=HELD_SECONDS
            )
            self.has_returned = True
            ended = [line for line in self.crew if line.is_over]
        if faults := [line.fault for line in ended if line.fault is not None]:
            raise faults[0]
        return _sum([line.done for line in ended])

    def _work(self, line: _Line, passed: float, *, is_first: bool) -> None:
        def waits(is_waiting: bool) -> None:
            if is_waiting:
                self.hire()
            with self.lines.changed:
                line.is_waiting = is_waiting
                self.lines.changed.notify_all()

        try:
            with self.opens() as sender:
                line.done = deliver(
                    self.engine,
                    self.settings,
                    sender,
                    now=self.now + timedelta(seconds=passed),
                    calendar=self.calendar,
                    for_seconds=self.for_seconds - passed,
                    only=self.only,
                    groups=is_first,
                    control=DeliveryControl(self.lines.stop.is_set, waits),
                )
        except Exception as fault:
            line.fault = fault
            _log.exception("mail_line_failed")
        with self.lines.changed:
            line.is_over, is_late = True, self.has_returned
            self.lines.changed.notify_all()
        if is_late:
            self.lines.add_late(line.done)


def _sum(parts: Sequence[Delivered]) -> Delivered:
    return Delivered(**{one.name: sum(getattr(part, one.name) for part in parts) for one in fields(Delivered)})


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
    """Return what opens a sender for one line: the given one, else as the settings say."""
    return partial(open_sender, settings) if sender is None else lambda: nullcontext(sender())
