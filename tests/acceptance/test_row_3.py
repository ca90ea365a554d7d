"""Row 3: supervise agents, train them, give figures when asked. Recurring each quarter, and on request."""

from datetime import date

import pytest

from models.errors import BadInput, Refused
from models.tasks.task import TaskStatus
from tests.acceptance.story import Story, at, day_due, of, only, subjects, who

pytestmark = pytest.mark.long


def test_each_quarter_and_figures_on_request(story: Story) -> None:
    enterprises = len(story.units("enterprise"))
    assert story.launch("3").created == enterprises
    story.finish(story.tasks("3"), at(10, 5, 9))
    story.tick(at(10, 5, 10))
    story.news()

    asked = story.request("3", "CTY-M", "T-SL", due=date(2004, 6, 18), now=at(7, 6, 9))
    assert asked.created == 2
    story.tick(at(7, 6, 9))
    letters = story.news()
    assert set(who(letters)) == {
        "ta.thi.mai",
        "phan.hoang.long",
        "chu.tuan.kien",
        "ta.chi.thanh",
        "phan.tuong.vi",
        "chu.khac.hieu",
    }
    assert "chậm nhất ngày 18/06/2004" in only(letters, "ta.chi.thanh").subject
    (fpt,) = [task for task in story.tasks("3") if story.unit(task) == "CTY-M" and "request:" in task.occurrence]
    (vdc,) = [task for task in story.tasks("3") if story.unit(task) == "T-SL" and "request:" in task.occurrence]
    story.finish([fpt], at(8, 6, 9))
    story.act(vdc, "accept", "ta.thi.mai", at(8, 6, 9))
    story.tick(at(8, 6, 10))
    story.news()
    story.tick(at(21, 6))
    assert "01 nhiệm vụ quá hạn" in only(story.news(), "ta.thi.mai").subject
    story.finish([vdc], at(21, 6, 10))

    story.tick(at(1, 8))  # a Sunday: the third quarter opens, its letters wait for Monday
    assert story.news() == [] or all("phê duyệt" in subject for subject in subjects(story.told[-3:]))
    story.tick(at(2, 8))
    letters = story.news()
    assert len(story.tasks("3", occurrence="2004-Q3")) == enterprises
    assert "quý III/2004" in of(letters, "ta.chi.thanh")[-1].text
    assert day_due(story.task("3", "CTY-M", "2004-Q3")) == date(2004, 9, 6)
    story.finish(story.tasks("3", is_open=True), at(3, 8, 9))
    figures = story.figures(date(2004, 9, 30))
    assert (figures.total, figures.done_on_time, figures.done_late) == (2 * enterprises + 2, 2 * enterprises + 1, 1)


def test_vtn_hands_it_on_to_its_centres_and_reports_once_both_have(story: Story) -> None:
    story.launch("3")
    parent = story.task("3", "T-LT")
    story.finish([task for task in story.tasks("3") if task.id != parent.id], at(10, 5, 9))
    with pytest.raises(BadInput, match="T-SL-KV1"):
        story.act(parent, "cascade", "duong.trong.nghia", at(11, 5, 9), units=("T-SL-KV1",))
    with pytest.raises(BadInput, match="after the parent"):
        story.act(parent, "cascade", "duong.trong.nghia", at(11, 5, 9), units=("T-LT-KV1",), due=date(2004, 6, 7))
    story.act(
        parent, "cascade", "duong.trong.nghia", at(11, 5, 9), units=("T-LT-KV1", "T-LT-KV2"), due=date(2004, 5, 28)
    )
    story.tick(at(11, 5, 10))
    letters = story.news()
    assert "chậm nhất ngày 28/05/2004" in only(letters, "duong.minh.quan").subject
    assert "chậm nhất ngày 28/05/2004" in only(letters, "doan.thi.ngan").subject
    first, second = story.task("3", "T-LT-KV1", child=True), story.task("3", "T-LT-KV2", child=True)
    with pytest.raises(Refused, match="still open"):
        story.submit(parent, "duong.trong.nghia", at(12, 5, 9))
    for child in (first, second):
        story.act(child, "accept", story.head(child), at(12, 5, 9))
    with pytest.raises(Refused):
        story.act(first, "withdraw", "tran.hai.dang", at(12, 5, 9), note="không")  # another enterprise's head
    story.submit(first, "duong.minh.quan", at(27, 5, 9))
    story.tick(at(27, 5, 9))
    letters = story.news()
    assert any("kết quả đề nghị phê duyệt" in subject for subject in subjects(letters, "duong.trong.nghia"))
    assert not any("Trung tâm" in letter.text for letter in of(letters, "le.thi.c"))  # of T-LT's own task alone
    story.act(first, "approve", "duong.trong.nghia", at(27, 5, 10))

    # the second centre is seven working days late: the parent's lead hears it, not the ministry
    story.tick(at(8, 6))
    upward = [letter for letter in of(story.news(), "duong.trong.nghia") if letter.subject.startswith("[Báo cáo]")]
    assert len(upward) == 1 and "Trung tâm Viễn thông khu vực II" in upward[0].text
    story.submit(second, "doan.thi.ngan", at(8, 6, 9))
    story.act(second, "approve", "duong.trong.nghia", at(8, 6, 10))
    story.tick(at(8, 6, 10))
    assert "đơn vị trực thuộc hoàn thành" in " ".join(subjects(story.news(), "duong.trong.nghia"))
    story.submit(parent, "duong.trong.nghia", at(8, 6, 11))
    story.act(parent, "approve", "le.thi.c", at(8, 6, 12))
    assert story.again(parent).status is TaskStatus.APPROVED
    figures = story.figures(date(2004, 6, 30))
    enterprises = len(story.units("enterprise"))
    assert (figures.total, figures.done_late) == (enterprises, 1)  # the centres' tasks are shown under T-LT's
    assert {line.code for line in story.report(date(2004, 6, 30)).by_unit} == story.units("enterprise")
