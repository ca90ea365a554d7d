"""What the message around a document says of it: taken as said, beside what the document itself says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.directives.directive import Urgency
from models.directives.intake import Intake
from models.text.vietnamese import fold
from workflows.intake.review.unclear import store_finding
from workflows.intake.text.reading import Reason

DUE = "due_on"
"""The field of a deadline that a message proposes; `settled` in its finding says what somebody made of it."""

WRITTEN = {
    Urgency.NORMAL: "thường",
    Urgency.URGENT: "khẩn",
    Urgency.VERY_URGENT: "thượng khẩn",
    Urgency.EXPRESS: "hoả tốc",
}
"""The words of a document for how urgent it is."""


@dataclass(frozen=True)
class Said:
    """The fields of a message. "" and None stand for what it does not say; `due_on` is a proposal only.

    `changes_another`: it updates, replaces or recalls a document, which may be here already under the same number.
    """

    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    subject: str = ""
    urgency: Urgency = Urgency.NORMAL
    kind: str = ""
    signer: str = ""
    receivers: Sequence[str] = ()
    answers: Sequence[str] = ()
    due_on: date | None = None
    changes_another: bool = False


def put_said(intake: Intake, said: Said) -> None:
    """Set the document's fields as the message says. What was read otherwise stays as a finding, flagged."""
    read = {one["field"]: one for one in intake.findings}
    findings: list[dict[str, Any]] = []
    for name in ("number", "issued_on", "issuer", "subject", "urgency"):
        value, found = getattr(said, name), read.get(name)
        if not value or (name == "urgency" and value is Urgency.NORMAL and found is None):
            findings += [found] if found else []
            continue
        findings.append(_finding(name, _shown(value)))
        if found is not None and not _agree(name, getattr(intake, name), value):
            findings.append(found | {"doubt": Reason.SAYS_OTHERWISE.value})
        setattr(intake, name, value)
    if said.kind:
        intake.kind = said.kind
        findings.append(_finding("kind", said.kind))
    if said.signer:
        findings.append(_finding("signer", said.signer))
    findings += [_finding("receivers", one) for one in said.receivers]
    findings += [_finding("answers", one) for one in said.answers]
    if said.due_on is not None:
        early = intake.issued_on is not None and said.due_on < intake.issued_on
        doubt = {"doubt": Reason.BEFORE_ISSUE.value} if early else {}
        findings.append(_finding(DUE, _shown(said.due_on)) | {"day": said.due_on.isoformat()} | doubt)
    intake.findings = findings


def proposed_due(intake: Intake) -> date | None:
    """Return the deadline that the message proposes, until somebody has taken it or left it."""
    waiting = (one for one in intake.findings if one["field"] == DUE and "settled" not in one)
    return next((date.fromisoformat(one["day"]) for one in waiting), None)


def _finding(field: str, value: str) -> dict[str, Any]:
    return store_finding(field, value, 0, 0, 1.0, Reason.SAID)


def _shown(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return WRITTEN.get(value, str(value)) if isinstance(value, Urgency) else str(value)


def _agree(name: str, read: object, value: object) -> bool:
    """Return whether the document says the same, whatever its letter case, marks and blanks."""
    if name in ("number", "issuer", "subject"):
        return _plain(str(read)) == _plain(str(value))
    return read == value


def _plain(words: str) -> str:
    return fold(words).removeprefix("v/v ").removeprefix("ve viec ").strip(" .:;")
