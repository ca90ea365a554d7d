"""Pages that hold more when the office has more."""

from collections.abc import Callable

from tests.web.site import Office
from web.board.wall_pages import Face

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
