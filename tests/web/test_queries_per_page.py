"""However much there is, a page asks the database as often as with a little of it."""

from collections.abc import Callable

import pytest

from models.tasks.task import TaskStatus
from tests.web.site import Office
from tests.web.test_work import more
from web.board.wall_pages import Face

pytestmark = pytest.mark.long

DATABASES = ("sqlite", "postgresql")

HEAD, COORDINATOR, OBSERVER, CLERK, ADMINISTRATOR = (
    "luong.thi.ngan",
    "le.thi.c",
    "nguyen.minh.quan",
    "ngo.van.loc",
    "dang.thu.thuy",
)
PAGES: list[tuple[str, str | Callable[[Office], str]]] = [
    (HEAD, "/"),
    (COORDINATOR, "/"),
    (ADMINISTRATOR, "/"),
    (COORDINATOR, "/tasks"),
    (HEAD, "/tasks?sort=unit"),
    (HEAD, "/work"),
    (HEAD, "/notifications"),
    (COORDINATOR, "/notifications?show=unread"),
    (HEAD, lambda office: f"/tasks/{office.task('4').id.hex}"),
    (HEAD, lambda office: f"/tasks/{office.task('4').id.hex}/conversation"),
    (HEAD, "/directives/ct-06-2004/conversation"),
    (COORDINATOR, lambda office: f"/tasks/{office.task('4').id.hex}/conversation"),
    (COORDINATOR, "/directives/ct-06-2004/conversation"),
    (COORDINATOR, "/directives/ct-06-2004/conversation/answers"),
    (COORDINATOR, "/inbox"),
    (COORDINATOR, "/letters/coming"),
    (COORDINATOR, "/directives"),
    (COORDINATOR, "/directives/ct-06-2004"),
    (COORDINATOR, "/calendar"),
    (COORDINATOR, "/directives/ct-06-2004/timeline"),
    (COORDINATOR, "/directives/ct-06-2004/launches"),
    (OBSERVER, "/calendar"),
    (COORDINATOR, "/search?q=gia+cuoc"),
    (OBSERVER, "/search?q=gia+cuoc"),
    *((OBSERVER, f"/directives/ct-06-2004/wall?face={face.value}") for face in Face),
    (HEAD, "/search?q=gia+cuoc"),
    (CLERK, "/receipts?q=06/2004"),
    (ADMINISTRATOR, "/admin"),
]


@pytest.mark.parametrize(("who", "page"), PAGES)
def test_a_thousand_tasks_more_cost_no_query_more(
    office: Office, who: str, page: str | Callable[[Office], str]
) -> None:
    reader, address = office.sign_in(who), page(office) if callable(page) else page
    more(office, office.task("4"), 9, status=TaskStatus.ACCEPTED)
    few = office.queries(reader, address)
    more(office, office.task("4"), 990, status=TaskStatus.ACCEPTED)
    assert office.queries(reader, address) == few
