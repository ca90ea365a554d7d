"""What a long soak has played, in a file: it may be lived in several sittings, since each seed begins from nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import TypeAdapter

from tests.soak.soak import Played, Summary

Ledger = dict[str, Summary]
"""What was reached at each commit."""
_LEDGER = TypeAdapter(Ledger)


def read(path: Path) -> Ledger:
    """The file, which need not be there yet."""
    return _LEDGER.validate_json(path.read_bytes()) if path.exists() else {}


def keep(path: Path, commit: str, played: Iterable[Played]) -> Iterator[Played]:
    """Hands each on once the file has counted it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ledger, written = read(path), path.with_suffix(".new")
    for one in played:
        ledger.setdefault(commit, Summary()).add(one)
        written.write_bytes(_LEDGER.dump_json(ledger, indent=1) + b"\n")
        written.replace(path)
        yield one
