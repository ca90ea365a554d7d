"""What is changed beside the bodies of plain functions, and what mutmut is left to change."""

from tests.mutants.outside import changes

SOURCE = '''
from enum import StrEnum

LEAST = 3
"""Days."""
MAY: dict[str, frozenset[str]] = {"see": frozenset({"head", "clerk"}), "act": OTHERS | MORE}


class Kind(StrEnum):
    HEAD = "head"


class Card:
    late: int = 0

    def plain(self) -> int:
        return 1

    @classmethod
    def made(cls) -> int:
        return 2

    @property
    def is_late(self) -> bool:
        return self.late > 4


@cache
def kept() -> int:
    return 5


def plain(days: int = 6) -> int:
    return days + 7
'''


def test_tables_numbers_defaults_and_decorated_bodies_are_changed_and_nothing_else() -> None:
    made = [change for change, _text in changes("rules/cards.py", SOURCE)]
    assert {(one.place, one.became) for one in made} == {
        ("cards.LEAST", "LEAST = 4"),
        ("cards.MAY", 'MAY: dict[str, frozenset[str]] = {"act": OTHERS | MORE}'),
        ("cards.MAY", 'MAY: dict[str, frozenset[str]] = {"see": frozenset({"head", "clerk"}), }'),
        ("cards.MAY", 'MAY: dict[str, frozenset[str]] = {"see": frozenset({"clerk"}), "act": OTHERS | MORE}'),
        ("cards.MAY", 'MAY: dict[str, frozenset[str]] = {"see": frozenset({"head", }), "act": OTHERS | MORE}'),
        ("cards.MAY", 'MAY: dict[str, frozenset[str]] = {"see": frozenset({"head", "clerk"}), "act": OTHERS & MORE}'),
        ("cards.Card", "late: int = 1"),
        ("cards.Card.is_late", "return self.late >= 4"),
        ("cards.Card.is_late", "return self.late > 5"),
        ("cards.kept", "return 6"),
    }


def test_each_change_is_of_one_place_and_the_rest_of_the_module_stays() -> None:
    for change, text in changes("rules/cards.py", SOURCE):
        before, after = SOURCE.splitlines(), text.splitlines()
        different = [(one, two) for one, two in zip(before, after, strict=True) if one != two]
        assert [(one.strip(), two.strip()) for one, two in different] == [(change.was, change.became)]
