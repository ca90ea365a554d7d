"""Row "obstacles": difficulties go to the Ministry to be resolved, on a task or in general, with their own clock."""

from datetime import date

import pytest

from models.errors import Refused
from models.tasks.task import WaitKind
from tests.acceptance.story import Story, at, day_due, of, only, subjects

pytestmark = pytest.mark.long

HEAD = "nguyen.thanh.tung"


def test_obstacle_silences_the_unit_but_not_upward_rungs(story: Story) -> None:
    story.launch("2", due=date(2004, 6, 4))
    task = story.task("2", "CTY-E")
    story.finish([one for one in story.tasks("2") if one.id != task.id], at(10, 5, 9), classified=True)
    story.act(task, "accept", HEAD, at(10, 5, 9))
    story.tick(at(10, 5, 10))
    story.news()
    story.act(task, "raise-obstacle", HEAD, at(1, 6, 9), note="Chưa thống nhất được đầu mối phối hợp")
    story.tick(at(1, 6, 9))
    letters = story.news()
    assert "khó khăn, vướng mắc" in only(letters, "le.thi.c").subject  # who follows it up
    assert "Chưa thống nhất được đầu mối phối hợp" in only(letters, "le.thi.d").text  # who must answer
    with pytest.raises(Refused, match="open already"):
        story.act(task, "raise-obstacle", HEAD, at(2, 6, 9), note="nữa")

    letters = story.mornings(at(2, 6), at(15, 6))
    reminders = [subject for subject in subjects(letters, HEAD) if not subject.startswith("[Tổng hợp tuần]")]
    assert reminders == []  # due on the 4th, overdue on the 7th and 10th, pressed on the 15th: all silent
    assert any("đề nghị quyết định" in subject for subject in subjects(letters, "le.thi.d"))  # the day before the date
    assert any(
        "đề nghị quyết định" in subject for subject in subjects(letters, "tran.duc.thinh")
    )  # on it: her superior
    (upward,) = [letter for letter in of(letters, "le.thi.d") if letter.subject.startswith("[Báo cáo]")]
    assert "15/06/2004" in upward.subject
    assert "khó khăn, vướng mắc đã báo cáo, chờ trả lời" in upward.text

    with pytest.raises(Refused):
        story.act(task, "answer-obstacle", HEAD, at(16, 6, 9), note="tự trả lời")
    story.act(task, "answer-obstacle", "le.thi.d", at(16, 6, 9), note="Làm việc qua Phòng Hậu cần")
    story.tick(at(16, 6, 9))
    news = {letter.subject.startswith("[Thông báo]"): letter for letter in of(story.news(), HEAD)}
    reminder, letter = news[False], news[True]  # and what was silenced is said, now that it is theirs again
    assert "01 nhiệm vụ quá hạn" in reminder.subject
    assert "trả lời khó khăn, vướng mắc" in letter.subject and "Làm việc qua Phòng Hậu cần" in letter.text
    assert story.again(task).wait_kind is None
    story.tick(at(25, 6))  # fifteen working days: the ladder is the unit's again
    assert "01 nhiệm vụ quá hạn" in only(story.news(), HEAD).subject
    story.finish([task], at(28, 6, 9), classified=True)
    figures = story.figures(date(2004, 6, 30))
    enterprises = len(story.units("enterprise"))
    assert (figures.total, figures.done_on_time, figures.done_late) == (enterprises, enterprises - 1, 1)


def test_general_obstacle_becomes_a_task_of_the_authority(story: Story) -> None:
    outcome = story.launch("obstacles")
    assert (outcome.created, outcome.armed) == (0, ("obstacles",))
    story.tick(at(10, 5))
    assert story.news() == []
    with pytest.raises(Refused, match="only the head"):
        story.report_general_obstacle("hoang.anh.kiet", "Thiếu mẫu biểu", at(24, 5, 9))
    assert story.report_general_obstacle(HEAD, "Chưa có mẫu biểu thống nhất", at(24, 5, 9)).created == 1
    story.tick(at(24, 5, 9))
    task = story.task("obstacles", "VU-VT")
    assert day_due(task) == date(2004, 5, 31)  # five working days
    letters = story.news()
    assert "mục báo cáo khó khăn, vướng mắc" in only(letters, "le.thi.d").subject
    story.act(task, "assign", "le.thi.d", at(25, 5, 9), to="duong.thanh.tung")
    story.tick(at(25, 5, 9))
    assert "phân công" in only(story.news(), "duong.thanh.tung").subject
    story.submit(task, "duong.thanh.tung", at(28, 5, 9))
    story.tick(at(28, 5, 9))
    assert "kết quả đề nghị phê duyệt" in only(story.news(), HEAD).subject
    with pytest.raises(Refused):
        story.act(task, "approve", "le.thi.d", at(28, 5, 10))  # the answering unit does not judge its own answer
    story.act(task, "return", HEAD, at(28, 5, 10), note="Chưa rõ kỳ số liệu")
    story.submit(task, "duong.thanh.tung", at(31, 5, 9))
    story.act(task, "approve", HEAD, at(31, 5, 15))
    story.tick(at(31, 5, 15))
    assert "kết quả được phê duyệt" in " ".join(subjects(story.news(), "le.thi.d"))
    figures = story.figures(date(2004, 6, 30))
    assert (figures.total, figures.done_on_time) == (1, 1)
    assert story.again(task).wait_kind is not WaitKind.OBSTACLE
