"""The "6 rõ" of an assignment."""

from dataclasses import replace

import pytest

from workflows.rules.clarity import Assignment, Clear, what_is_clear

WHOLE = Assignment(
    is_known=True, is_named=True, has_time=True, leads=1, helpers=2, has_product=True, has_authority=True
)


def test_an_assignment_that_says_everything_is_clear_in_all_six() -> None:
    assert list(what_is_clear(WHOLE)) == list(Clear)


@pytest.mark.parametrize(
    ("field", "missing"),
    [
        ("is_known", Clear.PEOPLE),
        ("is_named", Clear.WORK),
        ("has_time", Clear.TIME),
        ("has_product", Clear.PRODUCT),
        ("has_authority", Clear.AUTHORITY),
    ],
)
def test_what_is_not_given_is_missing(field: str, missing: Clear) -> None:
    assert set(Clear) - set(what_is_clear(replace(WHOLE, **{field: False}))) == {missing}


@pytest.mark.parametrize(
    ("leads", "helpers", "is_clear"), [(0, 0, False), (1, 0, True), (1, 3, True), (2, 0, True), (2, 1, False)]
)
def test_several_leaders_beside_helpers_leave_open_who_answers(leads: int, helpers: int, is_clear: bool) -> None:
    found = what_is_clear(replace(WHOLE, leads=leads, helpers=helpers))
    assert (Clear.RESPONSIBILITY in found) is is_clear


def test_each_of_the_six_is_called_by_its_name() -> None:
    assert [one.label for one in Clear] == [
        "who does it",
        "what is to be done",
        "by when",
        "who answers for it",
        "what result",
        "who decides",
    ]
