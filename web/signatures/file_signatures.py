"""The digital signatures of files as pages show them: an icon, a few words, sentences of what to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.signatures.signature_facts import FileCheck, Outcome
from notifications.composing.wording import WrittenWords
from web.request.site import AtSite
from workflows.signatures.kept_checks import Stored
from workflows.signatures.signature_words import SaidSignature, say_signatures

ICONS = {Outcome.VALID: "circle-check", Outcome.UNKNOWN_ROOT: "circle-help", Outcome.EXPIRED: "clock-alert"}
"""Of each outcome; the others are warned of with a triangle."""


@dataclass(frozen=True)
class ShownSignatures:
    """What a page says of one PDF's signatures; `is_pending`: they are just being checked."""

    lines: tuple[tuple[str, SaidSignature], ...] = ()
    has_failed: bool = False
    is_pending: bool = False

    @property
    def doubt(self) -> tuple[str, SaidSignature] | None:
        return next((line for line in self.lines if not line[1].is_good), None)


def show_signatures(at: AtSite, language: str, files: Iterable[Stored]) -> dict[str, ShownSignatures]:
    return {digest: _of(check, at.now, language) for digest, check in at.site.signatures.of(files).items()}


def _of(check: FileCheck | None, now: datetime, language: str) -> ShownSignatures:
    if check is None:
        return ShownSignatures(is_pending=True)
    said = say_signatures(check.signatures, now, WrittenWords(language))
    return ShownSignatures(tuple((ICONS.get(one.outcome, "triangle-alert"), one) for one in said), check.has_failed)
