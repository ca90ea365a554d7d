"""The pages of directives: who may open them, what they say, that filters stay in the address."""

from datetime import date

import pytest
from sqlmodel import Session, select

from models.database.session import reading
from models.directives.directive import Directive
from models.organization.person import Person
from models.organization.unit import Unit
from models.text.localtime import at_local
from tests.web.site import DUE, LAUNCHED, Office
from web.directives.directive_pages import DirectivePiece, mark_sentences
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

BOARD = "/directives/ct-06-2004"
COORDINATOR, OBSERVER = "le.thi.c", "nguyen.minh.quan"


@pytest.mark.parametrize("path", ["/directives", BOARD, f"{BOARD}/text", f"{BOARD}/launches"])
def test_whom_the_pages_open_to(office: Office, path: str) -> None:
    assert office.get(path).status_code == 303, "to sign in first"
    for who in (COORDINATOR, OBSERVER, "dang.thu.thuy"):
        assert office.sign_in(who).get(path).status_code == 200
    assert office.sign_in("thai.thi.hanh").get(path).status_code == (403 if path == "/directives" else 404)


def test_a_directive_of_nobodys_is_not_there(office: Office) -> None:
    assert office.sign_in(COORDINATOR).get("/directives/nothing").status_code == 404


def test_the_board_shows_each_task_in_words_with_a_link(office: Office) -> None:
    task = office.task("4")
    text = office.sign_in(COORDINATOR).get(f"{BOARD}?lang=en").text
    assert f'href="/tasks/{task.id}"' in text
    for words in ("On schedule", "20 November 2026", "not accepted yet", "Directive 06/2004/CT-BBCVT", "Item 4"):
        assert words in text
    office.now = at_local(date(2026, 11, 23))
    assert "Overdue" in office.sign_in(COORDINATOR).get(f"{BOARD}?lang=en").text


def test_a_cell_is_one_sign_whose_title_says_unit_duty_state_and_date(office: Office) -> None:
    task = office.task("4")
    text = office.sign_in(COORDINATOR).get(f"{BOARD}?lang=en").text
    assert (
        f'<td class="c-new"><a href="/tasks/{task.id}" title="Vụ Kế hoạch – Tài chính\nItem 4: On schedule 20 ' in text
    )
    assert text.count('<ul class="units">') == 1, "the list by unit of a phone"
    office.now = at_local(date(2026, 11, 13))
    text = office.sign_in(COORDINATOR).get(f"{BOARD}?lang=en&state=due_soon&duty=4").text
    assert f'<td class="c-soon"><a href="/tasks/{task.id}"' in text
    assert "<b>1</b> <span>due within 7 days</span>" in text


def test_the_total_of_a_row_and_of_a_column_leads_to_what_it_counts(office: Office) -> None:
    text = office.sign_in(COORDINATOR).get(f"{BOARD}?lang=en").text
    assert f'<a href="{BOARD}?duty=4" title="Item 4: 0 of 1 done">' in text
    assert f'<a href="{BOARD}?unit=VU-KHTC" title="Vụ Kế hoạch – Tài chính: 0 of ' in text


def test_filters_stay_in_the_address_from_page_to_page(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get(f"{BOARD}?duty=4&q=tai+chinh&sort=overdue&lang=en").text
    assert 'name="q" value="tai chinh"' in text
    assert f"{BOARD}?duty=4&amp;q=tai+chinh&amp;state=not_accepted&amp;sort=overdue" in text
    assert '<option value="overdue" selected>' in text
    with reading(office.engine) as session:
        name = session.get_one(Unit, office.task("4").lead_unit_id).name
    assert name in text
    assert "No tasks match this filter" in reader.get(f"{BOARD}?q=khong+co&lang=en").text


@pytest.mark.parametrize("query", ["state=late", "sort=rank", "kind=bank", "page=0", "page=x"])
def test_a_made_up_filter_is_refused_with_what_it_can_be(office: Office, query: str) -> None:
    answer = office.sign_in(COORDINATOR).get(f"{BOARD}?{query}&lang=en")
    assert answer.status_code == 422
    assert query.partition("=")[2] in answer.text


def test_a_supervising_unit_is_told_that_it_sees_its_own_units(office: Office) -> None:
    with reading(office.engine) as session:
        above = session.exec(select(Unit).where(Unit.code == "VU-BC")).one()
        head = session.get_one(Person, above.head_id).code
    text = office.sign_in(head).get(f"{BOARD}?lang=en").text
    assert "the numbers count these units alone" in text
    assert "Tổng công ty Bưu chính Viễn thông T" not in text


def test_a_directive_without_tasks_says_what_to_do_first(office: Office) -> None:
    def add(session: Session) -> None:
        model = session.exec(select(Directive)).one()
        session.add(Directive(**model.model_dump(exclude={"id"}) | {"code": "kl-1"}))

    office.change(add)
    for who, words in ((COORDINATOR, "Assign the duties of this directive"), (OBSERVER, "No task of this directive")):
        assert words in office.sign_in(who).get("/directives/kl-1?lang=en").text


def test_the_list_counts_and_leads_to_what_is_late(office: Office) -> None:
    office.now = at_local(date(2026, 11, 23))
    text = office.sign_in(COORDINATOR).get("/directives?lang=en").text
    assert f'href="{BOARD}?state=open_overdue"' in text
    assert "completion rate" in text
    assert "No directives match" in office.sign_in(COORDINATOR).get("/directives?q=zzz&lang=en").text


def test_what_waits_leads_to_the_board_and_deciders_to_their_inbox(office: Office) -> None:
    task = office.task("4")
    office.act(task, Action.ASK_EXTENSION, office.head(task).id, LAUNCHED, due="2026-12-10", note="chờ số liệu")
    waiting = "1 waiting for a decision"
    coordinator, observer = (office.sign_in(who).get("/directives?lang=en").text for who in (COORDINATOR, OBSERVER))
    assert all(f'href="{BOARD}?state=waiting">{waiting}<' in text for text in (coordinator, observer))
    assert 'href="/inbox?directive=ct-06-2004">1 for you to decide<' in coordinator
    assert "/inbox" not in observer
    board = office.sign_in(OBSERVER).get(f"{BOARD}?state=waiting&lang=en").text
    assert board.count('href="/tasks/') == 1 and "<b>1</b> <span>waiting for a decision</span>" in board


def test_the_text_marks_the_sentences_that_bind(office: Office) -> None:
    text = office.sign_in(OBSERVER).get(f"{BOARD}/text?lang=en").text
    assert '<mark class="sentence" title="Item 4">' in text
    assert "Legal bases" in text


def test_a_sentence_is_found_over_line_breaks_and_the_text_stays_whole() -> None:
    text = "Một. Hai\n  ba bốn. Năm."
    pieces = mark_sentences(text, [("2", "Hai ba bốn."), ("3", "không có"), ("2.a", "ba bốn.")])
    assert pieces == [DirectivePiece("Một. "), DirectivePiece("Hai\n  ba bốn.", "2"), DirectivePiece(" Năm.")]
    assert "".join(piece.text for piece in pieces) == text


def test_launches_say_who_assigned_what_and_when(office: Office) -> None:
    text = office.sign_in(COORDINATOR).get(f"{BOARD}/launches?lang=en").text
    for words in ("2 November 2026", "Lê Thị Cúc", "Vụ Viễn thông", DUE.strftime("%-d November %Y")):
        assert words in text


def test_the_board_counts_what_was_done(office: Office) -> None:
    task = office.task("4")
    office.act(task, Action.WITHDRAW, task.coordinator_id, office.now, note="không còn cần")
    text = office.sign_in(COORDINATOR).get(f"{BOARD}?duty=4&lang=en").text
    assert "Withdrawn" in text
    assert "<b>0</b> tasks in all" in text
