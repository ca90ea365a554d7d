"""Row 2.a: keep communications up. Contingency: armed at launch, declared later, its clock in hours, day and night."""

from datetime import date, datetime

import pytest

from models.tasks.task import TaskStatus
from models.text.localtime import local
from tests.acceptance.story import Story, at, of, only, papers, subjects, who

pytestmark = pytest.mark.long

NIGHT = at(12, 6, 22, 30)  # a Saturday


def test_an_incident_runs_by_the_hour_through_the_night_until_it_is_stood_down(story_on_both: Story) -> None:
    story = story_on_both
    outcome = story.launch("2.a")
    assert (outcome.created, outcome.armed) == (0, ("2.a",))
    story.mornings(at(10, 5), at(12, 5))
    assert story.told == [] and story.tasks("2.a") == []

    incident = story.declare("2.a", "T-LT", "CTY-E", "CTY-M", now=NIGHT)
    story.tick(NIGHT)
    letters = story.news()
    assert set(who(letters)) == {
        "duong.trong.nghia",
        "ly.gia.huy",
        "doan.thi.hanh",
        "nguyen.thanh.tung",
        "tran.minh.chau",
        "pham.dinh.khoi",
        "ta.chi.thanh",
        "phan.tuong.vi",
        "chu.khac.hieu",
    }
    assert len(letters) == 9
    assert all(letter.subject.startswith("[Tình huống] 01 nhiệm vụ được giao, chậm nhất ") for letter in letters)
    assert all("(mục 2.a, " in letter.subject for letter in letters)
    assert local(only(letters, "ta.chi.thanh").date or NIGHT) == local(NIGHT)
    story.act(story.task("2.a", "T-LT"), "accept", "duong.trong.nghia", at(12, 6, 22, 45))
    story.act(
        story.task("2.a", "CTY-M"),
        "telephone",
        "le.thi.c",
        at(12, 6, 23),
        answered_by="Trực ban",
        at=datetime(2004, 6, 12, 22, 55),
    )

    story.tick(at(12, 6, 23, 29))
    assert story.news() == []
    story.tick(at(12, 6, 23, 30))  # one hour: not accepted
    letters = story.news()
    assert who(letters) == ["le.thi.c", "nguyen.thanh.tung", "ta.chi.thanh"]
    assert "02 nhiệm vụ chưa tiếp nhận" in only(letters, "le.thi.c").subject

    vtn = story.task("2.a", "T-LT")
    story.submit_classified(vtn, "duong.trong.nghia", at(13, 6, 9))
    story.act(vtn, "approve", "le.thi.c", at(13, 6, 9, 30))
    story.act(story.task("2.a", "CTY-M"), "accept", "ta.chi.thanh", at(13, 6, 10))
    story.tick(at(13, 6, 11))
    assert "Kết quả đã được phê duyệt" in only(story.news(), "duong.trong.nghia").text
    story.tick(at(13, 6, 22, 30))  # 24 hours: the date
    assert who(story.news()) == ["nguyen.thanh.tung", "ta.chi.thanh"]
    story.tick(at(13, 6, 23, 30))  # one hour over
    letters = story.news()
    assert who(letters) == ["le.thi.c", "nguyen.thanh.tung", "ta.chi.thanh"]
    assert "quá hạn" in only(letters, "ta.chi.thanh").subject
    story.tick(at(14, 6, 2, 30))  # four hours over: upward, at half past two in the night
    letters = story.news()
    assert who(letters) == ["le.thi.d", "nguyen.thanh.tung", "ta.chi.thanh"]
    assert "02 nhiệm vụ quá hạn" in only(letters, "le.thi.d").subject
    assert papers(only(letters, "le.thi.d")) == {}

    assert story.stand_down(incident, at(14, 6, 3)) == 2
    story.tick(at(14, 6, 3, 1))
    letters = story.news()
    assert {"nguyen.thanh.tung", "ta.chi.thanh"} <= set(who(letters))
    assert of(letters, "duong.trong.nghia") == []  # had done theirs
    assert subjects(letters, "ta.chi.thanh")[0].startswith("[Tình huống] kết thúc, 01 nhiệm vụ được thu hồi")
    assert [task.status for task in story.tasks("2.a", is_open=True)] == []
    assert story.again(vtn).status is TaskStatus.APPROVED
    assert story.mornings(at(14, 6), at(16, 6)) == []
    figures = story.figures(date(2004, 6, 30))
    assert (figures.total, figures.done_on_time) == (1, 1)  # what was withdrawn leaves the total


def test_a_drill_says_so_in_every_letter_and_stays_outside_the_report(story: Story) -> None:
    story.launch("2.a")
    incident = story.declare("2.a", "T-LT", "CTY-M", now=NIGHT, drill=True)
    for moment in (NIGHT, at(12, 6, 23, 30), at(13, 6, 22, 30), at(13, 6, 23, 30), at(14, 6, 2, 30)):
        story.tick(moment)
    vtn = story.task("2.a", "T-LT")
    story.submit_classified(vtn, "duong.trong.nghia", at(14, 6, 3))
    story.act(vtn, "return", "le.thi.c", at(14, 6, 3, 10), note="Đề nghị ghi rõ số")
    story.submit_classified(vtn, "duong.trong.nghia", at(14, 6, 3, 20))
    story.act(vtn, "approve", "le.thi.c", at(14, 6, 3, 30))
    story.tick(at(14, 6, 3, 31))
    story.stand_down(incident, at(14, 6, 4))
    story.tick(at(14, 6, 4))
    story.mornings(at(14, 6), at(15, 6))
    letters = story.told
    assert len(letters) > 15
    for letter in letters:
        assert "DIỄN TẬP" in letter.subject and letter.text.count("DIỄN TẬP") >= 2 and "DIỄN TẬP" in letter.html
    assert story.figures(date(2004, 6, 30)).total == 0
