"""People who act by chance, but always the same for a seed: what one of them does next about a task."""

import random
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tests.simulation.daybook import Book, authority, decides
from tests.simulation.world import CLERK, World, day_of, moment


class Choice(NamedTuple):
    """One action: by whom, with what, and what the diary notes of it once it was accepted."""

    what: str
    by: str
    given: dict[str, Any]
    noted: dict[str, Any]


class People:
    """Everybody who may act."""

    def __init__(self, world: World, draw: random.Random) -> None:
        self.world, self.draw = world, draw

    def choose(self, book: Book, at: datetime) -> Choice | None:
        """The next action about an open task, one that is allowed now; None: nobody can or wants to do anything."""
        state, draw, today = book.now, self.draw, day_of(at)
        chief, doer = decides(book), self._doer(book, at)
        luck = draw.random()
        if luck < 0.01:
            return Choice("withdraw", chief, {"note": "thu hồi"}, {})
        if luck < 0.03 and book.topic is None and state.status != "submitted":
            return self._date("set-date", chief, today, draw.randrange(3, 50), state.due)
        paper = {"number": "1/BC", "date": today, "subject": "Báo cáo", "signer": "Trần B"}
        if luck < 0.045 and day_of(state.assigned_at) <= today:
            return Choice("receive", CLERK, paper | {"received_on": today}, {})
        if state.status == "submitted":
            answer = draw.choice(("approve", "approve", "approve", "return"))
            return Choice(answer, chief, {"note": "theo báo cáo"}, {})
        if state.obstacle is not None:
            return Choice("answer-obstacle", f"head.{state.obstacle.lower()}", {"note": "đồng ý"}, {})
        if state.extension == "open":
            return self._decide_extension(chief, today, draw.random())
        if doer is None:
            return None
        if state.extension == "countered":
            is_past = state.asked is None or state.asked <= today
            answers = ("decline-extension",) if is_past else ("agree-extension", "decline-extension")
            return Choice(draw.choice(answers), doer, {}, {})
        return self._work(book, doer, at, paper)

    def _work(self, book: Book, doer: str, at: datetime, paper: dict[str, Any]) -> Choice:
        state, draw, today = book.now, self.draw, day_of(at)
        officers = self.world.units[book.unit].officers
        if state.status == "assigned" and draw.random() < 0.6:
            return Choice("accept", doer, {}, {})
        if officers and state.officer is None and doer == self._chief(book, at) and draw.random() < 0.2:
            return Choice("assign", doer, {"to": officers[0]}, {"to": officers[0]})
        luck = draw.random()
        if luck < 0.12 and state.due is not None and book.topic is None:
            return self._date("ask-extension", doer, max(today, state.due), draw.randrange(2, 30), state.due)
        if 0.12 <= luck < 0.2:
            to = authority(book.key[0], book.unit)
            return Choice("raise-obstacle", doer, {"note": "vướng mắc"}, {"to": to})
        if 0.2 <= luck < 0.27:
            return Choice("progress", doer, {"note": "đang làm"}, {})
        return Choice("submit", doer, paper, {})

    def _decide_extension(self, chief: str, today: date, luck: float) -> Choice:
        if luck < 0.5:
            return Choice("grant-extension", chief, {}, {})
        if luck < 0.75:
            return Choice("refuse-extension", chief, {"note": "không"}, {})
        return self._date("counter-extension", chief, today, self.draw.randrange(1, 15), None)

    def _date(self, what: str, by: str, after: date, days: int, current: date | None) -> Choice:
        day = after + timedelta(days=days)
        day += timedelta(days=day == current)
        return Choice(what, by, {"due": day, "note": "lý do"}, {"day": day})

    def when(self, book: Book, now: datetime) -> datetime:
        """When this task is touched next: some units are prompt, some are not, few work at night."""
        mean = 3 + 17 * (_number_of(book.unit) % 100 / 100) ** 2 if book.now.wait is None else 4.0
        late = self.draw.expovariate(1 / mean)
        at = now + (timedelta(hours=late) if book.topic else timedelta(days=late))
        if not book.topic and self.draw.random() < 0.85:
            at = moment(day_of(at), self.draw.randrange(7, 18), self.draw.randrange(60))
        return max(at, now + timedelta(minutes=1))

    def _chief(self, book: Book, at: datetime) -> str | None:
        """The head, or who stands in for them."""
        head = self.world.units[book.unit].head
        if head is None or not self.world.people[head].is_active:
            return None
        return self.world.away(head, day_of(at)) or head

    def _doer(self, book: Book, at: datetime) -> str | None:
        unit, chief = self.world.units[book.unit], self._chief(book, at)
        able = [code for code in (chief, chief, unit.deputy, unit.focal, book.now.officer) if code]
        return self.draw.choice(able) if able else None


def _number_of(text: str) -> int:
    """The same in every process, unlike hash()."""
    return sum(ord(letter) * 31**place for place, letter in enumerate(text))
