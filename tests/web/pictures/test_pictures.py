"""Pictures say the figures twice: drawn, with labels and patterns, and as a table; both are the report's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from xml.etree.ElementTree import Element

import pytest

from models.directives.directive import DutyKind
from models.directives.template import AudienceRule, HoursDeadline, NoDeadline, RequiredResult, Selector, TemplateSpec
from models.organization.unit import UnitKind
from models.text.localtime import at_local, end_of_day
from tests.web.pictures.drawn import SVG, bars, drawn, table, texts
from workflows.escalation.ladder_dates import LadderDates, ladder_dates
from workflows.reports.charts.chart_figures import Load, Pictures, UnitStand, WeekLoad, WeekStand
from workflows.reports.charts.column_chart import round_top
from workflows.reports.charts.completion_chart import draw_completion
from workflows.reports.charts.ladder_chart import draw_ladder
from workflows.reports.charts.load_chart import draw_load
from workflows.reports.charts.shapes import WIDTH, Picture, text_width, wrap
from workflows.reports.charts.unit_chart import draw_units
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.classification import Figures

CUTOFF = date(2004, 6, 30)
LONG = "Viện Chiến lược Bưu chính, Viễn thông và Công nghệ thông tin & <Truyền thông>"


def figures_of(week: int) -> Figures:
    return Figures(week * 100, week * 10, open_in_time=week * 5, open_overdue=week, no_deadline=week)


def pictures(weeks: int = 12) -> Pictures:
    """Twelve weeks in which everything grows, and three units."""
    mondays = [date(2004, 6, 28) - timedelta(weeks=n) for n in range(weeks)][::-1]
    stands = [WeekStand(monday + timedelta(days=6), figures_of(n)) for n, monday in enumerate(mondays)]
    if stands:
        stands[-1] = replace(stands[-1], ends_on=CUTOFF)
    return Pictures(
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
    )


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


DRAWINGS: dict[str, Callable[[str], Picture]] = {
    "completion": lambda language: draw_completion(pictures(), language),
    "completion of one week": lambda language: draw_completion(pictures(1), language),
    "completion of nothing": lambda language: draw_completion(pictures(0), language),
    "load": lambda language: draw_load(pictures(), language),
    "load of nothing": lambda language: draw_load(pictures(0), language),
    "units": lambda language: draw_units(pictures().by_unit, CUTOFF, language, notes=["…"]),
    "no units": lambda language: draw_units((), CUTOFF, language),
    "ladder": lambda language: draw_ladder(ladder(), language),
    "ladder by the hour": lambda language: draw_ladder(ladder(hours=True), language),
    "ladder without a date": lambda language: draw_ladder(ladder(due=False), language),
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", DRAWINGS)
def test_every_picture_is_well_formed_and_named_for_who_does_not_see_it(name: str, language: str) -> None:
    picture = DRAWINGS[name](language)
    figure = drawn(picture, language)
    (svg,) = figure.iter(f"{SVG}svg")
    assert svg.get("role") == "img"
    named = {element.get("id"): element.text for element in svg if element.get("id")}
    assert [named[one] for one in (svg.get("aria-labelledby") or "").split()] == [picture.title, picture.description]
    assert all(named.values())
    everything = [element for element in figure.iter() if isinstance(element.tag, str)]
    assert not any("style" in element.attrib for element in everything), "the content policy forbids it"
    ids = [element.get("id") for element in everything if element.get("id")]
    assert len(ids) == len(set(ids)), "ids are one's own"
    assert figure.find(".//figcaption") is not None
    assert figure.find(".//details/summary") is not None


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_is_drawn_outside_the_picture(name: str, language: str) -> None:
    picture = DRAWINGS[name](language)
    for element in drawn(picture, language).iter(f"{SVG}text"):
        x, y = float(element.get("x", "nan")), float(element.get("y", "nan"))
        width = text_width(element.text or "")
        left = x - {"end": width, "middle": width / 2}.get(element.get("text-anchor", ""), 0)
        assert left >= -0.1, element.text
        assert left + width <= WIDTH + 0.1, element.text
        assert 0 < y <= picture.height, element.text


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
    assert "99,10%" in said
    assert "30/06" in said
    assert "Đã hoàn thành đúng hạn: 1.100" in said
    assert "1.600" in said, "the scale's top"
    english = texts(drawn(draw_completion(told, "en"), "en"))
    assert {"99.10%", "30 June", "Done on time: 1,100"} <= set(english)


def test_columns_are_as_high_as_their_numbers() -> None:
    figure = drawn(draw_completion(pictures(), "vi"))
    heights = [float(bar.get("height", "nan")) for bar in bars(figure, "done_on_time")][:-1]  # but for the key's
    assert len(heights) == 11
    assert heights == pytest.approx([heights[0] * (n + 1) for n in range(11)], rel=0.02)
    assert bars(figure, "done_on_time")[-2].findtext(f"{SVG}title") == "30/06/2004: 1.100"


def test_what_is_late_has_a_pattern_and_not_only_a_colour() -> None:
    figure = drawn(draw_units(pictures().by_unit, CUTOFF, "vi"))
    patterns = {f"url(#{one.get('id')})" for one in figure.iter(f"{SVG}pattern")}
    for look in ("done_late", "open_overdue"):
        assert {bar.get("fill") for bar in bars(figure, look)} <= patterns
        assert bars(figure, look)


def test_units_stand_as_given_each_with_on_time_and_late() -> None:
    figure = drawn(draw_units(pictures().by_unit, CUTOFF, "vi"))
    rows = table(figure)[1:]
    assert [row[0] for row in rows] == [LONG, "Vụ Viễn thông", "Công ty Đại"]
    assert rows[0][1:] == ["3.726", "1.310", "429", "175", "1.812"]
    assert [text for text in texts(figure) if " / " in text][1:] == ["1.310 / 604", "100 / 0", "0 / 0"]
    assert " ".join(texts(figure)).count("thông tin & <Truyền thông>") == 1, "a long name goes on in the next line"


def test_load_says_what_it_does_not_draw() -> None:
    figure = drawn(draw_load(pictures(), "vi"))
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
    assert [row[0] for row in rows] == [line for line in said if line in {row[0] for row in rows}], "in their order"
    assert "Thời hạn: thứ Năm, ngày 10/06/2004" in said
    assert said.index("Thời hạn: thứ Năm, ngày 10/06/2004") > said.index("Thứ Năm, 10/06/2004")
    assert "Chưa tiếp nhận, sau khi giao 02 ngày làm việc" in said


def test_rungs_that_go_upward_have_a_sign_of_their_own() -> None:
    figure = drawn(draw_ladder(ladder(), "vi"))
    triangles = [one for one in figure.iter(f"{SVG}path") if (one.get("d") or "").startswith("M0-7L6.5")]
    assert len(triangles) == 3 + 1, "pressed twice, to the issuer, and the key's"


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (3, 4), (7, 8), (9, 10), (11, 12), (17, 20), (101, 120), (1415, 1600)]
)
def test_a_scale_ends_round_and_its_half_is_whole(highest: int, top: int) -> None:
    assert round_top(highest) == top


def test_a_long_name_is_wrapped_between_words() -> None:
    lines = wrap(LONG, 200)
    assert " ".join(lines) == LONG
    assert len(lines) > 1
    assert all(text_width(line) <= 200 for line in lines)
    assert wrap("Nguyễnnnnnnnnnnnnnnnnnnnnn", 20) == ["Nguyễnnnnnnnnnnnnnnnnnnnnn"]


def caption(figure: Element) -> str:
    found = figure.find(".//figcaption")
    assert found is not None
    return "\n".join(found.itertext())
