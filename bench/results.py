"""What a run measured: kept as JSON, section by section, with the machine and the versions it was measured on."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "var" / "bench"
"""Where runs leave their figures; git does not keep them."""
REFERENCE = ROOT / "bench" / "results" / "reference.json"
"""What docs/performance.md tells: a run on an idle machine, committed."""
_PACKAGES = ("sqlalchemy", "sqlmodel", "psycopg", "prefect", "yagmail", "pydantic", "fastapi")


class Direction(StrEnum):
    """Which way a limit is crossed."""

    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True)
class Result:
    """One figure of a section: ours and what it is held against, turn by turn, in `unit` (seconds).

    With a floor the limit is for the ratio: of ours to the floor where it is "at most" (cost), of the floor to ours
    where it is "at least" (how many times faster). Without one it is for the median of ours itself.
    """

    section: str
    name: str
    size: int
    ours: tuple[float, ...]
    floor: tuple[float, ...] = ()
    database: str = "–"
    limit: float | None = None
    direction: Direction = Direction.AT_MOST
    unit: str = "s"
    against: str = ""  # what the floor is

    @property
    def median(self) -> float:
        """Of ours, in `unit`."""
        return statistics.median(self.ours)

    @property
    def ratio(self) -> float | None:
        """Medians of ours and the floor, in the direction of the limit; None without a floor."""
        if not self.floor:
            return None
        floor = statistics.median(self.floor)
        return self.median / floor if self.direction is Direction.AT_MOST else floor / self.median

    @property
    def is_over(self) -> bool:
        """Whether the limit is crossed."""
        if self.limit is None:
            return False
        figure = self.median if self.ratio is None else self.ratio
        return figure > self.limit if self.direction is Direction.AT_MOST else figure < self.limit


@dataclass(frozen=True)
class Section:
    """The results of one section of one run: when (UTC, ISO 8601), at which commit, whether of `bench-full`.

    `took`: seconds of all of it, making the data included.
    """

    results: tuple[Result, ...]
    measured_at: str
    commit: str
    full: bool
    took: float
    versions: dict[str, str]


@dataclass(frozen=True)
class Run:
    """All sections measured on one machine, each from the last time it was measured."""

    machine: dict[str, Any]
    sections: dict[str, Section] = field(default_factory=dict)

    def of(self, section: str) -> Sequence[Result]:
        """The results of a section; none where it was not measured."""
        return self.sections[section].results if section in self.sections else ()


def read(path: Path) -> Run | None:
    """A kept run; None where there is none."""
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Run(told["machine"], {name: _section(one) for name, one in told["sections"].items()})


def merge(path: Path, name: str, section: Section) -> Run:
    """Puts a section into the run kept at `path`, and begins anew where that is another machine's."""
    kept, here = read(path), machine()
    sections = dict(kept.sections) if kept is not None and kept.machine == here else {}
    run = Run(here, sections | {name: section})
    keep(path, run)
    return run


def keep(path: Path, run: Run) -> None:
    """Writes a run; the file takes the old one's place at once: whoever is stopped leaves whole sections only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(asdict(run), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def machine() -> dict[str, Any]:
    """What figures in seconds depend on."""
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": _memory_gib(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def versions(more: Iterable[str] = ()) -> dict[str, str]:
    """Of the packages that figures depend on, and of both databases."""
    import sqlite3

    found = {"sqlite": sqlite3.sqlite_version}
    for name in (*_PACKAGES, *more):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit at hand, "+" after it where files differ from it; empty without git."""
    told = _git("rev-parse", "--short=12", "HEAD")
    return told + ("+" if told and _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _section(told: dict[str, Any]) -> Section:
    return Section(**{**told, "results": tuple(_result(one) for one in told["results"])})


def _result(told: dict[str, Any]) -> Result:
    as_written = {"ours": tuple(told["ours"]), "floor": tuple(told["floor"]), "direction": Direction(told["direction"])}
    return Result(**{**told, **as_written})
