"""A directive's duties as bars over time: the page, and where everything stands in the picture."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from notifications.composing.wording import WrittenWords, first_up
from web.request.page_frame import directive_head
from web.request.request_context import Signed
from web.request.word_filters import period_name
from workflows.access.rights import open_directive
from workflows.rules.rights_table import Right
from workflows.worklists.board.board_rows import read_incidents
from workflows.worklists.directive_timeline import TimelineBar, read_timeline

router = APIRouter(prefix="/directives")
WIDTH, NAMES, RIGHT = 1232, 300, 44
HEAD, FOOT, LANE, BAR, GAP = 26, 16, 20, 15, 6
LABEL = 46
"""A bar narrower than its label has it to its right."""
_LATE = 28  # the room of the number of late tasks
MOST_TICKS = 14
_MARGIN, _DAY = timedelta(days=7), timedelta(days=1)
_SPACE, _LEAST = 4, 6


@router.get("/{code}/timeline")
def timeline_page(code: str, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        bars = read_timeline(session, context.principal, directive, context.now)
        incidents = read_incidents(session, context.principal, directive.id)
    today, write = context.today, WrittenWords(context.language)

    def href(bar: TimelineBar) -> str:
        due = {"show": "all", "due": bar.due_on.isoformat()} if bar.due_on else {"show": "undated"}
        return "/tasks?" + urlencode({"directive": code, "duty": bar.path, **due})

    return context.page(
        "directive_timeline.html",
        head=directive_head(context, directive, "timeline"),
        drawing=draw_timeline(bars, today) if bars else None,
        href=href,
        periods=lambda bar: ", ".join(
            dict.fromkeys(first_up(period_name(one, incidents, context.language)) for one in bar.periods)
        ),
        short_month=lambda day: f"{day.month:02d}/{day.year}" if context.language == "vi" else write.day(day)[2:],
        names=NAMES,
        thick=BAR,
        may_launch=context.principal.may(Right.LAUNCH),
    )


@dataclass(frozen=True)
class DrawnBar:
    """One bar. `done`: width of its finished part; `tail`: how far what is late reaches past the date.

    `late_x`: where the number of late tasks stands, never upon a bar: red is not readable on green.
    """

    bar: TimelineBar
    x: float
    y: float
    width: float
    done: float
    tail: float
    wait_x: float
    wait_width: float
    first: tuple[float, ...]
    label_x: float
    late_x: float


@dataclass(frozen=True)
class DrawnRow:
    path: str
    title: str
    y: float
    height: float
    bars: tuple[DrawnBar, ...]


@dataclass(frozen=True)
class Tick:
    x: float
    month: date


@dataclass(frozen=True)
class TimelineDrawing:
    """The whole picture, in units of its view box."""

    width: int
    height: float
    ticks: tuple[Tick, ...]
    today: float
    rows: tuple[DrawnRow, ...]


@dataclass(frozen=True)
class _Scale:
    begins: date
    ends: date

    def place(self, day: date) -> float:
        share = (day - self.begins).days / (self.ends - self.begins).days
        return round(NAMES + share * (WIDTH - NAMES - RIGHT), 1)

    def months(self) -> list[date]:
        """The first days of months, not more than MOST_TICKS of them, evenly."""
        first = self.begins.replace(day=1)
        found = []
        while first <= self.ends:
            if first >= self.begins:
                found.append(first)
            first = (first + timedelta(days=32)).replace(day=1)
        return found[:: -(-len(found) // MOST_TICKS)] if found else []


def draw_timeline(bars: Sequence[TimelineBar], today: date) -> TimelineDrawing:
    """`bars` are in the order of their duties."""
    days = [today, *(bar.begins_on for bar in bars), *(bar.due_on for bar in bars if bar.due_on)]
    days += [day for bar in bars for day in bar.first_dates]
    scale = _Scale(min(days) - _MARGIN, max(days) + _MARGIN)
    rows, y = [], float(HEAD)
    for (path, title), of_duty in groupby(bars, key=lambda bar: (bar.path, bar.title)):
        drawn: list[DrawnBar] = []
        lanes: list[float] = []  # how far each is taken
        for one in (_draw(bar, scale, today) for bar in of_duty):
            lane = next((n for n, until in enumerate(lanes) if until <= one.x), len(lanes))
            lanes[lane : lane + 1] = [_ends(one) + _SPACE]
            drawn.append(replace(one, y=y + GAP / 2 + lane * LANE))
        height = len(lanes) * LANE + GAP
        rows.append(DrawnRow(path, title, y, height, tuple(drawn)))
        y += height
    ticks = tuple(Tick(scale.place(month), month) for month in scale.months())
    return TimelineDrawing(WIDTH, y + FOOT, ticks, scale.place(today), tuple(rows))


def _ends(one: DrawnBar) -> float:
    """How far a bar reaches with all that belongs to it."""
    late = one.late_x + _LATE if one.bar.late else 0
    return max(one.label_x + LABEL, one.tail, one.x + one.width, late, *one.first)


def _draw(bar: TimelineBar, scale: _Scale, today: date) -> DrawnBar:
    x = scale.place(bar.begins_on)
    end = scale.place(bar.due_on + _DAY) if bar.due_on else scale.place(scale.ends)
    width = max(round(end - x, 1), _LEAST)
    tail = scale.place(today) if bar.late else x + width
    is_inside, outside = width >= LABEL, max(x + width, tail) + _SPACE
    wait_x = max(x, scale.place(bar.waiting_from)) if bar.waiting_from else x
    wait_ends = scale.place(today) if bar.waiting_from else x
    return DrawnBar(
        bar=bar,
        x=x,
        y=0,
        width=width,
        done=round(width * bar.done / bar.count, 1),
        tail=tail,
        wait_x=wait_x,
        wait_width=round(max(wait_ends - wait_x, 0), 1),
        first=tuple(scale.place(day) for day in bar.first_dates),
        label_x=x + _SPACE if is_inside else outside,
        late_x=outside if is_inside else outside + LABEL - _SPACE,
    )
