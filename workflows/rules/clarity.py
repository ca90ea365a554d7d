"""The six things that a good assignment makes clear ("6 rõ"): who, what, when, who answers for it, result, authority.

The Government's own test of an assignment: rõ người, rõ việc, rõ thời gian, rõ trách nhiệm, rõ sản phẩm, rõ thẩm quyền.
Pure: facts in, answers out.
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
    """What is known of an assignment. `leads`: how many are said to lead, or act alone; `helpers`: who take part."""

    is_known: bool  # each addressee is one of the register
    is_named: bool  # the work has words of its own
    has_time: bool
    leads: int
    helpers: int
    has_product: bool
    has_authority: bool


def what_is_clear(one: Assignment) -> Collection[Clear]:
    """Return which of the six are given. Several leaders beside helpers leave open who answers for it."""
    given = {
        Clear.PEOPLE: one.is_known,
        Clear.WORK: one.is_named,
        Clear.TIME: one.has_time,
        Clear.RESPONSIBILITY: one.leads == 1 or bool(one.leads and not one.helpers),
        Clear.PRODUCT: one.has_product,
        Clear.AUTHORITY: one.has_authority,
    }
    return [clear for clear, is_given in given.items() if is_given]
