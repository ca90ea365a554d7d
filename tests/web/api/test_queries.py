"""However much there is, a call asks the database as often as with a little of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from models.tasks.task import TaskStatus
from tests.web.api.programs import Make
from tests.web.more_tasks import more
from tests.web.site import LAUNCHED, Office
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

pytestmark = pytest.mark.long

DATABASES = ("sqlite", "postgresql")

HEAD, COORDINATOR, ADMINISTRATOR = "luong.thi.ngan", "le.thi.c", "dang.thu.thuy"
CODE = "ct-06-2004"
CALLS: list[tuple[str, str | Callable[[Office], str]]] = [
    (HEAD, "/work"),
    (HEAD, "/tasks?limit=200"),
    (HEAD, lambda office: f"/tasks/{office.task('4').id}"),
    (HEAD, "/absences"),
    (COORDINATOR, "/tasks?limit=200"),
    (COORDINATOR, "/search?q=gia+cuoc"),
    (COORDINATOR, "/inbox"),
    (COORDINATOR, "/letters?limit=200"),
    (COORDINATOR, "/directives"),
    (COORDINATOR, f"/directives/{CODE}"),
    (COORDINATOR, f"/directives/{CODE}/board"),
    (COORDINATOR, f"/directives/{CODE}/cells"),
    (COORDINATOR, f"/directives/{CODE}/launches"),
    (COORDINATOR, f"/directives/{CODE}/units/TCT-T"),
    (COORDINATOR, "/report"),
    (COORDINATOR, lambda office: f"/tasks/{office.task('4').id}/records"),
    (COORDINATOR, lambda office: f"/tasks/{office.task('4').id}/why"),
    (COORDINATOR, f"/report/tasks?figure=total&directive={CODE}"),
    (ADMINISTRATOR, "/dead-letters"),
]


@pytest.mark.parametrize(("who", "call"), CALLS)
def test_many_tasks_more_cost_no_query_more(
    office: Office, program: Make, who: str, call: str | Callable[[Office], str]
) -> None:
    caller, path = program(who), call(office) if callable(call) else call
    more(office, office.task("4"), 9, status=TaskStatus.ACCEPTED)
    tick(office.engine, office.settings, now=LAUNCHED + timedelta(minutes=1), sender=RecordedSender())
    few = office.queries(caller, path)
    more(office, office.task("4"), 300, status=TaskStatus.ACCEPTED)
    assert office.queries(caller, path) == few
