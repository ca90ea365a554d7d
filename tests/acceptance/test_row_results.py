"""Row "results": heads report results to the ministry each quarter; the records clerk notes what comes on paper."""

from datetime import date

import pytest

from models.errors import Refused
from tests.acceptance.story import CLERK, Story, at, of, only, subjects

pytestmark = pytest.mark.long

HEAD = "nguyen.thanh.tung"


def test_a_paper_report_received_in_time_counts_as_in_time_however_slow_the_approval(story: Story) -> None:
    everyone = story.units("department", "subordinate", "enterprise")
    assert story.launch("results").created == len(everyone)
    tasks = {story.unit(task): task for task in story.tasks("results")}
    rest = [task for unit, task in tasks.items() if unit not in ("CTY-E", "CTY-M", "CTY-H", "VU-VT")]
    story.finish(rest, at(10, 5, 9))
    for unit in ("CTY-E", "CTY-M", "CTY-H", "VU-VT"):
        story.act(tasks[unit], "accept", story.head(tasks[unit]), at(10, 5, 9, 30))
    story.submit(tasks["VU-VT"], "le.thi.d", at(10, 5, 9, 45))
    story.act(tasks["VU-VT"], "approve", "tran.duc.thinh", at(10, 5, 10))
    story.tick(at(10, 5, 11))
    story.news()

    document = {"number": "77/BC-VTQĐ", "date": date(2004, 6, 2), "signer": "Giám đốc", "subject": "Báo cáo quý II"}
    with pytest.raises(Refused, match="may not do “Record a report that arrived”"):
        story.act(tasks["CTY-E"], "receive", "ta.chi.thanh", at(4, 6, 16), received_on=date(2004, 6, 4), **document)
    story.act(tasks["CTY-E"], "receive", CLERK, at(4, 6, 16), received_on=date(2004, 6, 4), **document)
    story.tick(at(4, 6, 16))
    assert "báo cáo đã nhận" in " ".join(subjects(story.news(), "le.thi.c")).lower()
    letters = story.mornings(at(5, 6), at(8, 6))
    assert of(letters, HEAD) == []  # never a reminder after the clerk received the report
    assert [subject for subject in subjects(letters, "ta.chi.thanh") if "01 nhiệm vụ quá hạn" in subject]
    # arrived on the day, entered four days later
    story.act(tasks["CTY-M"], "receive", CLERK, at(8, 6, 9), received_on=date(2004, 6, 4), **document)
    assert story.line(date(2004, 6, 7), "CTY-M").figures.open_overdue == 1  # as recorded by then
    assert of(story.mornings(at(9, 6), at(9, 6)), "ta.chi.thanh") == []

    # the coordinator has been reminded after three working days; after five, her superior
    story.tick(at(11, 6))
    assert "đề nghị quyết định" in only(story.news(), "le.thi.d").subject
    for unit in ("CTY-E", "CTY-M"):
        story.act(tasks[unit], "approve", "le.thi.c", at(21, 6, 9))
    story.submit(tasks["CTY-H"], "vu.thi.uoc", at(21, 6, 9))
    story.act(tasks["CTY-H"], "approve", "le.thi.c", at(21, 6, 10))
    report = story.report(date(2004, 6, 30))
    assert (report.figures.total, report.figures.done_on_time, report.figures.done_late) == (
        len(everyone),
        len(everyone) - 1,
        1,
    )
    assert story.line(date(2004, 6, 20), "CTY-E").figures.open_overdue == 1  # submitted is not yet done
    assert story.line(date(2004, 6, 30), "CTY-E").figures.done_on_time == 1
    assert story.line(date(2004, 6, 30), "CTY-M").figures.done_on_time == 1
    assert story.report(date(2004, 6, 30)) == report


def test_the_minute_the_clerk_enters_it_the_reminder_of_that_morning_drops_out(story: Story) -> None:
    story.launch("results")
    task = story.task("results", "CTY-E")
    story.finish([one for one in story.tasks("results") if story.unit(one) not in ("CTY-E", "VU-VT")], at(10, 5, 9))
    story.act(task, "accept", HEAD, at(10, 5, 9))
    story.tick(at(10, 5, 10))
    story.news()
    # decided in the night, to leave at 08:00; the report is entered at 07:50
    story.tick(at(4, 6, 0, 30))
    story.act(task, "receive", CLERK, at(4, 6, 7, 50), number="7", date=date(2004, 6, 3), received_on=date(2004, 6, 3))
    story.tick(at(4, 6))
    assert of(story.news(), HEAD) == []
