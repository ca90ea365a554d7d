"""Prefect calls the verbs; whatever it does or omits, they are done once, and only their own faults are raised."""

from collections.abc import Callable
from typing import Any

import pytest

from workflows.jobs.prefect import flows
from workflows.jobs.prefect.flows import through
from workflows.jobs.tick import Counts


class Verb:
    """Counts how often it is called; fails so many times first."""

    def __init__(self, fails: int = 0) -> None:
        self.calls, self._fails = 0, fails

    def __call__(self) -> Counts:
        self.calls += 1
        if self.calls <= self._fails:
            raise OSError(f"no database, {self.calls}")
        return {"sealed": self.calls}


def call() -> Counts:
    """As a flow or a task does."""
    return flows._WORK.get()()


def gone() -> Any:
    raise ConnectionError("Prefect is gone")


def called_then_gone() -> Any:
    call()
    gone()


def repeated() -> Any:
    for _time in range(2):
        try:
            return call()
        except OSError:
            continue
    return call()


@pytest.mark.parametrize(
    "prefect",
    [call, gone, called_then_gone, lambda: None],
    ids=["it works", "it fails before", "it fails after", "it does nothing"],
)
def test_whatever_prefect_does_the_verb_is_done_once(prefect: Callable[[], object]) -> None:
    verb = Verb()
    assert through(prefect, verb) == {"sealed": 1}
    assert verb.calls == 1


def test_a_verb_that_fails_through_prefect_is_raised_and_not_called_again() -> None:
    verb = Verb(fails=1)
    with pytest.raises(OSError, match="no database, 1"):
        through(call, verb)
    assert verb.calls == 1


def test_what_prefect_repeats_counts_as_it_ended() -> None:
    verb = Verb(fails=2)
    assert through(repeated, verb) == {"sealed": 3}


def test_a_fault_of_prefects_own_after_a_verbs_is_not_told() -> None:
    def fails_and_is_gone() -> Any:
        try:
            call()
        finally:
            gone()

    with pytest.raises(OSError, match="no database, 1"):
        through(fails_and_is_gone, Verb(fails=1))


def test_what_is_done_without_prefect_needs_none_of_it() -> None:
    by_tasks, plain = Verb(), Verb()
    assert through(gone, by_tasks, plain) == {"sealed": 1}
    assert (by_tasks.calls, plain.calls) == (0, 1)
    assert through(called_then_gone, by_tasks, plain) == {"sealed": 1}
    assert (by_tasks.calls, plain.calls) == (1, 1)


def test_one_within_another_calls_its_own() -> None:
    inner = Verb()
    assert through(call, lambda: through(call, inner)) == {"sealed": 1}
    assert inner.calls == 1
