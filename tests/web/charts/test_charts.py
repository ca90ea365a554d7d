"""Charts say the figures twice: drawn, with labels and patterns, and as a table; both are the report's."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from models.directives.directive import DutyKind
from models.directives.template import AudienceRule, HoursDeadline, NoDeadline, RequiredResult, Selector, TemplateSpec
from models.organization.unit import UnitKind
from models.text.localtime import at_local, end_of_day
from tests.web.charts.drawn import SVG, bars, drawn, table, texts
from workflows.escalation.ladder_dates import LadderDates, ladder_dates
from workflows.papers.charts import render
from workflows.papers.charts.builders import FONT_SIZE, WIDE
from workflows.papers.charts.chart import Chart
from workflows.papers.charts.chart_figures import ChartFigures, Load, UnitStand, WeekLoad, WeekStand
from workflows.papers.charts.completion_chart import draw_completion
from workflows.papers.charts.ladder_chart import draw_ladder
from workflows.papers.charts.late_charts import ReasonCount, draw_ages, draw_reasons
from workflows.papers.charts.period_chart import PeriodDues, draw_periods
from workflows.papers.charts.rate_chart import UnitRate, draw_rates
from workflows.papers.charts.render import Theme, png, size_of, svg
from workflows.papers.charts.unit_chart import draw_units
from workflows.papers.charts.weekly_load_chart import draw_weekly_load
from workflows.rules.calendar.periods import parse
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Dues, Every
from workflows.rules.tasks.classification import Figures

CUTOFF = date(2004, 6, 30)
PHONE = 358  # pixels between the margins of a page 390 wide
LONG = "Viện Chiến lược Bưu chính, Viễn thông và Công nghệ thông tin & <Truyền thông>"


def figures_of(week: int) -> Figures:
    return Figures(week * 100, week * 10, open_in_time=week * 5, open_overdue=week, no_deadline=week)


def pictures(weeks: int = 12) -> ChartFigures:
    """Twelve weeks in which everything grows, and three units."""
    mondays = [date(2004, 6, 28) - timedelta(weeks=n) for n in range(weeks)][::-1]
    stands = [WeekStand(monday + timedelta(days=6), figures_of(n)) for n, monday in enumerate(mondays)]
    if stands:
        stands[-1] = replace(stands[-1], ends_on=CUTOFF)
    return ChartFigures(
        cutoff=CUTOFF,
        provisional=False,
        directive="ct06",
        on_original=False,
        figures=stands[-1].figures if stands else Figures(),
        completion=tuple(stands) or (WeekStand(CUTOFF, Figures()),),
        by_unit=(
            UnitStand("A", LONG, Figures(1310, 429, 1812, 175)),
            UnitStand("B", "Vụ Viễn thông", Figures(100)),
            UnitStand("C", "Công ty Đại", Figures(open_in_time=3)),
        ),
        load=Load(
            weeks=tuple(WeekLoad(monday, figures_of(n)) for n, monday in enumerate(mondays)),
            earlier=Figures(done_late=4),
            later=Figures(),
            undated=Figures(open_in_time=2, no_deadline=2),
        ),
        ages=(4, 3, 0, 1240) if weeks else (0, 0, 0, 0),
    )


def rate(code: str, on_time: int, late: int) -> UnitRate:
    return UnitRate(f"{LONG} {code}", Dues(on_time=on_time, late=late))


UNITS = (rate("A", 40, 0), rate("B", 1, 9), rate("C", 0, 1), rate("D", 0, 0))


def periods(language: str, *dues: Dues) -> Chart:
    before, now = (PeriodDues(parse(key), key, due) for key, due in zip(("2004-Q1", "2004-Q2"), dues, strict=True))
    return draw_periods(before, now, Every.QUARTER, date(2004, 6, 15), language, lists)


def reasons(language: str, *counts: int) -> Chart:
    given = [ReasonCount(f"r{n}", "nothing was heard", count, waits=n == 0) for n, count in enumerate(counts)]
    return draw_reasons(given, language, lambda code: f"/tasks?show=late&reason={code}")


def ladder(*, hours: bool = False, due: bool = True) -> LadderDates:
    spec = TemplateSpec(
        duty="4",
        title="Nghiên cứu",
        kind=DutyKind.CONTINGENCY if hours else DutyKind.ONE_OFF,
        quote="…",
        steps=("nghiên cứu",),
        audience=AudienceRule(any=(Selector(kind=UnitKind.ENTERPRISE),)),
        result=RequiredResult(description="báo cáo"),
        ladder="contingency" if hours else "default",
        deadline=HoursDeadline(hours=24) if hours else NoDeadline(),
    )
    assigned_at = at_local(date(2004, 6, 1), time(14, 30))
    due_at: datetime | None = assigned_at + timedelta(hours=24) if hours else end_of_day(date(2004, 6, 10))
    return ladder_dates(spec, assigned_at=assigned_at, due_at=due_at if due else None, calendar=WorkCalendar())


def lists(
    figure: str, *, cutoff: date | None = None, unit: str = "", first: date | None = None, last: date | None = None
) -> str:
    days = f"&due={first}..{last}" if first or last else ""
    return f"/reports/tasks?figure={figure}&cutoff={cutoff or CUTOFF}&unit={unit}{days}"


DRAWINGS: dict[str, Callable[[str], Chart]] = {
    "completion": lambda language: draw_completion(pictures(), language, lists),
    "completion of half a year": lambda language: draw_completion(pictures(26), language),
    "completion of one week": lambda language: draw_completion(pictures(1), language),
    "completion of nothing": lambda language: draw_completion(pictures(0), language),
    "load": lambda language: draw_weekly_load(pictures(), language, lists),
    "load of nothing": lambda language: draw_weekly_load(pictures(0), language),
    "units": lambda language: draw_units(pictures().by_unit, CUTOFF, language, lists, notes=["…"]),
    "no units": lambda language: draw_units((), CUTOFF, language),
    "ages": lambda language: draw_ages(pictures(), language, lists),
    "ages of nothing": lambda language: draw_ages(pictures(0), language, lists),
    "reasons": lambda language: reasons(language, 3, 0, 12),
    "periods": lambda language: periods(language, Dues(on_time=3, late=1), Dues(on_time=7, overdue=2, today=1)),
    "periods of nothing": lambda language: periods(language, Dues(), Dues()),
    "rates": lambda language: draw_rates(UNITS, UNITS, CUTOFF, language),
    "no rates": lambda language: draw_rates((), (), CUTOFF, language),
    "ladder": lambda language: draw_ladder(ladder(), language),
    "ladder by the hour": lambda language: draw_ladder(ladder(hours=True), language),
    "ladder without a deadline": lambda language: draw_ladder(ladder(due=False), language),
}
ALL_DRAWINGS = pytest.mark.parametrize(("name", "language"), [(name, one) for name in DRAWINGS for one in ("vi", "en")])


@ALL_DRAWINGS
def test_a_chart_is_well_formed_and_named_for_readers_who_do_not_see_it(name: str, language: str) -> None:
    chart = DRAWINGS[name](language)
    figure = drawn(chart, language)
    (svg,) = figure.iter(f"{SVG}svg")
    assert svg.get("role") == ("group" if list(svg.iter(f"{SVG}a")) else "img")
    named = {element.get("id"): element.text for element in svg if element.tag != f"{SVG}defs"}
    assert [named[one] for one in (svg.get("aria-labelledby") or "").split()] == [chart.title, chart.description]
    ids = [one.get("id") for one in figure.iter() if one.get("id")]
    assert len(ids) == len(set(ids)), "ids are one's own"
    asked = {one for part in svg.iter() for one in re.findall(r"url\(#([^)]*)\)", " ".join(part.attrib.values()))}
    assert asked <= set(ids)
    assert figure.find(".//figcaption") is not None and figure.find(".//details/summary") is not None


@ALL_DRAWINGS
def test_a_chart_has_no_style_no_script_and_no_word_of_the_librarys(name: str, language: str) -> None:
    for theme in Theme:
        text = svg(DRAWINGS[name](language), theme)
        assert not re.findall(r"\bstyle=|<script|<style|\bclass=|\bon\w+=|xlink|chart\.invalid|vega", text)
        assert not re.findall("roledescription|axis|legend|container|undefined|null|NaN", text)
        assert ("var(--" in text) == (theme is Theme.PAGE)


@ALL_DRAWINGS
def test_letters_are_eleven_pixels_high_on_a_phone(name: str, language: str) -> None:
    width, _height = size_of(svg(DRAWINGS[name](language)))
    assert FONT_SIZE * PHONE / width >= 11


def test_a_chart_is_drawn_once() -> None:
    first = svg(draw_weekly_load(pictures(), "vi"))
    misses = render._draw.cache_info().misses
    assert svg(draw_weekly_load(pictures(), "vi")) == first
    assert render._draw.cache_info().misses == misses
    assert render._draw.cache_info().maxsize == render.CACHED


@pytest.mark.long
def test_the_library_is_not_imported_before_a_chart_is_wanted() -> None:
    asks = "import sys, web.app; sys.exit('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.json", "https://dondoc.example/a.csv", "/a.json"])
def test_no_chart_asks_for_anything_from_elsewhere(url: str) -> None:
    spec = {"data": {"url": url}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    with pytest.raises(ValueError, match="not allowed"):
        svg(replace(draw_weekly_load(pictures(), "vi"), spec=spec))


def test_a_name_is_text_whatever_it_says() -> None:
    names = ["@late", "</text><script>alert(1)</script>", "a\x0bb", "{datum.x} \\u0041 ${1}", 'x" onload="y']
    stands = [UnitStand(name, name, Figures(1, 2, 3, 4)) for name in names]
    figure = ElementTree.fromstring(svg(draw_units(stands, CUTOFF, "vi")))
    assert {name.replace("\x0b", " ") for name in names} <= set(texts(figure))
    assert bars(figure)[0].tip == "@late: Đã hoàn thành đúng hạn: 1"


def test_the_picture_for_mail_and_word_is_fine_enough_for_print() -> None:
    made = png(svg(draw_weekly_load(pictures(), "vi"), Theme.PRINT), width=100)
    assert made.startswith(b"\x89PNG") and int.from_bytes(made[16:20], "big") > 800


@pytest.mark.parametrize("name", ["completion", "load", "units"])
def test_the_table_has_a_row_for_what_is_drawn_and_its_columns_are_named(name: str) -> None:
    heads, *rows = table(drawn(DRAWINGS[name]("vi")))
    assert heads[1:6] == [
        "Tổng số",
        "Đã hoàn thành đúng hạn",
        "Đã hoàn thành quá hạn",
        "Chưa hoàn thành quá hạn",
        "Chưa hoàn thành trong hạn",
    ]
    assert {len(row) for row in rows} == {len(heads)}


def test_completion_says_the_reports_numbers() -> None:
    told = pictures()
    figure = drawn(draw_completion(told, "vi"))
    rows = table(figure)[1:]
    assert rows[-1] == ["30/06/2004", "1.276", "1.100", "110", "11", "55", "99,10%", "94,83%"]
    assert len(rows) == len(told.completion)
    assert rows[0][-2] == "–", "nothing was done or overdue in the first week"
    said = texts(figure)
    assert {"99,10% trên số đã hoàn thành hoặc quá hạn", "94,83% trên tổng số"} <= set(said), "never one alone"
    assert "30/06" in said
    assert "Đã hoàn thành đúng hạn: 1.100" in said
    assert "1.600" in said, "the scale's top"
    english = texts(drawn(draw_completion(told, "en"), "en"))
    assert {"99.10% of tasks done or overdue", "94.83% of all tasks", "30 June", "Done on time: 1,100"} <= set(english)


def test_columns_are_as_high_as_their_numbers() -> None:
    figure = drawn(DRAWINGS["completion"]("vi"))
    heights = [bar.height for bar in bars(figure, "Đã hoàn thành đúng hạn")]
    assert len(heights) == 11, "there is nothing to draw of the first week"
    assert heights == pytest.approx([heights[0] * (n + 1) for n in range(11)], rel=0.02)
    assert bars(figure)[-1].tip == "30/06/2004: Chưa hoàn thành trong hạn: 55"


def test_a_part_of_a_bar_and_its_number_lead_to_the_tasks_counted() -> None:
    figure = drawn(DRAWINGS["units"]("vi"))
    late = "/reports/tasks?figure=open_overdue&cutoff=2004-06-30&unit=A"
    assert [bar.href for bar in bars(figure, "Chưa hoàn thành quá hạn: 175")] == [late]
    assert [one.text for one in figure.iter("a") if one.get("href") == late] == ["175"]
    weeks = drawn(DRAWINGS["completion"]("vi"))
    assert bars(weeks)[-1].href == "/reports/tasks?figure=open_in_time&cutoff=2004-06-30&unit="
    load = drawn(DRAWINGS["load"]("vi"))
    assert (
        bars(load)[-1].href == "/reports/tasks?figure=open_in_time&cutoff=2004-06-30&unit=&due=2004-06-28..2004-07-04"
    )
    ages = drawn(DRAWINGS["ages"]("vi"))
    assert [bar.href for bar in bars(ages)][-1] == (
        "/reports/tasks?figure=open_overdue&cutoff=2004-06-30&unit=&due=None..2004-03-31"
    )
    assert [bar.href for bar in bars(drawn(DRAWINGS["reasons"]("vi")))] == [
        "/tasks?show=late&reason=r0",
        "/tasks?show=late&reason=r2",
    ]
    now = "/reports/tasks?figure=open_overdue&cutoff=2004-06-30&unit=&due=2004-04-01..2004-06-15"
    assert now in [bar.href for bar in bars(drawn(DRAWINGS["periods"]("vi")))]


@pytest.mark.parametrize("name", [one for one in DRAWINGS if not one.startswith("ladder")])
def test_a_chart_for_a_desk_and_for_paper_says_the_same_on_twice_the_width(name: str) -> None:
    chart = DRAWINGS[name]("vi")
    slim, broad = svg(chart), svg(chart, is_wide=True)
    assert size_of(broad)[0] == pytest.approx(WIDE, abs=40)
    told = [sorted(one.tip for one in bars(ElementTree.fromstring(drawing))) for drawing in (slim, broad)]
    assert told[0] == told[1]
    ids = [set(re.findall(r' id="([^"]*)"', drawing)) for drawing in (slim, broad)]
    assert not ids[0] & ids[1], "both stand in one page"


@pytest.mark.parametrize(
    ("name", "vi", "en"),
    [
        (
            "completion",
            "Đã hoàn thành 1.210 trên tổng số 1.276 nhiệm vụ; 11 nhiệm vụ quá hạn",
            "1,210 of 1,276 tasks are done, 11 overdue",
        ),
        (
            "completion of nothing",
            "Đã hoàn thành 0 trên tổng số 0 nhiệm vụ; không có nhiệm vụ quá hạn",
            "0 of 0 tasks are done, none is overdue",
        ),
        ("ages of nothing", "Không có việc nào quá hạn.", "Nothing is overdue."),
        (
            "reasons",
            "Nhiều nhất: chưa có phản hồi (12 trên 15 nhiệm vụ quá hạn)",
            "Most often: nothing was heard (12 of 15 late tasks)",
        ),
        (
            "periods",
            "2004-Q2: 7 trên 10 đúng hạn; 2004-Q1: 3 trên 4 đúng hạn",
            "2004-Q2: 7 of 10 on time; 2004-Q1: 3 of 4 on time",
        ),
        (
            "rates",
            "1 đơn vị có tỷ lệ thấp hơn rõ rệt so với tỷ lệ chung 80%",
            "The rate of 1 unit is clearly below the common one, 80%",
        ),
        ("units", "1 trên 3 đơn vị có nhiệm vụ quá hạn", "1 of 3 units have overdue tasks"),
    ],
)
def test_a_title_says_the_finding(name: str, vi: str, en: str) -> None:
    assert DRAWINGS[name]("vi").finding == vi
    assert DRAWINGS[name]("en").finding == en


@pytest.mark.parametrize("theme", Theme)
def test_the_four_places_are_told_apart_without_colour(theme: Theme) -> None:
    figure = drawn(draw_completion(pictures(), "vi"), theme=theme)
    fills = {bar.tip.split(": ")[1]: bar.fill for bar in bars(figure, "30/06/2004: ") if bar.width}
    assert len(fills) == len(set(fills.values())) == 4
    patterns = {f"url(#{one.get('id')})": [*one.iter()][1:] for one in figure.iter(f"{SVG}pattern")}
    for words in ("Đã hoàn thành quá hạn", "Chưa hoàn thành quá hạn"):
        assert len(patterns[fills[words]]) == 2, "a ground and strokes on it"
    plain = fills["Đã hoàn thành đúng hạn"], fills["Chưa hoàn thành trong hạn"]
    assert theme is Theme.PAGE or brightness(plain[1]) > 2 * brightness(plain[0])


def brightness(colour: str) -> int:
    return sum(bytes.fromhex(colour.removeprefix("#")))


def test_units_stand_as_given_each_with_on_time_and_late() -> None:
    figure = drawn(DRAWINGS["units"]("vi"))
    rows = table(figure)[1:]
    assert [row[0] for row in rows] == [LONG, "Vụ Viễn thông", "Công ty Đại"]
    assert rows[0][1:] == ["3.726", "1.310", "429", "175", "1.812"]
    assert [text for text in texts(figure) if " / " in text][1:] == ["1.310 / 604", "100 / 0", "0 / 0"]
    assert " ".join(texts(figure)).count("thông tin & <Truyền thông>") == 1, "a long name goes on in the next line"


def test_load_says_what_it_does_not_draw() -> None:
    figure = drawn(draw_weekly_load(pictures(), "vi"))
    rows = table(figure)[1:]
    assert rows[-3][0] == "28/06/2004 – 04/07/2004"
    assert [row[:2] for row in rows[-2:]] == [["Trước đó", "4"], ["Chưa xác định thời hạn", "2"]]
    assert "Đến hạn trước các tuần này: 4; chưa xác định thời hạn: 2" in caption(figure)
    assert "chốt số liệu 30/06/2004" in texts(figure)


def test_a_ladder_shows_every_rung_with_its_date_and_whom_it_tells() -> None:
    told = ladder()
    figure = drawn(draw_ladder(told, "vi"))
    rows = table(figure)[1:]
    assert len(rows) == len(told.rungs)
    assert rows[0][0] == "Thứ Ba, 01/06/2004 (đã qua khi bắt đầu tính)"
    assert rows[1] == [
        "Thứ Ba, 01/06/2004, 14 giờ 30",
        "Giao nhiệm vụ",
        "–",
        "thủ trưởng đơn vị, cấp phó phụ trách, đầu mối của đơn vị, thủ trưởng các đơn vị phối hợp",
        "thứ Ba, 01/06/2004, 14 giờ 30",
    ]
    said = texts(figure)
    assert "Thứ Năm, ngày 10/06/2004" in said, "the date has a track of its own"
    assert {"Thứ Ba, 01/06/2004, 14 giờ 30", "Chưa tiếp nhận, sau khi giao 02 ngày làm việc"} <= set(said)
    whom = "→ thủ trưởng đơn vị, cấp phó phụ trách, đầu mối của đơn vị, thủ trưởng các đơn vị phối hợp"
    assert whom in " ".join(said)


def test_a_ladder_stands_in_the_order_of_time() -> None:
    chart = draw_ladder(ladder(), "vi")
    points = chart.spec["layer"][-1]["data"]["values"]
    assert [one["at"] for one in points] == sorted(one["at"] for one in points)
    assert len(points) == len(ladder().rungs) + 1


def test_rungs_that_go_upward_have_a_sign_of_their_own() -> None:
    points = draw_ladder(ladder(), "vi").spec["layer"][-1]["data"]["values"]
    assert [one["sign"] for one in points].count("báo cáo cả cấp trên") == 3, (
        "pressed twice, and a draft for the leaders"
    )


def caption(figure: Element) -> str:
    found = figure.find(".//figcaption")
    assert found is not None
    return "\n".join(found.itertext())
