"""The on-time rate of units, each with the interval in which its own rate lies: of few tasks it says little."""

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
    """Return a line for each unit shown of which anything is measured; the rule is the rate of everyone together."""
    write, drawn, common = (
        WrittenWords(language),
        [one for one in shown if one.due.interval is not None],
        _common(everyone),
    )
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
        rows=((one.name, *_cells(one.due, write)) for one in drawn),
    )


def _common(units: Sequence[UnitRate]) -> Fraction | None:
    measured = sum(one.due.measured for one in units)
    return Fraction(sum(one.due.on_time for one in units), measured) if measured else None


def _finding(units: Sequence[UnitRate], common: Fraction | None, write: WrittenWords) -> str:
    if common is None:
        return write.say(_("No date has come yet."))
    rate = write_share(float(common))
    low = [one for one in units if not one.due.is_few and (found := one.due.interval) is not None and found[1] < common]
    if not low:
        return write.say(_("No unit's rate is clearly below the common one, {rate}"), rate=rate)
    message = _n(
        "The rate of {count} unit is clearly below the common one, {rate}",
        "The rates of {count} units are clearly below the common one, {rate}",
    )
    return write.say(message, count=len(low), rate=rate)


def _cells(due: Dues, write: WrittenWords) -> tuple[str, ...]:
    shares = (float(due.rate or 0), *(due.interval or (0.0, 1.0)))
    return (write.count(due.on_time), write.count(due.measured), *map(write_share, shares))


def _spec(units: Sequence[UnitRate], common: Fraction | None, width: int, write: WrittenWords) -> Spec:
    names, places, height = named_rows([one.name for one in units], width, top=_HEAD)
    start = NAME_ROOM if width >= WIDE else 0
    across = {"type": "quantitative", "axis": None, "scale": {"domain": [0, 1], "range": [start + 8, width - _NOTES]}}
    down, count = down_to(height), write.count
    lines, dots, notes = list[Spec](), list[Spec](), list[Spec]()
    for one, y in zip(units, places, strict=True):
        due = one.due
        low, high = due.interval or (0.0, 1.0)
        tip = f"{one.name}: {write_share(float(due.rate or 0))} ({write_share(low)} – {write_share(high)})"
        lines.append({"x": low, "x2": high, "y": y})
        dots.append({"x": float(due.rate or 0), "y": y, "tip": tip, "look": "loose" if due.is_few else "firm"})
        notes.append({"y": y, "text": f"{count(due.on_time)} / {count(due.measured)}"})
    scale = [{"x": share, "y": _HEAD - 10, "text": write_share(share)} for share in (0, 0.5, 1)]
    at: Spec = {"x": {"field": "x", **across}, "y": {"field": "y", **down}}
    fill: Spec = {
        "field": "look",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": ["firm", "loose"], "range": ["@accent", "@paper"]},
    }
    grid = [{"x": share, "y": _HEAD, "y2": height} for share in (0, 0.5, 1)]
    upright: Spec = at | {"y2": {"field": "y2"}}
    layers: list[Spec] = [
        {"data": {"values": grid}, "mark": {"type": "rule", "color": "@line"}, "encoding": upright},
        names,
        {
            "data": {"values": lines},
            "mark": {"type": "rule", "color": "@accent", "strokeWidth": 3, "opacity": 0.45},
            "encoding": at | {"x2": {"field": "x2"}},
        },
        {
            "data": {"values": dots},
            "mark": {"type": "point", "aria": True, "filled": True, "size": 70, "opacity": 1, "stroke": "@accent"},
            "encoding": at | {"fill": fill, "description": {"field": "tip"}},
        },
        text_layer(scale, at, align="center", color="@quiet"),
        text_layer(notes, {"x": {"value": width}, "y": {"field": "y", **down}}, align="right", fontWeight="bold"),
        text_layer(
            [{"y": 8, "text": write.say(_("on time / measured"))}],
            {"x": {"value": width}, "y": {"field": "y", **down}},
            align="right",
        ),
    ]
    if common is not None:
        words = write.say(_("all units: {rate}"), rate=write_share(float(common)))
        rule = [{"x": float(common), "y": _HEAD - 22, "y2": height}]
        mark = {"type": "rule", "color": "@ink", "strokeDash": [4, 3]}
        layers += [
            {"data": {"values": rule}, "mark": mark, "encoding": upright},
            text_layer([{"x": float(common), "y": 25, "text": words}], at, align="center"),
        ]
    return {"width": width, "height": height, "layer": layers}
