"""How a letter writes a date that runs by the hour."""

from datetime import date, time

import pytest

from models.text.localtime import at_local, end_of_day
from notifications.composing.wording import WrittenWords

DAY = date(2004, 6, 5)


@pytest.mark.parametrize(
    ("language", "last_moment", "one_later"),
    [
        ("vi", "24 giờ 00 ngày 05/06/2004", "00 giờ 01 ngày 06/06/2004"),
        ("en", "24:00 on 5 June 2004", "00:01 on 6 June 2004"),
    ],
)
def test_a_day_in_an_incident_ends_on_that_day_not_on_the_next(language: str, last_moment: str, one_later: str) -> None:
    write = WrittenWords(language)
    assert write.due(end_of_day(DAY), by_the_hour=True) == last_moment
    assert write.due(at_local(date(2004, 6, 6), time(0, 1)), by_the_hour=True) == one_later
