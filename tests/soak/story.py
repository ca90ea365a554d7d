"""A story from a seed: who does what and when, when clocks tick, what goes wrong. Each step stands for itself.

A step draws its own chances from the seed and its number, so that a story stays what it is when other steps are left
out: that is how a failing one is made small.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tests.simulation.world import CONTINGENCY, ONE_OFF, QUARTERLY, SECOND, UNDATED, moment

START = moment(date(2024, 1, 8), 7)
"""A Monday a month before Tết; the year that follows has a 29 February."""
TICK, ACT, LAUNCH, DECLARE, STAND_DOWN, LEAVE, RETURN, MOVE, AWAY, HAND_OVER, REPLY, PRESS = (
    "tick",
    "act",
    "launch",
    "declare",
    "stand-down",
    "leave",
    "return",
    "move",
    "away",
    "hand over",
    "reply",
    "press",
)
TOLD = "on what a letter tells"
"""The path of an act: about a task that a letter in somebody's hands speaks of."""
SAME = "the same link again"
"""The path of a press: of the link that was pressed last."""
TRUSTED = "which somebody trusts"
"""The path of a tick whose moment nobody asks about, as with `dondoc tick --now … --yes`."""
WELL, LOSSY, LYING, DOWN, GREY, REFUSING = "well", "lossy", "lying", "down", "greylisting", "refusing"
CRASH, ERROR, PAUSE = "crash", "error", "pause"
TICKERS = 3
_OF_A_TICK = 8.3
_WEEKS_AHEAD = 0.015
"""Of so many ticks the clock is ahead by weeks; half of these are trusted all the same."""
"""The binary logarithm of the last event of a tick that a fault strikes at."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Fault:
    """What befalls a process at its `at`-th event (statement, commit, word to the mail server).

    A pause lets others work meanwhile. `in_mail`: only words to the mail server count.
    """

    kind: str
    at: int
    meanwhile: tuple["Step", ...] = ()
    in_mail: bool = False


@dataclass(frozen=True)
class Step:
    """One thing that happens. `skew`: how wrong the ticker's own clock is; `mail`: how the mail server fares."""

    number: str
    at: datetime
    what: str
    path: str = ""
    ticker: int = 0
    skew: timedelta = timedelta()
    mail: str = WELL
    fault: Fault | None = None

    def __str__(self) -> str:
        parts = [f"{self.number:>7}", f"{self.at:%Y-%m-%d %H:%M:%S}Z", self.what, self.path]
        if self.what == TICK:
            parts += [f"by clock {self.ticker}", f"which is {self.skew} off" if self.skew else ""]
            parts += [f"mail server {self.mail}" if self.mail != WELL else ""]
        if self.fault is not None:
            parts.append(f"{self.fault.kind} at its {'word' if self.fault.in_mail else 'event'} {self.fault.at}")
            parts += [f"\n        meanwhile {str(step).strip()}" for step in self.fault.meanwhile]
        return "  ".join(part for part in parts if part)


def write_story(seed: int, days: int, *, harsh: bool = False) -> list[Step]:
    """The steps of a seed in the order of their moments. `harsh`: hardly a tick passes, or a reply comes, in peace."""
    story = _Writer(random.Random(f"story {seed}"), days, harsh).write()
    draw = random.Random(f"weeks ahead {seed}")  # of its own: stories stay what they were but for this
    story = [_weeks_ahead(step, draw) if draw.random() < _WEEKS_AHEAD else step for step in story]
    draw = random.Random(f"replies {seed}")  # likewise
    replies = _Writer(draw, days, harsh).replies()
    return sorted([*(_replied_beside(step, draw) for step in story), *replies], key=lambda step: step.at)


def _weeks_ahead(step: Step, draw: random.Random) -> Step:
    if step.what != TICK:
        return step
    return replace(step, skew=timedelta(days=draw.randrange(10, 50)), path=TRUSTED if draw.random() < 0.5 else "")


def _replied_beside(step: Step, draw: random.Random) -> Step:
    """A letter is answered, or a link pressed, while a tick stands still."""
    fault = step.fault
    if step.what != TICK or fault is None or fault.kind != PAUSE or draw.random() >= 0.25:
        return step
    later = START + timedelta(seconds=draw.choice((0, 60, 1000)))
    beside = Step(f"{step.number}.{len(fault.meanwhile) + 1}", later, draw.choice((REPLY, PRESS, PRESS)))
    return replace(step, fault=replace(fault, meanwhile=(*fault.meanwhile, beside)))


class _Writer:
    def __init__(self, draw: random.Random, days: int, harsh: bool) -> None:
        self.draw, self.end = draw, START + days * _DAY
        self.days, self.harsh = days, harsh
        self.moods = (30, 60, 0, 0, 10, 0) if harsh else (50, 18, 8, 12, 6, 6)
        self.kinds = (15, 5, 80) if harsh else (45, 25, 30)

    def write(self) -> list[Step]:
        drafts = [*self._launches(), *self._ticks(), *self._people()]
        drafts.sort(key=lambda step: step.at)
        return [self._numbered(step, str(number)) for number, step in enumerate(drafts, 1)]

    def _numbered(self, step: Step, number: str) -> Step:
        fault = step.fault
        if fault is not None:
            inner = [self._numbered(one, f"{number}.{place}") for place, one in enumerate(fault.meanwhile, 1)]
            fault = replace(fault, meanwhile=tuple(inner))
        return replace(step, number=number, fault=fault)

    def _launches(self) -> Iterable[Step]:
        """Each is repeated until it must have succeeded: people press the button again."""
        for day, hour, path in (
            (0, 9, ONE_OFF),
            (1, 10, QUARTERLY),
            (1, 11, CONTINGENCY),
            (5, 20, UNDATED),
            (45, 3, SECOND),
        ):
            at = START + timedelta(days=day, hours=hour - 7)
            for again in (0, 1, 26):
                if at + timedelta(hours=again) < self.end:
                    fault = self._fault(0.4) if again < 26 else None
                    yield Step("", at + timedelta(hours=again), LAUNCH, path, fault=fault)
        for _ in range(max(1, self.days // 40)):
            at = self._some(3)
            yield Step("", at, DECLARE, fault=self._fault(0.3, most=7))
            yield Step(
                "", at + timedelta(hours=self.draw.randrange(10, 80)), STAND_DOWN, fault=self._fault(0.3, most=7)
            )

    def _people(self) -> Iterable[Step]:
        for _ in range(self.days * 3):
            yield Step("", self._by_day(0), ACT, fault=self._fault(0.08, most=4.5))
        for _ in range(max(2, self.days // 12)):
            yield Step("", self._some(2), self.draw.choice((LEAVE, LEAVE, RETURN, MOVE, AWAY, HAND_OVER, HAND_OVER)))

    def replies(self) -> list[Step]:
        """What people do with their mail; numbered apart, so that all else keeps the number that it draws from."""
        drafts = list[Step]()
        for _ in range(int(self.days * (1.5 if self.harsh else 0.3))):
            drafts.append(Step("", self._by_day(1), REPLY))
        for _ in range(int(self.days * (1.5 if self.harsh else 0.25))):
            at = self._by_day(2)
            drafts.append(Step("", at, PRESS, fault=self._fault(0.2, most=6)))
            if self.draw.random() < 0.3:
                drafts.append(Step("", at + timedelta(seconds=self.draw.choice((2, 60, 4000))), PRESS, SAME))
        drafts.sort(key=lambda step: step.at)
        return [self._numbered(step, f"m{number}") for number, step in enumerate(drafts, 1)]

    def _by_day(self, after: int) -> datetime:
        """Mostly at an hour at which people work."""
        at = self._some(after)
        if self.draw.random() < 0.85:
            at = moment(at.date(), self.draw.randrange(7, 18), self.draw.randrange(60))
            at += timedelta(seconds=self.draw.randrange(60))
        return at

    def _some(self, after: int) -> datetime:
        seconds = self.draw.randrange(after * 86400, max(after + 1, self.days) * 86400)
        return START + timedelta(seconds=seconds)

    def _ticks(self) -> Iterable[Step]:
        now, mail, mail_until, skew = START, WELL, START, timedelta()
        while now < self.end:
            if now >= mail_until:
                mail = self.draw.choices((WELL, LOSSY, LYING, DOWN, GREY, REFUSING), self.moods)[0]
                mail_until = now + timedelta(hours=self.draw.randrange(4, 96))
            if self.draw.random() < 0.5:
                skew = timedelta()
            if self.draw.random() < 0.05:
                skew = timedelta(seconds=self.draw.choice((-86400, -10800, -600, 5, 7200, 86400, 4 * 86400)))
            yield self._tick(now, mail, skew, self._fault(0.85 if self.harsh else 0.3))
            now += self._gap()

    def _tick(self, now: datetime, mail: str, skew: timedelta, fault: Fault | None) -> Step:
        return Step("", now, TICK, ticker=self.draw.randrange(TICKERS), skew=skew, mail=mail, fault=fault)

    def _gap(self) -> timedelta:
        """Mostly hours; now and then a machine stands still for days, rarely for weeks."""
        luck, draw = self.draw.random(), self.draw
        return timedelta(
            seconds=draw.randrange(1, 120)
            if luck < 0.1
            else draw.randrange(120, 3600)
            if luck < 0.35
            else draw.randrange(3600, 10 * 3600)
            if luck < 0.86
            else draw.randrange(10 * 3600, 36 * 3600)
            if luck < 0.96
            else draw.randrange(2 * 86400, 6 * 86400)
            if luck < 0.993
            else draw.randrange(7 * 86400, 20 * 86400)
        )

    def _fault(self, share: float, depth: int = 0, most: float = _OF_A_TICK) -> Fault | None:
        if self.draw.random() >= share:
            return None
        kind = self.draw.choices((CRASH, ERROR, PAUSE), (*self.kinds[:2], self.kinds[2] if depth < 2 else 0))[0]
        in_mail = kind != ERROR and most == _OF_A_TICK and self.draw.random() < 0.4
        at = int(2 ** self.draw.uniform(0, 5 if in_mail else most))
        if kind != PAUSE:
            return Fault(kind, at, in_mail=in_mail)
        meanwhile = tuple(self._meanwhile(depth) for _ in range(self.draw.randrange(1, 4)))
        return Fault(kind, at, meanwhile, in_mail)

    def _meanwhile(self, depth: int) -> Step:
        """What goes on while a process stands still; moments are added to its own when it is played."""
        later = START + timedelta(seconds=self.draw.choice((0, 1, 60, 240, 1000, 1900, 10000)))
        what = self.draw.choice((TICK, TICK, TICK, ACT, ACT, LEAVE, HAND_OVER))
        if what != TICK:
            return Step("", later, what, path=TOLD if what == ACT and self.draw.random() < 0.7 else "")
        mail = self.draw.choices((WELL, LOSSY, DOWN), (6, 3, 1))[0]
        return self._tick(later, mail, timedelta(), self._fault(0.3, depth + 1))


def choose(story: list[Step], wanted: str) -> list[Step]:
    """The steps of `3,17!,40-45,m2`; an exclamation mark takes a step without its fault, an m stands for mail."""
    if not wanted:
        return story
    chosen: dict[str, bool] = {}
    for part in wanted.split(","):
        bare = part.strip().rstrip("!")
        first, _, last = bare.partition("-")
        numbers = map(str, range(int(first), int(last or first) + 1)) if bare[0].isdigit() else (bare,)
        chosen |= dict.fromkeys(numbers, not part.strip().endswith("!"))
    return [step if chosen[step.number] else replace(step, fault=None) for step in story if step.number in chosen]


def name(steps: Iterable[Step], story: list[Step]) -> str:
    """How `choose` is told of these steps."""
    had = {step.number: step for step in story}
    return ",".join(step.number + ("!" if had[step.number].fault and not step.fault else "") for step in steps)
