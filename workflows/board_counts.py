"""How the tasks of a sheet are counted: the official figures, and beside them the marks of what is open."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.board_sheet import Sheet
from workflows.rules.cells import Mark
from workflows.rules.classification import Bucket, Figures


@dataclass(frozen=True)
class Counts:
    """The official figures, and beside them how many open tasks carry each mark, and what has left the total."""

    figures: Figures
    marks: Mapping[Mark, int]
    withdrawn: int


class Counting:
    """Counts positions of a sheet: by twos of a key and a state, then each distinct state once."""

    def __init__(self, sheet: Sheet) -> None:
        self._states, self._judged = sheet.states, sheet.judged

    def by(self, keys: Sequence[Any], found: Iterable[int]) -> dict[Any, Counts]:
        """By the keys of those positions (`keys` is one of the sheet's lists)."""
        parts: dict[Any, dict[int, int]] = defaultdict(dict)
        for (key, state), count in Counter((keys[n], self._states[n]) for n in found).items():
            parts[key][state] = count
        return {key: self._counts(part) for key, part in parts.items()}

    def whole(self, found: Iterable[int]) -> Counts:
        """All of them together."""
        return self._counts(Counter(self._states[n] for n in found))

    def _counts(self, part: Mapping[int, int]) -> Counts:
        buckets: Counter[Bucket] = Counter()
        marks: Counter[Mark] = Counter()
        withdrawn = 0
        for state, count in part.items():
            judged = self._judged[state]
            if judged.bucket is None:
                withdrawn += count
                continue
            buckets[judged.bucket] += count
            for mark in judged.marks:
                marks[mark] += count
        return Counts(Figures.counted(buckets, no_deadline=marks[Mark.UNDATED]), marks, withdrawn)
