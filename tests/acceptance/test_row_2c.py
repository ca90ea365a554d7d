"""Row 2.c: urgent blocking with the Ministry of Public Security's units. A contingency; no letter to the partner."""

from datetime import date

import pytest
from sqlmodel import select

from models.database.session import reading
from models.errors import Refused
from models.tasks.task import Contribution
from tests.acceptance.story import Story, at, of, only, subjects, who

pytestmark = pytest.mark.long


def test_the_chosen_units_act_by_the_hour_and_the_police_partner_gets_no_letter(story: Story) -> None:
    assert story.launch("2.c").armed == ("2.c",)
    story.tick(at(10, 5))
    assert story.news() == []
    now = at(1, 7, 14)  # a Thursday
    incident = story.declare("2.c", "T-SL", "CTY-M", now=now)
    story.tick(now)
    letters = story.news()
    assert set(who(letters)) == {
        "ta.thi.mai",
        "phan.hoang.long",
        "chu.tuan.kien",
        "ta.chi.thanh",
        "phan.tuong.vi",
        "chu.khac.hieu",
    }
    assert "Các đơn vị nghiệp vụ của Bộ Công an" in only(letters, "ta.thi.mai").text  # named as partner
    with reading(story.engine) as session:
        assert len(session.exec(select(Contribution)).all()) == 2

    vdc, fpt = story.task("2.c", "T-SL"), story.task("2.c", "CTY-M")
    story.act(vdc, "accept", "ta.thi.mai", at(1, 7, 14, 20))
    story.act(fpt, "assign", "ta.chi.thanh", at(1, 7, 14, 30), to="quach.manh.cuong")
    story.tick(at(1, 7, 14, 31))
    assert who(story.news()) == ["quach.manh.cuong"]
    story.tick(at(1, 7, 15))  # both have accepted: nobody is reminded
    assert story.news() == []

    story.submit_classified(vdc, "ta.thi.mai", at(1, 7, 20))
    story.tick(at(1, 7, 20))
    assert of(story.news(), "le.thi.c") != []  # the one who decides, at any hour
    story.act(vdc, "return", "le.thi.c", at(1, 7, 21), note="Đề nghị ghi rõ ngày")
    story.tick(at(1, 7, 21))
    assert "đề nghị bổ sung" in only(story.news(), "ta.thi.mai").text.lower()
    story.submit_classified(vdc, "ta.thi.mai", at(2, 7, 9))
    story.submit_classified(fpt, "quach.manh.cuong", at(2, 7, 9))
    for task in (vdc, fpt):
        story.act(task, "approve", "le.thi.c", at(2, 7, 10))
    story.tick(at(2, 7, 10))
    story.news()
    story.stand_down(incident, at(2, 7, 11))
    with pytest.raises(Refused, match="stood down already"):
        story.stand_down(incident, at(2, 7, 12))
    for moment in (at(2, 7, 14), at(2, 7, 15), at(2, 7, 18), at(3, 7), at(5, 7)):
        story.tick(moment)
    assert subjects(story.news()) == []
    figures = story.figures(date(2004, 7, 31))
    assert (figures.total, figures.done_on_time, figures.open) == (2, 2, 0)


def test_only_who_speaks_for_the_coordinating_unit_declares(story: Story) -> None:
    story.launch("2.c")
    for person in ("ta.chi.thanh", "ly.ngoc.anh", "nguyen.minh.quan"):
        with pytest.raises(Refused, match="may not declare"):
            story.declare("2.c", "CTY-M", now=at(1, 7), by=person)
    with pytest.raises(Refused, match="none of the chosen units"):
        story.declare("2.c", "VU-KHTC", now=at(1, 7))  # row 2.c is the enterprises'
    assert story.tasks("2.c") == []
