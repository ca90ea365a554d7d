"""Whatever a page may have to name has its words."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest

from workflows.rules.rights_table import RIGHT_WORDS, STANDING_WORDS, OfficeRole, Right


@pytest.mark.parametrize(("named", "words"), [(OfficeRole, STANDING_WORDS), (Right, RIGHT_WORDS)])
def test_every_one_of_them_has_words_and_no_two_the_same(
    named: Iterable[StrEnum], words: Mapping[StrEnum, str]
) -> None:
    assert set(words) == set(named)
    assert len(set(words.values())) == len(words)
