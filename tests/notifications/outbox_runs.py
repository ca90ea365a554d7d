"""An outbox with a letter in it, delivered by a sender whose answers are known beforehand."""

from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Self

from models.letters.letter import Letter
from notifications.smtp.clocks import CLOCKS, Clocks, Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import Office
from workflows.delivery.deliver import deliver
from workflows.jobs.simulate import RecordedSender

HEAD, DEPUTY, FOCAL, COORDINATOR = "luong.thi.ngan", "ta.ba.toan", "phan.ngoc.son", "le.thi.c"
LOST = Attempt(SendOutcome.UNCERTAIN, None, "connection lost after DATA")


class Scripted:
    """Ends the attempts for one address as told, one after the other; everything else is accepted and kept."""

    def __init__(self, address: str | None, *ends: Attempt | type[BaseException]) -> None:
        self.address, self.ends = address, list(ends)
        self.tried: list[bytes] = []
        self.kept = RecordedSender()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def leave(self, *, at_once: bool = False) -> None:
        pass

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address == self.address:
            self.tried.append(content)
            if self.ends:
                end = self.ends.pop(0)
                if isinstance(end, Attempt):
                    return end
                raise end
        return self.kept.send(to_address, content)


def scripted(office: Office, *ends: Attempt | type[BaseException], to: str = HEAD) -> Scripted:
    return Scripted(office.person(to).email, *ends)


def letter_to(office: Office, person: str = HEAD) -> Letter:
    return next(letter for letter in office.letters() if letter.recipient_id == office.person(person).id)


def run(
    office: Office, sender: Scripted | RecordedSender, now: datetime, clocks: Clocks = CLOCKS, stop: Event | None = None
) -> None:
    deliver(office.engine, office.settings, sender, now=now, calendar=office.calendar, stop=stop, clocks=clocks)
