"""What waits on another machine is cut in time, one beside the other, by one thread."""

import threading
from threading import Event

import pytest

from notifications import connection_deadlines
from notifications.connection_deadlines import cut_after

PATIENCE = 60.0


class Wait:
    """A wait that somebody may cut."""

    def __init__(self) -> None:
        self.was_cut = Event()
        self.why = ""

    def cut(self, why: str) -> None:
        self.why = why
        self.was_cut.set()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_deadlines, "LOOK_SECONDS", 0.01)


def test_what_takes_too_long_is_cut_and_what_waits_beside_it_is_not() -> None:
    short, long = Wait(), Wait()
    with cut_after(PATIENCE, long.cut), cut_after(0.0, short.cut):
        assert short.was_cut.wait(PATIENCE)
    assert (short.why, long.why) == ("timed out", "")


def test_it_is_cut_as_soon_as_nobody_goes_on() -> None:
    stopping, wait = Event(), Wait()
    with cut_after(PATIENCE, wait.cut, lambda: not stopping.is_set()):
        stopping.set()
        assert wait.was_cut.wait(PATIENCE)
    assert "told to stop" in wait.why


def test_more_time_is_counted_from_when_it_is_given() -> None:
    wait, other = Wait(), Wait()
    with cut_after(PATIENCE, wait.cut) as extend, cut_after(0.0, other.cut):
        extend(2 * PATIENCE)
        assert other.was_cut.wait(PATIENCE) and not wait.was_cut.is_set()
        extend(0.0)
        assert wait.was_cut.wait(PATIENCE)


def test_what_has_ended_is_not_cut() -> None:
    ended, later = Wait(), Wait()
    with cut_after(0.05, ended.cut):
        pass
    with cut_after(0.1, later.cut):
        assert later.was_cut.wait(PATIENCE)
    assert not ended.was_cut.is_set()


def test_one_that_cannot_be_cut_leaves_the_others_looked_after() -> None:
    def broken(_why: str) -> None:
        raise ValueError("it is closed")

    after = Wait()
    with cut_after(0.0, broken), cut_after(0.05, after.cut):
        assert after.was_cut.wait(PATIENCE)


def test_all_are_looked_after_by_one_thread() -> None:
    """Where memory is short, Python hangs whoever starts a thread: a letter starts none."""
    with cut_after(PATIENCE, Wait().cut), cut_after(PATIENCE, Wait().cut):
        assert [one.name for one in threading.enumerate()].count("deadlines") == 1
