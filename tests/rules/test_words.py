"""Whatever a page may have to name has its words."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest

from models.i18n import Labelled
from workflows.rules.chain import ChainFault
from workflows.rules.clarity import Clear
from workflows.rules.figures.board_cells import CellLook, Mark
from workflows.rules.rights_table import RIGHT_WORDS, STANDING_WORDS, OfficeRole, Right
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.inspection_policy import InspectionAction, InspectionPart
from workflows.rules.tasks.need import Need


@pytest.mark.parametrize(("named", "words"), [(OfficeRole, STANDING_WORDS), (Right, RIGHT_WORDS)])
def test_every_one_of_them_has_words_and_no_two_the_same(
    named: Iterable[StrEnum], words: Mapping[StrEnum, str]
) -> None:
    assert set(words) == set(named)
    assert len(set(words.values())) == len(words)


@pytest.mark.parametrize(
    "named", [Action, CellLook, Clear, InspectionAction, ChainFault, Mark, Need, InspectionPart, Relation]
)
def test_every_member_has_a_code_and_a_label_for_the_screen(named: type[Labelled]) -> None:
    for code, label in named.labels().items():
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", code) and label
