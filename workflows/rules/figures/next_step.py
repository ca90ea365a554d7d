"""Propose the next step for one task of the giao ban list. It never criticises anybody."""

from models.directives.ladders import RungName
from models.i18n import Words, _
from models.tasks.task import WaitKind

_WAITS = {
    WaitKind.DECISION: _("approve the result, or return it for completion"),
    WaitKind.EXTENSION: _("decide on the request for more time"),
    WaitKind.OBSTACLE: _("answer the obstacle reported"),
    WaitKind.LEAD_CHANGE: _("decide on the lead unit"),
}


def stage_of(known: RungName | None, crossed: RungName) -> RungName:
    """Return the more severe of two rungs."""
    order = list(RungName)
    return crossed if known is None or order.index(crossed) > order.index(known) else known


def next_step(*, is_overdue: bool, has_date: bool, stage: RungName | None, wait: WaitKind | None, signed: int) -> Words:
    """Return our own pending decision if there is one, else a step by the stage of the ladder."""
    if wait is not None:
        return _WAITS[wait]
    if stage is RungName.TO_ISSUER:
        return _("put it to the leaders of the Ministry")
    if stage in (RungName.PRESSED_1, RungName.PRESSED_2):
        return Words(_("sign official reminder number {count}"), count=signed + 1)
    if is_overdue:
        return _("telephone the unit, and agree on a day")
    return _("continue to follow up") if has_date else _("set a deadline")
