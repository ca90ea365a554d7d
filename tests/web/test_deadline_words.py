"""A reporting period in words: each day once, and by or before it."""

import re

import pytest

from models.directives.template import DayOfPeriod
from models.i18n import translate
from models.organization.unit import UnitKind
from web.request.template_words import preset_words
from workflows.intake.review.propose_template import presets


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("months", range(-3, 14))
@pytest.mark.parametrize("before", [False, True])
def test_no_word_stands_twice_in_the_words_of_a_period(language: str, months: int, before: bool) -> None:
    day, other = DayOfPeriod(day=5, months_before=months, before=before), DayOfPeriod(day=6, months_before=months)
    for sends in (
        {UnitKind.ENTERPRISE: day},
        {UnitKind.ENTERPRISE: day, UnitKind.DEPARTMENT: other},
        dict.fromkeys(UnitKind, day),
    ):
        for rule in presets().values():
            said = translate(preset_words(rule.model_copy(update={"sends": sends})), language)
            assert not re.search(r"\b(\w+) \1\b", said), said
            assert ({"vi": "trước ngày 5", "en": "before day 5"}[language] in said) == before
