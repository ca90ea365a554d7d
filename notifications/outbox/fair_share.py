"""Which letters go first when not all may go at once. Pure: how many wait in, how many of each kind go out.

Contingency and codes that somebody waits for leave before all others, summaries after them. The others share: each kind
that waits has its part however many of another kind wait before it, and what one does not need goes to the rest.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from models.letters.letter import LetterKind

FIRST = (LetterKind.INCIDENT, LetterKind.ACCOUNT)
LAST = (LetterKind.SUMMARY,)
"""Only once the digests are looked at is it known whether one leaves that morning."""
PARTS: dict[LetterKind, int] = {
    LetterKind.ASSIGNED: 3,  # launches
    LetterKind.DIGEST: 3,
    LetterKind.EVENT: 3,
    LetterKind.UPWARD: 1,
    LetterKind.ALERT: 1,
    LetterKind.COMPILED: 1,
}
"""Of twelve letters, how many of each kind where all of them wait."""
_Kind = TypeVar("_Kind")
_One = TypeVar("_One")


def choose(limit: int, waiting: Mapping[LetterKind, int], *, turn: int) -> dict[LetterKind, int]:
    """Return how many letters of each kind leave, of those that wait, where `limit` may. `turn` as in `share`."""
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
    """Divide `limit` among those that wait by their parts; what one does not need is divided among the rest.

    What is left of the division goes one by one, beginning with another kind at each `turn` (a number that grows): so
    even where only one letter leaves at a time, each kind comes to it.
    """
    given: dict[_Kind, int] = {}
    left = {kind: count for kind, count in waiting.items() if count > 0}
    while left:
        whole = sum(parts[kind] for kind in left)
        content = [kind for kind, count in left.items() if count * whole <= limit * parts[kind]]
        if not content:
            break
        for kind in content:
            given[kind] = left.pop(kind)
        limit -= sum(given[kind] for kind in content)
    if not left:
        return given
    whole, order = sum(parts[kind] for kind in left), list(left)
    given |= {kind: limit * parts[kind] // whole for kind in order}
    spare = limit - sum(given[kind] for kind in order)
    for position in range(spare):
        given[order[(turn + position) % len(order)]] += 1
    return given


def interleave(found: Mapping[LetterKind, Sequence[_One]]) -> list[_One]:
    """Return those chosen in the order in which they leave: the kinds that share by turns, as often as their parts
    say.
    """
    placed: list[tuple[int, float, int, int, _One]] = []
    for rank, (kind, letters) in enumerate(found.items()):
        group = 0 if kind in FIRST else 2 if kind in LAST else 1
        part = PARTS.get(kind, 0)
        placed.extend(
            (group, (position + 1) / part if part else 0.0, rank, position, one) for position, one in enumerate(letters)
        )
    return [one for *_place, one in sorted(placed, key=lambda placed: placed[:4])]
