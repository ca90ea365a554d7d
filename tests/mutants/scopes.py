"""What is mutated, and by which tests each change is to be noticed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
OPTIONS = ("--hypothesis-profile=ci", "-p", "no:cacheprovider", "-p", "tests.mutants.quickest")
"""Of every pytest run. Derandomized and without deadlines: one mutant meets the same examples each time."""


@dataclass(frozen=True)
class Scope:
    """Some modules of ours, and the tests that are about them; paths are those of the repository."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    least: float
    """The share of its mutants that must be killed by a run over all of it."""
    options: tuple[str, ...] = ()
    """Of pytest, beside those that every run gets."""
    left_alone: tuple[str, ...] = ()
    """Lines that mutmut does not change, as regular expressions."""

    def chosen(self, names: Sequence[str]) -> tuple[str, ...]:
        """Its modules of these names (`ladder`), all of them for none; raises SystemExit for one it lacks."""
        if not names:
            return self.modules
        chosen = tuple(path for path in self.modules if module_name(path) in names)
        if strangers := set(names) - {module_name(path) for path in chosen}:
            raise SystemExit(f"{self.name} has no module {', '.join(sorted(strangers))}")
        return chosen

    def tests_of(self, path: str) -> tuple[str, ...]:
        """Its test files that import a module, or one of its modules that does, and so on; all of them for none."""
        near = {path}
        while further := {one for one in self.modules if one not in near and _imports(ROOT / one, near)}:
            near |= further
        files = sorted(file for test in self.tests for file in _files(ROOT / test))
        return tuple(file.relative_to(ROOT).as_posix() for file in files if _imports(file, near)) or self.tests


def module_name(path: str) -> str:
    """`ladder` of workflows/rules/escalation/ladder.py."""
    return path.rpartition("/")[2].removesuffix(".py")


def _files(test: Path) -> list[Path]:
    return sorted(test.glob("test_*.py")) if test.is_dir() else [test]


def _imports(file: Path, modules: set[str]) -> bool:
    """Whether a file names one of the modules in an import."""
    dotted = "|".join(re.escape(path.removesuffix(".py").replace("/", ".")) for path in modules)
    return re.search(rf"^\s*(from|import) ({dotted})\b", file.read_text(encoding="utf-8"), re.MULTILINE) is not None


RULES = Scope(
    name="rules",
    modules=tuple(
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "workflows" / "rules").rglob("*.py"))
        if path.stem != "__init__"
    ),
    tests=("tests/rules",),
    least=0.9,
)
"""All policy. Its tests need no database: what they do not notice, a story through the database notices by luck."""
OUTBOX = Scope(
    name="outbox",
    modules=(
        "notifications/outbox/grouping.py",
        "notifications/outbox/claims.py",
        "notifications/outbox/attempts.py",
        "models/database/leases.py",
        "models/database/back_off.py",
    ),
    tests=(
        "tests/models/test_leases.py",
        "tests/models/test_back_off.py",
        "tests/notifications/test_claims.py",
        "tests/notifications/test_attempts.py",
        "tests/notifications/test_grouping.py",
        "tests/notifications/test_unfinished.py",
    ),
    least=0.9,
    options=("-k", "not postgresql"),
    # log lines; how a session keeps its objects; row locks, which SQLite does not have
    left_alone=(r"_log\.\w+\(", "synchronize_session=False", r"with_for_update\("),
)
"""How notices become letters, who holds one, how an attempt is marked and settled, and when it is tried again.

By the tests that put letters into the outbox row by row, on SQLite: a process for each mutant would start a PostgreSQL
of its own.
"""
SCOPES = {scope.name: scope for scope in (RULES, OUTBOX)}
