"""The timeline of a directive: its duties as bars over time, and the geometry of their drawing."""

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
# all sizes are in units of the drawing's view box
WIDTH, NAMES, RIGHT = 1232, 300, 44
HEAD, FOOT, LANE, BAR, GAP = 26, 16, 20, 15, 6
LABEL = 46  # a bar that is narrower than its label has the label to its right
_LATE_COUNT = 28  # the width of the number of late tasks
MOST_TICKS = 14
_MARGIN, _DAY = timedelta(days=7), timedelta(days=1)
_SPACE, _LEAST_WIDTH = 4, 6


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

    def periods(bar: TimelineBar) -> str:
        names = [first_up(period_name(period, incidents, context.language)) for period in bar.periods]
        return ", ".join(dict.fromkeys(names))

    def short_month(day: date) -> str:
        return f"{day.month:02d}/{day.year}" if context.language == "vi" else write.day(day)[2:]

    return context.page(
        "directive_timeline.html",
        head=directive_head(context, directive, "timeline"),
        drawing=draw_timeline(bars, today) if bars else None,
        href=href,
        periods=periods,
        short_month=short_month,
        names=NAMES,
        thick=BAR,
        may_launch=context.principal.may(Right.LAUNCH),
    )


@dataclass(frozen=True)
class DrawnBar:
    """A bar in the drawing. `done`: the width of its finished part; `tail`: the x to which its late tasks reach.

    `late_x` is the place of the number of late tasks. It never stands on a bar, as red is not readable on green.
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
    width: int
    height: float
    ticks: tuple[Tick, ...]
    today: float
    rows: tuple[DrawnRow, ...]


@dataclass(frozen=True)
class _Scale:
    begins: date
    ends: date

    def x_of(self, day: date) -> float:
        share = (day - self.begins).days / (self.ends - self.begins).days
        return round(NAMES + share * (WIDTH - NAMES - RIGHT), 1)

    def months(self) -> list[date]:
        """Return the first days of months; at most MOST_TICKS of them, at even distances."""
        first = self.begins.replace(day=1)
        months = []
        while first <= self.ends:
            if first >= self.begins:
                months.append(first)
            first = (first + timedelta(days=32)).replace(day=1)
        return months[:: -(-len(months) // MOST_TICKS)] if months else []


def draw_timeline(bars: Sequence[TimelineBar], today: date) -> TimelineDrawing:
    """Draw the bars, which are in the order of their duties. A bar takes the first lane of its duty that is free."""
    days = [today, *(bar.begins_on for bar in bars), *(bar.due_on for bar in bars if bar.due_on)]
    days += [day for bar in bars for day in bar.first_dates]
    scale = _Scale(min(days) - _MARGIN, max(days) + _MARGIN)
    rows, y = [], float(HEAD)
    for (path, title), duty_bars in groupby(bars, key=lambda bar: (bar.path, bar.title)):
        row: list[DrawnBar] = []
        lane_ends: list[float] = []
        for bar in duty_bars:
            drawn = _draw_bar(bar, scale, today)
            lane = next((number for number, end in enumerate(lane_ends) if end <= drawn.x), len(lane_ends))
            lane_ends[lane : lane + 1] = [_right_end(drawn) + _SPACE]
            row.append(replace(drawn, y=y + GAP / 2 + lane * LANE))
        height = len(lane_ends) * LANE + GAP
        rows.append(DrawnRow(path, title, y, height, tuple(row)))
        y += height
    ticks = tuple(Tick(scale.x_of(month), month) for month in scale.months())
    return TimelineDrawing(WIDTH, y + FOOT, ticks, scale.x_of(today), tuple(rows))


def _right_end(drawn: DrawnBar) -> float:
    """Return the x to which a bar reaches with its label and its marks."""
    late = drawn.late_x + _LATE_COUNT if drawn.bar.late else 0
    return max(drawn.label_x + LABEL, drawn.tail, drawn.x + drawn.width, late, *drawn.first)


def _draw_bar(bar: TimelineBar, scale: _Scale, today: date) -> DrawnBar:
    x = scale.x_of(bar.begins_on)
    end = scale.x_of(bar.due_on + _DAY) if bar.due_on else scale.x_of(scale.ends)
    width = max(round(end - x, 1), _LEAST_WIDTH)
    tail = scale.x_of(today) if bar.late else x + width
    is_inside, outside = width >= LABEL, max(x + width, tail) + _SPACE
    wait_x = max(x, scale.x_of(bar.waiting_from)) if bar.waiting_from else x
    wait_ends = scale.x_of(today) if bar.waiting_from else x
    return DrawnBar(
        bar=bar,
        x=x,
        y=0,
        width=width,
        done=round(width * bar.done / bar.count, 1),
        tail=tail,
        wait_x=wait_x,
        wait_width=round(max(wait_ends - wait_x, 0), 1),
        first=tuple(scale.x_of(day) for day in bar.first_dates),
        label_x=x + _SPACE if is_inside else outside,
        late_x=outside if is_inside else outside + LABEL - _SPACE,
    )
