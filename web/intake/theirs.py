"""What a duty is by now, beside what somebody who had an older page of it has typed."""

from collections.abc import Mapping

from models.directives.intake import ProposedDuty
from models.i18n import _
from models.text.localtime import write_date
from web.request.deadline_words import EVERY_WORDS
from web.request.request_context import RequestContext
from workflows.intake.review.store_reading import last_day

_LABELS = {
    "path": _("Its number"),
    "title": _("The task in a few words"),
    "duty_kind": _("Kind"),
    "addressees": _("Addressees"),
    "partners": _("Coordinating units"),
    "due_on": _("Last day"),
    "every": _("How often"),
    "result": _("Required result"),
    "reports_to": _("Reported to"),
}


def theirs(context: RequestContext, duty: ProposedDuty, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and words of each field that is another than what was typed."""
    day = last_day(duty)
    fields = {
        "path": (duty.path, duty.path),
        "title": (duty.title, duty.title),
        "duty_kind": (duty.kind.value, context.words(duty.kind.label)),
        "addressees": ("\n".join(duty.addressees), "; ".join(duty.addressees)),
        "partners": ("\n".join(duty.partners), "; ".join(duty.partners)),
        "due_on": (day.isoformat() if day else "", write_date(day) if day else ""),
        "every": (duty.every, context.words(EVERY_WORDS[duty.every] if duty.every else _("once only"))),
        "result": (duty.result, duty.result),
        "reports_to": (duty.reports_to, duty.reports_to),
    }
    return [
        (context.words(_LABELS[name]), words or "–")
        for name, (value, words) in fields.items()
        if value.split() != typed[name].split()
    ]
