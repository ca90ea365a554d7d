"""Charts from plain rows, as any page may ask for them."""

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from tests.web.charts.drawn import SVG, bars, texts
from workflows.papers.charts.builders import FONT_SIZE, BarPart, BarRow, round_top, stacked_bars, stacked_columns
from workflows.papers.charts.chart import Chart, ChartTable, Spec
from workflows.papers.charts.lines import ChartLine, Point, trend
from workflows.papers.charts.render import svg

KEY = {"done_on_time": "Xong: 4", "due_soon": "Sắp đến hạn: 2", "open_overdue": "Quá hạn: 1"}
ROWS = [
    BarRow(
        "Vụ A",
        (BarPart("done_on_time", 4, "Vụ A: xong 4"), BarPart("due_soon", 2, "Vụ A: sắp 2", "/tasks?soon=1&unit=A")),
        "4",
    ),
    BarRow("Vụ B", (BarPart("open_overdue", 1, "Vụ B: quá hạn 1"),), "1"),
]


def draw(spec: Spec) -> Element:
    return ElementTree.fromstring(svg(Chart("any", "Tên", "Mô tả", (), spec, ChartTable((), ()))))


def test_bars_are_as_long_as_their_parts_and_each_part_leads_to_its_list() -> None:
    figure = draw(stacked_bars(ROWS, KEY))
    done, soon, late = bars(figure)
    assert done.width == pytest.approx(2 * soon.width, rel=0.02) == pytest.approx(4 * late.width, rel=0.02)
    assert (done.href, soon.href, late.href) == (None, "/tasks?soon=1&unit=A", None)
    assert soon.fill == "var(--soon)"
    assert {"Vụ A", "Vụ B", *KEY.values()} <= set(texts(figure))


def test_columns_have_a_scale_in_the_readers_language() -> None:
    rows = [BarRow("01/06", (BarPart("done_on_time", 2600, "…"),)), BarRow("08/06", ())]
    figure = draw(stacked_columns(rows, KEY, "vi", title="Số nhiệm vụ", height=100))
    assert {"0", "2.000", "4.000", "01/06", "08/06", "Số nhiệm vụ"} <= set(texts(figure))


def test_a_trend_breaks_where_there_is_no_value() -> None:
    points = [Point(0.2, "a"), Point(0.4, "b"), Point(None, "c"), Point(0.6, "d"), Point(0.8, "e")]
    figure = draw(trend([ChartLine(points, "80%")], {0: "0%", 1: "100%"}, title="Tỷ lệ", height=80))
    assert [bar.tip for bar in bars(figure)] == ["a", "b", "d", "e"]
    (line,) = [one for one in figure.iter(f"{SVG}path") if one.get("stroke-width") == "2" and not len(one)]
    assert str(line.get("d")).count("M") == 2
    assert texts(figure).count("80%") == 2, "with a halo beneath it"


@pytest.mark.parametrize(("high", "low"), [(0.95, 0.33), (0.95, 0.9), (1, 1), (0.1, 0.02), (0.5, 0)])
def test_words_at_the_ends_of_two_lines_stand_apart(high: float, low: float) -> None:
    lines = [ChartLine([Point(low, "a")], "of all", faint=True), ChartLine([Point(high, "b")], "of some")]
    figure = draw(trend(lines, {0: "0%", 1: "100%"}, title="Tỷ lệ", height=90))
    places = {
        "".join(one.itertext()): float(re.findall(r"translate\([\d.]+,([-\d.]+)\)", one.get("transform") or "")[0])
        for one in figure.iter(f"{SVG}text")
        if "of " in "".join(one.itertext())
    }
    assert abs(places["of all"] - places["of some"]) >= FONT_SIZE


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (3, 4), (7, 8), (9, 10), (11, 12), (17, 20), (101, 120), (1415, 1600)]
)
def test_a_scale_ends_round_and_its_half_is_whole(highest: int, top: int) -> None:
    assert round_top(highest) == top
