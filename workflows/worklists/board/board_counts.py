"""How the tasks of a sheet are counted: the official figures, and beside them the marks of what is open."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.rules.figures.board_cells import Mark
from workflows.rules.tasks.classification import Bucket, Figures
from workflows.worklists.board.board_rows import Sheet


@dataclass(frozen=True)
class Counts:
    """The official figures, and beside them how many open tasks carry each mark, and what has left the total."""

    figures: Figures
    marks: Mapping[Mark, int]
    withdrawn: int
    waiting: int  # of the open ones, for somebody's decision
    soon: int = 0  # of the open ones, due within days


class Counting:
    """Counts positions of a sheet: by twos of a key and a state, then each distinct state once."""

    def __init__(self, sheet: Sheet) -> None:
        self._states, self._judged = sheet.states, sheet.judged

    def by(self, keys: Sequence[Any], found: Sequence[int]) -> "Parts":
        """Return the counts by the keys of those positions (`keys` is one of the board's lists)."""
        parts: dict[Any, dict[int, int]] = defaultdict(dict)
        pairs = zip([keys[n] for n in found], [self._states[n] for n in found], strict=True)
        for (key, state), count in Counter(pairs).items():
            parts[key][state] = count
        return Parts(self, dict(parts))

    def whole(self, found: Iterable[int]) -> Counts:
        """Return all of them together."""
        return self.of(Counter([self._states[n] for n in found]))

    def of(self, part: Mapping[int, int]) -> Counts:
        """Return what stands in these states, so many in each."""
        buckets: Counter[Bucket] = Counter()
        marks: Counter[Mark] = Counter()
        withdrawn = waiting = soon = 0
        for state, count in part.items():
            judged = self._judged[state]
            if judged.bucket is None:
                withdrawn += count
                continue
            buckets[judged.bucket] += count
            waiting += count if judged.is_waiting else 0
            soon += count if judged.is_soon else 0
            for mark in judged.marks:
                marks[mark] += count
        return Counts(Figures.counted(buckets, no_deadline=marks[Mark.UNDATED]), marks, withdrawn, waiting, soon)


class Parts(Mapping[Any, Counts]):
    """The counts of each key, made when they are asked for: of a thousand units a page shows a hundred."""

    def __init__(self, counting: Counting, parts: Mapping[Any, Mapping[int, int]]) -> None:
        self._counting, self._parts = counting, parts
        self._made: dict[Any, Counts] = {}

    def __getitem__(self, key: Any) -> Counts:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._counting.of(self._parts[key])
        return made

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
