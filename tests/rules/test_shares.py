"""How many share a piece of work: none where one is done sooner, never more than allowed, never more than batches."""

from hypothesis import given
from hypothesis import strategies as st

from workflows.jobs.tick import count_extra_runs


def test_up_to_two_batches_are_done_alone() -> None:
    assert [count_extra_runs(found, batch=100, at_most=5) for found in (0, 1, 100, 200)] == [0, 0, 0, 0]


def test_each_further_batch_brings_one_more_up_to_the_limit() -> None:
    assert [count_extra_runs(found, batch=100, at_most=4) for found in (201, 300, 301, 400, 10_000)] == [1, 1, 2, 2, 3]


@given(found=st.integers(0, 10**9), batch=st.integers(1, 10**5), at_most=st.integers(1, 64))
def test_they_are_never_more_than_allowed_nor_than_there_are_batches(found: int, batch: int, at_most: int) -> None:
    more = count_extra_runs(found, batch=batch, at_most=at_most)
    assert 0 <= more < at_most
    assert more * batch <= found


@given(found=st.integers(0, 10**6), more=st.integers(0, 10**6), at_most=st.integers(1, 64))
def test_more_to_do_never_brings_fewer(found: int, more: int, at_most: int) -> None:
    assert count_extra_runs(found, batch=500, at_most=at_most) <= count_extra_runs(
        found + more, batch=500, at_most=at_most
    )
