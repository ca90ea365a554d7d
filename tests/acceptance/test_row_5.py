"""Row 5: support training, second able staff, study solutions. Standing, with the police's units as partners."""

from datetime import date

import pytest
from sqlmodel import select

from models.database.session import reading
from models.organization.unit import Unit
from models.tasks.task import Contribution
from tests.acceptance.story import Story, at, day_due, of, only, subjects

pytestmark = pytest.mark.long


def test_partners_share_is_recorded_without_a_letter(story: Story) -> None:
    everyone = story.units("department", "subordinate", "enterprise")
    assert story.launch("5").created == len(everyone)
    story.tick(at(10, 5))
    letters = story.news()
    assert "Phối hợp: Các đơn vị nghiệp vụ của Bộ Công an" in only(letters, "au.tien.dat").text
    with reading(story.engine) as session:
        shares = session.exec(select(Contribution)).all()
        assert {session.get_one(Unit, share.unit_id).code for share in shares} == {"CA-NV"}
    assert len(shares) == len(everyone)
    assert (day_due(story.task("5", "CTY-O")), day_due(story.task("5", "VU-TCCB"))) == (
        date(2004, 6, 4),
        date(2004, 6, 8),
    )

    late = {"CTY-O", "VU-TCCB", "VU-VT"}
    story.finish([task for task in story.tasks("5") if story.unit(task) not in late], at(11, 5, 9))
    for unit in sorted(late):
        task = story.task("5", unit)
        story.act(task, "accept", story.head(task), at(11, 5, 10))
    own = story.task("5", "VU-VT")
    story.submit(own, "le.thi.d", at(11, 5, 11))
    story.act(own, "approve", "tran.duc.thinh", at(11, 5, 14))
    story.tick(at(11, 5, 15))
    story.news()
    story.tick(at(7, 6))  # the first working day after the enterprises' date; the department's is tomorrow
    letters = story.news()
    assert "01 nhiệm vụ quá hạn" in only(letters, "au.tien.dat").subject
    assert "01 nhiệm vụ sắp đến hạn" in only(letters, "ho.phu.quy").subject
    assert subjects(letters, "le.thi.c") == [
        "[Đôn đốc] 01 nhiệm vụ quá hạn, 01 nhiệm vụ sắp đến hạn – Vụ Viễn thông – 07/06/2004"
    ]
    assert of(letters, "au.tien.dat")[0].text.count("/v/") == 1
    story.finish([story.task("5", "VU-TCCB")], at(8, 6, 16))
    story.finish([story.task("5", "CTY-O")], at(8, 6, 16, 5))
    story.tick(at(8, 6, 16, 30))
    story.news()
    assert story.mornings(at(9, 6), at(15, 6)) == []
    figures = story.figures(date(2004, 6, 30))
    assert (figures.total, figures.done_on_time, figures.done_late) == (len(everyone), len(everyone) - 1, 1)
