"""What a board asks every few seconds."""

from datetime import timedelta

from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

BOARD = "/live/directives/ct-06-2004"


def test_nothing_moved_is_told_without_a_word(office: Office) -> None:
    reader = office.sign_in("le.thi.c")
    first = reader.get(BOARD)
    assert first.status_code == 200
    again = reader.get(BOARD, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_move_of_any_task_of_the_directive_is_told(office: Office) -> None:
    reader = office.sign_in("le.thi.c")
    before = reader.get(BOARD).headers["etag"]
    task = office.task("4")
    office.act(task, Action.ACCEPT, office.head(task).id, LAUNCHED + timedelta(hours=1))
    after = reader.get(BOARD, headers={"if-none-match": before})
    assert (after.status_code, after.headers["etag"] == before) == (200, False)


def test_who_may_not_see_the_board_is_not_told_that_it_moved(office: Office) -> None:
    assert office.get(BOARD).status_code == 303
    head = office.head(office.task("2"))
    assert office.sign_in(head.code).get(BOARD).status_code == 404
