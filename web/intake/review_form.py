"""The form of a document under review: the fields of a duty, and which of them somebody else has changed meanwhile."""

from typing import cast

from models.directives.directive import DutyKind
from models.directives.template import DayOfPeriod
from models.errors import BadInput
from models.i18n import _
from models.intake.intake import ProposedDuty
from models.text.localtime import read_day, write_date
from web.intake.form_fields import DocumentForm
from web.request.form_input import Ticked, Yes
from web.request.request_context import RequestContext
from web.request.template_words import EVERY_WORDS, MONTH_WORDS, SENSE_WORDS, sense_of
from workflows.intake.review.correct_reading import Corrected, refuse_other
from workflows.intake.review.propose_template import day_of_period
from workflows.intake.review.store_reading import last_day


class ReviewForm(DocumentForm):
    """The fields of all the page's forms. A field that a form does not have leaves the duty's value as it is."""

    urgency: str = ""
    take: Yes = False
    begins: str = ""
    ends: str = ""
    words: str = ""
    new_path: str = ""
    duty: str = ""
    path: str = ""
    title: str = ""
    duty_kind: str = ""
    addressees: str = ""
    partners: str = ""
    due_on: str = ""
    no_time: Ticked = False
    every: str = ""
    period_day: str = ""
    period_month: str = ""
    period_sense: str = ""
    reports_to: str = ""
    result: str = ""
    begins_with: str = ""
    second_path: str = ""
    seen_next: str = ""


def read_corrections(duty: ProposedDuty, form: ReviewForm) -> Corrected:
    sent = form.model_fields_set
    fields = form.model_dump(include={"path", "title", "reports_to", "result"}, exclude_unset=True)
    fields |= {name: getattr(form, name).splitlines() for name in ("addressees", "partners") if name in sent}
    if "duty_kind" in sent:
        refuse_other(_("kind"), form.duty_kind, list(DutyKind))
        fields["kind"] = DutyKind(form.duty_kind)
    if "every" in sent:
        refuse_other(_("how often"), form.every, ["", *EVERY_WORDS])
        fields["every"] = form.every
    if "due_on" in sent:
        fields["due_on"] = read_day(_("date"), form.due_on) if form.due_on else None
    if "period_day" in sent:
        fields["of_period"] = _read_day_of_period(duty, form)
    return cast(Corrected, fields)


def _read_day_of_period(duty: ProposedDuty, form: ReviewForm) -> DayOfPeriod | None:
    """Return the day of each period, or None for the usual days."""
    day, sent = form.period_day, form.model_fields_set
    stored = day_of_period(duty) or DayOfPeriod(day=1)
    month = form.period_month if "period_month" in sent else str(stored.months_before)
    sense = form.period_sense if "period_sense" in sent else sense_of(stored)
    if not day:
        return None
    if not day.isdecimal() or not 1 <= int(day) <= 31:
        raise BadInput("{field} {value}: expected a day from 1 to 31", field=_("day of the period"), value=day)
    refuse_other(_("month of that day"), month, list(MONTH_WORDS))
    refuse_other(_("by or before that day"), sense, list(SENSE_WORDS))
    return DayOfPeriod(day=int(day), months_before=int(month), before=sense == "before")


_LABELS = {
    "path": _("Its number"),
    "title": _("The task in a few words"),
    "duty_kind": _("Kind"),
    "addressees": _("Addressees"),
    "partners": _("Coordinating units"),
    "due_on": _("Last day"),
    "every": _("How often"),
    "period_day": _("Day"),
    "period_month": _("Of which month"),
    "period_sense": _("By or before it"),
    "result": _("Required result"),
    "reports_to": _("Reported to"),
}


def form_of(duty: ProposedDuty) -> ReviewForm:
    """Return the form with the duty's present values."""
    day, of_period = last_day(duty), day_of_period(duty)
    return ReviewForm(
        path=duty.path,
        title=duty.title,
        duty_kind=duty.kind.value,
        addressees="\n".join(duty.addressees),
        partners="\n".join(duty.partners),
        due_on=day.isoformat() if day else "",
        every=duty.every,
        period_day=str(of_period.day) if of_period else "",
        period_month=str(of_period.months_before) if of_period else "0",
        period_sense=sense_of(of_period) if of_period else "by",
        result=duty.result,
        reports_to=duty.reports_to,
    )


def changed_fields(context: RequestContext, duty: ProposedDuty, typed: ReviewForm) -> list[tuple[str, str]]:
    """Return the label and the present value of each field that differs from what was typed on an older page."""
    stored, day = form_of(duty), last_day(duty)
    words = {
        "duty_kind": context.words(duty.kind.label),
        "addressees": "; ".join(duty.addressees),
        "partners": "; ".join(duty.partners),
        "due_on": write_date(day) if day else "",
        "every": context.words(EVERY_WORDS[duty.every] if duty.every else _("once only")),
        "period_month": context.words(MONTH_WORDS[stored.period_month]),
        "period_sense": context.words(SENSE_WORDS[stored.period_sense]),
    }
    return [
        (context.words(label), words.get(name, getattr(stored, name)) or "–")
        for name, label in _LABELS.items()
        if getattr(stored, name).split() != getattr(typed, name).split()
    ]
