"""How late a task is: in a week, in a month, in a quarter, or more."""

from datetime import date, timedelta

import pytest

from workflows.rules.figures.lateness import BANDS, band_of

CUTOFF = date(2026, 11, 30)


@pytest.mark.parametrize(("days", "band"), [(1, 0), (7, 0), (8, 1), (30, 1), (31, 2), (90, 2), (91, 3), (4000, 3)])
def test_every_day_late_stands_in_one_band(days: int, band: int) -> None:
    due_on = CUTOFF - timedelta(days=days)
    assert band_of(days) is BANDS[band]
    holding = [one for one in BANDS if (one.first_due(CUTOFF) or date.min) <= due_on <= one.last_due(CUTOFF)]
    assert holding == [BANDS[band]]


def test_what_is_not_late_stands_in_none() -> None:
    with pytest.raises(ValueError, match="not late"):
        band_of(-1)


def test_what_is_late_since_an_hour_of_today_stands_in_the_first() -> None:
    assert band_of(0) is BANDS[0]
    assert BANDS[0].last_due(CUTOFF) == CUTOFF
