"""Find the reasons to check a proposed duty, and which of the "6 rõ" its text gives."""

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
"""The confidence from which a finding is shown as certain. docs/intake.md says how often such findings are right."""
_TASK_FIELDS = ("addressees", "lead", "coordinating", "deadlines", "reports_to")
"""The findings that become a part of the task."""


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
    """Return the reasons to check a duty, those that block its confirmation first. [] for a certain duty."""
    leads = matcher.all_of(duty.addressees)
    reasons = {
        Unsure.NOBODY: not leads,
        Unsure.UNKNOWN: any(not lead.selectors for lead in leads),
        Unsure.TIME: bool(unsettled_times(duty)),
        Unsure.UNCLEAR: bool(unseen(duty.findings)),
        Unsure.UNFIT: unfit(duty) is not None,
        Unsure.PARTNER: any(not partner.selectors for partner in matcher.all_of(duty.partners, leading=False)),
        Unsure.SIMILAR: any(lead.beyond or lead.how is How.ALIKE for lead in leads),
        Unsure.GUESSED: any(
            finding["field"] in _TASK_FIELDS
            and (finding["confidence"] < SURE or finding.get("doubt"))
            and not finding.get("seen")
            for finding in duty.findings
        ),
    }
    return [reason for reason, holds in reasons.items() if holds]


BLOCKING = frozenset({Unsure.NOBODY, Unsure.UNKNOWN, Unsure.TIME, Unsure.UNCLEAR, Unsure.UNFIT})
"""The reasons that must be settled before a duty can be confirmed, or made a task."""
HELD_BACK = BLOCKING | {Unsure.PARTNER}
"""The reasons for which a duty is never confirmed together with others: a person must look at it."""


def refuse_held(duty: ProposedDuty, matcher: Matcher) -> None:
    """Raise BadInput with the reason why a duty cannot be confirmed together with others."""
    refuse_unsettled(duty)
    leads = matcher.all_of(duty.addressees)
    refuse_unknown(duty, leads and [*leads, *matcher.all_of(duty.partners, leading=False)])


def next_to_see(duties: Sequence[ProposedDuty], after: ProposedDuty | None, matcher: Matcher) -> ProposedDuty | None:
    """Return the duty to look at next, in the order from `after` on and round to the beginning.

    It is `after` itself while that waits, else one with reasons to check, else one that waits. Where nothing waits, it
    is `after` or the first duty, and None where there are no duties.
    """
    if after is not None and after.state is ProposalState.PROPOSED:
        return after
    position = next((position for position, duty in enumerate(duties) if after is not None and duty.id == after.id), -1)
    waiting = [
        duty for duty in (*duties[position + 1 :], *duties[: position + 1]) if duty.state is ProposalState.PROPOSED
    ]
    unsure = next((duty for duty in waiting if unsure_of(duty, matcher)), None)
    return unsure or next(iter(waiting), None) or after or next(iter(duties), None)


def clear_of(duty: ProposedDuty, leads: Sequence[Matched]) -> list[Clear]:
    return list(
        what_is_clear(
            Assignment(
                is_known=bool(leads) and all(lead.selectors for lead in leads),
                is_named=len(duty.title.split()) > 1,
                has_time=bool(duty.deadline or duty.every),
                leads=len(duty.addressees),
                helpers=len(duty.partners),
                has_product=bool(duty.result),
                has_authority=bool(duty.reports_to),
            )
        )
    )
