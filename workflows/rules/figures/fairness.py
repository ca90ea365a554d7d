"""The notes that make a scorecard fair: general ones for every card, and those that one card's numbers need."""

from collections.abc import Iterator

from models.i18n import Words, _
from workflows.rules.figures.scorecard_figures import FEWEST_TASKS, FEWEST_UNITS, Card

FORMULA = _("on-time rate = done on time / (done + not done and overdue, without results that wait for a decision)")

NOTES = (
    Words(
        _("Small numbers: of fewer than {count} tasks no rate is compared; one task would move it too much."),
        count=FEWEST_TASKS,
    ),
    _(
        "Moved deadlines: a deadline that moves takes the task along; the original is shown "
        "beside it. Moves on the unit's request and moves by others are counted apart."
    ),
    _(
        "Waiting on others: a result sent in by its deadline counts neither way until it "
        "is decided on; an obstacle that"
        " is not answered by its date is the authority's lateness, not the unit's."
    ),
    _(
        "Weight: every task counts once, a study of half a year as much as a monthly report; look at the kinds of "
        "duties before comparing units."
    ),
    _("Without a deadline: such tasks are in no rate; a unit is not on time because nobody set it a deadline."),
    _(
        "Change of lead: a task counts for the unit that leads it at the cut-off, even if another one lost the time; "
        "what was asked, returned or moved before counts for the unit that led then."
    ),
    _(
        "Not counted: drills, withdrawn tasks, tasks delegated to subordinate units, and future deadlines, even if "
        "the result is already in."
    ),
)
"""For every card."""

QUARTILE_NOTE = Words(
    _("Quartiles are given for {count} units or more, without names, each with {tasks} tasks or more."),
    count=FEWEST_UNITS,
    tasks=FEWEST_TASKS,
)


def notes_on(card: Card) -> Iterator[Words]:
    due = card.due
    if due.measured and due.is_few:
        yield Words(_("measured tasks: {count}, too few for a comparison"), count=due.measured)
    if due.pending:
        yield Words(
            _("sent in by the deadline and waiting for a decision, counted neither way: {count}"), count=due.pending
        )
    if card.moved_on_request or card.moved_by_others:
        yield Words(
            _("deadlines moved: at the unit's request {asked}, by others {others}"),
            asked=card.moved_on_request,
            others=card.moved_by_others,
        )
    if card.late_while_waiting:
        yield Words(
            _("passed the deadline while the authority's answer to an obstacle was overdue: {count}"),
            count=card.late_while_waiting,
        )
    if card.taken_over:
        yield Words(_("led by another unit before: {count}"), count=card.taken_over)
    if card.undated:
        yield Words(_("without a deadline, and in no rate: {count}"), count=card.undated)
    if len(card.kinds) > 1:
        kinds = [
            Words("{kind} {on_time}/{measured}", kind=kind.kind.label, on_time=kind.on_time, measured=kind.measured)
            for kind in card.kinds
        ]
        yield Words(_("on time by kind of duty, which weigh differently: {kinds}"), kinds=kinds)
