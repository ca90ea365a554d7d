"""A task that a person types into a form, and the check of its fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from models.directives.directive import Urgency
from models.errors import BadInput, BadRows
from models.i18n import _
from models.text.localtime import write_date
from workflows.rules.secrecy import LEVELS, stamped_secrecy
from workflows.templates.template_check import refuse_classified, sensitive_phrase

FIELD_WORDS = {
    "number": _("number"),
    "issuer": _("issuer"),
    "subject": _("subject"),
    "title": _("the task in a few words"),
    "quote": _("the assigning sentence"),
    "result": _("required result"),
    "lead": _("lead unit"),
    "reason": _("reason"),
}
KINDS = ("kết luận", "công văn", "bút phê", "thông báo", "chỉ thị", "quyết định", "nghị quyết", "kế hoạch")
"""Kinds of documents by their names on paper."""
LONGEST = {"number": 64, "issuer": 300, "subject": 1000, "title": 300, "quote": 8000, "result": 500, "reason": 2000}


@dataclass(frozen=True)
class TypedTask:
    """The fields of the form."""

    lead: str
    title: str
    quote: str
    result: str
    follows: str  # code of the unit that follows the task up
    kind: str = KINDS[0]
    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    subject: str = ""
    urgency: Urgency = Urgency.NORMAL
    secrecy: str = "none"
    document: str = ""  # code of a document typed before, to which this task is added
    partners: tuple[str, ...] = ()
    due_on: date | None = None
    fixed_by_document: bool = False  # the document sets the deadline, so that only the issuer's side may extend it
    classified_mail: bool = False
    override: bool = False
    reason: str = ""


def check_typed(typed: TypedTask, today: date) -> None:
    """Raise Refused for a secret document, and BadInput for a wrong field, or BadRows for several."""
    stamped = stamped_secrecy(f"{typed.subject}\n{typed.quote}")
    refuse_classified(typed.secrecy if typed.secrecy in LEVELS else stamped)
    faults = list(_faults(typed, today))
    if faults:
        raise faults[0] if len(faults) == 1 else BadRows(_("the form"), faults)


def _faults(typed: TypedTask, today: date) -> Iterator[BadInput]:
    names = ["title", "quote", "result", "lead"] + ([] if typed.document else ["issuer", "subject"])
    for name in names:
        if not getattr(typed, name).strip():
            yield BadInput("{field}: it may not be empty", field=FIELD_WORDS[name])
    for name, most in LONGEST.items():
        length = len(getattr(typed, name))
        if length > most:
            yield BadInput(
                "{field}: {length} characters; expected at most {most}",
                field=FIELD_WORDS[name],
                length=length,
                most=most,
            )
    if typed.secrecy not in ("none", *LEVELS):
        yield BadInput("secrecy {value}: expected none, or the document does not belong here", value=typed.secrecy)
    if typed.kind not in KINDS:
        yield BadInput("kind {value}: expected one of {allowed}", value=typed.kind, allowed=list(KINDS))
    for name in ("title",) if typed.number or typed.document else ("title", "subject"):
        phrase = sensitive_phrase(getattr(typed, name))
        if phrase:
            yield BadInput(
                "{field}: “{phrase}” may not be used there, as it goes into subject lines; use calmer words",
                field=FIELD_WORDS[name],
                phrase=phrase,
            )
    if typed.issued_on is not None and typed.issued_on > today:
        yield BadInput("date {date}: a document cannot be dated after today", date=write_date(typed.issued_on))
    if typed.fixed_by_document and typed.due_on is None:
        yield BadInput("due: give the deadline that the document fixes")
