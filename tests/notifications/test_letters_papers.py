"""The drafts that go with letters upward: official form, nothing invented, one unit each."""

import email
from dataclasses import replace
from email import policy

import pytest

from notifications.composing.compose import compose
from notifications.composing.papers import draft_papers
from notifications.composing.view import LetterView
from tests.notifications import samples


def test_each_unit_has_a_draft_of_its_own_and_reads_of_no_other() -> None:
    papers = draft_papers(LetterView(samples.upward()))
    assert len(papers) == 4
    for paper in papers:
        others = {other.unit for other in papers} - {paper.unit}
        assert f"Kính gửi: {paper.unit}" in paper.text
        assert not any(other in paper.text for other in others)


@pytest.mark.parametrize(("number", "to_leaders"), [(1, False), (2, True), (3, True)])
def test_from_the_second_time_the_leaders_of_the_ministry_are_informed(number: int, to_leaders: bool) -> None:
    text = draft_papers(LetterView(samples.upward(press_number=number)))[0].text
    assert f"(lần {number})" in text
    assert ("- Lãnh đạo Bộ (để b/c);" in text) is to_leaders


def test_a_draft_leaves_number_day_and_name_blank_and_criticises_nobody() -> None:
    text = "\f".join(paper.text for paper in draft_papers(LetterView(samples.upward(press_number=2))))
    assert "DỰ THẢO" in text
    assert "Số:      /…" in text
    assert "ngày … tháng … năm 2004" in text
    assert "BỘ BƯU CHÍNH, VIỄN THÔNG" in text
    assert "TL. BỘ TRƯỞNG" in text
    assert "VỤ TRƯỞNG VỤ VIỄN THÔNG" in text
    assert "Lê Thị D" not in text
    assert "Lê Thị C" not in text
    for word in ("phê bình", "kiểm điểm", "kỷ luật", "trách nhiệm", "nghiêm túc", "!"):
        assert word not in text


def test_a_wait_is_stated_in_the_draft() -> None:
    waiting = draft_papers(LetterView(samples.upward()))[3].text
    assert "Tình trạng: đề nghị gia hạn, chờ quyết định từ ngày 05/07/2004." in waiting
    assert "chưa ghi nhận kết quả" not in waiting


def test_a_parent_organisation_signs_in_its_own_name() -> None:
    parent = replace(samples.SUPERVISOR, title="Tổng giám đốc", unit_name="Tổng công ty Bưu chính V")
    text = draft_papers(LetterView(replace(samples.upward(), recipient=parent)))[0].text
    assert "TL. BỘ TRƯỞNG" not in text
    assert "BỘ BƯU CHÍNH" not in text
    assert "TỔNG GIÁM ĐỐC TỔNG CÔNG TY BƯU CHÍNH V" in text


def test_to_the_issuer_goes_one_submission_for_a_person_to_sign() -> None:
    papers = draft_papers(LetterView(samples.upward(rung="to_issuer", press_number=3)))
    assert [paper.kind for paper in papers] == ["submission"]
    assert "PHIẾU TRÌNH" in papers[0].text
    assert "Kính trình: Lãnh đạo Bộ" in papers[0].text
    assert papers[0].text.count("quá hạn 07 ngày làm việc") == 4


@pytest.mark.parametrize("language", ["vi", "en"])
def test_drafts_are_attached_as_plain_text_and_announced(language: str) -> None:
    composed = compose(samples.upward(language))
    attached = list(email.message_from_bytes(composed.content, policy=policy.default).iter_attachments())
    papers = draft_papers(LetterView(samples.upward(language)))
    assert [part.get_filename() for part in attached] == [paper.filename for paper in papers]
    for part, paper in zip(attached, papers, strict=True):
        assert part.get_content_type() == "text/plain"
        assert part.get_content().replace("\r\n", "\n") == paper.text
        assert paper.filename in composed.text
        assert paper.filename.isascii()


@pytest.mark.parametrize("rung", ["pressed_1", "to_issuer"])
def test_each_late_task_offers_the_next_steps(rung: str) -> None:
    composed = compose(samples.upward(rung=rung))
    assert composed.subject == "[Báo cáo] 04 đơn vị quá hạn từ 07 ngày làm việc – Chỉ thị 06/2004/CT-BBCVT – 09/07/2004"
    sign = "Ký công văn đôn đốc" if rung == "pressed_1" else "Ký phiếu trình"
    for words in (sign, "Kiểm tra việc thực hiện", "Gia hạn (nếu thuộc thẩm quyền)", "Báo cáo Bộ trưởng"):
        assert composed.text.count(words) == 4
        assert composed.html.count(words) == 4
    assert "kính báo cáo Bà" in composed.text
    assert "Kính trình Bà xem xét, quyết định." in composed.text
    assert "Đang chờ: đề nghị gia hạn, chờ quyết định từ ngày 05/07/2004" in composed.text
    assert "Ý kiến gần nhất của đơn vị: “Đã dự thảo phương án" in composed.text


def test_a_drill_is_marked_in_its_drafts() -> None:
    facts = replace(samples.upward(), is_drill=True)
    assert all("DIỄN TẬP" in paper.text for paper in draft_papers(LetterView(facts)))
