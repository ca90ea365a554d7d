"""Divides the letters that may leave at once among the kinds that wait. It takes and returns counts only.

Letters about incidents and letters with codes leave first, summaries last. The other kinds share by fixed parts, so
that many letters of one kind do not delay another kind. A kind that needs less than its part leaves it to the others.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from models.letters.letter import LetterKind

FIRST = (LetterKind.INCIDENT, LetterKind.ACCOUNT)
LAST = (LetterKind.SUMMARY,)
"""A summary does not leave if a digest leaves the same morning, so the digests must be decided first."""
PARTS: dict[LetterKind, int] = {
    LetterKind.ASSIGNED: 3,  # launches
    LetterKind.DIGEST: 3,
    LetterKind.EVENT: 3,
    LetterKind.UPWARD: 1,
    LetterKind.ALERT: 1,
    LetterKind.COMPILED: 1,
}
"""The number of letters of each kind among twelve, if all kinds wait."""
_Kind = TypeVar("_Kind")
_Letter = TypeVar("_Letter")


def choose(limit: int, waiting: Mapping[LetterKind, int], *, turn: int) -> dict[LetterKind, int]:
    """Return the number of letters of each kind that leave, `limit` at most. `turn` is that of `share`."""
    chosen: dict[LetterKind, int] = {}
    for kind in FIRST:
        chosen[kind] = min(limit, waiting.get(kind, 0))
        limit -= chosen[kind]
    shared = share(limit, {kind: waiting.get(kind, 0) for kind in PARTS}, PARTS, turn=turn)
    limit -= sum(shared.values())
    chosen |= {kind: shared[kind] for kind in PARTS if kind in shared}
    for kind in LAST:
        chosen[kind] = min(limit, waiting.get(kind, 0))
        limit -= chosen[kind]
    return {kind: count for kind, count in chosen.items() if count}


def share(limit: int, waiting: Mapping[_Kind, int], parts: Mapping[_Kind, int], *, turn: int) -> dict[_Kind, int]:
    """Divide `limit` among the kinds that wait, by their parts. What a kind does not need goes to the others.

    The remainder of the division is given out one by one, beginning with another kind at each `turn`, a number that
    grows. So each kind gets its turn even if only one letter leaves at a time.
    """
    shares: dict[_Kind, int] = {}
    unserved = {kind: count for kind, count in waiting.items() if count > 0}
    while unserved:
        all_parts = sum(parts[kind] for kind in unserved)
        satisfied = [kind for kind, count in unserved.items() if count * all_parts <= limit * parts[kind]]
        if not satisfied:
            break
        for kind in satisfied:
            shares[kind] = unserved.pop(kind)
        limit -= sum(shares[kind] for kind in satisfied)
    if not unserved:
        return shares
    all_parts, order = sum(parts[kind] for kind in unserved), list(unserved)
    shares |= {kind: limit * parts[kind] // all_parts for kind in order}
    remainder = limit - sum(shares[kind] for kind in order)
    for position in range(remainder):
        shares[order[(turn + position) % len(order)]] += 1
    return shares


def interleave(letters_by_kind: Mapping[LetterKind, Sequence[_Letter]]) -> list[_Letter]:
    """Order the chosen letters. The kinds that share take turns, each as often as its part says."""
    places: list[tuple[int, float, int, int, _Letter]] = []
    for rank, (kind, letters) in enumerate(letters_by_kind.items()):
        for position, letter in enumerate(letters):
            turn = (position + 1) / PARTS[kind] if kind in PARTS else 0.0
            places.append((_group(kind), turn, rank, position, letter))
    return [place[-1] for place in sorted(places, key=lambda place: place[:4])]


def _group(kind: LetterKind) -> int:
    if kind in FIRST:
        return 0
    return 2 if kind in LAST else 1
