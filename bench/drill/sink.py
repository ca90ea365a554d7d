"""The mail server of the drill: writes down when each letter and each connection came, before it says 250.

Run as a program (`python -m bench.drill.sink ADDRESS PORT FILE [SHARE]`), so that nobody's death takes it along. Of so
great a share of the letters it takes none, ends the conversation, or takes it and falls silent, by turns.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import IO, Any

from aiosmtpd.smtp import SMTP

from bench.drill.office_time import office_now
from notifications.smtp.mailbox import TakesPipelines

MINUTE = 60.0


@dataclass(frozen=True)
class Arrival:
    """A letter that was accepted: the second it came, and what it was."""

    at: float  # seconds of the epoch, by the office's time
    to: str
    message_id: str
    date: str
    subject: str


@dataclass
class Log:
    """What a sink wrote down."""

    arrivals: list[Arrival] = field(default_factory=list)
    at_once: int = 0  # connections at the same time, at most
    faults: Counter[str] = field(default_factory=Counter)  # made on purpose, by kind

    def most_in_a_minute(self) -> int:
        """The most letters within any 60 seconds."""
        times, first, most = sorted(one.at for one in self.arrivals), 0, 0
        for last, at in enumerate(times):
            while at - times[first] >= MINUTE:
                first += 1
            most = max(most, last - first + 1)
        return most


def read_log(path: Path) -> Log:
    """What was written so far."""
    log, there = Log(), 0
    for line in _lines(path):
        kind = line.pop("what")
        if kind == "letter":
            log.arrivals.append(Arrival(**line))
        elif kind == "fault":
            log.faults[line["kind"]] += 1
        else:
            there += 1 if kind == "open" else -1
            log.at_once = max(log.at_once, there)
    return log


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open() as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)


FAULTS = ("451 after the dot", "421 after the dot", "taken, and the line is cut")


class _Taker(TakesPipelines):
    def __init__(self, out: IO[str], share: float = 0.0) -> None:
        self.out, self._share, self._random, self._made = out, share, random.Random(7), 0

    def tell(self, what: str, **facts: Any) -> None:
        self.out.write(json.dumps({"what": what, **facts}) + "\n")

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        fault = self._fault()
        if fault == FAULTS[0]:
            return "451 try again later"
        if fault == FAULTS[1]:
            return "421 closing"
        headers = BytesHeaderParser().parsebytes(envelope.content)
        self.tell(
            "letter",
            at=office_now().timestamp(),
            to=envelope.rcpt_tos[0],
            message_id=headers["Message-ID"].strip(),
            date=str(headers["Date"]),
            subject=str(headers["Subject"]),
        )
        if fault is not None:
            server.transport.abort()
        return "250 kept"

    def _fault(self) -> str | None:
        if self._random.random() >= self._share:
            return None
        fault = FAULTS[self._made % len(FAULTS)]
        self._made += 1
        self.tell("fault", kind=fault)
        return fault


class _Door(SMTP):
    def connection_made(self, transport: Any) -> None:
        self.event_handler.tell("open", at=office_now().timestamp())
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.tell("close", at=office_now().timestamp())
        super().connection_lost(error)


async def _serve(address: str, port: int, path: Path, share: float) -> None:
    with path.open("a", buffering=1) as out:
        taker = _Taker(out, share)
        server = await asyncio.get_running_loop().create_server(
            lambda: _Door(taker, hostname="sink.example", enable_SMTPUTF8=False), address, port
        )
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), float((sys.argv[4:] or ["0"])[0])))
