"""What of a proposed duty somebody must look at, and which of the "6 rõ" its text gives."""

from collections.abc import Sequence

from models.i18n import Labelled, _
from models.intake.intake import ProposalState, ProposedDuty
from workflows.intake.review.correct_reading import refuse_unsettled, unfit
from workflows.intake.review.match import How, Matched, Matcher
from workflows.intake.review.propose_template import refuse_unknown
from workflows.intake.review.store_reading import unsettled_times
from workflows.intake.review.unclear import unseen
from workflows.rules.clarity import Assignment, Clear, what_is_clear

SURE = 0.9
"""From here on a finding is shown as certain: docs/intake.md says how often such findings are right."""
_COUNT = ("addressees", "lead", "coordinating", "deadlines", "reports_to")
"""Findings that become a part of the task."""


class Unsure(Labelled):
    NOBODY = "nobody", _("nobody is named")
    UNKNOWN = "unknown", _("a name is unknown")
    SIMILAR = "similar", _("its meaning: please check")
    TIME = "time", _("a time was not understood")
    UNCLEAR = "unclear", _("unclear in the scan")
    UNFIT = "unfit", _("its kind does not fit its deadline")
    PARTNER = "partner", _("a coordinating name is unknown")
    GUESSED = "guessed", _("read with less certainty")


def unsure_of(duty: ProposedDuty, matcher: Matcher) -> list[Unsure]:
    """Return what must be looked at, what blocks the confirmation first; [] for a duty that is certain."""
    leads = matcher.all_of(duty.addressees)
    found = {
        Unsure.NOBODY: not leads,
        Unsure.UNKNOWN: any(not one.selectors for one in leads),
        Unsure.TIME: bool(unsettled_times(duty)),
        Unsure.UNCLEAR: bool(unseen(duty.findings)),
        Unsure.UNFIT: unfit(duty) is not None,
        Unsure.PARTNER: any(not one.selectors for one in matcher.all_of(duty.partners, leading=False)),
        Unsure.SIMILAR: any(one.beyond or one.how is How.ALIKE for one in leads),
        Unsure.GUESSED: any(
            one["field"] in _COUNT and (one["confidence"] < SURE or one.get("doubt")) and not one.get("seen")
            for one in duty.findings
        ),
    }
    return [reason for reason, holds in found.items() if holds]


BLOCKING = frozenset({Unsure.NOBODY, Unsure.UNKNOWN, Unsure.TIME, Unsure.UNCLEAR, Unsure.UNFIT})
"""What must be mended before a duty can be confirmed, or made a task."""
HELD_BACK = BLOCKING | {Unsure.PARTNER}
"""What is never confirmed together with others: somebody must look at this very duty."""


def refuse_held(duty: ProposedDuty, matcher: Matcher) -> None:
    """Raise BadInput with what keeps a duty from being confirmed together with others."""
    refuse_unsettled(duty)
    leads = matcher.all_of(duty.addressees)
    refuse_unknown(duty, leads and [*leads, *matcher.all_of(duty.partners, leading=False)])


def next_to_see(duties: Sequence[ProposedDuty], after: ProposedDuty | None, matcher: Matcher) -> ProposedDuty | None:
    """Return the duty to look at next: one that needs somebody, else one that waits; from `after` on, and round.

    `after` itself while it is to be confirmed; the first duty, or None of none, where nothing waits.
    """
    if after is not None and after.state is ProposalState.PROPOSED:
        return after
    place = next((n for n, one in enumerate(duties) if after is not None and one.id == after.id), -1)
    turns = [one for one in (*duties[place + 1 :], *duties[: place + 1]) if one.state is ProposalState.PROPOSED]
    unsure = next((one for one in turns if unsure_of(one, matcher)), None)
    return unsure or next(iter(turns), None) or after or next(iter(duties), None)


def clear_of(duty: ProposedDuty, leads: Sequence[Matched]) -> list[Clear]:
    return list(
        what_is_clear(
            Assignment(
                is_known=bool(leads) and all(one.selectors for one in leads),
                is_named=len(duty.title.split()) > 1,
                has_time=bool(duty.deadline or duty.every),
                leads=len(duty.addressees),
                helpers=len(duty.partners),
                has_product=bool(duty.result),
                has_authority=bool(duty.reports_to),
            )
        )
    )
