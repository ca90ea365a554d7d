"""A date that stays on a day off is said in the letter, as long as it is still to come."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from tests.office import at, body, furnish

SATURDAY = date(2004, 6, 26)


def test_a_letter_says_that_the_date_is_a_day_off_and_stays(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4", due=SATURDAY)
    office.tick(at(1))
    (first,) = office.sent("luong.thi.ngan")
    said = "chậm nhất thứ Bảy, ngày 26/06/2004 (ngày nghỉ; thời hạn ấn định giữ nguyên)"
    assert said in " ".join(body(first).split())


def test_an_overdue_date_is_no_longer_said_to_be_a_day_off(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4", due=SATURDAY)
    office.tick(at(28))
    late = office.sent("luong.thi.ngan")[-1]
    assert "26/06/2004" in body(late) and "ngày nghỉ" not in body(late)
