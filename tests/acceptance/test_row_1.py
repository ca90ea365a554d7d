"""Row 1: obey the law, carry out security requirements. Standing: every unit attests it every half-year."""

from collections import Counter
from datetime import date

import pytest

from notifications.composing.reasons import due_words
from tests.acceptance.story import Story, at, day_due, of, only, subjects, who

pytestmark = pytest.mark.long

PERIODS = ["2004-H1", "2004-H2", "2005-H1", "2005-H2"]


def test_every_unit_attests_each_half_year_and_the_next_period_opens_by_itself(story: Story) -> None:
    everyone = story.units("department", "subordinate", "enterprise")
    outcome = story.launch("1")
    assert outcome.created == len(everyone) and outcome.armed == ("1",)
    story.tick(at(10, 5))
    letters = story.news()
    assert story.heads("department", "subordinate", "enterprise") <= set(who(letters))
    assert max(Counter(who(letters)).values()) == 1  # heads, deputies and focal points: a letter of one's own, once
    assert subjects(letters, "nguyen.thanh.tung") == [
        "[Giao nhiệm vụ] 01 nhiệm vụ chủ trì, chậm nhất ngày 04/06/2004 (mục 1, Chỉ thị 06/2004/CT-BBCVT)"
        " – Công ty Viễn thông E"
    ]
    assert "chậm nhất thứ Ba, ngày 08/06/2004" in only(letters, "luong.thi.ngan").text  # a unit of the ministry
    # 6 June is a Sunday: a report's date moves back, and says so
    assert day_due(story.task("1", "CTY-E")) == date(2004, 6, 4)
    assert due_words(story.task("1", "CTY-E").due_facts, "", "vi") == (
        "hạn 06/06/2004 rơi vào Chủ nhật, báo cáo chuyển lên ngày làm việc liền trước"
    )

    own = [task for task in story.tasks("1") if story.unit(task) == "VU-VT"]
    story.finish([task for task in story.tasks("1") if task.id != own[0].id], at(13, 5, 9))
    story.submit(own[0], "le.thi.d", at(13, 5, 9))
    story.act(own[0], "approve", "hoang.quoc.bao", at(13, 5, 9, 5))  # nobody approves their own unit's report
    story.tick(at(13, 5, 9, 30))
    assert "kết quả được phê duyệt" in only(story.news(), "nguyen.thanh.tung").subject
    assert story.mornings(at(14, 5), at(20, 6)) == []  # all done: not a word more
    figures = story.figures(date(2004, 6, 30))
    assert (figures.total, figures.done_on_time, figures.open) == (len(everyone), len(everyone), 0)

    story.tick(at(31, 10))
    assert len(story.tasks("1")) == len(everyone)
    for _again in range(2):
        story.tick(at(1, 11))
    assert Counter(task.occurrence for task in story.tasks("1")) == dict.fromkeys(PERIODS[:2], len(everyone))
    letters = story.news()
    assert story.heads("department", "subordinate", "enterprise") <= set(who(letters))
    assert "01 nhiệm vụ" in only(letters, "nguyen.thanh.tung").subject
    assert "06/12/2004" in only(letters, "nguyen.thanh.tung").text
    assert "6 tháng cuối năm 2004" in only(letters, "nguyen.thanh.tung").text
    figures = story.figures(date(2004, 11, 30))
    assert (figures.total, figures.done_on_time, figures.open_in_time) == (
        2 * len(everyone),
        len(everyone),
        len(everyone),
    )


def test_after_a_year_of_downtime_the_missed_periods_open_once_each_without_a_gap(story: Story) -> None:
    everyone = story.units("department", "subordinate", "enterprise")
    story.launch("1")
    story.finish([task for task in story.tasks("1") if story.unit(task) != "VU-VT"], at(11, 5, 9))
    story.tick(at(2, 11, year=2005))
    story.tick(at(2, 11, 9, year=2005))
    assert Counter(task.occurrence for task in story.tasks("1")) == dict.fromkeys(PERIODS, len(everyone))
    story.tick(at(2, 11, 10, year=2005))
    assert len(story.tasks("1")) == 4 * len(everyone)
    letters = of(story.news(), "nguyen.thanh.tung")
    assert len(letters) <= 2  # the approval of May, and one letter with everything that is true now
    assert "6 tháng cuối năm 2005" in letters[-1].text


def test_stand_in_and_new_head_get_the_letters_of_their_time(story: Story) -> None:
    story.absence("ta.chi.thanh", "phan.tuong.vi", date(2004, 5, 24), date(2004, 5, 28))
    story.launch("1")
    story.tick(at(10, 5))
    task = story.task("1", "CTY-M")
    story.act(task, "accept", "ta.chi.thanh", at(10, 5, 9))
    story.finish([other for other in story.tasks("1") if story.unit(other) not in ("CTY-M", "VU-VT")], at(10, 5, 10))
    story.tick(at(10, 5, 11))
    story.news()
    story.tick(at(26, 5))  # seven working days before 4 June
    letters = story.news()
    assert of(letters, "ta.chi.thanh") == []
    assert "người được uỷ quyền của Tạ Chí Thanh" in only(letters, "phan.tuong.vi").text
    story.act(task, "progress", "phan.tuong.vi", at(26, 5, 9), note="Đã rà soát xong")

    story.hand_over("CTY-M", "chu.khac.hieu", at(31, 5))
    letters = story.mornings(at(31, 5), at(3, 6))
    assert of(letters, "ta.chi.thanh") == [] and of(letters, "phan.tuong.vi") == []
    assert "01 nhiệm vụ sắp đến hạn" in subjects(letters, "chu.khac.hieu")[-1]
    story.finish([task], at(4, 6, 9))
    assert story.head(task) == "chu.khac.hieu"
    assert story.line(date(2004, 6, 30), "CTY-M").figures.done_on_time == 1
