"""What a duty is by now, beside what somebody who had an older page of it has typed."""

from collections.abc import Mapping

from models.directives.intake import ProposedDuty
from models.i18n import _
from models.text.localtime import write_date
from web.request.deadline_words import EVERY_WORDS, MONTH_WORDS
from web.request.request_context import RequestContext
from workflows.intake.review.propose_template import day_of_period
from workflows.intake.review.store_reading import last_day

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
    "result": _("Required result"),
    "reports_to": _("Reported to"),
}


def theirs(context: RequestContext, duty: ProposedDuty, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and words of each field that is another than what was typed."""
    day, of_period = last_day(duty), day_of_period(duty)
    month = str(of_period.months_before) if of_period else "0"
    fields = {
        "path": (duty.path, duty.path),
        "title": (duty.title, duty.title),
        "duty_kind": (duty.kind.value, context.words(duty.kind.label)),
        "addressees": ("\n".join(duty.addressees), "; ".join(duty.addressees)),
        "partners": ("\n".join(duty.partners), "; ".join(duty.partners)),
        "due_on": (day.isoformat() if day else "", write_date(day) if day else ""),
        "every": (duty.every, context.words(EVERY_WORDS[duty.every] if duty.every else _("once only"))),
        "period_day": (str(of_period.day), str(of_period.day)) if of_period else ("", ""),
        "period_month": (month, context.words(MONTH_WORDS[month])),
        "result": (duty.result, duty.result),
        "reports_to": (duty.reports_to, duty.reports_to),
    }
    return [
        (context.words(_LABELS[name]), words or "–")
        for name, (value, words) in fields.items()
        if value.split() != typed[name].split()
    ]
