"""Whatever a page may have to name has its words."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest

from models.directives.inspection import InspectionState, Verdict
from models.tasks.task import TaskStatus
from workflows.rules.chain import FAULT_WORDS, Fault
from workflows.rules.figures.board_cells import MARK_WORDS, Mark
from workflows.rules.rights_table import RIGHT_WORDS, STANDING_WORDS, OfficeRole, Right
from workflows.rules.tasks.inspection_policy import DEED_WORDS, PART_WORDS, STATE_WORDS, VERDICT_WORDS, Deed, Part
from workflows.rules.tasks.lifecycle import ACTION_WORDS, RELATION_WORDS, STATUS_WORDS, Action, Relation
from workflows.rules.tasks.need import NEED_WORDS, Need


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (TaskStatus, STATUS_WORDS),
        (Action, ACTION_WORDS),
        (Relation, RELATION_WORDS),
        (OfficeRole, STANDING_WORDS),
        (Right, RIGHT_WORDS),
        (Mark, MARK_WORDS),
        (Need, NEED_WORDS),
        (Part, PART_WORDS),
        (Deed, DEED_WORDS),
        (InspectionState, STATE_WORDS),
        (Verdict, VERDICT_WORDS),
        (Fault, FAULT_WORDS),
    ],
)
def test_every_one_of_them_has_words_and_no_two_the_same(
    named: Iterable[StrEnum], words: Mapping[StrEnum, str]
) -> None:
    assert set(words) == set(named)
    assert len(set(words.values())) == len(words)
