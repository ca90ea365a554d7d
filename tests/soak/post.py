"""One process's way to the simulated mail server: the product's sender, and a look at what it makes of each answer."""

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

from models.settings import MailSettings
from notifications.smtp.clocks import Clocks, Stopwatch
from notifications.smtp.line import SmtpLine
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, SendOutcome
from tests.soak.process import Process
from tests.soak.server import Post, VirtualClock, dial, message_id

_speaking: list["PostSender"] = []


@contextmanager
def simulated_network() -> Iterator[None]:
    """Whoever connects to a mail server meets the simulated one, and waits for it by its virtual clock."""

    def connected(line: SmtpLine, *_where: Any) -> Any:
        sender = _speaking[-1]
        sender.clock.line = line
        return dial(sender.post, sender.process, sender.mood, sender.draw, sender.clock)

    @contextmanager
    def within(_line: SmtpLine, seconds: float) -> Iterator[Callable[[float], None]]:
        clock = _speaking[-1].clock if _speaking else VirtualClock()

        def give(seconds: float) -> None:
            clock.until = end_of(clock, seconds)

        give(seconds)
        yield give
        clock.until = math.inf

    with (
        patch.object(SmtpLine, "open", connected),
        patch.object(SmtpLine, "within", within),
        patch("workflows.delivery.deliver.FRESH_SECONDS", math.inf),  # the same in every run of a story
    ):
        yield


def end_of(clock: VirtualClock, seconds: float) -> float:
    """When the line is cut on which so many seconds begin now."""
    return clock.passed + seconds


class PostSender:
    """A sender for one step of one process. `marked`, `in_hand`: the letters it would leave uncertain if it fell."""

    def __init__(self, post: Post, process: Process, settings: MailSettings, mood: str, draw: random.Random) -> None:
        self.post, self.process, self.mood, self.draw = post, process, mood, draw
        self.marked: str | None = None
        self.in_hand: str | None = None
        self.clock = VirtualClock()
        self._sender = YagmailSender(settings, clocks=Clocks(self.clock, self.clock))
        process.on_fault, process.on_settled = self._fault, self._settled

    def __enter__(self) -> Self:
        self._sender.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _speaking.append(self)
        try:
            self._sender.__exit__(kind, error, trace)
        finally:
            _speaking.pop()

    def leave(self, *, at_once: bool = False) -> None:
        """As the product's sender does."""
        self._sender.leave(at_once=at_once)

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        """As the product's sender does; what it says of the letter must be what it can know."""
        self.in_hand, self.marked = message_id(content), None
        post, name = self.post, self.in_hand
        arrived = len(post.arrived[name])
        post.ends.pop((self.process, name), None)  # of a try in which it died
        _speaking.append(self)
        try:
            attempt = self._sender.send(to_address, content)  # since now, by the virtual clock
        finally:
            _speaking.pop()
        end = post.ends.pop((self.process, name), None)
        if end is None:
            if attempt.outcome in (SendOutcome.ACCEPTED, SendOutcome.UNCERTAIN):
                post.found.append(f"answer: {name} is {attempt.outcome}, and its text was never handed over")
        elif attempt.outcome is not end:
            post.found.append(f"answer: {name} is {attempt.outcome}, and the server's word was {end}")
        came = post.arrived[name][arrived:]
        if end is not None and came and (to_address, content) not in came:
            post.found.append(f"envelope: {name} was written for {to_address} and arrived elsewhere, or as another")
        return attempt

    def _settled(self) -> None:
        self.in_hand = None

    def _fault(self) -> None:
        self.post.blurred.update(name for name in (self.marked, self.in_hand) if name is not None)
