"""A sender that sends nothing and keeps everything: `simulate` runs the real delivery against it."""

from types import TracebackType
from typing import Self

from notifications.composing.address import address_fault
from notifications.smtp.transport import Attempt, Meanwhile, Outcome, idle


class RecordedSender:
    """Accepts every letter to a usable address. `letters` holds (address, bytes) in order; no bytes unless kept."""

    def __init__(self, keep_content: bool = True) -> None:
        self.keep_content = keep_content
        self.letters: list[tuple[str, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def announce(self, to_address: str, content: bytes) -> None:
        """There is nobody to tell."""

    def send(self, to_address: str, content: bytes, meanwhile: Meanwhile = idle) -> Attempt:
        """Refuse what the real sender refuses before any conversation; accepts the rest."""
        if fault := address_fault(to_address):
            return Attempt(Outcome.PERMANENT, reply=fault)
        self.letters.append((to_address, content if self.keep_content else b""))
        return Attempt(Outcome.ACCEPTED, 250, "recorded")
