"""Two ticks of one morning, interleaved at each statement of the first: everybody reads what one tick would say."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, event

from models.database.session import open_engine
from tests.fire.facts import assert_ticks_finished
from tests.fire.ticks_at_once import MORNING, Lines, lines_of
from tests.keys import KEYS
from tests.office import at, at_office, furnish
from tests.postgres import PostgresServer, start_and_wait
from tests.scenes import Scenes

pytestmark = pytest.mark.long

PATIENCE = 60.0  # seconds; far above what anything here takes


def play(engine: Engine, folder: Path) -> None:
    """Play up to a morning of few letters that has each reason to write one."""
    office = furnish(engine, folder)
    office.launch("oversight", "2.a", on=at(26, 5))
    office.act(office.task("oversight", "VU-BC"), "accept", "ly.ngoc.anh", at(26, 5))  # only the week's summary
    office.submit(office.task("oversight", "VU-VT"), "le.thi.d", at(2))  # three working days later to be decided
    office.launch("4", on=at(3), due=None)  # not accepted by its head, and the coordinator is asked for a date
    office.days(at(3), at(4))
    office.declare("T-LT", now=MORNING - timedelta(minutes=65))
    office.tick(MORNING - timedelta(minutes=30))


@dataclass
class Pair:
    """Two ticks on a copy of the morning. The first stands still before one of its statements until the other is over.

    The other may wait for what the first holds: then it is over after the first.
    """

    engine: Engine
    folder: Path
    stop: int
    said: list[str] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    _reached: Event = field(default_factory=Event)
    _goes_on: Event = field(default_factory=Event)

    def run(self) -> Lines:
        """Run both. Return what was read."""
        first, second = Thread(target=self._tick, args=(self._saying,)), Thread(target=self._tick)
        first.start()
        while first.is_alive() and not self._reached.wait(0.01):
            pass
        start_and_wait(second, self.engine)
        self._goes_on.set()
        for one in (first, second):
            one.join(PATIENCE)
        assert self.faults == []
        assert_ticks_finished(self.engine)
        return lines_of(self.engine)

    def _tick(self, saying: Callable[..., None] | None = None) -> None:
        own = open_engine(self.engine.url.render_as_string(hide_password=False), KEYS)
        try:
            office = at_office(own, self.folder)
            if saying is not None:
                event.listen(own, "before_cursor_execute", saying)
            office.tick(MORNING)
        except BaseException as fault:  # told by who waits for the thread
            self.faults.append(fault)
        finally:
            own.dispose()

    def _saying(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.said.append(statement)
        if len(self.said) == self.stop:
            self._reached.set()
            assert self._goes_on.wait(PATIENCE)


@pytest.fixture
def pair_at(scenes: Scenes, postgres_server: PostgresServer, tmp_path: Path) -> Callable[[int], Any]:
    """Gives two ticks on a copy of their own, of which the first stops at a statement."""

    @contextmanager
    def made(stop: int) -> Iterator[Pair]:
        name = scenes.on_postgres(play, postgres_server)
        engine = open_engine(postgres_server.url(name), KEYS)
        yield Pair(engine, tmp_path, stop)
        engine.dispose()
        postgres_server.drop_database(name)

    return made


def interleave(pair_at: Callable[[int], Any], statements: Callable[[list[str]], Iterable[int]]) -> None:
    """Plays the morning once for each of these statements of the first tick."""
    with pair_at(0) as alone:
        undisturbed = alone.run()
    kinds = {kind for _code, kind, _words in undisturbed}
    assert kinds == {"digest", "incident", "summary"}
    for stop in statements(alone.said):
        with pair_at(stop) as pair:
            lines = pair.run()
        where = f"stopped before statement {stop}: {pair.said[stop - 1]}"
        assert undisturbed - lines == Counter(), f"missing; {where}"
        assert lines - undisturbed == Counter(), f"too often; {where}"


def until_the_first_mark(said: list[str]) -> Iterable[int]:
    """The statements that decide which letters there are and what is put into them."""
    return range(1, 2 + next(place for place, one in enumerate(said) if "letter_attempt" in one))


def test_two_ticks_interleaved_before_the_first_letter_lose_no_line(pair_at: Callable[[int], Any]) -> None:
    interleave(pair_at, until_the_first_mark)


@pytest.mark.soak
def test_two_ticks_interleaved_at_each_statement_lose_no_line(pair_at: Callable[[int], Any]) -> None:
    interleave(pair_at, lambda said: range(1, len(said) + 1))
