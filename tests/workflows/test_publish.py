"""Publishing: one published version per duty, open tasks keep theirs unless migrated, the effect shown first."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, func, select

from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import Launch
from models.directives.template import RequiredResult, TemplateSpec, TemplateState, TemplateVersion
from models.errors import BadInput, NotFound, Refused
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.history import History
from models.tasks.task import Task, TaskStatus
from models.text.vietnamese import fold, person_sort_key, sort_key
from workflows.templates.draft import new_draft
from workflows.templates.packs import bundled_pack, import_directive
from workflows.templates.publish import list_templates, preview_publish, publish, publish_all, retire

NOW = datetime(2004, 5, 10, 1, 0, tzinfo=UTC)
LATER = datetime(2004, 6, 1, 1, 0, tzinfo=UTC)
SEED = bundled_pack("ct-06-2004")


def add_unit(session: Session, code: str, kind: UnitKind) -> Unit:
    unit = Unit(code=code, name=code, name_folded=fold(code), sort_key=sort_key(code), kind=kind)
    session.add(unit)
    session.flush()
    return unit


@pytest.fixture
def directive(session: Session) -> Directive:
    for code in ("VU-VT", "VP"):
        add_unit(session, code, UnitKind.DEPARTMENT)
    return import_directive(session, SEED, now=NOW).directive


def duty_of(session: Session, path: str) -> Duty:
    return session.exec(select(Duty).where(Duty.path == path)).one()


def newest(session: Session, path: str) -> TemplateVersion:
    query = select(TemplateVersion).where(TemplateVersion.duty_id == duty_of(session, path).id)
    return session.exec(query.order_by(col(TemplateVersion.version).desc())).first()  # type: ignore[return-value]


def draft(session: Session, path: str, **changes: object) -> TemplateVersion:
    spec = newest(session, path).read_spec()
    return new_draft(session, duty_of(session, path), spec.model_copy(update=changes), now=LATER)


def add_task(session: Session, directive: Directive, path: str, status: TaskStatus = TaskStatus.ACCEPTED) -> UUID:
    unit = add_unit(session, f"DN-{uuid4().hex[:8]}", UnitKind.ENTERPRISE)
    person = Person(code=unit.code, full_name="Lê Thị C", name_folded="le thi c", sort_key=person_sort_key("Lê Thị C"))
    session.add(person)
    session.flush()
    launch = Launch(
        directive_id=directive.id,
        launched_at=NOW,
        assigner_unit_id=directive.coordinating_unit_id,
        coordinator_id=person.id,
    )
    session.add(launch)
    session.flush()
    version = newest(session, path)
    task = Task(
        directive_id=directive.id,
        duty_id=version.duty_id,
        launch_id=launch.id,
        template_version_id=version.id,
        assigned_unit_id=unit.id,
        lead_unit_id=unit.id,
        occurrence="once",
        assigner_unit_id=directive.coordinating_unit_id,
        coordinator_id=person.id,
        status=status,
        assigned_at=NOW,
        assigned_anchor_id=uuid4(),
    )
    session.add(task)
    session.flush()
    return task.id


def states(session: Session, path: str) -> dict[int, TemplateState]:
    return {row.version: row.state for row in list_templates(session) if row.duty == path}


def test_a_published_draft_is_the_duty_s_only_published_version(session: Session, directive: Directive) -> None:
    first = newest(session, "4")
    effect = publish(session, first.id, now=NOW)
    assert (effect.replaces, effect.changes, effect.open_tasks) == (None, (), ())
    assert (first.state, first.published_at) == (TemplateState.PUBLISHED, NOW)
    second = draft(session, "4", title="Cơ chế giá cước")
    assert publish(session, second.id, now=LATER).replaces == 1
    assert states(session, "4") == {1: TemplateState.RETIRED, 2: TemplateState.PUBLISHED}
    assert duty_of(session, "4").title == "Cơ chế giá cước"


def test_every_draft_of_a_directive_is_published_once(session: Session, directive: Directive) -> None:
    assert [effect.duty for effect in publish_all(session, directive.id, now=NOW)] == [
        template.duty for template in SEED.templates
    ]
    assert publish_all(session, directive.id, now=LATER) == []


def test_importing_the_same_pack_after_publishing_makes_no_draft(session: Session, directive: Directive) -> None:
    publish_all(session, directive.id, now=NOW)
    assert import_directive(session, SEED, now=LATER).drafts == 0


def test_publishing_twice_or_an_unknown_version_is_refused(session: Session, directive: Directive) -> None:
    version = newest(session, "4")
    publish(session, version.id, now=NOW)
    with pytest.raises(Refused, match="only a draft"):
        publish(session, version.id, now=LATER)
    with pytest.raises(NotFound):
        publish(session, uuid4(), now=NOW)


def test_an_older_draft_does_not_replace_a_newer_version(session: Session, directive: Directive) -> None:
    old = newest(session, "4")
    publish(session, draft(session, "4", title="Cơ chế giá cước").id, now=NOW)
    with pytest.raises(Refused, match="older"):
        publish(session, old.id, now=LATER)


def test_open_tasks_keep_their_version_unless_migrated(session: Session, directive: Directive) -> None:
    first = newest(session, "4")
    publish(session, first.id, now=NOW)
    task_id = add_task(session, directive, "4")
    publish(session, draft(session, "4", title="Cơ chế giá cước").id, now=LATER)
    task = session.get_one(Task, task_id)
    session.refresh(task)
    assert (task.template_version_id, task.next_check_at) == (first.id, None)


def test_the_effect_is_shown_before_and_is_what_then_happens(session: Session, directive: Directive) -> None:
    publish(session, newest(session, "4").id, now=NOW)
    add_task(session, directive, "4")
    result = RequiredResult(description="Tờ trình", file_required=True)
    second = draft(session, "4", result=result, authority_working_days=7)
    shown = preview_publish(session, second.id, now=LATER)
    assert {change.field: change.after for change in shown.changes} == {
        "authority_working_days": 7,
        "result.description": "Tờ trình",
        "result.file_required": True,
    }
    (task,) = shown.open_tasks
    assert (task.from_version, task.occurrence) == (1, "once")
    assert task.would_change == ("authority_working_days", "result.description", "result.file_required")
    assert second.state is TemplateState.DRAFT
    done = publish(session, second.id, now=LATER, migrate_open=True)
    assert (done.changes, done.open_tasks, done.migrated) == (shown.changes, shown.open_tasks, 1)


def test_what_was_settled_at_launch_is_not_said_to_reach_open_tasks(session: Session, directive: Directive) -> None:
    publish(session, newest(session, "4").id, now=NOW)
    add_task(session, directive, "4")
    audience = newest(session, "3").read_spec().audience
    shown = preview_publish(session, draft(session, "4", audience=audience).id, now=LATER)
    assert shown.changes
    assert not any(change.reaches_open_tasks for change in shown.changes)
    assert shown.open_tasks[0].would_change == ()


def test_migrated_tasks_take_the_version_and_are_looked_at_at_once(session: Session, directive: Directive) -> None:
    publish(session, newest(session, "4").id, now=NOW)
    open_ids = {add_task(session, directive, "4") for _ in range(3)}
    closed = add_task(session, directive, "4", TaskStatus.APPROVED)
    second = draft(session, "4", title="Cơ chế giá cước")
    assert publish(session, second.id, now=LATER, migrate_open=True).migrated == 3
    session.expire_all()
    for task_id in open_ids:
        task = session.get_one(Task, task_id)
        assert (task.template_version_id, task.next_check_at, task.revision) == (second.id, LATER, 1)
    assert session.get_one(Task, closed).template_version_id != second.id
    rows = session.exec(select(History).where(History.event == "template_changed")).all()
    assert {row.task_id for row in rows} == open_ids
    assert all(row.facts["from"] == 1 and row.facts["to"] == 2 for row in rows)
    assert {row.relation for row in rows} == {"administrator"}


def test_a_retired_template_stays_with_its_open_tasks(session: Session, directive: Directive) -> None:
    version = newest(session, "4")
    with pytest.raises(Refused, match="only a published one"):
        retire(session, version.id, now=NOW)
    publish(session, version.id, now=NOW)
    task_id = add_task(session, directive, "4")
    assert retire(session, version.id, now=LATER).retired_at == LATER
    assert session.get_one(Task, task_id).template_version_id == version.id
    with pytest.raises(Refused):
        retire(session, version.id, now=LATER)


def test_a_draft_that_says_the_same_is_not_made_again(session: Session, directive: Directive) -> None:
    version = newest(session, "4")
    before = session.exec(select(func.count()).select_from(History)).one()
    assert draft(session, "4").id == version.id
    assert session.exec(select(func.count()).select_from(History)).one() == before


def test_a_draft_must_quote_its_directive_and_speak_of_its_duty(session: Session, directive: Directive) -> None:
    with pytest.raises(BadInput, match="word for word"):
        draft(session, "4", quote="Vụ Kế hoạch – Tài chính làm ngay")
    with pytest.raises(BadInput, match="it is for 4"):
        new_draft(session, duty_of(session, "4"), newest(session, "3").read_spec(), now=NOW)


def test_a_published_duty_keeps_its_kind(session: Session, directive: Directive) -> None:
    publish(session, newest(session, "4").id, now=NOW)
    with pytest.raises(Refused, match="cannot become on request"):
        draft(session, "4", kind=DutyKind.ON_REQUEST)


def test_a_template_may_only_name_units_of_the_register(session: Session, directive: Directive) -> None:
    with pytest.raises(BadInput, match="no unit VU-XX"):
        publish(session, draft(session, "4", authority="VU-XX").id, now=NOW)


def test_the_list_gives_every_row_of_the_seed(session: Session, directive: Directive) -> None:
    rows = list_templates(session, "ct-06-2004")
    assert [row.duty for row in rows] == [template.duty for template in SEED.templates]
    assert {row.state for row in rows} == {TemplateState.DRAFT}
    assert all(isinstance(newest(session, row.duty).read_spec(), TemplateSpec) for row in rows[:2])
    with pytest.raises(NotFound):
        list_templates(session, "ct-07-2004")


def test_every_step_leaves_a_line_in_the_history(session: Session, directive: Directive) -> None:
    publish(session, newest(session, "4").id, now=LATER)
    retire(session, newest(session, "4").id, now=LATER)
    events = session.exec(select(History.event).where(History.recorded_at == LATER)).all()
    assert sorted(events) == ["template_published", "template_retired"]
