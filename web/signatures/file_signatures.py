"""Show the digital signatures of files on pages: an icon, a few words, and sentences of explanation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models.signatures.signature_facts import FileCheck, Outcome
from notifications.composing.wording import WrittenWords
from web.request.site import SiteContext
from workflows.signatures.kept_checks import Stored
from workflows.signatures.signature_words import SaidSignature, say_signatures

ICONS = {Outcome.VALID: "circle-check", Outcome.UNKNOWN_ROOT: "circle-help", Outcome.EXPIRED: "clock-alert"}
"""The icons by outcome. All other outcomes get a warning triangle."""


@dataclass(frozen=True)
class ShownSignatures:
    """The signatures of one PDF, each with its icon. `is_pending`: they are still being checked."""

    lines: tuple[tuple[str, SaidSignature], ...] = ()
    has_failed: bool = False
    is_pending: bool = False

    @property
    def doubt(self) -> tuple[str, SaidSignature] | None:
        return next((line for line in self.lines if not line[1].is_good), None)


def show_signatures(at: SiteContext, language: str, files: Iterable[Stored]) -> dict[str, ShownSignatures]:
    return {digest: _show(check, at.now, language) for digest, check in at.site.signatures.of(files).items()}


def _show(check: FileCheck | None, now: datetime, language: str) -> ShownSignatures:
    if check is None:
        return ShownSignatures(is_pending=True)
    signatures = say_signatures(check.signatures, now, WrittenWords(language))
    lines = tuple((ICONS.get(signature.outcome, "triangle-alert"), signature) for signature in signatures)
    return ShownSignatures(lines, check.has_failed)
