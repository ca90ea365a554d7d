"""Runs seeds: adds up what they reached, and tells a failing one as a small story that can be played again."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.soak.play import Result, Violation
from tests.soak.shrink import shrink
from tests.soak.stage import Stage, open_stage
from tests.soak.story import Step, name, write_story

YEAR = 365
SHRINKING = 300
"""In so many runs, at most, is a failing story made small."""
PATIENCE = 30_000
"""And in so many steps of all runs together, so that a year does not take the night: some ten minutes."""


@dataclass(frozen=True)
class Played:
    """A seed that was played: what it came to, the processor's seconds, and a failing one's small story in words."""

    seed: int
    days: int
    result: Result
    seconds: float
    story: str = ""


@dataclass
class Summary:
    """What some seeds reached together."""

    seeds: list[int] = field(default_factory=list)
    days: int = 0
    tasks: int = 0
    arrived: int = 0
    seconds: float = 0.0  # of the processor
    statistics: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[Violation]] = field(default_factory=dict)

    def add(self, played: Played) -> None:
        """One more seed."""
        result, seed = played.result, played.seed
        failed = {seed: result.violations} if result.violations else {}
        self.merge(
            Summary([seed], played.days, result.tasks, result.arrived, played.seconds, result.statistics, failed)
        )

    def merge(self, other: "Summary") -> None:
        """What other seeds reached."""
        self.seeds += other.seeds
        self.days, self.seconds = self.days + other.days, self.seconds + other.seconds
        self.tasks, self.arrived = self.tasks + other.tasks, self.arrived + other.arrived
        self.statistics += other.statistics
        self.failed |= other.failed

    @property
    def reached(self) -> str:
        """The simulated years, and how fast they went by."""
        years = self.days / YEAR
        speed = years / self.seconds * 3600 if self.seconds else 0.0
        return f"{years:.2f} simulated years, {speed:.1f} per core-hour"

    def __str__(self) -> str:
        lines = [
            f"{len(self.seeds)} seeds, {self.tasks} tasks, {self.arrived} letters arrived",
            f"{self.reached} ({self.seconds:.0f} s)",
            f"violations: {sum(map(len, self.failed.values()))} (seeds {sorted(self.failed) or 'none'})",
        ]
        return "\n".join(lines + [f"  {count:7} {what}" for what, count in sorted(self.statistics.items())])


def soak(
    stage: Stage, seeds: Iterable[int], days: int, should_continue: Callable[[], bool] = lambda: True
) -> Iterator[Played]:
    """Plays whole stories, one after the other, as long as `should_continue()` is True."""
    for seed in seeds:
        if not should_continue():
            return
        began, story = time.process_time(), write_story(seed, days)
        result = stage.run(seed, story)
        seconds, words = time.process_time() - began, ""
        if result.violations:
            small = smallest(stage, seed, story, result, runs=SHRINKING)
            words = tell(seed, days, small, story, stage.run(seed, small).violations)
        yield Played(seed, days, result, seconds, words)


def share(seeds: Iterable[int], days: int, until: float | None, *, on_postgresql: bool) -> Iterator[Played]:
    """Plays seeds on a stage of their own; begins none after `until` (seconds of the epoch)."""
    with ExitStack() as closing:
        stage = open_stage(closing, on_postgresql=on_postgresql)
        yield from soak(stage, seeds, days, lambda: until is None or time.time() < until)


def add_up(played: Iterable[Played], say: Callable[[str], None], summary: Summary) -> None:
    """Adds each seed to the summary as it comes, and tells of it, and a failing one's story."""
    for one in played:
        summary.add(one)
        say(
            f"seed {one.seed}: {one.result.arrived} letters, {len(one.result.violations)} violations, "
            f"{one.seconds:.0f} s; so far {summary.reached}"
        )
        if one.story:
            say(one.story)


def smallest(stage: Stage, seed: int, story: list[Step], result: Result, *, runs: int) -> list[Step]:
    """The fewest steps found that break the same invariant."""
    kind, head = result.violations[0].kind, upto(story, result)
    left = PATIENCE

    def fails(steps: Sequence[Step]) -> bool:
        nonlocal left
        left -= len(steps)
        return left > 0 and any(one.kind == kind for one in stage.run(seed, steps).violations)

    return shrink(head if fails(head) else story, fails, runs=runs)


def upto(story: list[Step], result: Result) -> list[Step]:
    """The story to where something did not hold."""
    last = result.violations[0].step.partition(".")[0]
    until = next((place for place, step in enumerate(story, 1) if step.number == last), len(story))
    return story[:until]


def tell(seed: int, days: int, steps: list[Step], story: list[Step], violations: list[Violation]) -> str:
    """A story in words, what is broken at its end, and how to play it again."""
    lines = [f"the story of seed {seed}, {len(steps)} of {len(story)} steps:", *map(str, steps)]
    lines += [f"after step {one.step}: {one.what}" for one in violations[:10]] or ["nothing is broken"]
    return "\n".join([*lines, f"again: python -m tests.soak --seed {seed} --days {days} --steps {name(steps, story)}"])
