"""Turns: two at once, nobody twice, a short line before them, and no wait without an end."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from uuid import UUID, uuid4

import pytest

from models.errors import Busy
from workflows.bounded_process import turns
from workflows.bounded_process.turns import IN_LINE, OF_ONE_PERSON, Turns

A, B, C = uuid4(), uuid4(), uuid4()


@pytest.fixture
def line() -> Turns:
    return Turns()


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0)


def is_refused(line: Turns, by: UUID) -> bool:
    try:
        with line.take(by):
            return False
    except Busy:
        return True


def stand(line: Turns, threads: ThreadPoolExecutor, by: UUID | None, done: list[UUID | None]) -> Future[None]:
    """Let somebody wait for a turn, and come back once they stand in line."""

    def wait() -> None:
        with line.take(by):
            done.append(by)

    before, asked = len(line._in_line), threads.submit(wait)
    while len(line._in_line) == before and not asked.done():
        Event().wait(0.001)
    return asked


@pytest.mark.usefixtures("impatient")
def test_two_are_at_work_and_the_third_hears_that_it_is_busy(line: Turns, held: ExitStack) -> None:
    held.enter_context(line.take(A))
    with line.take(B):
        assert is_refused(line, C)
    assert not is_refused(line, C)


@pytest.mark.usefixtures("impatient")
def test_one_person_is_at_work_once(line: Turns, held: ExitStack) -> None:
    held.enter_context(line.take(A))
    assert is_refused(line, A) and not is_refused(line, B)


@pytest.mark.usefixtures("impatient")
def test_a_fault_gives_the_turn_back(line: Turns) -> None:
    for _again in range(3):
        with pytest.raises(ZeroDivisionError), line.take(A):
            raise ZeroDivisionError


def test_a_full_line_refuses_at_once_and_jobs_come_first(line: Turns, held: ExitStack) -> None:
    done: list[UUID | None] = []
    with ThreadPoolExecutor(IN_LINE + 1) as threads:
        held.enter_context(line.take(A))
        held.enter_context(line.take(B))
        asked = [stand(line, threads, uuid4(), done) for _ in range(IN_LINE)]
        assert is_refused(line, C)
        asked.append(stand(line, threads, None, done))
        held.close()
        for one in asked:
            one.result(60)
    assert done[0] is None and len(done) == IN_LINE + 1


def test_one_person_has_few_places_in_the_line(line: Turns, held: ExitStack) -> None:
    done: list[UUID | None] = []
    with ThreadPoolExecutor(OF_ONE_PERSON) as threads:
        held.enter_context(line.take(A))
        asked = [stand(line, threads, A, done) for _ in range(OF_ONE_PERSON)]
        assert is_refused(line, A) and not is_refused(line, B)
        held.close()
        for one in asked:
            one.result(60)
    assert done == [A] * OF_ONE_PERSON
