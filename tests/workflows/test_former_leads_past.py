"""What a former lead was told and said is its own: letters about the new lead tell only what that one was and said."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.office import COORDINATOR, ON, Office, at, body, furnish

FORMER, NEW_LEAD, ABOVE = "luong.thi.ngan", "quach.viet.hung", "le.thi.d"
OWN_WORDS = "chưa có kinh phí"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4, due on 10 June: VU-KHTC said a word of it and was pressed twice; since the 17th VU-PC leads."""
    office = furnish(engine, tmp_path)
    office.launch("4", due=date(2004, 6, 10))
    office.tick(ON)
    office.act(office.task(), "progress", FORMER, at(2, hour=9), note=OWN_WORDS)
    office.days(at(2), at(16))
    office.act(office.task(), "change-lead", COORDINATOR, at(17, hour=9), to="VU-PC", note="đúng chức năng")
    return office


def test_the_new_lead_is_not_told_that_it_was_pressed_before_it_led(office: Office) -> None:
    office.tick(at(17, hour=10))
    office.tick(at(21))
    told = [body(one) for one in office.sent(NEW_LEAD)]
    assert len(told) == 2 and "quá hạn" in told[0]
    assert not [one for one in told if "Đã đôn đốc" in one or OWN_WORDS in one]


def test_upward_letter_counts_the_new_leads_own_presses(office: Office) -> None:
    office.days(at(17, hour=10), at(20, hour=10))
    office.tick(at(21))
    (upward,) = [body(one) for one in office.sent(ABOVE) if "Báo cáo" in str(one["Subject"])]
    assert "Đã đôn đốc: chưa đôn đốc" in upward and "Ý kiến gần nhất của đơn vị: chưa có" in upward


def test_its_own_presses_and_words_are_told(office: Office) -> None:
    office.act(office.task(), "progress", NEW_LEAD, at(18, hour=9), note="đang rà soát")
    office.days(at(18), at(21))
    office.tick(at(1, 7))
    upward = [body(one) for one in office.sent(ABOVE) if "Báo cáo" in str(one["Subject"])]
    assert "“đang rà soát”" in upward[0]
    assert "01 lần (21/06/2004)" in upward[-1]
