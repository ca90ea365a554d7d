"""Acting on many tasks from the board: a check first, then the deed, then what became of each."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from models.database.session import reading
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import History
from models.text.localtime import due_date
from tests.page import Page
from tests.web.site import Office, Reader
from workflows.rules.tasks.actions import Action

BOARD = "/directives/ct-06-2004"
BULK = f"{BOARD}/bulk"
COORDINATOR = "le.thi.c"


def hidden(page: str) -> dict[str, str]:
    """The nonce and the digest of the check page's form."""
    return {name: Page(page).value(name) for name in ("nonce", "digest")}


def send(reader: Reader, path: str, **fields: Any) -> Any:
    return reader.send(path, **hidden(reader.get(path).text), **fields)


def test_whom_the_check_page_opens_to(office: Office) -> None:
    path = f"{BULK}?action=remind"
    assert office.sign_in(COORDINATOR).get(path).status_code == 200
    for who in ("nguyen.minh.quan", "dang.thu.thuy"):
        assert office.sign_in(who).get(path).status_code == 403, "they may look, not act"
    with reading(office.engine) as session:
        above = session.exec(select(Unit).where(Unit.code == "VU-BC")).one()
        supervisor = session.get_one(Person, above.head_id).code
    assert office.sign_in(supervisor).get(path).status_code in (403, 404)
    assert office.sign_in(office.head(office.task("2")).code).get(path).status_code == 404


def test_the_board_offers_it_to_who_runs_the_directive_alone(office: Office) -> None:
    words = "Act on many tasks at once"
    assert words in office.sign_in(COORDINATOR).get(f"{BOARD}?lang=en").text
    assert words not in office.sign_in("nguyen.minh.quan").get(f"{BOARD}?lang=en").text
    boxes = office.sign_in(COORDINATOR).get(f"{BOARD}?select=1&duty=4&lang=en").text
    assert f'name="t" value="{office.task("4").id.hex[-12:]}"' in boxes
    assert '<input type="hidden" name="duty" value="4">' in boxes


def test_looking_changes_nothing_and_names_every_task_that_would_be_acted_on(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get(f"{BULK}?action=withdraw&duty=4&lang=en").text
    assert "1 task of 1 unit" in text
    assert str(office.task("4").id) in text
    with reading(office.engine) as session:
        assert not session.exec(select(History).where(History.event == "withdrawn")).all()


def test_reminding_from_the_board_to_the_result(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    answer = send(reader, f"{BULK}?action=remind&duty=4&lang=en", note="họp giao ban")
    result = reader.follow(answer)
    assert "1 of 1 task: done" in result.text
    again = send(reader, f"{BULK}?action=remind&duty=4&lang=en")
    text = reader.follow(again).text
    assert "0 of 1 task: done. 1: refused" in text
    assert "already" in text


def test_the_same_form_sent_twice_does_it_once(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    path = f"{BULK}?action=withdraw&duty=4&lang=en"
    fields = hidden(reader.get(path).text)
    first, second = (reader.send(path, **fields, note="trùng") for _time in range(2))
    assert first.headers["location"] == second.headers["location"]
    with reading(office.engine) as session:
        assert len(session.exec(select(History).where(History.event == "withdrawn")).all()) == 1


def test_a_choice_that_changed_since_it_was_looked_at_is_shown_again(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    path = f"{BULK}?action=remind&duty=2&state=not_accepted&lang=en"
    fields = hidden(reader.get(path).text)
    task = office.task("2")
    office.act(task, Action.ACCEPT, office.head(task).id, office.now)
    answer = reader.send(path, **fields)
    assert answer.status_code == 409
    assert "please check again" in answer.text
    assert hidden(answer.text)["digest"] != fields["digest"]


def test_what_is_typed_wrongly_is_said_and_stays_typed(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    answer = send(reader, f"{BULK}?action=set-date&duty=4&lang=en", due="2026-13-01", note="Bộ đồng ý")
    assert answer.status_code == 422
    assert "due" in answer.text
    assert "Bộ đồng ý" in answer.text
    answer = send(reader, f"{BULK}?action=set-date&duty=4&lang=en", due="2026-12-04", note="Bộ đồng ý")
    assert "1 of 1 task: done" in reader.follow(answer).text
    due_at = office.task("4").due_at
    assert due_at is not None
    assert due_date(due_at) == date(2026, 12, 4)


def test_a_made_up_action_or_another_office_s_result_is_not_there(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    assert reader.get(f"{BULK}?action=approve").status_code == 422
    location = send(reader, f"{BULK}?action=remind&duty=4").headers["location"]
    assert office.sign_in("le.thi.d").get(location).status_code == 404, "somebody else's"
    assert reader.get(f"{BULK}/00000000-0000-0000-0000-000000000001").status_code == 404


def test_more_than_a_few_are_left_to_the_background(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.board.bulk_pages.MOST_IN_REQUEST", 0)
    reader = office.sign_in(COORDINATOR)
    text = reader.follow(send(reader, f"{BULK}?action=remind&duty=2&lang=en")).text
    assert "0 of" in text
    assert "data-job" in text
    assert "the work goes on" in text


def test_another_coordinator_is_chosen_among_those_who_may(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get(f"{BULK}?action=change-coordinator&duty=4&lang=en").text
    assert '<option value="le.thi.d"' in text
    assert office.head(office.task("2")).code not in text
