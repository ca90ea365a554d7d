"""The rights table, cell by cell: for pages and API alike, and for objects of others by guessed id."""

import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from models.database.ids import new_id
from models.database.session import reading
from models.directives.directive import Directive
from models.directives.template import TemplateVersion
from models.i18n import translate
from models.organization.person import Absence, Person, PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit, UnitKind
from models.tasks.task import Contribution, Obstacle, Task, TaskStatus
from models.text.localtime import at_local, local_date
from tests.web.api.programs import Make
from tests.web.api.routes import BODY, every_route
from tests.web.site import LAUNCHED, Office, Reader
from workflows.access.relations import relations_of
from workflows.access.rights import Principal, read_principal
from workflows.rules.rights_table import RIGHTS, OfficeRole, Right
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS, allowed_actions

pytestmark = pytest.mark.long

S = OfficeRole

PEOPLE: dict[str, frozenset[OfficeRole]] = {
    "only.officer": frozenset({S.OFFICER}),
    "only.clerk": frozenset({S.OFFICER, S.CLERK}),
    "only.observer": frozenset({S.OFFICER, S.OBSERVER}),
    "only.administrator": frozenset({S.OFFICER, S.ADMINISTRATOR}),
    "only.coordinator": frozenset({S.OFFICER, S.COORDINATOR, S.SUPERVISOR}),  # of Vụ Viễn thông, which supervises
    "head.of.enterprise": frozenset({S.OFFICER, S.HEAD}),
    "head.of.supervisor": frozenset({S.OFFICER, S.HEAD, S.SUPERVISOR}),
}
"""Somebody for each standing, with everything they are."""

PAGES: dict[Right, str] = {
    Right.SEE_WORK: "/work",
    Right.SEE_BOARD: "/directives",
    Right.SEE_PICTURES: "/reports/pictures",
    Right.SEE_REPORT: "/reports",
    Right.SEE_INBOX: "/inbox",
    Right.SEE_SCORECARDS: "/scorecards",
    Right.SEE_WARNINGS: "/warnings",
    Right.SEE_INSPECTIONS: "/inspections",
    Right.LAUNCH: "/launch",
    Right.SEE_LETTERS: "/letters",
    Right.RECORD_RECEIPTS: "/receipts",
    Right.RECORD_ABSENCE: "/absences",
    Right.ASK_API: "/account/tokens",
    Right.SCHEDULE_REPORTS: "/papers/schedules",
    Right.EDIT_TEMPLATES: "/admin/templates",
    Right.EDIT_REGISTER: "/admin/units",
    Right.EDIT_CALENDAR: "/admin/calendar",
    Right.EDIT_LETTER_TEXTS: "/admin/letter-texts",
    Right.EDIT_MAIL: "/admin/mail",
    Right.RUN_JOBS: "/admin/jobs",
    Right.EDIT_WEBHOOKS: "/admin/webhooks",
    Right.EDIT_CHANNELS: "/admin/channels",
    Right.TRUST_ROOTS: "/admin/roots",
    Right.SEE_AUDIT: "/admin/audit",
}
"""The page behind which each right stands; BULK, DECLARE_INCIDENT, RESEND_LETTERS and SEE_EVERYTHING are below."""

CALLS: dict[Right, tuple[str, str]] = {
    Right.SEE_WORK: ("GET", "/difficulties"),
    Right.SEE_BOARD: ("GET", "/people"),
    Right.SEE_REPORT: ("GET", "/report"),
    Right.SEE_INBOX: ("GET", "/inbox"),
    Right.SEE_WARNINGS: ("GET", "/warnings"),
    Right.SEE_INSPECTIONS: ("GET", "/inspections"),
    Right.LAUNCH: ("POST", "/directives/ct-06-2004/launches"),
    Right.BULK: ("POST", "/directives/ct-06-2004/many"),
    Right.DECLARE_INCIDENT: ("POST", "/directives/ct-06-2004/incidents"),
    Right.SEE_LETTERS: ("GET", "/letters"),
    Right.RECORD_ABSENCE: ("GET", "/absences"),
    Right.EDIT_REGISTER: ("GET", "/register/columns"),
    Right.EDIT_WEBHOOKS: ("GET", "/webhooks"),
}
BODIES: dict[str, dict[str, Any]] = {
    "/directives/ct-06-2004/launches": {"duties": ["5"]},
    "/directives/ct-06-2004/incidents": {"title": "x", "units": ["TCT-T"], "is_drill": True},
    "/directives/ct-06-2004/many": {"action": "withdraw", "given": {"note": "x"}, "duty": "4", "dry_run": True},
}


@pytest.fixture
def staffed(office: Office) -> Office:
    """The office with somebody for each standing."""

    def staff(session: Any) -> None:
        vt, bc, netnam = (resolve_unit(session, code) for code in ("VU-VT", "VU-BC", "CTY-N"))
        pattern = resolve_person(session, "le.thi.c")
        fields = pattern.model_dump(exclude={"id", "code", "email", "unit_id"})
        for code in PEOPLE:
            session.add(Person(code=code, email=f"{code}@mpt.example", unit_id=vt.id, **fields))
        session.flush()
        ids = {code: resolve_person(session, code).id for code in PEOPLE}
        for code, role in (
            ("only.clerk", Role.CLERK),
            ("only.observer", Role.OBSERVER),
            ("only.administrator", Role.ADMINISTRATOR),
            ("only.coordinator", Role.COORDINATOR),
        ):
            session.add(PersonRole(person_id=ids[code], role=role, unit_id=vt.id))
        netnam.head_id, bc.head_id = ids["head.of.enterprise"], ids["head.of.supervisor"]

    office.change(staff)
    return office


def place_of(office: Office, code: str) -> Principal:
    with reading(office.engine) as session:
        return read_principal(session, resolve_person(session, code), local_date(office.now))


@pytest.mark.parametrize("code", PEOPLE)
def test_everybody_is_what_the_register_makes_them(staffed: Office, code: str) -> None:
    assert place_of(staffed, code).standings == PEOPLE[code]


@pytest.mark.parametrize("code", PEOPLE)
def test_pages_open_for_those_who_have_the_right_and_for_nobody_else(staffed: Office, code: str) -> None:
    reader = staffed.sign_in(code)
    for right, path in PAGES.items():
        expected = 200 if RIGHTS[right] & PEOPLE[code] else 403
        assert (right, reader.get(path).status_code) == (right, expected)


@pytest.mark.parametrize("code", PEOPLE)
def test_the_api_gives_what_the_pages_give(staffed: Office, program: Make, code: str) -> None:
    caller = program(code)
    assert set(caller.get("/me").json()["rights"]) == {one.value for one in Right if RIGHTS[one] & PEOPLE[code]}
    for right, (method, path) in CALLS.items():
        answer = caller.ask(method, path, json=BODIES.get(path))
        if RIGHTS[right] & PEOPLE[code]:
            assert (right, answer.status_code) not in ((right, 403), (right, 404)), answer.text
        else:
            assert (right, answer.status_code in (403, 404)) == (right, True), answer.text


def test_every_right_has_its_page_or_its_call() -> None:
    """Of sending letters again and of receipts each letter and task is asked; `test_letters` and below see to that.

    Of inspections it is asked who runs the directive: `test_inspection_pages`.
    """
    inside = {Right.BULK, Right.DECLARE_INCIDENT, Right.RESEND_LETTERS, Right.INSPECT}
    inside |= {Right.WRITE_PAPERS}
    assert set(Right) - set(PAGES) == {Right.SEE_EVERYTHING, *inside}
    others = {Right.SEE_EVERYTHING, Right.RESEND_LETTERS, Right.RECORD_RECEIPTS, Right.ASK_API}
    on_pages_alone = {Right.WRITE_PAPERS, Right.INSPECT, Right.TRUST_ROOTS, Right.EDIT_CHANNELS, Right.SEE_PICTURES}
    on_pages_alone |= {Right.SEE_SCORECARDS, Right.SCHEDULE_REPORTS, Right.EDIT_TEMPLATES, Right.EDIT_CALENDAR}
    on_pages_alone |= {Right.EDIT_LETTER_TEXTS, Right.EDIT_MAIL, Right.RUN_JOBS, Right.SEE_AUDIT}
    assert set(Right) - set(CALLS) == others | on_pages_alone


RELATED = {
    Relation.HEAD: "head.of.enterprise",
    Relation.DEPUTY: "its.deputy",
    Relation.STAND_IN: "its.stand.in",
    Relation.OFFICER: "its.officer",
    Relation.FOCAL_POINT: "its.focal.point",
    Relation.PARTNER: "a.partner",
    Relation.ISSUER_OFFICE: "the.issuer",
    Relation.COORDINATOR: "the.coordinator",
    Relation.RECEIVER: "the.receiver",
    Relation.AUTHORITY: "the.authority",
    Relation.SUPERVISOR: "the.supervisor",
    Relation.CLERK: "the.clerk",
}
"""Somebody who is this one thing to a task, and nothing else."""


@pytest.fixture
def related(staffed: Office) -> tuple[Office, UUID]:
    """One task of CTY-N and a person for each relation to it."""
    found: list[UUID] = []

    def relate(session: Any) -> None:
        unit = resolve_unit(session, "CTY-N")
        pattern = resolve_person(session, "le.thi.c").model_dump(exclude={"id", "code", "email", "unit_id"})
        for code in set(RELATED.values()) - {"head.of.enterprise"}:
            session.add(Person(code=code, email=f"{code}@mpt.example", unit_id=unit.id, **pattern))
        session.flush()
        ids = {relation: resolve_person(session, code).id for relation, code in RELATED.items()}
        task = session.exec(select(Task).where(Task.lead_unit_id == unit.id)).first()
        units = {
            code: Unit(code=code, name=code, name_folded=code, sort_key=code, kind=UnitKind.DEPARTMENT)
            for code in ("PARTNER", "AUTHORITY", "SUPERVISOR", "ASSIGNER", "ISSUER", "RECEIVER")
        }
        for one in units.values():
            session.add(one)
        session.flush()
        units["PARTNER"].head_id, units["AUTHORITY"].head_id = ids[Relation.PARTNER], ids[Relation.AUTHORITY]
        units["SUPERVISOR"].head_id, units["RECEIVER"].head_id = ids[Relation.SUPERVISOR], ids[Relation.RECEIVER]
        units["ASSIGNER"].head_id, units["ISSUER"].head_id = ids[Relation.COORDINATOR], ids[Relation.ISSUER_OFFICE]
        unit.deputy_id, unit.focal_point_id = ids[Relation.DEPUTY], ids[Relation.FOCAL_POINT]
        unit.supervising_unit_id = units["SUPERVISOR"].id
        task.officer_id, task.assigner_unit_id = ids[Relation.OFFICER], units["ASSIGNER"].id
        task.coordinator_id = ids[Relation.COORDINATOR]
        session.get_one(Directive, task.directive_id).issuer_office_id = units["ISSUER"].id
        followed = session.get_one(TemplateVersion, task.template_version_id)
        spec = followed.spec | {"reports_to": "RECEIVER"}
        task.template_version_id = new_id()
        session.add(
            TemplateVersion(
                id=task.template_version_id,
                duty_id=followed.duty_id,
                version=99,
                spec=spec,
                digest="",
                created_at=LAUNCHED,
            )
        )
        session.add(PersonRole(person_id=ids[Relation.CLERK], role=Role.CLERK, unit_id=units["ASSIGNER"].id))
        session.add(Contribution(task_id=task.id, unit_id=units["PARTNER"].id))
        session.add(
            Obstacle(
                task_id=task.id,
                raised_at=LAUNCHED,
                raised_by=ids[Relation.HEAD],
                text="x",
                authority_unit_id=units["AUTHORITY"].id,
                respond_by=at_local(date(2026, 11, 20)),
            )
        )
        session.add(
            Absence(
                person_id=ids[Relation.HEAD],
                stand_in_id=ids[Relation.STAND_IN],
                starts_on=date(2026, 11, 1),
                ends_on=date(2026, 11, 30),
            )
        )
        found.append(task.id)

    staffed.change(relate)
    return staffed, found[0]


def test_everybody_is_to_the_task_what_they_should_be(related: tuple[Office, UUID]) -> None:
    office, task_id = related
    with reading(office.engine) as session:
        task = session.get_one(Task, task_id)
        for relation, code in RELATED.items():
            person = resolve_person(session, code)
            assert (relation, relations_of(session, task, person, local_date(office.now))) == (
                relation,
                frozenset({relation}),
            )


@pytest.mark.parametrize("relation", RELATED)
def test_each_action_is_open_to_its_relations_and_to_no_other(
    related: tuple[Office, UUID], program: Make, relation: Relation
) -> None:
    office, task_id = related
    caller, reader = program(RELATED[relation]), office.sign_in(RELATED[relation])
    shown = caller.get(f"/tasks/{task_id}").json()
    assert set(shown["actions"]) == {one.value for one in allowed_actions(TaskStatus.ASSIGNED, frozenset({relation}))}
    page = reader.get(f"/tasks/{task_id}")
    assert page.status_code == 200
    for action in Action:
        if relation in SPECS[action].rule.by:
            continue
        answer = caller.post(f"/tasks/{task_id}/{action.value}", BODY[action])
        assert (action, answer.status_code) == (action, 409), answer.text
        sent = reader.send(f"/tasks/{task_id}", f"/tasks/{task_id}/{action.value}", **BODY[action])
        assert (action, sent.status_code in (403, 404, 409)) == (action, True)
    with reading(office.engine) as session:
        assert session.get_one(Task, task_id).revision == 0


@pytest.mark.parametrize("status", [one for one in TaskStatus if one.value in ("accepted", "submitted", "returned")])
def test_no_refusal_and_no_answer_tells_a_coordinating_unit_how_far_the_task_is(
    related: tuple[Office, UUID], program: Make, status: TaskStatus
) -> None:
    office, task_id = related
    office.change(lambda session: setattr(session.get_one(Task, task_id), "status", status))
    code = RELATED[Relation.PARTNER]
    caller, reader = program(code), office.sign_in(code)
    told = {words for one in TaskStatus.labels().values() for words in (translate(one, "vi"), translate(one, "en"))}
    for action in set(Action) - {Action.CONTRIBUTE}:
        answer = caller.post(f"/tasks/{task_id}/{action.value}", BODY[action])
        page = reader.get(f"/tasks/{task_id}/{action.value}")
        assert (action, answer.status_code, page.status_code) == (action, 409, 409)
        assert not any(words in answer.json()["detail"] for words in told), action
        alert = page.text.partition('role="alert"')[2].partition("</div>")[0]
        assert alert and not any(words in alert for words in told), action
    done = caller.post(f"/tasks/{task_id}/contribute", BODY[Action.CONTRIBUTE])
    assert (done.status_code, done.json()["status"]) == (200, None)


@pytest.mark.parametrize("code", ["only.officer", "only.clerk", "a.stranger"])
def test_a_task_of_others_by_a_guessed_id_is_as_if_it_were_not_there(
    related: tuple[Office, UUID], program: Make, code: str
) -> None:
    office, task_id = related
    if code == "a.stranger":  # the head of another enterprise
        with reading(office.engine) as session:
            head_id = resolve_unit(session, "CTY-P").head_id
            code = session.get_one(Person, head_id).code
    reader, caller = office.sign_in(code), program(code)
    for path in (f"/tasks/{task_id}", f"/tasks/{task_id.hex[-8:]}", f"/receipts/{task_id}"):
        assert (path, reader.get(path).status_code) in ((path, 404), (path, 403))
    assert caller.get(f"/tasks/{task_id}").status_code == 404
    for action in Action:
        assert reader.send("/work", f"/tasks/{task_id}/{action.value}", **BODY[action]).status_code in (403, 404)
        assert caller.post(f"/tasks/{task_id}/{action.value}", BODY[action]).status_code == 404
    assert str(task_id) not in str(caller.get("/tasks", params={"limit": 200}).json())
    found = reader.get("/search", params={"q": task_id.hex[-8:]})
    assert str(task_id) not in found.text.replace("q=", "")


ANYTHING = ("ct-06-2004", "00000000-0000-0000-0000-000000000001", "TCT-T", "1")


def test_no_page_and_no_call_opens_without_signing_in(staffed: Office) -> None:
    stranger = Reader(staffed.app)
    seen = 0
    for route in every_route(staffed.app):
        path = re.sub(r"{\w+:int}", "1", route)
        path = re.sub(r"{[^}]+}", ANYTHING[1], path)
        if OPEN.match(path):
            continue
        seen += 1
        answer = stranger.get(path)
        assert (route, answer.status_code) in ((route, 303), (route, 401), (route, 422))
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in"), route
    assert seen > 150


OPEN = re.compile(
    r"^/(health|ready|version|metrics|sign-in.*|forgotten.*|invitation/.*|reset/.*|v/.*|fewer/.*|r/.*|help.*|calendar/.*|mail.*|setup.*"
    r"|sign-out/oidc|api/v1/docs|api/v1/openapi.json|favicon.ico|static.*|oidc.*)$"
)
"""What anybody may open: it shows nothing of anybody."""
