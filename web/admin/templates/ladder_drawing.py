"""The picture of a ladder: readers beneath each other, time to the right, a sign where a rung tells a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from models.directives.ladders import RecipientRole, RungName
from models.i18n import translate
from models.text.localtime import local
from models.words import FROM_ASSIGNMENT, rung_words
from notifications.composing.wording import WrittenWords, first_up
from workflows.escalation.ladder_dates import LadderDates, RungDate
from workflows.escalation.why_words import write_when

WIDTH, NAMES, RIGHT = 1000, 200, 26
HEAD, LANE, FOOT = 22, 19, 40
_NARROW, _WIDE = 20, 40
"""The least room between two stops; a stop with a label takes the wide one."""


@dataclass(frozen=True)
class Stop:
    """A moment of the ladder. `look`: assigned, before or after the deadline; `ys`: of the readers that it tells."""

    x: float
    ys: tuple[float, ...]
    look: str
    offset: str
    day: str
    told: str
    is_applicable: bool


@dataclass(frozen=True)
class Lane:
    y: float
    name: str


@dataclass(frozen=True)
class LadderDrawing:
    """The whole picture, in units of its view box; `days`: when letters leave, by a rung's name and offset."""

    height: float
    lanes: tuple[Lane, ...]
    stops: tuple[Stop, ...]
    due_x: float | None
    due: str
    days: dict[tuple[str, int | str], str]
    width: int = WIDTH


def draw_ladder(ladder: LadderDates, language: str) -> LadderDrawing:
    """Time runs evenly, but no two stops come closer than their labels are wide."""
    write = WrittenWords(language)
    told = {role for rung in ladder.rungs for role in rung.roles}
    lanes = [role for role in RecipientRole if role in told]
    ys = {role: HEAD + LANE * (place + 0.5) for place, role in enumerate(lanes)}
    dated = [(rung.fires_at, rung) for rung in ladder.rungs if rung.fires_at is not None]
    moments = [moment for moment, _rung in dated]
    due_at = ladder.due_at
    due_place = sum(moment < due_at for moment in moments) if due_at else len(moments)
    xs = _spread([*moments[:due_place], *([due_at] if due_at else []), *moments[due_place:]], due_place)
    due_x = xs.pop(due_place) if due_at else None
    stops = [
        Stop(
            x=x,
            ys=tuple(ys[role] for role in rung.roles),
            look=_look(rung),
            offset=_sign(rung),
            day=local(rung.leaves_at or moment).strftime("%d/%m"),
            told=f"{first_up(translate(rung_words(rung.rung), language))}, {_when(rung, ladder, language)}",
            is_applicable=rung.is_applicable,
        )
        for (moment, rung), x in zip(dated, xs, strict=True)
    ]
    return LadderDrawing(
        height=HEAD + LANE * len(lanes) + FOOT,
        lanes=tuple(Lane(ys[role], first_up(translate(role.label, language))) for role in lanes),
        stops=tuple(stops),
        due_x=due_x,
        due=write.due(due_at, by_the_hour=ladder.clock == "hours", weekday=False) if due_at else "",
        days={(rung.rung, rung.offset): _leaves(rung, ladder, write) for rung in ladder.rungs},
    )


def _spread(moments: Sequence[datetime], due_place: int) -> list[float]:
    """Places of moments in their order: each gap has its least room, and its share of the rest by time."""
    least = [_NARROW if due_place in (place, place + 1) else _WIDE for place in range(len(moments) - 1)]
    spans = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    first, last = NAMES + 20, WIDTH - RIGHT
    rest, whole = max(last - first - sum(least), 0), sum(spans) or 1
    xs = [float(first)]
    for room, span in zip(least, spans, strict=True):
        xs.append(round(xs[-1] + room + rest * span / whole, 1))
    return xs[: len(moments)]


def _look(rung: RungDate) -> str:
    if rung.rung in FROM_ASSIGNMENT:
        return "assigned"
    return "before" if rung.offset < 0 or rung.rung == RungName.DUE else "after"


def _sign(rung: RungDate) -> str:
    return f"−{-rung.offset}" if rung.offset < 0 else f"+{rung.offset}" if rung.offset else "0"


def _when(rung: RungDate, ladder: LadderDates, language: str) -> str:
    return write_when(rung.rung, rung.offset, ladder.clock, language)


def _leaves(rung: RungDate, ladder: LadderDates, write: WrittenWords) -> str:
    """The example's day of a rung's letter; "" where it is never sent."""
    if rung.leaves_at is None or not rung.is_applicable:
        return ""
    day = f"{first_up(write.weekday(rung.leaves_at))}, {local(rung.leaves_at):%d/%m}"
    return f"{day}, {write.time(rung.leaves_at)}" if ladder.clock == "hours" else day
