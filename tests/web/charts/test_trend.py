"""A unit's course: drawn and as a table, a rate of too few tasks hollow, and said in words."""

from datetime import date
from uuid import UUID

import pytest

from models.organization.unit import UnitKind
from tests.web.charts.drawn import SVG, bars, drawn, table, texts
from web.papers.trend import draw_trend
from workflows.papers.charts.render import size_of, svg
from workflows.reports.scorecards.scorecard_reads import UnitCards
from workflows.rules.figures.scorecard_figures import Card, Dues, Every, periods_until

CUTOFF = date(2026, 6, 20)


def unit(*dues: Dues) -> UnitCards:
    whole = Card(due=Dues(**{name: sum(getattr(due, name) for due in dues) for name in ("on_time", "late", "overdue")}))
    return UnitCards(UUID(int=1), "X", "Công ty X", UnitKind.ENTERPRISE, tuple(Card(due=due) for due in dues), whole)


SIX = unit(
    Dues(),
    Dues(on_time=2, late=1),
    Dues(on_time=4, late=4),
    Dues(),
    Dues(on_time=6, late=2),
    Dues(on_time=9, overdue=1),
)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_columns_are_the_dates_and_the_table_says_the_same(language: str) -> None:
    figure = drawn(draw_trend(SIX, periods_until(CUTOFF, Every.QUARTER), CUTOFF, language), language)
    assert len([bar for bar in bars(figure) if bar.height]) == 4 + 3 + 1
    rows = table(figure)
    assert [row[5] for row in rows[1:]] == ["–", "2/3", "4/8 (50%)", "–", "6/8 (75%)", "9/10 (90%)"]


def test_a_rate_of_too_few_tasks_is_hollow_and_joined_to_none() -> None:
    figure = drawn(draw_trend(SIX, periods_until(CUTOFF, Every.QUARTER), CUTOFF, "en"), "en")
    dots = {bar.tip.split(": ")[1]: bar.fill for bar in bars(figure) if not bar.height}
    assert dots == dict.fromkeys(("50%", "75%", "90%"), "var(--accent)") | {"67%": "var(--paper)"}
    (line,) = [one for one in figure.iter(f"{SVG}path") if one.get("stroke-width") == "2" and not len(one)]
    assert str(line.get("d")).count("L") == 1, "only the last two stand side by side"


def test_the_course_is_told_in_words() -> None:
    known = draw_trend(SIX, periods_until(CUTOFF, Every.QUARTER), CUTOFF, "en")
    assert known.description == "Quarter 2 of 2026: 90% on time; Quarter 1 of 2026: 75%"
    few = draw_trend(unit(Dues(on_time=4), Dues(late=3)), periods_until(CUTOFF, Every.QUARTER)[-2:], CUTOFF, "vi")
    assert few.description == "Tính đến 20/06/2026: quá ít nhiệm vụ để nói về xu hướng"


@pytest.mark.parametrize("every", list(Every))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_year_is_said_and_letters_stay_large_enough_on_a_phone(every: Every, language: str) -> None:
    periods = periods_until(CUTOFF, every)
    chart = draw_trend(unit(*[Dues(on_time=1)] * len(periods)), periods, CUTOFF, language)
    assert size_of(svg(chart))[0] <= 420
    said = " ".join(texts(drawn(chart, language)))
    assert "2025" in said and "2026" in said
