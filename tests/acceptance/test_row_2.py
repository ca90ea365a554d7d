"""Row 2: an action plan with the local police. One-off, sent by classified mail; the whole ladder upward."""

from datetime import date
from io import BytesIO

import pytest

from models.database.rows import table_of
from models.errors import Refused
from models.tasks.evidence_files import GivenFile
from models.tasks.task import Result
from tests.acceptance.story import Story, at, of, only, papers, subjects, who

pytestmark = pytest.mark.long

DUE = date(2004, 6, 30)  # a Wednesday
LATE = ("CTY-E", "T-LT", "CTY-R")


def launched(story: Story, *late: str) -> None:
    """Everybody but the late ones has sent the plan by classified mail, and it is approved."""
    story.launch("2", due=DUE)
    story.finish([task for task in story.tasks("2") if story.unit(task) not in late], at(10, 5, 9), classified=True)
    for unit in late:
        task = story.task("2", unit)
        story.act(task, "accept", story.head(task), at(10, 5, 10))


def test_a_late_plan_goes_up_the_ladder_until_its_number_and_date_are_recorded(story_on_both: Story) -> None:
    story = story_on_both
    launched(story, *LATE)
    story.tick(at(10, 5, 11))
    assert "Công an địa phương" in only(story.news(), "nguyen.thanh.tung").text  # named, never written to

    seen = {}
    for morning in (at(21, 6), at(25, 6), at(29, 6), at(30, 6), at(1, 7), at(6, 7)):
        story.tick(morning)
        seen[morning] = story.news()
        assert of(seen[morning], "le.thi.d") == []  # nothing upward yet
    assert [subjects(letters, "nguyen.thanh.tung") for letters in seen.values()] == [
        ["[Đôn đốc] 01 nhiệm vụ sắp đến hạn – Công ty Viễn thông E – 21/06/2004"],
        ["[Đôn đốc] 01 nhiệm vụ sắp đến hạn – Công ty Viễn thông E – 25/06/2004"],
        ["[Đôn đốc] 01 nhiệm vụ sắp đến hạn – Công ty Viễn thông E – 29/06/2004"],
        ["[Đôn đốc] 01 nhiệm vụ đến hạn hôm nay – Công ty Viễn thông E – 30/06/2004"],
        ["[Đôn đốc] 01 nhiệm vụ quá hạn – Công ty Viễn thông E – 01/07/2004"],
        ["[Đôn đốc] 01 nhiệm vụ quá hạn – Công ty Viễn thông E – 06/07/2004"],
    ]
    assert "03 nhiệm vụ quá hạn" in only(seen[at(1, 7)], "le.thi.c").subject

    story.tick(at(9, 7))
    letters = story.news()
    telecom, postal = only(letters, "le.thi.d"), only(letters, "ly.ngoc.anh")
    assert telecom.subject == (
        "[Báo cáo] 02 đơn vị quá hạn từ 07 ngày làm việc – Chỉ thị 06/2004/CT-BBCVT – 09/07/2004"
    )
    assert postal.subject.startswith("[Báo cáo] 01 đơn vị quá hạn từ 07 ngày làm việc")
    drafts = papers(telecom)
    assert len(drafts) == 2  # one for each unit: no unit reads of another
    assert all("(lần 1)" in draft and "DỰ THẢO" in draft and "Số:      /" in draft for draft in drafts.values())
    assert [name for name in drafts if "vien-thong-e" in name and "liên tỉnh" not in drafts[name]]
    head = only(letters, "nguyen.thanh.tung")
    assert "01 nhiệm vụ quá hạn" in head.subject
    assert "Đã đôn đốc: 02 lần (01/07, 06/07/2004)" in head.text
    for letter in of(letters, "nguyen.thanh.tung") + of(letters, "margaret.lindqvist"):
        assert "Công ty Viễn thông liên tỉnh T" not in letter.text  # an enterprise never sees another's lateness
    assert of(letters, "margaret.lindqvist")[0].subject.startswith("[Reminder] 1 task overdue")
    assert of(letters, "bui.thi.tam") == []  # the parent organisation hears at the next rung

    task = story.task("2", "T-LT")
    story.act(task, "press-signed", "le.thi.d", at(9, 7, 14), number="118/BBCVT-VT", date=date(2004, 7, 9), signer="D")
    story.tick(at(21, 7))
    letters = story.news()
    assert "từ 15 ngày làm việc" in only(letters, "le.thi.d").subject
    second = papers(only(letters, "le.thi.d"))
    assert sorted("lần 2" in draft for draft in second.values()) == [False, True]  # one was signed, one never was
    assert all("Lãnh đạo Bộ (để b/c)" in draft for draft in second.values())
    assert "Công ty Viễn thông liên tỉnh T" in only(letters, "bui.thi.tam").text  # TCT-T, above T-LT

    story.tick(at(30, 7))
    letters = story.news()
    (paper,) = papers(only(letters, "le.thi.d")).values()
    assert "PHIẾU TRÌNH" in paper and "Công ty Viễn thông E" in paper
    assert not set(who(letters)) & {"nguyen.minh.quan", "tran.duc.thinh"}  # never to the Minister by itself

    for unit in LATE:
        late = story.task("2", unit)
        with pytest.raises(Refused, match="classified mail"):
            story.submit(
                late, story.head(late), at(2, 8, 9), file=(GivenFile("phuong-an.pdf", lambda: BytesIO(b"%PDF-")),)
            )
        story.submit_classified(late, story.head(late), at(2, 8, 9))
        story.act(late, "approve", "le.thi.c", at(2, 8, 10))
    story.tick(at(2, 8, 11))
    assert "kết quả được phê duyệt" in subjects(story.news(), "nguyen.thanh.tung")[-1]
    assert [len(story.mornings(at(3, 8), at(10, 8))), list(story.settings.evidence.glob("*"))] == [0, []]
    figures = story.figures(date(2004, 8, 31))
    enterprises = len(story.units("enterprise"))
    assert (figures.total, figures.done_on_time, figures.done_late) == (enterprises, enterprises - 3, 3)
    early = story.figures(date(2004, 7, 15))
    assert (early.open_overdue, early.done_on_time) == (3, enterprises - 3)  # the same question, the same answer


def test_the_result_keeps_number_and_date_and_no_subject(story: Story) -> None:
    launched(story, "CTY-E")
    task = story.task("2", "CTY-E")
    with pytest.raises(Refused, match="classified mail"):
        story.submit(task, "nguyen.thanh.tung", at(11, 5, 9))
    story.submit_classified(task, "nguyen.thanh.tung", at(11, 5, 9))
    with story.engine.connect() as connection:
        row = connection.execute(table_of(Result).select().where(table_of(Result).c.task_id == task.id)).one()
    assert (row.number, row.document_date, row.subject, row.is_classified) == ("07/M", date(2004, 5, 11), "", True)
