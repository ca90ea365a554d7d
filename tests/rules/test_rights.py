"""What a standing gives, and how much of a task somebody sees."""

from pathlib import Path

import pytest

from docs.make_rights import page
from workflows.rules.rights_table import RIGHTS, OfficeRole, Right, View, has, view
from workflows.rules.tasks.actions import Relation

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"
EARNED = [one for one in Relation if one not in (Relation.PARTNER, Relation.SYSTEM)]


def test_the_page_of_rights_is_what_the_code_enforces() -> None:
    """Rights, transitions and actions of inspections, cell by cell: who changes one changes the page, and sees it."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("right", list(Right))
def test_one_standing_of_several_is_enough_and_none_gives_nothing(right: Right) -> None:
    for standing in OfficeRole:
        assert has([standing], right) is (standing in RIGHTS[right])
    assert has(list(OfficeRole), right)
    assert not has([], right)


@pytest.mark.parametrize("relation", EARNED)
def test_whoever_has_to_do_with_a_task_sees_it_whole(relation: Relation) -> None:
    assert view([], [relation]) is View.WHOLE
    assert view([], [Relation.PARTNER, relation]) is View.WHOLE


def test_a_coordinating_unit_sees_its_part_and_a_stranger_nothing() -> None:
    assert view([OfficeRole.OFFICER], [Relation.PARTNER]) is View.PARTNER
    assert view([OfficeRole.OFFICER], []) is View.NOTHING
    assert view([OfficeRole.OFFICER], [Relation.SYSTEM]) is View.NOTHING


def test_who_gave_it_out_or_sees_everything_sees_it_whole() -> None:
    assert view([], [], is_above=True) is View.WHOLE
    assert view([OfficeRole.OBSERVER], []) is View.WHOLE
    assert view([OfficeRole.COORDINATOR], []) is View.NOTHING, "of another unit's tasks"
