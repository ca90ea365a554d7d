"""What a long soak has played, in a file: it may be lived in several sittings, since each seed begins from nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from tests.soak.soak import Played


@dataclass(frozen=True)
class Kept:
    """A seed that was played, and at which commit."""

    commit: str
    played: Played


_LINE = TypeAdapter(Kept)


def read(path: Path) -> list[Kept]:
    """Every line of the file, which need not be there yet."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [_LINE.validate_json(line) for line in lines]


def keep(path: Path, commit: str, played: Iterable[Played]) -> Iterator[Played]:
    """Hands each on once it has its line at the end of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        for one in played:
            file.write(_LINE.dump_json(Kept(commit, one)) + b"\n")
            file.flush()
            yield one
