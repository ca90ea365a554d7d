"""A task on which everything is under way, and a request for every call of the API."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.letters.letter import Letter
from models.organization.register_reads import resolve_person
from models.papers.issued_report import ReportKind
from models.settings import EdxmlSettings
from models.tasks.task import Evidence
from tests.edxml.messages import OWN, sample
from tests.web.api.programs import Make, submit
from tests.web.api.routes import BODY
from tests.web.site import LAUNCHED, Office
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.exchange.due_statuses import write_statuses
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.papers.report_schedules import NewSchedule, make_schedule
from workflows.rules.tasks.actions import Action

CODE, NOBODY = "ct-06-2004", "00000000-0000-0000-0000-000000000001"
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
        runs_it, audit_actor = read_principal(session, person, office.now.date()), AuditActor(office.now, person.id)
        scheduled = make_schedule(session, runs_it, NewSchedule(ReportKind.DIRECTIVE, CODE, "results"), audit_actor).id
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
