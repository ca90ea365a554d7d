"""Every call of the API, by somebody who has to do with none of it: objects of others by guessed ids are not there."""

from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from models.database.session import reading
from models.operations.background_job import BackgroundJob
from models.organization.person import PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.tasks.task import Task
from tests.web.api.busy_task import BODIES, CODE, address, busy  # noqa: F401
from tests.web.api.programs import Make, Program
from tests.web.site import Office

pytestmark = pytest.mark.long

EVERYBODY = {
    ("get", "/me"),
    ("patch", "/me"),
    ("get", "/notifications"),
    ("post", "/notifications/read"),
    ("get", "/work"),
    ("get", "/search"),
    ("get", "/tasks"),
    ("get", "/directives"),
    ("get", "/background-jobs"),
    ("get", "/difficulties"),
    ("get", "/absences"),
    ("post", "/absences"),
    ("get", "/units"),
    ("get", "/inspections"),
}
"""Open to everybody: each shows or does what is their own, or what any official may know."""
QUERIES = {"/report/tasks": {"figure": "total"}}


def refused(caller: Program, operations: dict[str, Any], names: dict[str, str]) -> list[tuple[str, int]]:
    """The calls that were not refused, each with its answer."""
    open_to_them = []
    for path, methods in operations.items():
        for method in methods:
            if (method, path) in EVERYBODY:
                continue
            body = BODIES.get(f"{method} {path}")
            answer = caller.ask(method.upper(), address(path, names), json=body, params=QUERIES.get(path))
            if answer.status_code not in (403, 404):
                open_to_them.append((f"{method} {path}", answer.status_code))
    return open_to_them


def test_an_officer_who_has_to_do_with_nothing_is_refused_everything_else(
    busy: tuple[Office, dict[str, str]],  # noqa: F811
    program: Make,
) -> None:
    office, names = busy

    def hire(session: Any) -> None:
        pattern = resolve_person(session, "le.thi.c")
        fields = pattern.model_dump(exclude={"id", "code", "email", "unit_id"})
        unit = resolve_unit(session, "VU-PC").id
        session.add(type(pattern)(code="only.officer", email="only.officer@mpt.example", unit_id=unit, **fields))

    office.change(hire)
    operations = office.app.state.api.openapi()["paths"]
    assert refused(program("only.officer"), operations, names) == []
    for path in ("/work", "/tasks", "/directives", "/background-jobs", "/difficulties", "/absences", "/inspections"):
        told = program("only.officer").get(path).json()
        assert (path, told if isinstance(told, list) else told["items"]) == (path, [])


def test_the_head_of_another_unit_is_refused_whatever_is_not_theirs(
    busy: tuple[Office, dict[str, str]],  # noqa: F811
    program: Make,
) -> None:
    """They have their own task, decide on nothing, and coordinate nothing."""
    office, names = busy
    with reading(office.engine) as session:
        head_id = resolve_unit(session, "CTY-P").head_id
        head = session.get_one(type(resolve_person(session, "le.thi.c")), head_id).code
    open_to_them = refused(program(head), office.app.state.api.openapi()["paths"], names)
    ours = "/directives/{code}/conversation"  # of a directive of which they have a task: they may ask there
    assert sorted(open_to_them) == [
        (f"get {ours}", 200),
        ("get /inbox", 200),
        (f"post {ours}", 409),
        (f"post {ours}/read", 200),
    ]
    assert program(head).get(f"/directives/{CODE}/conversation").json()["items"] == []
    assert program(head).get("/inbox").json()["items"] == []


def test_the_names_are_those_of_things_that_are_there(
    busy: tuple[Office, dict[str, str]],  # noqa: F811
    program: Make,
) -> None:
    """Else nothing would be proved above: whoever has to do with them opens every one."""
    office, names = busy
    callers = [program(code) for code in ("dang.thu.thuy", "le.thi.c")]
    for path, methods in office.app.state.api.openapi()["paths"].items():
        if "get" in methods:
            if path == "/directives/{code}/conversation/files/{file_id}":  # of a task's message: not found here
                continue
            asked = QUERIES.get(path, {"q": "cuoc"} if path == "/search" else None)
            answers = {caller.get(address(path, names), params=asked).status_code for caller in callers}
            assert (path, bool(answers & {200, 409})) == (path, True)  # 409: not now, but it is there


def test_a_coordinator_who_has_gone_to_another_unit_runs_its_directives_no_more(office: Office, program: Make) -> None:
    """Whatever they launched before: else they would give tasks in the old unit's name, and in their successor's."""
    tasks = [office.task("2"), office.task("4")]

    def go(session: Session) -> None:
        me, successor = resolve_person(session, "le.thi.c"), resolve_person(session, "ho.thi.mai")
        old, new = resolve_unit(session, "VU-VT"), resolve_unit(session, "CTY-M")
        session.delete(session.get_one(PersonRole, (me.id, Role.COORDINATOR, old.id)))
        session.add(PersonRole(person_id=me.id, role=Role.COORDINATOR, unit_id=new.id))
        me.unit_id = new.id
        session.execute(update(Task).where(col(Task.coordinator_id) == me.id).values(coordinator_id=successor.id))

    office.change(go)
    mine, reader = program("le.thi.c"), office.sign_in("le.thi.c")
    launch = {"duties": ["5"], "coordinator": "ho.thi.mai", "override": True, "reason": "x"}
    refused = [
        mine.get(f"/directives/{CODE}"),
        mine.get(f"/directives/{CODE}/board"),
        mine.get(f"/tasks/{tasks[0].id}"),
        mine.post(f"/directives/{CODE}/launches", launch),
        mine.post(f"/directives/{CODE}/plan", launch),
        mine.post(f"/directives/{CODE}/inspections", BODIES["post /directives/{code}/inspections"]),
        reader.get(f"/directives/{CODE}"),
        reader.get(f"/launch/{CODE}"),
        reader.get(f"/directives/{CODE}/incidents"),
    ]
    assert [answer.status_code for answer in refused] == [404] * len(refused)
    with reading(office.engine) as session:
        assert not session.exec(select(BackgroundJob)).all()
