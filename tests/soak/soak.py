"""Runs seeds: adds up what they reached, and tells a failing one as a small story that can be played again."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.soak.play import Result, Violation
from tests.soak.shrink import shrink
from tests.soak.stage import Stage
from tests.soak.story import Step, name, write_story

YEAR = 366
Say = Callable[[str], None]


@dataclass
class Summary:
    """What some seeds reached together."""

    seeds: int = 0
    days: int = 0
    tasks: int = 0
    arrived: int = 0
    seconds: float = 0.0  # of the processor
    statistics: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[Violation]] = field(default_factory=dict)

    def add(self, seed: int, days: int, result: Result, seconds: float) -> None:
        """One more seed."""
        self.seeds, self.days, self.seconds = self.seeds + 1, self.days + days, self.seconds + seconds
        self.tasks, self.arrived = self.tasks + result.tasks, self.arrived + result.arrived
        self.statistics += result.statistics
        if result.violations:
            self.failed[seed] = result.violations

    def __str__(self) -> str:
        years = self.days / YEAR
        speed = years / self.seconds * 3600 if self.seconds else 0.0
        lines = [
            f"{self.seeds} seeds, {years:.2f} simulated years, {self.tasks} tasks, {self.arrived} letters arrived",
            f"violations: {sum(map(len, self.failed.values()))} (seeds {sorted(self.failed) or 'none'})",
            f"{speed:.2f} simulated years per core-hour ({self.seconds:.0f} s)",
        ]
        return "\n".join(lines + [f"  {count:7} {what}" for what, count in sorted(self.statistics.items())])


def soak(stage: Stage, seeds: Iterable[int], days: int, say: Say, *, runs: int = 300) -> Summary:
    """Plays whole stories; a failing one is made small in at most so many `runs` and told."""
    summary = Summary()
    for seed in seeds:
        began, story = time.process_time(), write_story(seed, days)
        result = stage.run(seed, story)
        summary.add(seed, days, result, time.process_time() - began)
        if result.violations:
            say(f"seed {seed}: {len(result.violations)} violations")
            small = smallest(stage, seed, story, result, runs=runs)
            say(tell(seed, days, small, story, stage.run(seed, small).violations))
    return summary


def smallest(stage: Stage, seed: int, story: list[Step], result: Result, *, runs: int) -> list[Step]:
    """The fewest steps found that break the same invariant."""
    kind, last = result.violations[0].kind, result.violations[0].step.partition(".")[0]
    until = next((place for place, step in enumerate(story, 1) if step.number == last), len(story))

    def fails(steps: Sequence[Step]) -> bool:
        return any(one.kind == kind for one in stage.run(seed, steps).violations)

    head = story[:until]
    return shrink(head if fails(head) else story, fails, runs=runs)


def tell(seed: int, days: int, steps: list[Step], story: list[Step], violations: list[Violation]) -> str:
    """A failing story in words, and how to play it again."""
    lines = [f"the story of seed {seed}, {len(steps)} of {len(story)} steps:", *map(str, steps)]
    lines += [f"after step {one.step}: {one.what}" for one in violations[:10]]
    return "\n".join([*lines, f"again: python -m tests.soak --seed {seed} --days {days} --steps {name(steps, story)}"])
