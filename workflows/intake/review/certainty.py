"""What of a proposed duty somebody must look at, and which of the "6 rõ" its text gives."""

from collections.abc import Sequence

from models.directives.intake import ProposedDuty
from models.i18n import Labelled, _
from workflows.intake.review.match import How, Matched, Matcher
from workflows.intake.review.store_reading import NO_DATE, unsettled_times
from workflows.rules.clarity import Assignment, Clear, what_is_clear

SURE = 0.9
"""From here on a finding is shown as certain: docs/intake.md says how often such findings are right."""
_COUNT = ("addressees", "lead", "coordinating", "deadlines", "reports_to")
"""Findings that become a part of the task."""


class Unsure(Labelled):
    """Why somebody must look at a duty before it is confirmed."""

    NOBODY = "nobody", _("nobody is named")
    UNKNOWN = "unknown", _("a name is unknown")
    SIMILAR = "similar", _("its meaning: please check")
    TIME = "time", _("a time was not understood")
    GUESSED = "guessed", _("read with less certainty")


def unsure_of(duty: ProposedDuty, matcher: Matcher) -> list[Unsure]:
    """Return what must be looked at, what blocks the confirmation first; [] for a duty that is certain."""
    leads = matcher.all_of(duty.addressees)
    found = {
        Unsure.NOBODY: not leads,
        Unsure.UNKNOWN: any(not one.selectors for one in leads),
        Unsure.TIME: bool(unsettled_times(duty)),
        Unsure.SIMILAR: any(one.beyond or one.how is How.ALIKE for one in leads),
        Unsure.GUESSED: any(
            one["field"] in _COUNT and (one["confidence"] < SURE or one.get("doubt")) for one in duty.findings
        ),
    }
    return [reason for reason, holds in found.items() if holds]


def clear_of(duty: ProposedDuty, leads: Sequence[Matched]) -> list[Clear]:
    """Return which of the "6 rõ" the duty gives, as it stands now."""
    settled = [one["settled"]["means"] for one in duty.findings if "settled" in one]
    return list(
        what_is_clear(
            Assignment(
                is_known=bool(leads) and all(one.selectors for one in leads),
                is_named=len(duty.title.split()) > 1,
                has_time=bool(duty.deadline or duty.every) and NO_DATE not in settled,
                leads=len(duty.addressees),
                helpers=len(duty.partners),
                has_product=bool(duty.result),
                has_authority=bool(duty.reports_to),
            )
        )
    )
