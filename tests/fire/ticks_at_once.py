"""`python -m tests.fire.ticks_at_once --rounds 200`: real ticks at once on PostgreSQL, every line of them compared.

Each round plays one morning on a copy of the same database, with two processes and with four. They start together or
some milliseconds apart. What each person reads is held against a tick that nobody disturbed.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import open_engine, reading
from models.letters.letter import Letter, LetterContent
from models.organization.person import Person
from tests.fire.processes import Worker, all_at_once, some_workers
from tests.keys import KEYS
from tests.office import COORDINATOR, Office, at, at_office, body, furnish
from tests.postgres import PostgresServer

MORNING = at(7)
"""A Monday: reminders, questions, the week's summaries and a contingency's clock come together."""
SUMMARISED = "ly.ngoc.anh"
"""A head whom only the week's summary reaches that morning."""
TOGETHER = (2, 4)
"""So many ticks at once."""
APART = (0.0, 0.05, 0.0, 0.01, 0.1, 0.02, 0.0, 0.2)
"""Seconds between the starts of one tick and the next, by the round."""
SHOWN = 5
"""Lines of a round that are shown at most."""
_LINK = re.compile(r"https?://\S+")
Lines = Counter[tuple[str, str, str]]
"""How often each person reads each line, by the kind of the letter."""


def play_to_the_morning(engine: Engine, folder: Path) -> None:
    """Play all days up to that morning, so that it has each reason to write."""
    office = furnish(engine, folder)
    office.launch("oversight", "2.a", on=at(26, 5))
    office.launch("4", on=at(26, 5), due=date(2004, 6, 4))  # late on that morning
    office.act(office.task("oversight", "VU-BC"), "accept", SUMMARISED, at(26, 5))
    office.days(at(26, 5), at(1))
    office.submit(office.task("oversight", "VU-VT"), "le.thi.d", at(2))  # three working days later to be decided
    office.launch("2", on=at(3), due=None)  # two working days later the coordinator is asked for a date
    office.days(at(3), at(4))
    one = office.task("2", "CTY-M")  # due within seven working days
    office.act(one, "set-date", COORDINATOR, at(4, hour=9), due=date(2004, 6, 16), note="theo kế hoạch")
    office.declare("T-LT", "T-SL", "CTY-M", now=MORNING - timedelta(minutes=65))  # not accepted within the hour
    office.tick(MORNING - timedelta(minutes=30))


def lines_of(engine: Engine) -> Lines:
    """Return what everybody read that morning, without the links, whose keys are a letter's own."""
    found: Lines = Counter()
    with reading(engine) as session:
        query = (
            select(Person.code, Letter.kind, LetterContent.content)
            .join(Letter, col(Letter.id) == col(LetterContent.letter_id))
            .join(Person, col(Person.id) == col(Letter.recipient_id))
            .where(col(Letter.sent_at) >= MORNING)
        )
        for code, kind, content in session.exec(query):
            for line in body(message_from_bytes(content, policy=policy.default)).splitlines():
                if words := _LINK.sub("", line).strip():
                    found[code, str(kind), words] += 1
    return found


def tick_on(_office: Office, url: str, folder: Path, after: float) -> int:
    """Tick on a database, so many seconds after the others began. Return how many letters it sent."""
    time.sleep(after)
    engine = open_engine(url, KEYS)
    try:
        return at_office(engine, folder).tick(MORNING + timedelta(seconds=after)).sent
    finally:
        engine.dispose()


@dataclass
class Mornings:
    """One morning, to be played again and again."""

    server: PostgresServer
    folder: Path
    original: str

    def play(self, ticking: Sequence[Worker], apart: float) -> tuple[Lines, int]:
        """Tick at once on a copy. Return what was read, and how many of the ticks sent a letter."""
        name = self.server.create_database(like=self.original)
        url = self.server.url(name)
        try:
            jobs: list[Any] = [
                (tick_on, (url, self.folder, place * apart), {}) for place, _worker in enumerate(ticking)
            ]
            sent = all_at_once(ticking, jobs)
            engine = open_engine(url, KEYS)
            lines = lines_of(engine)
            engine.dispose()
            return lines, sum(count > 0 for count in sent)
        finally:
            self.server.drop_database(name)

    def compare(self, ticking: Sequence[Worker], rounds: int, undisturbed: Lines) -> tuple[int, int, int]:
        """Return how many lines are missing, how many are there too often, and in how many rounds several sent."""
        missing, more, shared = 0, 0, 0
        for turn in range(rounds):
            apart = APART[turn % len(APART)]
            lines, senders = self.play(ticking, apart)
            for what, some in (("missing", undisturbed - lines), ("too often", lines - undisturbed)):
                for (code, kind, words), times in sorted(some.items())[:SHOWN]:
                    _say(
                        f"{len(ticking)} ticks {apart} s apart, round {turn + 1}, {what} {times}: {code} {kind} {words}"
                    )
            missing += (undisturbed - lines).total()
            more += (lines - undisturbed).total()
            shared += senders > 1
        return missing, more, shared


@contextmanager
def prepared(server: PostgresServer, folder: Path) -> Iterator[str]:
    """Give the name of a database in which everything has been played up to the morning."""
    name = server.create_database()
    engine = open_engine(server.url(name), KEYS)
    play_to_the_morning(engine, folder)
    engine.dispose()  # a database in use cannot be copied
    yield name
    server.drop_database(name)


def main() -> int:
    """Return 1 where a line is missing or is read too often."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire.ticks_at_once", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="mornings for each number of ticks")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="dondoc-ticks-") as name:
        server = PostgresServer(Path(name) / "data")
        try:
            with prepared(server, Path(name)) as original:
                return _compare_all(Mornings(server, Path(name), original), rounds)
        finally:
            server.stop()


def _compare_all(mornings: Mornings, rounds: int) -> int:
    waiting = mornings.server.url(mornings.server.create_database(like=mornings.original))
    with some_workers(1, waiting, mornings.folder, 1) as alone:
        undisturbed, _one = mornings.play(alone, 0.0)
    kinds = Counter({kind: 0 for _code, kind, _words in undisturbed})
    for (_code, kind, _words), times in undisturbed.items():
        kinds[kind] += times
    _say(f"undisturbed: {undisturbed.total()} lines ({', '.join(f'{kind} {n}' for kind, n in sorted(kinds.items()))})")
    all_missing, all_more = 0, 0
    for count in TOGETHER:
        with some_workers(count, waiting, mornings.folder, 1) as ticking:
            missing, more, shared = mornings.compare(ticking, rounds, undisturbed)
        _say(f"{rounds} rounds of {count} (several sent letters in {shared}): {missing} missing, {more} too often")
        all_missing, all_more = all_missing + missing, all_more + more
    played = " and ".join(f"{rounds} rounds of {count}" for count in TOGETHER)
    compared = undisturbed.total() * rounds * len(TOGETHER)
    _say(f"{played}: {compared} lines, {all_missing} missing, {all_more} too often")
    return 1 if all_missing or all_more else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
