"""A chart of the on-time rates of units, each with its confidence interval: a rate of few tasks says little."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords
from workflows.papers.charts.builders import NAME_ROOM, WIDE, down_to, make_chart, named_rows, text_layer
from workflows.papers.charts.chart import Chart, Spec
from workflows.rules.figures.fairness import FORMULA
from workflows.rules.figures.scorecard_figures import FEWEST_TASKS, Dues, write_share

_NOTES, _HEAD = 92, 56  # room for the numbers at a line's end, and for the scale above the lines


@dataclass(frozen=True)
class UnitRate:
    name: str
    due: Dues


def draw_rates(shown: Sequence[UnitRate], everyone: Sequence[UnitRate], first_day: date, language: str) -> Chart:
    """Draw a line for each unit shown that has a measured task, and a vertical line at the common rate of all units."""
    write = WrittenWords(language)
    drawn = [unit for unit in shown if unit.due.interval is not None]
    common = _common_rate(everyone)
    hollow = _("The line shows where a unit's rate lies with 95% certainty; hollow: fewer than {count} tasks.")
    return make_chart(
        write,
        "rates",
        _("on-time rate of units with its uncertainty"),
        lambda width: _spec(drawn, common, width, write),
        finding=_finding(everyone, common, write),
        description=write.say(
            _n("{count} unit; dates from {day} on", "{count} units; dates from {day} on"),
            count=len(drawn),
            day=first_day,
        ),
        notes=(write.up(FORMULA), write.say(hollow, count=FEWEST_TASKS)),
        heads=(_("unit"), _("done on time"), _("measured"), _("on-time rate"), _("from"), _("to")),
        rows=((unit.name, *_cells(unit.due, write)) for unit in drawn),
    )


def _common_rate(units: Sequence[UnitRate]) -> Fraction | None:
    measured = sum(unit.due.measured for unit in units)
    return Fraction(sum(unit.due.on_time for unit in units), measured) if measured else None


def _finding(units: Sequence[UnitRate], common: Fraction | None, write: WrittenWords) -> str:
    if common is None:
        return write.say(_("No date has come yet."))
    rate = write_share(float(common))
    low = [unit for unit in units if _is_clearly_below(unit.due, common)]
    if not low:
        return write.say(_("No unit's rate is clearly below the common one, {rate}"), rate=rate)
    message = _n(
        "The rate of {count} unit is clearly below the common one, {rate}",
        "The rates of {count} units are clearly below the common one, {rate}",
    )
    return write.say(message, count=len(low), rate=rate)


def _is_clearly_below(due: Dues, common: Fraction) -> bool:
    if due.is_few or due.interval is None:
        return False
    _low, high = due.interval
    return high < common


def _cells(due: Dues, write: WrittenWords) -> tuple[str, ...]:
    shares = (float(due.rate or 0), *(due.interval or (0.0, 1.0)))
    return (write.count(due.on_time), write.count(due.measured), *map(write_share, shares))


def _spec(units: Sequence[UnitRate], common: Fraction | None, width: int, write: WrittenWords) -> Spec:
    names, places, height = named_rows([unit.name for unit in units], width, top=_HEAD)
    start = NAME_ROOM if width >= WIDE else 0
    across = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1], "range": [start + 8, width - _NOTES]}}
    at: Spec = {"x": {"field": "x", **across}, "y": {"field": "y", **down_to(height)}}
    layers = [
        *_scale_layers(at, height),
        names,
        *_interval_layers(units, places, at, write),
        *_note_layers(units, places, width, height, write),
    ]
    if common is not None:
        words = write.say(_("all units: {rate}"), rate=write_share(float(common)))
        line = [{"x": float(common), "y": _HEAD - 22, "y2": height}]
        mark = {"type": "rule", "color": "@ink", "strokeDash": [4, 3]}
        layers += [
            {"data": {"values": line}, "mark": mark, "encoding": at | {"y2": {"field": "y2"}}},
            text_layer([{"x": float(common), "y": 25, "text": words}], at, align="center"),
        ]
    return {"width": width, "height": height, "layer": layers}


def _scale_layers(at: Spec, height: float) -> list[Spec]:
    lines = [{"x": share, "y": _HEAD, "y2": height} for share in (0, 0.5, 1)]
    labels = [{"x": share, "y": _HEAD - 10, "text": write_share(share)} for share in (0, 0.5, 1)]
    mark = {"type": "rule", "color": "@line"}
    return [
        {"data": {"values": lines}, "mark": mark, "encoding": at | {"y2": {"field": "y2"}}},
        text_layer(labels, at, align="center", color="@quiet"),
    ]


def _interval_layers(units: Sequence[UnitRate], places: list[float], at: Spec, write: WrittenWords) -> list[Spec]:
    """Return a dot at each unit's rate, hollow for few tasks, and a line over its confidence interval."""
    lines, dots = list[Spec](), list[Spec]()
    for unit, y in zip(units, places, strict=True):
        rate, (low, high) = float(unit.due.rate or 0), unit.due.interval or (0.0, 1.0)
        tip = f"{unit.name}: {write_share(rate)} ({write_share(low)} – {write_share(high)})"
        lines.append({"x": low, "x2": high, "y": y})
        dots.append({"x": rate, "y": y, "tip": tip, "look": "loose" if unit.due.is_few else "firm"})
    fill: Spec = {
        "field": "look",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["firm", "loose"], "range": ["@accent", "@paper"]},
    }
    line = {"type": "rule", "color": "@accent", "strokeWidth": 3, "opacity": 0.45}
    dot = {"type": "point", "aria": True, "filled": True, "size": 70, "opacity": 1, "stroke": "@accent"}
    return [
        {"data": {"values": lines}, "mark": line, "encoding": at | {"x2": {"field": "x2"}}},
        {"data": {"values": dots}, "mark": dot, "encoding": at | {"fill": fill, "description": {"field": "tip"}}},
    ]


def _note_layers(
    units: Sequence[UnitRate], places: list[float], width: int, height: float, write: WrittenWords
) -> list[Spec]:
    """Return each unit's numbers at the right edge, and the words above them."""
    notes = [
        {"y": y, "text": f"{write.count(unit.due.on_time)} / {write.count(unit.due.measured)}"}
        for unit, y in zip(units, places, strict=True)
    ]
    at_right: Spec = {"x": {"value": width}, "y": {"field": "y", **down_to(height)}}
    return [
        text_layer(notes, at_right, align="right", fontWeight="bold"),
        text_layer([{"y": 8, "text": write.say(_("on time / measured"))}], at_right, align="right"),
    ]
