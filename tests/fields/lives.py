"""What somebody sees of a duty whose template says this or that: tasks, letters, the unit's page, answers to acts."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, select

from models.database.session import open_engine, reading, transaction
from models.directives.directive import Duty, find_directive
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from models.errors import DondocError
from models.organization.account import Proof
from models.organization.person import Person
from models.organization.unit import Unit
from models.papers.issued_report import ReportKind
from models.settings import MailSettings, Settings
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import at_local, due_date, local_date
from notifications.composing.reasons import due_words
from tests.keys import KEYS
from tests.office import ON, Office, at, at_office, body
from tests.web.site import Reader
from web.app import create_app
from workflows.access.accounts.sessions import open_session
from workflows.access.audit_log import AuditActor
from workflows.access.relations import relations_of
from workflows.access.rights import read_principal
from workflows.launch.on_request import ask_addressed_units
from workflows.operations.setup import BUNDLED
from workflows.papers.report_schedules import NewSchedule, make_schedule
from workflows.rules.tasks.actions import Relation
from workflows.templates.draft import new_draft
from workflows.templates.publish import publish

LAST = 25
"""Days that are played."""
IDS = re.compile(
    r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\b[0-9a-f]{8}\b"
    r"|/v/[\w.-]+|csrf\" value=\"[^\"]+\"|nonce[=\-\"][^ >]+"
)
"""What is another one each time and says nothing."""


@contextmanager
def copy_of(stage: Path) -> Iterator[Office]:
    """An office of its own, as the stage holds it."""
    with TemporaryDirectory() as folder:
        shutil.copyfile(stage, Path(folder) / "dondoc.sqlite")
        engine = open_engine(f"sqlite:///{folder}/dondoc.sqlite", KEYS)
        yield at_office(engine, Path(folder))
        engine.dispose()


def life(stage: Path, path: str, changes: Mapping[str, Any]) -> list[str]:
    """Everything that people see, or are answered, with those changes of a template: but no page of the template."""
    with copy_of(stage) as office:
        return [IDS.sub("…", line) for line in _lines(office, path, changes)]


def _lines(office: Office, path: str, changes: Mapping[str, Any]) -> Iterator[str]:
    try:
        duty = _publish(office, path, changes)
        outcome = office.launch(path, due=date(2004, 6, 22), override=True)
    except (DondocError, ValidationError) as error:
        yield f"refused: {error}"
        return
    yield f"created {outcome.created}, armed {outcome.armed}"
    yield from _asked(office, duty)
    schedule = _scheduled(office, path)
    if outcome.created == 0 and "2." in path:
        office.declare("T-LT", "CTY-N", now=ON, path=path)
    for day in range(1, LAST + 1):
        office.tick(at(day))
        if day == 2:
            yield from _acts(office)
        office.tick(at(day, hour=14))
    yield from _tasks(office)
    yield from (f"{to}: {letter['subject']}\n{body(letter)}" for to in _readers(office) for letter in office.sent(to))
    yield from _pages(office, schedule)


def _publish(office: Office, path: str, changes: Mapping[str, Any]) -> Duty:
    with transaction(office.engine) as session:
        duty = session.exec(select(Duty).where(Duty.path == path)).one()
        published = (TemplateVersion.duty_id == duty.id, TemplateVersion.state == "published")
        spec = session.exec(select(TemplateVersion).where(*published)).one().spec
        if changes:
            draft = new_draft(session, duty, TemplateSpec.model_validate({**spec, **changes}), now=ON)
            if draft.state is TemplateState.DRAFT:  # else it says what is published already
                publish(session, draft.id, now=ON)
        return duty


def _asked(office: Office, duty: Duty) -> Iterator[str]:
    """Whether it may be asked for singly."""
    with reading(office.engine) as session:
        try:
            made = ask_addressed_units(
                office.acting(session, office.person("le.thi.c"), ON),
                find_directive(session, BUNDLED),
                duty,
                unit_ids=[office.unit("T-LT").id],
                note="x",
                due_on=None,
            )
            yield f"asked of {made.created}"
        except DondocError as error:
            yield error.tell("en")


def _acts(office: Office) -> Iterator[str]:
    """What a unit does with its first task, as far as it may, and who could decide on its result then."""
    with reading(office.engine) as session:
        task = session.exec(select(Task).where(col(Task.status).in_(OPEN_STATUSES)).order_by(col(Task.id))).first()
        if task is None:
            return
        head = session.get_one(Person, session.get_one(Unit, task.lead_unit_id).head_id).code
    result = {"number": "12/BC", "date": date(2004, 6, 2)}
    for action, given in (
        ("ask-extension", {"due": date(2004, 7, 30), "note": "x"}),
        ("raise-obstacle", {"note": "x"}),
        ("submit", result),
        ("submit", result | {"subject": "x", "signer": "x"}),
        ("submit", result | {"subject": "x", "signer": "x", "link": "https://vidu.example/1"}),
    ):
        try:
            office.act(task, action, head, at(2, hour=9), **given)
            yield f"{action} done"
        except DondocError as error:
            yield f"{action}: {error.tell('en')}"
    with reading(office.engine) as session:
        own, day = session.get_one(Task, task.id), local_date(ON)
        people = session.exec(select(Person).where(Person.is_active).order_by(Person.code)).all()
        yield f"decides: {[one.code for one in people if Relation.RECEIVER in relations_of(session, own, one, day)]}"


def _tasks(office: Office) -> Iterator[str]:
    with reading(office.engine) as session:
        query: Any = select(Task, Unit.code).join(Unit, col(Unit.id) == Task.lead_unit_id)
        for task, code in session.exec(query.order_by(Unit.code, Task.occurrence)):
            due = due_date(task.due_at) if task.due_at else None
            fixed = task.due_fixed_by.value if task.due_fixed_by else None
            why = due_words(task.due_facts, task.due_reason, "vi")
            yield f"{code} {task.occurrence} {task.status.value} {due} by {fixed} {why}"


def _readers(office: Office) -> list[str]:
    with reading(office.engine) as session:
        addresses = {to for to, _raw in office.sender.letters}
        return sorted(session.exec(select(Person.code).where(col(Person.email).in_(addresses))))


def _scheduled(office: Office, path: str) -> UUID | None:
    """A report that the coordinating unit's office compiles of the duty's periods; None of a duty without."""
    with transaction(office.engine) as session:
        coordinator = read_principal(session, office.person("le.thi.c"), local_date(ON))
        wanted = NewSchedule(ReportKind.DIRECTIVE, BUNDLED, path)
        try:
            return make_schedule(session, coordinator, wanted, AuditActor(ON)).id
        except DondocError:
            return None


def _pages(office: Office, schedule: UUID | None) -> Iterator[str]:
    """The page of the first task, as its head sees it; that of the schedule, as the coordinator does."""
    app = create_app(
        office.engine,
        Settings(data=office.settings.data, base_url="http://dondoc.example", mail=MailSettings(mode="local")),
    )
    now = at_local(date(2004, 6, LAST))
    app.state.site.now = lambda: now
    with transaction(office.engine) as session:
        task = session.exec(select(Task).order_by(col(Task.id))).first()
        if task is None:
            return
        head = session.get_one(Person, session.get_one(Unit, task.lead_unit_id).head_id)
        key = open_session(session, head, Proof.PASSWORD, now=now)
        theirs = open_session(session, office.person("le.thi.c"), Proof.PASSWORD, now=now)
    yield Reader(app, key).get(f"/tasks/{task.id.hex}").text
    if schedule is not None:
        yield Reader(app, theirs).get(f"/reports/schedules/{schedule.hex}").text


def of_published(session: Session, path: str) -> dict[str, Any]:
    """The stored specification of a duty of the bundled directive."""
    duty = session.exec(select(Duty).where(Duty.path == path)).one()
    query = select(TemplateVersion).where(TemplateVersion.duty_id == duty.id, TemplateVersion.state == "published")
    return dict(session.exec(query).one().spec)
