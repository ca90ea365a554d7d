"""Every call of the API, by somebody who has to do with none of it: objects of others by guessed ids are not there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from models.database.session import reading, transaction
from models.letters.letter import Letter
from models.operations.background_job import BackgroundJob
from models.organization.person import PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.reports.issued_report import ReportKind
from models.settings import EdxmlSettings
from models.tasks.task import Evidence, Task
from tests.edxml.messages import OWN, sample
from tests.web.api.programs import Make, Program
from tests.web.api.test_rights import BODY
from tests.web.api.test_tasks import submit
from tests.web.site import LAUNCHED, Office
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.delivery.edxml.due_statuses import write_statuses
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.reports.report_schedules import NewSchedule, make_schedule
from workflows.rules.tasks.lifecycle import Action

pytestmark = pytest.mark.long

CODE, NOBODY = "ct-06-2004", "00000000-0000-0000-0000-000000000001"
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

BODIES: dict[str, dict[str, Any]] = {
    "post /dead-letters": {"deed": "resend", "letters": [NOBODY]},
    "post /directives/{code}/many": {"action": "withdraw", "given": {"note": "x"}},
    "post /directives/{code}/launches": {"duties": ["5"]},
    "post /directives/{code}/previews": {"duties": ["5"]},
    "post /directives/{code}/plan": {"duties": ["5"]},
    "post /directives/{code}/incidents": {"title": "x", "units": ["TCT-T"], "is_drill": True},
    "post /incidents/{incident_id}/stand-down": {"reason": "x"},
    "post /directives/{code}/duties/{path}/requests": {"units": ["TCT-T"]},
    "post /difficulties": {"directive": CODE, "note": "x"},
    "post /typed-tasks": {"lead": "TCT-T", "title": "x", "quote": "x", "result": "x", "follows": "VU-VT"},
    "post /register/import": {"files": {"units": {"name": "x.csv", "content": "eA=="}}},
    "post /webhooks": {"name": "x", "url": "https://x.example.vn/"},
    "patch /webhooks/{webhook_id}": {"is_active": False},
    "post /directives/{code}/launches/{launch_id}/take-back": {"reason": "x"},
}
for _place in ("/tasks/{name}", "/directives/{code}"):
    BODIES |= {
        f"post {_place}/conversation": {"text": "x"},
        f"post {_place}/conversation/read": {"upto": "2026-11-02T01:00:00Z"},
        f"post {_place}/conversation/{{message_id}}/edit": {"text": "x"},
        f"post {_place}/conversation/{{message_id}}/publish": {},
    }
_INSPECTION = "/inspections/{inspection_id}"
BODIES |= {
    "post /directives/{code}/inspections": {
        "title": "x",
        "starts_on": "2026-11-16",
        "ends_on": "2026-11-18",
        "lead": "duong.thanh.tung",
        "units": ["TCT-T"],
        "questions": ["x"],
    },
    f"post {_INSPECTION}/units/{{unit}}/findings": {"findings": [{"question": 1, "verdict": "met"}]},
    f"post {_INSPECTION}/units/{{unit}}/move": {"on": "2026-11-17", "reason": "x"},
    f"post {_INSPECTION}/units/{{unit}}/questions/{{number}}/settle": {"words": "x"},
    f"post {_INSPECTION}/units/{{unit}}/questions/{{number}}/corrections": {
        "text": "x",
        "title": "x",
        "result": "x",
        "due": "2026-11-30",
    },
    f"post {_INSPECTION}/close": {"words": "x"},
    f"post {_INSPECTION}/cancel": {"words": "x"},
}
BODIES |= {f"post /tasks/{{name}}/{action.value}": BODY[action] for action in Action}
QUERIES = {"/report/tasks": {"figure": "total"}}


@pytest.fixture
def busy(office: Office, program: Make) -> tuple[Office, dict[str, str]]:
    """An office in which there is one of everything, and the names by which it could be guessed."""
    coordinator = program("le.thi.c")
    launched = {"duties": ["2.a"], "override": True, "reason": "thiếu"}
    errand = coordinator.post(f"/directives/{CODE}/launches", launched).json()["id"]
    many = {"action": "remind", "given": {"note": "x"}, "duty": "2", "units": ["T-LT"]}
    bulk = coordinator.post(f"/directives/{CODE}/many", many).json()["background_job"]["id"]
    seen = {"duties": ["5"], "override": True, "reason": "thiếu", "days": 30}
    preview = coordinator.post(f"/directives/{CODE}/previews", seen).json()["id"]
    run_background_jobs(office.engine, office.settings, now=office.now)
    declared = {"title": "Diễn tập", "units": ["TCT-T"], "is_drill": True}
    incident = coordinator.post(f"/directives/{CODE}/incidents", declared).json()["id"]
    planned = BODIES["post /directives/{code}/inspections"]
    inspection = coordinator.post(f"/directives/{CODE}/inspections", planned).json()["id"]
    beside = {"question": 1, "verdict": "met", "files": [{"name": "x.txt", "content": "eA=="}]}
    coordinator.post(f"/inspections/{inspection}/units/TCT-T/findings", {"findings": [beside]})
    shown = coordinator.get(f"/inspections/{inspection}").json()["units"][0]["answers"][0]["files"][0]["id"]
    tick(office.engine, office.settings, now=LAUNCHED + timedelta(minutes=1), sender=RecordedSender())
    task = office.task("4")
    assert submit(program(office.head(task).code), task).status_code == 200
    said = {}
    for place in (f"/tasks/{task.id}", f"/directives/{CODE}"):
        given = (
            {"text": "x", "files": [{"name": "x.txt", "content": "eA=="}]}
            if place.startswith("/tasks")
            else {"text": "x"}
        )
        said[place[:6]] = coordinator.post(f"{place}/conversation", given).json()["message"]
    sent = coordinator.get(f"/tasks/{task.id}/conversation").json()["items"][0]["files"][0]["id"]
    day = str(office.now.date())
    absence = program("ngo.van.loc").post("/absences", {"stand_in": "le.thi.c", "starts_on": day, "ends_on": day})
    boss = program("dang.thu.thuy")
    hook = boss.post("/webhooks", {"name": "Trục", "url": "https://truc.example.vn/"}).json()["id"]
    with transaction(office.engine) as session:
        person = resolve_person(session, "le.thi.c")
        runs_it, hand = read_principal(session, person, office.now.date()), AuditActor(office.now, person.id)
        scheduled = make_schedule(session, runs_it, NewSchedule(ReportKind.DIRECTIVE, CODE, "results"), hand).id
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", hand_over="api")
    assert coordinator.ask("POST", "/edxml/messages?unit=VU-VT", content=sample()).status_code == 200
    write_statuses(office.engine, office.settings, now=office.now)
    with reading(office.engine) as session:
        names = {
            "code": CODE,
            "name": str(task.id),
            "task_id": str(task.id),
            "incident_id": incident,
            "job_id": errand,
            "file_id": str(session.exec(select(Evidence.id)).one()),
            "absence_id": absence.json()["id"],
            "letter_id": str(session.exec(select(Letter.id).where(col(Letter.sent_at).is_not(None))).first()),
            "webhook_id": hook,
            "call_id": NOBODY,
            "path": "5",
            "duty": "2",
            "version": "1",
            "office": "head",
            "language": "vi",
            "schedule_id": str(scheduled),
            "unit": "TCT-T",
            "number": "0",
            "table": "people",
            "day": day,
            "bulk_id": bulk,
            "preview_id": preview,
            "inspection_id": inspection,
            "shown_id": shown,
            "launch_id": str(task.launch_id),
            "said_id": said["/tasks"],
            "said_of_directive_id": said["/direc"],
            "said_file_id": sent,
            "message_id": coordinator.get("/edxml/outgoing").json()[0]["id"],
        }
    return office, names


def address(path: str, names: dict[str, str]) -> str:
    wanted = dict(names)
    wanted |= {"job_id": names["bulk_id"]} if path.endswith("{job_id}/tasks") else {}
    wanted |= {"job_id": names["preview_id"]} if path.endswith("/days/{day}") else {}
    wanted |= {"file_id": names["shown_id"]} if path.startswith("/inspections") else {}
    if "/conversation/" in path:
        of_task = path.startswith("/tasks")
        wanted |= {"file_id": names["said_file_id"]} if of_task else {}
        wanted |= {"message_id": names["said_id" if of_task else "said_of_directive_id"]}
    return re.sub(r"{(\w+)}", lambda found: wanted[found[1]], path)


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
    busy: tuple[Office, dict[str, str]], program: Make
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
    busy: tuple[Office, dict[str, str]], program: Make
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


def test_the_names_are_those_of_things_that_are_there(busy: tuple[Office, dict[str, str]], program: Make) -> None:
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
