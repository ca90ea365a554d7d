"""What a head of unit and a coordinator asked of their mail after a season of it."""

from dataclasses import replace
from datetime import date

import pytest

from models.letters.letter import LetterKind
from models.organization.calendar import OffBecause, OffDay
from models.tasks.due_facts import DateMovedTo, OnDayOff
from models.text.localtime import end_of_day
from notifications.composing.compose import compose
from notifications.composing.facts import LetterFacts, LetterItem, LetterSection
from notifications.composing.papers import draft_papers
from notifications.composing.view import LetterView
from tests.notifications import samples


def _new(language: str = "vi") -> LetterFacts:
    return samples.letter(LetterKind.DIGEST, samples.item(accept_by=date(2004, 7, 8)), language=language)


@pytest.mark.parametrize(("language", "subject"), [("vi", "[Giao nhiệm vụ] 01 "), ("en", "[Assignment] 1 ")])
def test_a_morning_of_new_tasks_alone_is_an_assignment_and_quotes_the_duty(language: str, subject: str) -> None:
    composed = compose(_new(language))
    assert composed.subject.startswith(subject)
    assert samples.QUOTE in composed.text
    assert samples.QUOTE in composed.html


def test_beside_anything_late_it_stays_a_reminder() -> None:
    late = samples.item(LetterSection.OVERDUE, task_id=samples.task_id(9), days_left=-1)
    both = samples.letter(LetterKind.DIGEST, late, samples.item())
    assert compose(both).subject.startswith("[Đôn đốc] 01 nhiệm vụ quá hạn, 01 nhiệm vụ được giao")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_task_withdrawn_in_an_incident_is_not_asked_for_at_once(language: str) -> None:
    ended = tuple(
        replace(one, section=LetterSection.NEWS, event="withdrawn", hours_left=0.0) for one in samples.incident().items
    )
    composed = compose(replace(samples.incident(language), items=ended))
    for word in ("thực hiện ngay", "at once", "còn", "hours left", "khó khăn", "difficulties", "kết thúc", "ended"):
        assert word not in composed.subject + composed.text


@pytest.mark.parametrize("event", ["approved", "withdrawn"])
def test_a_task_that_is_over_counts_no_days(event: str) -> None:
    composed = compose(samples.event(event))
    assert "chậm nhất" in composed.text
    assert "quá hạn" not in composed.text


def test_a_date_that_never_moved_is_not_said_to_have_moved() -> None:
    sunday = OffDay(day=date(2026, 9, 6), because=OffBecause.WEEKEND)
    fell = OnDayOff(off=sunday, moved=DateMovedTo.BACK, is_report=True)
    day = end_of_day(date(2026, 9, 4))
    once = samples.item(due_at=day, original_due_at=day, due_facts=(fell,))
    vi = compose(samples.letter(LetterKind.ASSIGNED, once)).text
    assert "Căn cứ tính thời hạn: hạn 06/09/2026 rơi vào Chủ nhật, báo cáo chuyển lên ngày làm việc liền trước" in vi
    assert "Lý do điều chỉnh" not in vi
    en = compose(samples.letter(LetterKind.ASSIGNED, once, language="en")).text
    assert "How it was counted: 6 September 2026 is a Sunday, the report moved back to the working day before" in en


@pytest.mark.parametrize("language", ["vi", "en"])
def test_classified_mail_is_said_once(language: str) -> None:
    one = samples.item(required_result="Báo cáo kết quả, gửi theo đường công văn mật", classified_mail=True)
    text = compose(samples.letter(LetterKind.ASSIGNED, one, language=language)).text
    assert text.count("công văn mật") + text.count("classified mail") == 1


def test_a_title_and_its_unit_share_their_words() -> None:
    to = replace(samples.HEAD, title="Chánh Văn phòng", unit_name="Văn phòng Bộ", address_form="Đồng chí")
    assert (
        "Trần Văn B, Chánh Văn phòng Bộ\n" in compose(samples.letter(LetterKind.ASSIGNED, samples.item(), to=to)).text
    )


def test_nobody_is_pressed_for_a_result_that_waits_for_approval() -> None:
    facts = samples.upward()
    sent = replace(facts.items[0], waiting_for="decision")
    facts = replace(facts, items=(sent, *facts.items[1:]))
    assert sent.lead_unit not in {paper.unit for paper in draft_papers(LetterView(facts))}
    own = compose(facts).text.partition("2. ")[0]
    assert "Đang chờ: kết quả đã gửi, chờ phê duyệt" in own
    assert "Ký công văn" not in own


def test_upward_the_tasks_of_one_unit_stand_together() -> None:
    facts = samples.upward()
    again = replace(facts.items[0], task_id=samples.task_id(40), duty_path="results")
    text = compose(replace(facts, items=(*facts.items, again))).text
    assert text.index("2. Công ty Viễn thông X") < text.index("3. Công ty Viễn thông Y")


def _shares(count: int, **changes: object) -> tuple[LetterItem, ...]:
    return tuple(
        samples.item(
            LetterSection.DUE_SOON,
            task_id=samples.task_id(50 + n),
            lead_unit=f"Công ty {n}",
            days_left=3,
            role="",
            url=f"https://dondoc.example/v/{n}",
            **changes,
        )
        for n in range(count)
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_coordinator_reads_a_duty_of_many_units_once_with_a_link_for_each(language: str) -> None:
    composed = compose(samples.letter(LetterKind.DIGEST, *_shares(12), to=samples.COORDINATOR, language=language))
    assert composed.text.count(samples.DIRECTIVE.removeprefix("Chỉ thị ")) == 1
    assert "1–12. " in composed.text
    for n in range(12):
        assert f"https://dondoc.example/v/{n}\n" in composed.text
        assert f'href="https://dondoc.example/v/{n}"' in composed.html
    assert "12 " in composed.subject


def test_late_tasks_and_results_to_approve_keep_their_own_facts() -> None:
    late = tuple(replace(one, section=LetterSection.OVERDUE, days_left=-2) for one in _shares(4))
    text = compose(samples.letter(LetterKind.DIGEST, *late, to=samples.COORDINATOR)).text
    assert text.count("quá hạn 02 ngày làm việc") == 4
