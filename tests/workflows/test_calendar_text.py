"""Days of the calendar as people write and paste them."""

from datetime import date

import pytest

from models.errors import BadInput, BadRows
from models.organization.calendar import DayKind
from workflows.organization.working_calendar import EditedDay, read_days, write_days

OFF, WORKING = DayKind.OFF, DayKind.WORKING


@pytest.mark.parametrize(
    "text",
    [
        "31/08/2026, off, Nghỉ bù",
        "2026-08-31;nghỉ;Nghỉ bù",
        "31.8.2026\tNghỉ bù\tNghỉ bù",
        "day,kind,name\n31/8/2026,off,Nghỉ bù",
    ],
)
def test_a_day_is_read_however_it_is_written(text: str) -> None:
    assert read_days(text) == {date(2026, 8, 31): EditedDay(OFF, "Nghỉ bù")}


@pytest.mark.parametrize("between", ["-", "–", " - ", "..", " đến "])
def test_a_range_is_every_day_of_it(between: str) -> None:
    days = read_days(f"28/02/2027{between}02/03/2027, làm bù")
    assert list(days) == [date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 2)]
    assert set(days.values()) == {EditedDay(WORKING)}


def test_a_name_may_hold_a_comma() -> None:
    assert read_days("31/08/2026, off, Nghỉ bù, theo TB 15")[date(2026, 8, 31)].name == "Nghỉ bù, theo TB 15"


def test_what_is_written_is_read_again() -> None:
    days = read_days("16/02/2027–20/02/2027, off, Tết\n22/08/2026, working, Làm bù, cho 31/08")
    assert read_days(write_days(days)) == days


def test_every_fault_is_told_by_its_line() -> None:
    with pytest.raises(BadRows) as caught:
        read_days("31/02/2026, off\n1/1/2027, maybe\n1/3/2027, off\n\n1/3/2027, off\n1/1/2027-1/4/2027, off\n5/1/2027")
    told = [str(fault) for fault in caught.value.faults]
    assert [one.split(":")[0] for one in told] == ["line 1", "line 2", "line 5", "line 6", "line 7"]
    assert "named twice" in told[2] and "more than 31 days" in told[3]


@pytest.mark.parametrize("text", ["", "\n \n", "day,kind,name"])
def test_nothing_is_told_as_nothing(text: str) -> None:
    with pytest.raises(BadInput, match="write at least one"):
        read_days(text)


def test_a_line_without_end_is_told_and_read_no_further() -> None:
    with pytest.raises(BadInput, match=r"line 2: .*200000 characters"):
        read_days("31/08/2026, off\n" + "x" * 200_000)
