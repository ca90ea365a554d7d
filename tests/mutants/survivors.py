"""What mutmut leaves behind, and the explanations of survivors.txt that answer it."""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.mutants.scopes import ROOT, module_name

RECORD = ROOT / "tests" / "mutants" / "survivors.txt"
KILLED = frozenset({1, 3, -24, 24, 36, 152, 255})
"""Exit codes by which a mutant counts as noticed: a test failed, or it would not come to an end."""
_EXPLAINED = re.compile(r"^- `(?P<place>[\w.]+)`: `(?P<was>[^`]+)` → `(?P<became>[^`]+)`: (?P<why>.+)$", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Change:
    """One mutant, told so that it is the same one after lines around it have moved."""

    place: str
    """`ladder.decide`: the module and the function, or the class and its method."""
    was: str
    became: str

    def __str__(self) -> str:
        return f"- `{self.place}`: `{self.was}` → `{self.became}`: "


@dataclass(frozen=True)
class Score:
    """What became of one module's mutants."""

    module: str
    killed: int
    survivors: tuple[Change, ...]
    day: str = ""
    """Of the run, UTC: 2026-11-26."""

    def __add__(self, other: "Score") -> "Score":
        survivors = tuple(sorted(self.survivors + other.survivors))
        return Score(self.module, self.killed + other.killed, survivors, min(self.day or other.day, other.day))

    @property
    def mutants(self) -> int:
        return self.killed + len(self.survivors)


def explained(text: str) -> dict[Change, str]:
    """The mutants that survivors.txt explains, with the reason why nobody could tell them from the original."""
    found = _EXPLAINED.finditer(text)
    return {Change(one["place"], one["was"], one["became"]): one["why"] for one in found}


def score(path: str, home: Path) -> Score:
    """Reads what mutmut left of one module in the folder that it was run in."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    meta = json.loads((home / "mutants" / f"{path}.meta").read_text(encoding="utf-8"))["exit_code_by_key"]
    if unknown := [name for name, code in meta.items() if code is None]:
        raise SystemExit(f"{unknown[0]} and {len(unknown) - 1} more have not been run")
    alive = [name for name, code in meta.items() if code not in KILLED]
    with chdir(home):  # mutmut reads its own answers from where it was run
        survivors = sorted(change_of(_place(path, name), get_diff_for_mutant(name, path=path)) for name in alive)
    return Score(module_name(path), len(meta) - len(alive), tuple(survivors), f"{datetime.now(UTC):%Y-%m-%d}")


def table(scores: Sequence[Score], known: Mapping[Change, str]) -> str:
    """How many mutants were made of each module, killed, explained, and neither."""
    lines = ["| module | mutants | killed | | explained | open |", "|---|---:|---:|---:|---:|---:|"]
    for one in (*scores, sum(scores, start=Score("**together**", 0, ()))):
        told = sum(change in known for change in one.survivors)
        share = f"{one.killed / one.mutants:.1%}" if one.mutants else "–"
        lines.append(
            f"| {one.module} | {one.mutants} | {one.killed} | {share} | {told} | {len(one.survivors) - told} |"
        )
    return "\n".join(lines)


def written(text: str, name: str, scores: Sequence[Score]) -> str:
    """The record with the figures of one scope, or of its tables, made anew."""
    day = min(one.day for one in scores)
    options = f"--scope {name}".replace("-tables", " --tables")
    figures = f'`make mutants ARGS="{options}"`, {day}:\n\n{table(scores, explained(text))}'
    place = re.compile(rf"(<!-- figures: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    return place.sub(lambda found: f"{found[1]}\n{figures}\n\n{found[2]}", text)


def still_there(change: Change, source: str) -> bool:
    """Whether the function still holds the words that were changed: an explanation of others is stale."""
    _module, *path = change.place.split(".")
    return any(name == path and change.was in _one_line(text) for name, text in _named(source))


def _named(source: str) -> Iterator[tuple[list[str], str]]:
    """Functions, methods, classes and what else a module binds, each with its text."""
    for node in ast.parse(source).body:
        text = ast.get_source_segment(source, node) or ""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield [node.name], text
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, ast.FunctionDef):
                    yield [node.name, one.name], ast.get_source_segment(source, one) or ""
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Name):
                yield [target.id], text


def change_of(place: str, diff: str) -> Change:
    """Told by a unified diff."""
    lines = [line for line in diff.splitlines()[2:] if not line.startswith("@@")]
    was = _one_line("\n".join(line[1:] for line in lines if line.startswith("-")))
    became = _one_line("\n".join(line[1:] for line in lines if line.startswith("+")))
    return Change(place, was, became or "(left out)")


def _place(path: str, mutant: str) -> str:
    """Of mutmut's name for it: `workflows.rules.tasks.task_life.xǁLifeǁhappened__mutmut_1`."""
    function = mutant.rpartition(".")[2].rpartition("__mutmut_")[0]
    name = function.removeprefix("xǁ").replace("ǁ", ".") if "ǁ" in function else function.removeprefix("x_")
    return f"{module_name(path)}.{name}"


def _one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines()).strip()
