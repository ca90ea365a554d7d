"""Row 2.b: protection forces and equipment. Standing, attested each half-year by classified mail."""

from datetime import date

import pytest

from models.errors import Refused
from models.tasks.evidence_files import GivenFile
from tests.acceptance.story import Story, at, only, subjects, who

pytestmark = pytest.mark.long


def test_enterprises_attest_by_classified_mail_and_the_next_half_year_opens(story: Story) -> None:
    enterprises = story.units("enterprise")
    assert story.launch("2.b").created == len(enterprises)
    story.tick(at(10, 5))
    letters = story.news()
    assert set(who(letters)) & story.heads("department", "subordinate") == set()  # enterprises alone
    assert "gửi theo đường công văn mật" in only(letters, "ta.chi.thanh").text
    assert "chậm nhất ngày 04/06/2004" in only(letters, "ta.chi.thanh").subject

    fpt = story.task("2.b", "CTY-M")
    story.finish([task for task in story.tasks("2.b") if task.id != fpt.id], at(11, 5, 9), classified=True)
    with pytest.raises(Refused, match="classified mail"):
        story.submit(fpt, "ta.chi.thanh", at(12, 5, 9))
    paper = story.settings.data / "so-lieu.pdf"
    paper.write_bytes(b"%PDF-1.4")
    with pytest.raises(Refused, match="classified mail"):
        story.act(
            fpt,
            "submit",
            "ta.chi.thanh",
            at(12, 5, 9),
            number="1/M",
            date=date(2004, 5, 12),
            file=(GivenFile.at(paper),),
        )
    story.submit_classified(fpt, "ta.chi.thanh", at(12, 5, 9))
    story.act(fpt, "approve", "le.thi.c", at(12, 5, 10))
    assert not story.settings.evidence.exists()
    story.tick(at(12, 5, 11))
    story.news()
    assert story.mornings(at(13, 5), at(8, 6)) == []

    story.tick(at(1, 11))
    assert len(story.tasks("2.b", occurrence="2004-H2")) == len(enterprises)
    assert "chậm nhất thứ Hai, ngày 06/12/2004" in only(story.news(), "ta.chi.thanh").text
    story.finish(story.tasks("2.b", occurrence="2004-H2"), at(2, 11, 9), classified=True)
    story.tick(at(2, 11, 10))
    assert "kết quả được phê duyệt" in subjects(story.news(), "ta.chi.thanh")[0]
    figures = story.figures(date(2004, 12, 31))
    assert (figures.total, figures.done_on_time, figures.open) == (2 * len(enterprises), 2 * len(enterprises), 0)
