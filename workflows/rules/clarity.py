"""The six things that a good assignment makes clear ("6 rõ"), the Government's own test of an assignment.

They are rõ người, rõ việc, rõ thời gian, rõ trách nhiệm, rõ sản phẩm, rõ thẩm quyền.
"""

from collections.abc import Collection
from dataclasses import dataclass

from models.i18n import Labelled, _


class Clear(Labelled):
    PEOPLE = "people", _("who does it")
    WORK = "work", _("what is to be done")
    TIME = "time", _("by when")
    RESPONSIBILITY = "responsibility", _("who answers for it")
    PRODUCT = "product", _("what result")
    AUTHORITY = "authority", _("who decides")


@dataclass(frozen=True)
class Assignment:
    """What the text of an assignment gives. `leads` counts the units that lead or act alone, `helpers` the others."""

    is_known: bool  # the register has every addressee
    is_named: bool  # the work has words of its own
    has_time: bool
    leads: int
    helpers: int
    has_product: bool
    has_authority: bool


def what_is_clear(assignment: Assignment) -> Collection[Clear]:
    """Return which of the six are clear. If several units lead and others help, nobody in particular answers for it."""
    acts_alone = assignment.leads > 0 and not assignment.helpers
    is_clear = {
        Clear.PEOPLE: assignment.is_known,
        Clear.WORK: assignment.is_named,
        Clear.TIME: assignment.has_time,
        Clear.RESPONSIBILITY: assignment.leads == 1 or acts_alone,
        Clear.PRODUCT: assignment.has_product,
        Clear.AUTHORITY: assignment.has_authority,
    }
    return [aspect for aspect, holds in is_clear.items() if holds]
