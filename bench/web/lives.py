"""What becomes of each task: taken on at once or slowly, answered early or late, returned, extended, taken back."""

from collections.abc import Callable, Iterator
from operator import itemgetter
from random import Random

from bench.bulk import Row
from bench.web.moves import Life, Moves, Share
from bench.web.register import TODAY, Issued, Register
from bench.web.tables import COLUMNS
from bench.web.values import day_text

_NOW = TODAY.toordinal()
_MONTH = 31
"""Days after which a monthly duty is asked for again."""
_UNDATED, _SHARED = 8, (3, 6)
"""Places of the duty without a deadline, and of those with coordinating units."""

_Step = tuple[int, Callable[[Life, int], None]]


class Lives:
    """The tasks of one directive after another, the same for the same seed."""

    def __init__(self, register: Register, random: Random) -> None:
        self._register, self._random = register, random
        self._moves = Moves(random, _NOW)

    def of(self, issued: Issued, tasks: int) -> dict[str, list[Row]]:
        """All rows of a directive with so many tasks, by table, in the order in which they came about."""
        rows = self._moves.rows = {table: [] for table in COLUMNS}
        shares = list(self.shares(issued))
        audience = self._random.sample(self._register.units, -(-tasks // len(shares)))
        given = ((share, unit) for share in shares for unit in audience)
        for _number, (share, unit) in zip(range(tasks), given, strict=False):
            life = self._moves.assign(issued, share, unit)
            for day, move in sorted(self._plan(share), key=itemgetter(0)):
                if day <= _NOW and life.closed_at is None:
                    move(life, day)
            self._moves.end(life)
        for table in ("history", "notice", "result"):
            rows[table].sort()
        return rows

    def shares(self, issued: Issued) -> Iterator[Share]:
        """What each unit of the audience is to do by now: every duty once, the last one month by month."""
        first = issued.assigned_on.toordinal()
        *once, (monthly, version) = issued.duties
        for place, (duty, of) in enumerate(once):
            due = None if place == _UNDATED else first + 25 + 3 * place
            partners = tuple(self._random.sample(self._register.units, 2)) if place in _SHARED else ()
            yield Share(duty, of, "once", first, due, partners)
        for opened in range(first, min(first + 2 * _MONTH, _NOW), _MONTH):
            yield Share(monthly, version, day_text(opened)[:7], opened, opened + 14)

    def _plan(self, share: Share) -> Iterator[_Step]:
        """What would happen when, were today far away."""
        moves, chance, days = self._moves, self._random.random, self._random.randint
        accepted = share.assigned + (min(int(self._random.expovariate(0.4)), 12) if chance() < 0.95 else days(13, 60))
        yield accepted, moves.accept
        due = share.due or accepted + 40
        luck = chance()
        sent = due - days(0, 12) if luck < 0.83 else due + days(1, 60) if luck < 0.99 else None
        sent = max(accepted, sent) if sent else None
        if share.due and chance() < 0.08:
            asked = max(accepted, due - days(0, 15))
            yield asked, moves.ask
            yield asked + days(1, 4), moves.grant if chance() < 0.8 else moves.refuse
            sent = sent + 10 if sent else None
        if share.due:
            yield due - 3, moves.remind
        if chance() < 0.03:
            met = max(accepted, due - days(0, 25))
            yield met, moves.meet
            yield met + days(2, 7), moves.solve
        if chance() < 0.02:
            yield accepted + days(1, 20), moves.withdraw
        if sent is not None:
            decided = sent + days(1, 7)
            yield sent, moves.submit
            if chance() < 0.1:
                yield decided, moves.give_back
                yield decided + 5, moves.submit
                decided += 9
            yield decided, moves.approve
