"""The drawing of a ladder: a lane for each recipient, time to the right, a sign where a rung sends a letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from models.directives.ladders import RecipientRole, RungName
from models.i18n import translate
from models.text.localtime import local
from models.words import FROM_ASSIGNMENT, rung_words
from notifications.composing.wording import WrittenWords, first_up
from workflows.escalation.explanation_words import write_when
from workflows.escalation.ladder_dates import LadderDates, RungDate

WIDTH, NAMES, RIGHT = 1000, 200, 26
HEAD, LANE, FOOT = 22, 19, 40
_NARROW, _WIDE = 20, 40
"""The least distance between two stops: wide beside a label, narrow beside the deadline."""


@dataclass(frozen=True)
class Stop:
    """A rung in the drawing. `look`: assigned, before or after the deadline. `ys`: the lanes of its recipients."""

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
    """The whole drawing, in units of its view box. `days`: when letters leave, by a rung's name and offset."""

    height: float
    lanes: tuple[Lane, ...]
    stops: tuple[Stop, ...]
    due_x: float | None
    due: str
    days: dict[tuple[str, int | str], str]
    width: int = WIDTH


def draw_ladder(ladder: LadderDates, language: str) -> LadderDrawing:
    """Draw a ladder. Time runs evenly, but stops keep the distance that their labels need."""
    write = WrittenWords(language)
    recipients = {role for rung in ladder.rungs for role in rung.roles}
    lanes = [role for role in RecipientRole if role in recipients]
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
    """Return the x of each moment: each gap gets its least width, and a share of the free width by its duration."""
    least_widths = [_NARROW if due_place in (place, place + 1) else _WIDE for place in range(len(moments) - 1)]
    durations = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    first_x, last_x = NAMES + 20, WIDTH - RIGHT
    free_width = max(last_x - first_x - sum(least_widths), 0)
    total = sum(durations) or 1
    xs = [float(first_x)]
    for least, duration in zip(least_widths, durations, strict=True):
        xs.append(round(xs[-1] + least + free_width * duration / total, 1))
    return xs[: len(moments)]


def _look(rung: RungDate) -> str:
    if rung.rung in FROM_ASSIGNMENT:
        return "assigned"
    return "before" if rung.offset < 0 or rung.rung == RungName.DUE else "after"


def _sign(rung: RungDate) -> str:
    if rung.offset == 0:
        return "0"
    return f"−{-rung.offset}" if rung.offset < 0 else f"+{rung.offset}"


def _when(rung: RungDate, ladder: LadderDates, language: str) -> str:
    return write_when(rung.rung, rung.offset, ladder.clock, language)


def _leaves(rung: RungDate, ladder: LadderDates, write: WrittenWords) -> str:
    """Return the day of a rung's letter in the example; "" if it is never sent."""
    if rung.leaves_at is None or not rung.is_applicable:
        return ""
    day = f"{first_up(write.weekday(rung.leaves_at))}, {local(rung.leaves_at):%d/%m}"
    return f"{day}, {write.time(rung.leaves_at)}" if ladder.clock == "hours" else day
