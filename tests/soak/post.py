"""The simulated mail server: it keeps what arrives, and loses replies, lies, refuses or is down as the story says."""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from types import TracebackType
from typing import Self

from notifications.transport import Attempt, Meanwhile, Outcome, idle
from tests.soak.process import Process
from tests.soak.story import DOWN, GREY, LOSSY, LYING, REFUSING


@dataclass
class Post:
    """What arrived, by Message-ID. `blurred`: nobody can know; `lied`: how often it arrived and was denied."""

    arrived: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    blurred: set[str] = field(default_factory=set)
    lied: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def excess(self, message_id: str) -> int:
        """How many copies more than can be explained: one, a second after a lost reply, one for each lie."""
        may = 1 + (message_id in self.blurred) + self.lied[message_id]
        return len(self.arrived[message_id]) - may


class PostSender:
    """One process's connection, for one step."""

    def __init__(self, post: Post, process: Process, mood: str, draw: random.Random) -> None:
        self.post, self.process, self.mood, self.draw = post, process, mood, draw
        self.in_hand: str | None = None
        self._is_marked_and_faulted = False
        process.on_fault = self._fault

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def announce(self, to_address: str, content: bytes) -> None:
        """It reads nothing ahead."""

    def send(self, to_address: str, content: bytes, meanwhile: Meanwhile = idle) -> Attempt:
        """One conversation, with a moment before and one after the letter's arrival at which a process may fall."""
        self.in_hand = message_id = str(message_from_bytes(content, policy=policy.compat32)["Message-ID"]).strip()
        if self._is_marked_and_faulted:
            self.post.blurred.add(message_id)
            self._is_marked_and_faulted = False
        self.process.happens("conversation", may_pause=True)
        meanwhile()
        attempt, arrives = self._answer(message_id, to_address)
        if arrives:
            self.post.arrived[message_id].append((to_address, content))
            if self.post.excess(message_id) > 0:
                is_blurred = message_id in self.post.blurred
                self.post.found.append(f"once: {message_id} arrived too often (uncertain: {is_blurred})")
        if attempt.outcome is not Outcome.ACCEPTED:
            self.process.statistics[f"mail server: {attempt.reply}"] += 1
        self.process.happens("conversation", may_pause=True)
        return attempt

    def _answer(self, message_id: str, address: str) -> tuple[Attempt, bool]:
        luck = self.draw.random()
        if self.mood == DOWN:
            return Attempt(Outcome.TEMPORARY, None, "no connection", of_server=True), False
        if self.mood == LOSSY and luck < 0.4:
            self.post.blurred.add(message_id)
            return Attempt(Outcome.UNCERTAIN, None, "reply lost"), luck < 0.25
        if self.mood == LYING and luck < 0.15:
            self.post.lied[message_id] += 1
            return Attempt(Outcome.TEMPORARY, 451, "kept, and denied"), True
        if self.mood == GREY and luck < 0.5:
            return Attempt(Outcome.TEMPORARY, 450, "try later"), False
        if self.mood == REFUSING and luck < 0.15:
            return Attempt(Outcome.PERMANENT, 550, "refused for good", of_address=luck < 0.03), False
        return Attempt(Outcome.ACCEPTED, 250, "kept"), True

    def _fault(self, is_marked: bool) -> None:
        """What the process had in its hands just then is uncertain to it, and what it has just marked."""
        if self.in_hand is not None:
            self.post.blurred.add(self.in_hand)
        self._is_marked_and_faulted = is_marked
