"""Row 4: a study of tariff exemption by the Department of Planning and Finance alone, launched without a deadline."""

from datetime import date

import pytest

from models.errors import BadInput, Refused
from models.tasks.evidence_files import GivenFile
from models.tasks.task import DueFixedBy, TaskStatus
from tests.acceptance.story import LAUNCH, Story, at, day_due, entry, of, only, subjects, who

pytestmark = pytest.mark.long

HEAD = "luong.thi.ngan"


def test_the_study_from_a_launch_without_a_date_to_its_approval(story_on_both: Story) -> None:
    story = story_on_both
    assert story.launch("4").created == 1
    story.tick(LAUNCH)
    letters = story.news()
    assert who(letters) == [HEAD, "phan.ngoc.son", "ta.ba.toan"]  # head, focal point, deputy in charge: one each
    assert only(letters, HEAD).subject == (
        "[Giao nhiệm vụ] 01 nhiệm vụ chủ trì, chưa xác định thời hạn (mục 4, Chỉ thị 06/2004/CT-BBCVT)"
        " – Vụ Kế hoạch – Tài chính"
    )
    assert only(letters, HEAD).attachments == ()
    task = story.task("4", "VU-KHTC")
    story.act(task, "assign", HEAD, at(11, 5, 9), to="chu.bich.dao")
    story.tick(at(11, 5, 9))
    assert who(story.news()) == ["chu.bich.dao"]
    story.tick(at(12, 5, 7, 59))
    assert story.news() == []
    story.tick(at(12, 5))  # two working days without a deadline
    assert subjects(story.news()) == ["[Đôn đốc] 01 nhiệm vụ cần ấn định thời hạn – Vụ Viễn thông – 12/05/2004"]
    assert who(story.told[-1:]) == ["le.thi.c"]
    figures = story.figures(date(2004, 5, 12))
    assert (figures.total, figures.open_in_time, figures.no_deadline) == (1, 1, 1)

    story.act(task, "set-date", "le.thi.c", at(13, 5, 9), due=date(2004, 6, 30))
    story.tick(at(13, 5, 9))
    letters = story.news()
    assert who(letters) == ["chu.bich.dao", HEAD]
    first = entry(only(letters, HEAD))
    assert (first["DTSTART"].dt, int(first["SEQUENCE"])) == (date(2004, 6, 30), 1)
    assert "chậm nhất ngày 30/06/2004" in only(letters, HEAD).subject

    story.act(
        task, "ask-extension", "chu.bich.dao", at(11, 6, 9), due=date(2004, 8, 31), note="Chờ ý kiến Bộ Tài chính"
    )
    story.tick(at(11, 6, 9))
    letters = story.news()
    assert "đề nghị gia hạn" in only(letters, "le.thi.c").subject
    assert "31/08/2004" in only(letters, "le.thi.c").text
    with pytest.raises(Refused, match="open already"):
        story.act(task, "ask-extension", HEAD, at(14, 6, 10), due=date(2004, 7, 31), note="x")
    story.act(task, "counter-extension", "le.thi.c", at(15, 6, 9), due=date(2004, 7, 15), note="Cần sớm hơn")
    story.tick(at(15, 6, 9))
    assert "15/07/2004" in only(story.news(), HEAD).text
    assert day_due(story.again(task)) == date(2004, 6, 30)
    story.act(task, "agree-extension", HEAD, at(16, 6, 9))
    story.tick(at(16, 6, 9))
    letters = story.news()
    assert set(who(letters)) == {"le.thi.c", "chu.bich.dao", HEAD}
    moved = entry(only(letters, "chu.bich.dao"))
    assert (moved["DTSTART"].dt, int(moved["SEQUENCE"]), moved["UID"]) == (date(2004, 7, 15), 2, first["UID"])
    assert entry(only(letters, HEAD))["UID"] == first["UID"]

    with pytest.raises(BadInput, match="subject"):
        story.act(task, "submit", HEAD, at(12, 7, 9), number="9/TTr", date=date(2004, 7, 12))
    paper = story.settings.data / "to-trinh.pdf"
    paper.write_bytes(b"%PDF-1.4 to trinh")
    story.submit(task, "chu.bich.dao", at(12, 7, 9), file=(GivenFile.at(paper),))
    story.tick(at(12, 7, 9))
    assert "kết quả đề nghị phê duyệt" in " ".join(subjects(story.news(), "le.thi.c"))
    assert len([path for path in story.settings.evidence.rglob("*") if path.is_file()]) == 1
    story.act(task, "return", "le.thi.c", at(13, 7, 9), note="Đề nghị bổ sung ý kiến Vụ Pháp chế")
    story.tick(at(13, 7, 9))
    letters = [letter for letter in story.news() if "đề nghị bổ sung kết quả" in letter.subject]
    assert who(letters) == ["chu.bich.dao", HEAD]
    assert "Đề nghị bổ sung ý kiến Vụ Pháp chế" in only(letters, HEAD).text
    story.tick(at(15, 7))
    assert "01 nhiệm vụ đến hạn hôm nay" in only(story.news(), "chu.bich.dao").subject
    story.submit(task, "chu.bich.dao", at(15, 7, 16), file=(GivenFile.at(paper),))
    story.act(task, "approve", "le.thi.c", at(20, 7, 9), note="Đạt yêu cầu")
    story.tick(at(20, 7, 9))
    letters = story.news()
    assert "kết quả được phê duyệt" in only(letters, HEAD).subject
    assert story.mornings(at(21, 7), at(3, 8)) == []

    report = story.report(date(2004, 7, 31))
    assert (report.figures.total, report.figures.done_on_time) == (1, 1)
    assert report.on_original.done_late == 1  # an extension cannot hide lateness
    done = story.again(task)
    assert (done.status, done.due_fixed_by) == (TaskStatus.APPROVED, DueFixedBy.ASSIGNER)


def test_not_our_function_moves_the_lead_and_both_heads_hear_it(story: Story) -> None:
    story.launch("4", due=date(2004, 6, 30))
    story.tick(LAUNCH)
    story.news()
    task = story.task("4", "VU-KHTC")
    story.act(task, "not-ours", HEAD, at(11, 5, 9), note="Thuộc chức năng của Vụ Pháp chế", to="VU-PC")
    story.tick(at(11, 5, 9))
    assert "đề nghị chuyển đơn vị chủ trì" in only(story.news(), "le.thi.c").subject
    story.tick(at(12, 5))  # who waits for the decision is not pressed to accept
    assert of(story.news(), HEAD) == []
    story.tick(at(14, 5))  # three working days: the one who must decide is reminded
    assert "đề nghị quyết định" in only(story.news(), "le.thi.c").subject
    story.act(task, "change-lead", "le.thi.c", at(14, 5, 9), to="VU-PC", note="Đồng ý")
    story.tick(at(14, 5, 9))
    letters = story.news()
    assert set(who(letters)) == {HEAD, "quach.viet.hung"}
    for letter in letters:
        assert "chuyển đơn vị chủ trì" in letter.subject and "Vụ Pháp chế" in letter.text
    story.tick(at(18, 5))  # two working days later the new lead is asked to accept, the former one hears no more
    letters = story.news()
    assert of(letters, HEAD) == []
    assert "01 nhiệm vụ chưa tiếp nhận" in only(letters, "quach.viet.hung").subject
    story.submit(task, "quach.viet.hung", at(19, 5, 9))
    story.act(task, "approve", "le.thi.c", at(19, 5, 10))
    assert story.line(date(2004, 6, 30), "VU-PC").figures.done_on_time == 1
    assert [line.code for line in story.report(date(2004, 6, 30)).by_unit] == ["VU-PC"]
