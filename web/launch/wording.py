"""How the wizard's templates name duties, dates, letters and periods."""

from typing import Any

from models.i18n import _
from models.letters.letter import LetterKind
from models.organization.calendar import read_off_day
from models.text.localtime import read_day
from web.request.template_words import creates_words, deadline_words, takes_a_date
from workflows.rules.clarity import Clear
from workflows.templates.new_document import what_a_template_makes_clear

WORDING: dict[str, Any] = {
    "deadline_words": deadline_words,
    "creates_words": creates_words,
    "takes_a_date": takes_a_date,
    "six": list(Clear),
    "makes_clear": lambda spec, due_on: what_a_template_makes_clear(spec, is_dated=bool(due_on) and takes_a_date(spec)),
    "kinds": LetterKind.labels(),
    "read_day": lambda day: read_day(_("Day"), day),
    "read_off_day": read_off_day,
}
"""The functions and tables that these templates use."""
