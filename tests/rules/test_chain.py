"""Which row of a seal is named when something was done to the rows."""

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from workflows.rules.chain import ChainEntry, ChainFault, Verified, first_mismatch

SEALED = [ChainEntry(name, name.encode()) for name in "abcde"]


def test_where_nothing_was_looked_at_nothing_is_told() -> None:
    assert not any(asdict(Verified()).values())


def test_rows_as_they_were_sealed_are_whole() -> None:
    assert first_mismatch(SEALED, list(SEALED)) is None
    assert first_mismatch([], []) is None


def test_a_changed_row_is_named() -> None:
    found = first_mismatch(SEALED, [*SEALED[:2], ChainEntry("c", b"x"), *SEALED[3:]])
    assert found and (found.fault, found.place, found.row_id) == (ChainFault.ROW_CHANGED, 2, "c")


def test_a_missing_row_is_named_first_middle_and_last() -> None:
    for place in range(5):
        found = first_mismatch(SEALED, SEALED[:place] + SEALED[place + 1 :])
        assert found and (found.fault, found.place, found.row_id) == (ChainFault.ROW_MISSING, place, "abcde"[place])


def test_an_added_row_is_named_first_middle_and_last() -> None:
    for place in range(6):
        found = first_mismatch(SEALED, [*SEALED[:place], ChainEntry("z", b"z"), *SEALED[place:]])
        assert found and (found.fault, found.place, found.row_id) == (ChainFault.ROW_ADDED, place, "z")


def test_two_that_changed_places_are_out_of_order() -> None:
    found = first_mismatch(
        SEALED, [SEALED[0], ChainEntry("d", b"d2"), SEALED[2], ChainEntry("b", b"b2"), SEALED[4]]
    )  # their moments were exchanged, and a moment is part of the hash
    assert found and (found.fault, found.place, found.row_id, found.found_at) == (
        ChainFault.ROW_OUT_OF_ORDER,
        1,
        "b",
        3,
    )


def test_one_that_was_given_a_later_moment_is_the_one_that_changed() -> None:
    found = first_mismatch(SEALED, [SEALED[0], *SEALED[2:], ChainEntry("b", b"b2")])
    assert found and (found.fault, found.place, found.row_id, found.found_at) == (ChainFault.ROW_CHANGED, 1, "b", 4)


def test_one_that_was_given_an_earlier_moment_is_the_one_that_changed() -> None:
    found = first_mismatch(SEALED, [ChainEntry("d", b"d2"), *SEALED[:3], SEALED[4]])
    assert found and (found.fault, found.place, found.row_id, found.found_at) == (ChainFault.ROW_CHANGED, 3, "d", 0)


@given(st.permutations(SEALED), st.sets(st.integers(0, 4)), st.booleans())
def test_whatever_is_done_to_them_something_is_named(order: list[ChainEntry], gone: set[int], changed: bool) -> None:
    left = [one for place, one in enumerate(order) if place not in gone]
    if changed and left:
        left[0] = ChainEntry(left[0].id, b"changed")
    found = first_mismatch(SEALED, left)
    assert (found is None) == (left == SEALED)
