"""The simulated mail server and the line to it: the product's own sender speaks to them, in virtual time.

It can fail at every point of a conversation, and knows of each letter what the sender can have learned.
"""

import math
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from notifications.smtp.line import CONNECT_SECONDS, SmtpLine
from notifications.smtp.transport import SendOutcome
from tests.soak.process import Process
from tests.soak.story import DOWN, GREY, LOSSY, LYING, REFUSING

CONNECTION, EHLO, MAIL, RCPT, DATA, TEXT, DOT = "connection", "EHLO", "MAIL", "RCPT", "DATA", "the text", "the dot"
RESET, SILENT, CLOSED, CLOSING = "reset", "no answer in time", "closed without a word", "421 closing down"
DRIPS, LATE = "begins an answer and never ends it", "answers late"
DRIP_SECONDS = 5.0
PATIENCE = 3600.0
"""Seconds after which a sender that still listens to a drip does so for ever."""
_LOST = (RESET, SILENT, CLOSED)
_UNKNOWN = (*_LOST, DRIPS)
_NAME = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Trouble:
    """What goes wrong at one point of a conversation; `how` is an answer where it is none of those above."""

    at: str
    how: str
    keeps: bool = False  # of the dot: the letter arrives all the same
    loses: bool = False  # the answer says 250, and nothing arrives
    after: float = 0.0  # seconds before the answer comes, by the virtual clock

    def __str__(self) -> str:
        more = ", kept" if self.keeps else ", thrown away" if self.loses else ""
        return f"{self.how} at {self.at}{more}"


LIES = (Trouble(DOT, "451 denied", keeps=True), Trouble(DOT, CLOSING, keeps=True), Trouble(DOT, "250 ok", loses=True))
_REFUSALS = (
    Trouble(MAIL, "550 5.7.1 not you"),
    Trouble(MAIL, "552 too large"),
    Trouble(RCPT, "550 5.1.1 no such mailbox"),
    Trouble(RCPT, "550 5.7.1 blocked"),
    Trouble(RCPT, "554 refused"),
    Trouble(DOT, "554 refused"),
)


@dataclass
class Post:
    """What arrived, by Message-ID, and what the sender could know of it."""

    arrived: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    handed: Counter[str] = field(default_factory=Counter)  # how often its text was begun to be handed over
    accepted: Counter[str] = field(default_factory=Counter)  # how often the sender read a 250 for it
    # how often its text was refused: for now, or for good, which is tried again too where everybody's is refused
    denied: Counter[str] = field(default_factory=Counter)
    lied: Counter[str] = field(default_factory=Counter)  # how often it arrived and was denied
    swallowed: set[str] = field(default_factory=set)  # a 250 was given, and it was thrown away
    blurred: set[str] = field(default_factory=set)  # nobody can know: no answer, or the sender fell with it in hand
    # how each process's last handing over of it ended, as that one must see it: another may have had it meanwhile
    ends: dict[tuple[Process, str], SendOutcome] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """Once, once more where nobody could know, and again for each time it was asked for."""
        is_blurred = name in self.blurred
        if self.handed[name] > 1 + is_blurred + self.denied[name]:
            self.found.append(f"once: {name} was handed over {self.handed[name]} times (uncertain: {is_blurred})")
        if len(self.arrived[name]) > 1 + is_blurred + self.lied[name]:
            self.found.append(f"once: {name} arrived too often (uncertain: {is_blurred})")


class Line:
    """One connection, as the library's socket; whatever is written is answered at once, or never.

    It ends with the step that opened it, as with a process: the library says QUIT when it is collected, whenever.
    """

    def __init__(self, post: Post, process: Process, mood: str, draw: random.Random, clock: "VirtualClock") -> None:
        self.post, self.process, self.mood, self.draw, self.clock = post, process, mood, draw, clock
        self._seconds, self._drips_since, self._next_at = CONNECT_SECONDS, 0.0, 0.0
        draw.random()  # what was drawn once more, when kept stories were played
        self._step = process.steps
        self._heard, self._answers = b"", list[bytes]()
        self._lost: str | None = None
        self._is_in_text, self._is_open, self._to = False, False, list[str]()
        self._trouble = of_connection(mood, draw)
        if self._is_well(CONNECTION):
            self._say("220 mail.example")

    def sendall(self, data: bytes) -> None:
        """Commands and text; a line that was reset takes no more."""
        if self._lost == RESET or self._step != self.process.steps:
            raise ConnectionResetError("reset by peer")
        self._heard += data
        while self._lost is None and self._heard:
            if self._is_in_text:
                if not self._reads_text():
                    break
            elif b"\r\n" in self._heard:
                command, _, self._heard = self._heard.partition(b"\r\n")
                self._obey(command.decode())
            else:
                break
        if self._lost == RESET and self._is_in_text:
            raise ConnectionResetError("reset by peer")

    def makefile(self, _mode: str) -> "Line":
        """What it says is read from itself."""
        return self

    def readline(self, _most: int) -> bytes:
        """The next line that the server has said, once it is time, or how the connection ended."""
        is_to_come = bool(self._answers) or self._lost == DRIPS
        if is_to_come and not self.clock.waits(self._next_at - self.clock.passed, self._seconds):
            return b""
        if self._answers:
            return self._answers.pop(0)
        if self._lost == DRIPS:
            if self.clock.passed - self._drips_since > PATIENCE:
                self.post.found.append("deadline: the sender listens for ever to an answer that never ends")
                raise ConnectionResetError("reset by peer")
            self._next_at = self.clock.passed + DRIP_SECONDS
            return b"250-wait\r\n"
        if self._lost == RESET:
            raise ConnectionResetError("reset by peer")
        if self._lost == CLOSED:
            return b""
        if self._lost is None:
            self.post.found.append("conversation: the sender waits for an answer to what it has not said")
        self.clock.waits(math.inf, self._seconds)
        return b""

    def settimeout(self, seconds: float) -> None:
        """So long, by the virtual clock, the next wait may last."""
        self._seconds = seconds

    def setsockopt(self, *_option: int) -> None:
        """There is nothing to set."""

    def shutdown(self, _how: int) -> None:
        """The other side goes away."""

    def close(self) -> None:
        """The other side goes away."""

    def _say(self, words: str) -> None:
        self._answers.append(f"{words}\r\n".encode())

    def _obey(self, command: str) -> None:
        verb, _, argument = command.partition(" ")
        verb = verb.upper()
        self.process.happens(f"mail: {verb}", may_pause=True)
        if verb == MAIL:
            self._is_open, self._to, self._trouble = False, [], of_letter(self.mood, self.draw)
        if verb == RCPT and self._to:
            self.post.found.append(f"recipients: {argument} is a second one of a letter")
        if not self._is_well(verb):
            return
        if verb == EHLO:
            self._answers.append(b"250-mail.example\r\n")
            self._say("250 8BITMIME")
        elif verb == DATA:
            self._is_in_text = bool(self._to) or (self._is_open and self.draw.random() < 0.5)  # servers differ
            self._say("354 go on" if self._is_in_text else "503 nobody to write to")
        elif verb == RCPT and not self._is_open:
            self._say("503 from whom")
        else:
            self._is_open = verb in (MAIL, RCPT)
            if verb == RCPT:
                self._to.append(argument.removeprefix("TO:<").removesuffix(">"))
            self._say("221 bye" if verb == "QUIT" else "250 ok")

    def _reads_text(self) -> bool:
        text, dot, rest = self._heard.partition(b"\r\n.\r\n")
        if not dot:
            return False
        message = message_id(text)
        if not self._to:
            self.post.found.append(f"recipients: {message} was handed over for nobody")
            self._to.append("")
        self.post.handed[message] += 1
        self.process.happens(f"mail: {TEXT}", may_pause=True)
        if not self._is_well(TEXT):
            self._ends(message, SendOutcome.UNCERTAIN)
            return True
        self._heard, self._is_in_text = rest, False
        self.process.happens(f"mail: {DOT}", may_pause=True)
        trouble = self._trouble if self._trouble is not None and self._trouble.at == DOT else None
        if trouble is None or trouble.keeps:
            self.post.arrived[message].append((self._to[0], (text + b"\r\n").replace(b"\r\n..", b"\r\n.")))
        if self._is_well(DOT):
            self._say("250 kept")
            self._ends(message, SendOutcome.ACCEPTED)
        elif trouble is not None and trouble.how == LATE:
            self._next_at = self.clock.passed + trouble.after
            self._say("250 kept")
            self._ends(message, SendOutcome.ACCEPTED)
        elif trouble is not None:
            self._ends(message, _outcome(trouble))
            self.post.lied[message] += trouble.keeps and trouble.how not in _UNKNOWN
            if trouble.loses:
                self.post.swallowed.add(message)
        self.process.happens("mail: the answer", may_pause=True)
        return True

    def _ends(self, message: str, outcome: SendOutcome) -> None:
        post = self.post
        post.ends[self.process, message] = outcome
        post.accepted[message] += outcome is SendOutcome.ACCEPTED
        post.denied[message] += outcome in (SendOutcome.TEMPORARY, SendOutcome.PERMANENT)
        if outcome is SendOutcome.UNCERTAIN:
            post.blurred.add(message)
        post.look(message)

    def _is_well(self, at: str) -> bool:
        """False where the trouble is of this very point; it is over with that."""
        trouble = self._trouble
        if trouble is None or trouble.at != at:
            return True
        self._trouble = None
        self.process.statistics[f"mail server: {trouble}"] += 1
        if trouble.how in _UNKNOWN:
            self._lost, self._drips_since = trouble.how, self.clock.passed
            return False
        if trouble.how == LATE:
            return False
        self._say(trouble.how)
        if trouble.how == CLOSING:
            self._lost = CLOSED
        return False


def of_connection(mood: str, draw: random.Random) -> Trouble | None:
    """What will go wrong before the first letter."""
    luck = draw.random() if mood == LOSSY else 1.0
    if luck < 0.15:
        return Trouble(draw.choice((CONNECTION, EHLO)), draw.choice((*_LOST, CLOSING)))
    if luck < 0.19:
        return Trouble(CONNECTION if luck < 0.17 else EHLO, DRIPS)
    return None


def of_letter(mood: str, draw: random.Random) -> Trouble | None:
    """What will go wrong with a letter."""
    luck = draw.random()
    if mood == LOSSY and luck < 0.5:
        at = draw.choices((MAIL, RCPT, DATA, TEXT, DOT), (1, 1, 1, 1, 6))[0]
        if at == TEXT:  # whoever writes learns of nothing but a reset
            return Trouble(at, draw.choice((RESET, SILENT)))
        how = draw.choice((*_LOST, *_LOST, CLOSING))
        return Trouble(at, how, keeps=at == DOT and how in _LOST and draw.random() < 0.6)
    if mood == LOSSY and luck < 0.6:
        at = (MAIL, RCPT, DATA, DOT, DOT)[int((luck - 0.5) * 50)]
        return Trouble(at, DRIPS, keeps=at == DOT and luck < 0.58)
    if mood == LOSSY and luck < 0.7:
        return Trouble(DOT, LATE, keeps=True, after=25.0 + (luck - 0.6) * 5500)
    if mood == LYING and luck < 0.15:
        return draw.choice(LIES)
    if mood == GREY and luck < 0.5:
        return Trouble(draw.choice((RCPT, RCPT, DOT)), "450 try later")
    if mood == REFUSING and luck < 0.15:
        return draw.choice(_REFUSALS)
    return None


def message_id(content: bytes) -> str:
    """The name a letter bears."""
    name = _NAME.search(content)
    assert name is not None, "a letter without a name"
    return name[1].decode()


@dataclass
class VirtualClock:
    """The seconds that a sender has waited, and when its line is cut."""

    passed: float = 0.0
    until: float = math.inf
    line: SmtpLine | None = None

    def __call__(self) -> float:
        return self.passed

    def waits(self, seconds: float, most: float) -> bool:
        """Wait; False where the line is cut before, TimeoutError where a single wait may last no longer."""
        left = self.until - self.passed
        if min(seconds, most) > left and self.line is not None:
            self.passed = self.until
            self.line.cut("timed out")
            return False
        self.passed += max(0.0, min(seconds, most))
        if seconds > most:
            raise TimeoutError("timed out")
        return True


def dial(post: Post, process: Process, mood: str, draw: random.Random, clock: VirtualClock) -> Line:
    """A connection, unless nobody listens."""
    if mood == DOWN:
        process.statistics["mail server: no connection"] += 1
        raise ConnectionRefusedError("connection refused")
    return Line(post, process, mood, draw, clock)


def _outcome(trouble: Trouble) -> SendOutcome:
    """What a sender must make of the answer to the dot, by RFC 5321."""
    if trouble.how in _UNKNOWN:
        return SendOutcome.UNCERTAIN
    return {"2": SendOutcome.ACCEPTED, "4": SendOutcome.TEMPORARY, "5": SendOutcome.PERMANENT}[trouble.how[0]]
