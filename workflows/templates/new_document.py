"""A new document: the check of its fields, its code, its issuer's office, and the defaults of its duties."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive, DutyKind
from models.directives.template import NoDeadline, TemplateSpec
from models.errors import BadInput
from models.i18n import _
from models.organization.unit import Unit
from models.text.localtime import write_date
from models.text.vietnamese import fold
from workflows.rules.clarity import Assignment, Clear, what_is_clear
from workflows.templates.template_check import sensitive_phrase
from workflows.templates.typed_task import KINDS, LONGEST

STEPS = ("Tổ chức thực hiện nhiệm vụ", "Gửi kết quả theo yêu cầu")
"""The steps of a duty for which none are written."""
RESULT = "Báo cáo kết quả thực hiện"
"""The result of a duty for which none is named."""


def check_document(given: Mapping[str, str], issued_on: date | None, today: date) -> None:
    """Check kind, number, issuer and subject in `given`. BadInput names the wrong field."""
    if given["kind"] not in KINDS:
        raise BadInput(
            "{field} {value}: expected one of {allowed}",
            field=_("kind of document"),
            value=given["kind"],
            allowed=list(KINDS),
        )
    for name, words in (("number", _("number")), ("issuer", _("issuer")), ("subject", _("subject"))):
        length = len(given[name])
        if length > LONGEST[name]:
            raise BadInput(
                "{field}: {length} characters; expected at most {most}", field=words, length=length, most=LONGEST[name]
            )
    phrase = sensitive_phrase(given["subject"]) if not given["number"] else None
    if phrase:
        raise BadInput(
            "{field}: “{phrase}” may not be used there, as it goes into subject lines; use calmer words",
            field=_("subject"),
            phrase=phrase,
        )
    refuse_future(issued_on, today)


def refuse_future(issued_on: date | None, today: date) -> None:
    """Raise BadInput for a document dated after a local day."""
    if issued_on is not None and issued_on > today:
        raise BadInput("date {date}: a document cannot be dated after today", date=write_date(issued_on))


def document_code(session: Session, kind: str, number: str | None, day: date) -> str:
    """Return a free code, made of the number, or of the kind and a local day; a count is added where it is taken."""
    initials = "".join(word[0] for word in fold(kind).split())
    base = fold(number) if number and number.strip() else f"{initials}-{day.isoformat()}"
    base = re.sub(r"[^a-z0-9]+", "-", base).strip("-")[:56] or initials
    taken = set(session.exec(select(Directive.code).where(col(Directive.code).startswith(base, autoescape=True))))
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 2)))
    return next(code for code in candidates if code not in taken)


def issuer_office(session: Session, follows: Unit) -> UUID:
    """Return the office of the newest document that the unit follows up, or of any; else the unit's supervisor."""
    newest = select(Directive.issuer_office_id).order_by(col(Directive.id).desc()).limit(1)
    office_id = session.exec(newest.where(Directive.coordinating_unit_id == follows.id)).first()
    return office_id or session.exec(newest).first() or follows.supervising_unit_id or follows.id


def what_a_template_makes_clear(spec: TemplateSpec, *, is_dated: bool = False) -> Collection[Clear]:
    """Return the points of the "6 rõ" that tasks of a template fulfil. `is_dated`: the launch sets a deadline.

    Each unit leads its own task, so that a task always has one responsible unit.
    """
    waits = spec.kind in (DutyKind.CONTINGENCY, DutyKind.ON_REQUEST)
    return what_is_clear(
        Assignment(
            is_known=True,
            is_named=len(spec.title.split()) > 1,
            has_time=is_dated or waits or spec.period is not None or not isinstance(spec.deadline, NoDeadline),
            leads=1,
            helpers=0,
            has_product=spec.result.description != RESULT,
            has_authority=bool(spec.reports_to),
        )
    )
