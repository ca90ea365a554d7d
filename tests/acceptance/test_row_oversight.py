"""Row "oversight": the two departments inspect, press, and report to the Minister; above them is his office."""

from datetime import date

import pytest

from models.errors import Refused
from tests.acceptance.story import COORDINATING_HEAD, COORDINATOR, Story, at, day_due, of, only, papers, subjects

pytestmark = pytest.mark.long

OFFICE = "tran.duc.thinh"


def test_late_quarterly_reports_go_to_the_ministers_office(story: Story) -> None:
    assert story.launch("oversight").created == 2
    story.tick(at(10, 5))
    letters = story.news()
    assert "mục kiểm tra, đôn đốc" in only(letters, COORDINATING_HEAD).subject
    assert "mục kiểm tra, đôn đốc" in only(letters, "ly.ngoc.anh").subject
    own, postal = story.task("oversight", "VU-VT"), story.task("oversight", "VU-BC")
    assert day_due(own) == day_due(postal) == date(2004, 6, 18)  # the 20th is a Sunday
    for task in (own, postal):
        story.act(task, "accept", story.head(task), at(11, 5, 9))

    letters = story.mornings(at(21, 6), at(28, 6))
    assert [subject for subject in subjects(letters, COORDINATING_HEAD) if "quá hạn" in subject]
    assert [subject for subject in subjects(letters, OFFICE) if "quá hạn" in subject] == []
    story.tick(at(29, 6))
    letters = story.news()
    upward = only(letters, OFFICE)
    assert upward.subject == ("[Báo cáo] 02 đơn vị quá hạn từ 07 ngày làm việc – Chỉ thị 06/2004/CT-BBCVT – 29/06/2004")
    assert len(papers(upward)) == 2
    assert [letter for letter in of(letters, COORDINATING_HEAD) if letter.subject.startswith("[Báo cáo]")] == []

    # the issuer's side decides on the coordinating unit's own date and result
    story.act(own, "ask-extension", COORDINATING_HEAD, at(30, 6, 9), due=date(2004, 7, 9), note="Chờ số liệu")
    story.tick(at(30, 6, 9))
    letters = story.news()
    assert "đề nghị gia hạn" in only(letters, OFFICE).subject and of(letters, COORDINATOR) == []
    with pytest.raises(Refused):
        story.act(own, "grant-extension", COORDINATOR, at(30, 6, 10))
    story.act(own, "grant-extension", "hoang.quoc.bao", at(30, 6, 11))
    story.submit(own, COORDINATING_HEAD, at(8, 7, 9))
    story.tick(at(8, 7, 9))
    assert "kết quả đề nghị phê duyệt" in " ".join(subjects(story.news(), OFFICE))
    for person in (COORDINATOR, COORDINATING_HEAD):
        with pytest.raises(Refused):
            story.act(own, "approve", person, at(8, 7, 10))
    story.act(own, "approve", OFFICE, at(8, 7, 11))

    # and on its peer's: both report to the Minister, through his office
    story.submit(postal, "ly.ngoc.anh", at(8, 7, 13))
    story.tick(at(8, 7, 13))
    assert "kết quả đề nghị phê duyệt" in " ".join(subjects(story.news(), OFFICE))
    for person in (COORDINATOR, COORDINATING_HEAD, "ly.ngoc.anh"):
        with pytest.raises(Refused, match="that is for: the unit that gets the result"):
            story.act(postal, "approve", person, at(8, 7, 14))
    story.act(postal, "approve", OFFICE, at(8, 7, 15))
    report = story.report(date(2004, 7, 31))
    assert (report.figures.done_on_time, report.figures.done_late) == (1, 1)
    assert report.on_original.done_late == 2
    story.tick(at(1, 8))
    assert {task.occurrence for task in story.tasks("oversight")} == {"2004-Q2", "2004-Q3"}
