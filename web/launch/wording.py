"""The functions and words that the wizard's templates use."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from models.i18n import _
from models.letters.letter import LetterKind
from models.organization.calendar import read_off_day
from models.text.localtime import read_day
from web.request.template_words import creates_words, deadline_words, takes_a_date
from workflows.launch.launch_choices import DutyChoice
from workflows.rules.clarity import Clear
from workflows.templates.new_document import what_a_template_makes_clear


def count_clear(duties: Sequence[DutyChoice], due_on: date | None) -> list[tuple[str, int]]:
    """Return the six aspects of a clear assignment, each with the number of duties that make it clear."""
    clear = [
        what_a_template_makes_clear(duty.spec, is_dated=bool(due_on) and takes_a_date(duty.spec))
        for duty in duties
        if duty.spec
    ]
    return [(aspect.label, sum(aspect in clear_aspects for clear_aspects in clear)) for aspect in Clear]


WORDING: dict[str, Any] = {
    "deadline_words": deadline_words,
    "creates_words": creates_words,
    "takes_a_date": takes_a_date,
    "count_clear": count_clear,
    "kinds": LetterKind.labels(),
    "read_day": lambda day: read_day(_("Day"), day),
    "read_off_day": read_off_day,
}
