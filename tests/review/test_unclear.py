"""What a scan shows unclearly is less sure, and holds its duty until somebody has compared it with the picture."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.database.session import transaction
from models.errors import BadInput
from models.intake.intake import Intake, ProposalState, ProposedDuty
from tests.office import Office
from tests.review.taken_in import NOW, SEED, coordinator, scan, unit_id
from workflows.intake.read import read
from workflows.intake.review.confirm_reading import confirm_reading
from workflows.intake.review.correct_reading import decide, merge, split
from workflows.intake.review.store_reading import draft_of, proposed_duties, store_reading
from workflows.intake.review.unclear import MOST_SURE, NUMBERS, lines_at, see_words, unseen


def take_in(session: Session, *words: str, text: str = SEED) -> Intake:
    person = coordinator(session).id
    return store_reading(
        session,
        draft_of(text, read(text), scan(*words, text=text)),
        filename="quet.pdf",
        unit_id=unit_id(session),
        person_id=person,
        now=NOW,
    )


def see(session: Session, intake: Intake, finding: dict[str, Any]) -> None:
    duties = proposed_duties(session, intake)
    see_words(intake, duties, finding["begins"], finding["ends"], person_id=coordinator(session).id, now=NOW)


def with_name(session: Session, intake: Intake, name: str) -> ProposedDuty:
    return next(one for one in proposed_duties(session, intake) if name in one.addressees)


NAMED = "CHỈ THỊ\nVề việc báo cáo\n\n1. Vụ Viễn thông báo cáo Bộ trưởng trước ngày 20/12/2026, đạt 30% kế hoạch."


def test_a_finding_from_a_doubtful_word_is_less_sure_and_holds_its_duty(engine: Engine, office: Office) -> None:
    with transaction(engine) as session:
        intake = take_in(session, "20/12/2026", "Viễn", text=NAMED)
        (duty,) = proposed_duties(session, intake)
        doubtful = unseen(duty.findings)
        assert {one["field"] for one in doubtful} == {"deadlines", "addressees"}
        assert all(one["confidence"] <= MOST_SURE and one["doubt"] == "unclear" for one in doubtful)
        for one in doubtful:
            with pytest.raises(BadInput, match="compare each with its picture") as caught:
                decide([duty], ProposalState.CONFIRMED)
            assert one["value"] in caught.value.tell("vi")
            see(session, intake, one)
        decide([duty], ProposalState.CONFIRMED)
        assert duty.state is ProposalState.CONFIRMED
        assert {one["seen"]["by"] for one in duty.findings if one.get("unclear")} == {coordinator(session).id.hex}


def test_a_doubtful_number_that_nothing_was_read_from_is_asked_too(engine: Engine, office: Office) -> None:
    with transaction(engine) as session:
        intake = take_in(session, "30%", "kế hoạch", text=NAMED)
        (duty,) = proposed_duties(session, intake)
        assert [(one["field"], one["value"]) for one in unseen(duty.findings)] == [(NUMBERS, "30%")]


def test_an_unclear_number_of_the_document_holds_its_conclusion(engine: Engine, office: Office) -> None:
    with transaction(engine) as session:
        text = SEED.replace(" CHỈ THỊ CỦA", "Số: 12/CT-BBCVT\n\n CHỈ THỊ CỦA")
        intake = take_in(session, "12/CT-BBCVT", text=text)
        assert [one["field"] for one in unseen(intake.findings)] == ["number"]
        for duty in proposed_duties(session, intake):
            for one in unseen(duty.findings):
                see(session, intake, one)
            duty.findings = [one | {"settled": {"means": "no date"}} for one in duty.findings]
            duty.state = ProposalState.CONFIRMED
        with pytest.raises(BadInput, match="the document itself"):
            confirm_reading(session, intake, actor=coordinator(session), now=NOW)
        see(session, intake, unseen(intake.findings)[0])
        assert not unseen(intake.findings)


def test_a_split_and_a_merge_keep_what_nobody_has_compared(engine: Engine, office: Office) -> None:
    text = NAMED.replace("trước ngày", "và trình Bộ trưởng trước ngày")
    with transaction(engine) as session:
        intake = take_in(session, "20/12/2026", text=text)
        (duty,) = proposed_duties(session, intake)
        second = split(session, intake, duty, begins_with="trình Bộ trưởng trước", path="1b")
        assert (len(unseen(duty.findings)), len(unseen(second.findings))) == (0, 1)
        merge(session, duty, second)
        assert len(unseen(duty.findings)) == 1


def test_a_text_without_a_scan_is_as_sure_as_ever(engine: Engine, office: Office) -> None:
    with transaction(engine) as session:
        person = coordinator(session).id
        draft = draft_of(NAMED, read(NAMED))
        intake = store_reading(session, draft, filename="a", unit_id=unit_id(session), person_id=person, now=NOW)
        (duty,) = proposed_duties(session, intake)
        assert intake.scan == {} and not unseen(duty.findings)
        assert max(one["confidence"] for one in duty.findings) >= 0.9


def test_the_lines_of_words_are_found_on_one_page() -> None:
    facts = {
        "lines": [[0, 10, 0, 0.1, 0.90, 0.8, 0.92], [11, 20, 0, 0.1, 0.93, 0.9, 0.95], [21, 30, 1, 0.1, 0.1, 0.9, 0.12]]
    }
    assert lines_at(facts, 5, 15) == (0, (0.1, 0.90, 0.9, 0.95))
    assert lines_at(facts, 15, 25) == (0, (0.1, 0.93, 0.9, 0.95))
    assert lines_at(facts, 40, 45) is None and lines_at({}, 0, 5) is None


def test_a_day_by_hand_is_asked_even_where_another_date_was_found(engine: Engine, office: Office) -> None:
    head = "BỘ A\nSố: 4Á§ /QĐ-BA\n\nHà Nội, ngày†ÍŸ tháng 01 năm 2010\n\nQUYẾT ĐỊNH\nVề việc thực hiện\n\n"
    text = head + NAMED.split("\n\n")[1]
    with transaction(engine) as session:
        intake = take_in(session, "4Á§", "ngày†ÍŸ", text=text)
        waiting = {one["field"]: one["value"] for one in unseen(intake.findings) if one["value"] in text}
    assert waiting["issued_on"] == "Hà Nội, ngày†ÍŸ tháng 01 năm 2010"
    assert "4Á§" in waiting["number"]


def test_two_items_with_one_number_are_both_kept(engine: Engine, office: Office) -> None:
    item = "1. Vụ Viễn thông báo cáo Bộ trưởng."
    with transaction(engine) as session:
        intake = take_in(session, text=f"CHỈ THỊ\nVề việc A\n\nI. VIỆC\n\n{item}\n\nI. VIỆC\n\n{item}\n")
        assert [one.path for one in proposed_duties(session, intake)] == ["i.1", "i.1b"]
