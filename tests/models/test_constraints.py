"""What a row may not say: the checks and keys of the tables, on both databases."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from models.database.ids import ZERO_ID, new_id
from models.database.rows import insert_new
from models.directives.directive import Directive
from models.directives.template import TemplateState, TemplateVersion
from models.letters.letter import Letter, LetterKind, Notice
from models.organization.person import Absence, Person
from models.organization.unit import Unit, UnitAlias, UnitKind
from models.tasks.task import Contribution, Evidence, Extension, LeadChange, Obstacle, Result, Task
from tests.models.world import NOW, World, a_person, a_task, a_unit, make_world

pytestmark = pytest.mark.both

Rows = Callable[[World], list[SQLModel]]


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def _refuses(session: Session, constraint: str, rows: list[SQLModel]) -> None:
    """SQLite names a failed check, PostgreSQL every constraint; a unique key of SQLite is told by its columns."""
    session.add_all(rows)
    with pytest.raises(IntegrityError) as caught:
        session.flush()
    if constraint.startswith("ck_") or session.get_bind().dialect.name == "postgresql":
        assert constraint in str(caught.value.orig)
    else:
        assert "UNIQUE constraint failed" in str(caught.value.orig)


def _refuses_change(session: Session, constraint: str, table: type[SQLModel], values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(update(table).values(**values))


def _result(world: World, **given: Any) -> Result:
    plain: dict[str, Any] = {"number": "12/BC", "document_date": date(2026, 3, 1)}
    asked = {"task_id": world.task.id, "submitted_at": NOW, "submitted_by": world.person.id}
    return Result(**(plain | asked | given))


def _letter(world: World, **given: Any) -> Letter:
    return Letter(recipient_id=world.person.id, slot=NOW, kind=LetterKind.DIGEST, not_before=NOW, **given)


def _notice(world: World, **given: Any) -> Notice:
    plain: dict[str, Any] = {"rung": "due_soon", "offset": -7, "role": "head", "anchor_id": ZERO_ID}
    sent = {"recipient_id": world.person.id, "fired_at": NOW, "slot": NOW, "kind": LetterKind.DIGEST}
    return Notice(**(plain | sent | {"task_id": world.task.id} | given))


def _extension(world: World, **given: Any) -> Extension:
    due = date(2026, 5, 1)
    asked: dict[str, Any] = {
        "task_id": world.task.id,
        "asked_at": NOW,
        "asked_by": world.person.id,
        "asked_due_on": due,
    }
    return Extension(**(asked | {"reason": "r"} | given))


def _obstacle(world: World, **given: Any) -> Obstacle:
    raised: dict[str, Any] = {"task_id": world.task.id, "raised_at": NOW, "raised_by": world.person.id, "text": "t"}
    return Obstacle(**(raised | {"authority_unit_id": world.unit.id, "respond_by": NOW} | given))


def _lead_change(world: World, **given: Any) -> LeadChange:
    return LeadChange(task_id=world.task.id, asked_at=NOW, asked_by=world.person.id, reason="r", **given)


def _task(world: World, **given: Any) -> Task:
    task = a_task(world.task, "2026-Q1")
    for name, value in given.items():
        setattr(task, name, value)
    return task


def _secret(world: World) -> Directive:
    office = world.unit.id
    return Directive(
        code="001",
        issuer="Bộ",
        subject="s",
        text="t",
        coordinating_unit_id=office,
        issuer_office_id=office,
        secrecy="mật",
    )


def _absence(world: World, stand_in: Person, days: int) -> Absence:
    first = date(2026, 3, 2)
    return Absence(
        person_id=world.person.id, stand_in_id=stand_in.id, starts_on=first, ends_on=first + timedelta(days=days)
    )


def _published(world: World, **given: Any) -> TemplateVersion:
    published: dict[str, Any] = {"version": 2, "spec": {}, "digest": "1", "created_at": NOW}
    return TemplateVersion(**(published | {"duty_id": world.duty.id, "state": TemplateState.PUBLISHED} | given))


REFUSED: dict[str, tuple[str, Rows]] = {
    "a secret document": ("ck_directive_no_secrets", lambda w: [_secret(w)]),
    "police inside the house": ("ck_unit_police_is_outside", lambda w: [a_unit("ca", UnitKind.POLICE)]),
    "two units of one code": ("uq_unit_code", lambda w: [a_unit(w.unit.code)]),
    "two people of one code": ("uq_person_code", lambda w: [a_person(w.person.code)]),
    "one alias for two units": (
        "uq_unit_alias_alias_folded",
        lambda w: [UnitAlias(unit_id=w.unit.id, alias=name, alias_folded="tong cong ty") for name in ("Tổng", "TCT")],
    ),
    "an absence that ends before it starts": ("ck_absence_in_order", lambda w: [_absence(w, w.other, days=-1)]),
    "standing in for oneself": ("ck_absence_stand_in_is_another", lambda w: [_absence(w, w.person, days=1)]),
    "the same task twice": ("uq_task_duty_id_assigned_unit_id_occurrence_parent_key", lambda w: [_task(w), _task(w)]),
    "a root task with a parent's key": ("ck_task_parent_key_is_parent", lambda w: [_task(w, parent_id=w.task.id)]),
    "a date without its original": ("ck_task_original_date_kept", lambda w: [_task(w, due_at=NOW)]),
    "a wait since never": ("ck_task_wait_has_since", lambda w: [_task(w, wait_kind="decision")]),
    "a closed task still to be checked": (
        "ck_task_closed_is_quiet",
        lambda w: [_task(w, status="approved", next_check_at=NOW)],
    ),
    "half a contribution": (
        "ck_contribution_whole",
        lambda w: [Contribution(task_id=w.task.id, unit_id=w.unit.id, contributed_at=NOW)],
    ),
    "two results waiting for one decision": ("ix_result_open", lambda w: [_result(w), _result(w)]),
    "a decision of an unknown kind": ("ck_result_decision", lambda w: [_result(w, decision="maybe", decided_at=NOW)]),
    "a decision without its moment": ("ck_result_decided_whole", lambda w: [_result(w, decision="approved")]),
    "the subject of a classified result": (
        "ck_result_classified_has_no_content",
        lambda w: [_result(w, is_classified=True, subject="bí mật")],
    ),
    "two open requests for more time": ("ix_extension_open", lambda w: [_extension(w), _extension(w)]),
    "a request for more time in an unknown state": ("ck_extension_state", lambda w: [_extension(w, state="later")]),
    "two open obstacles": ("ix_obstacle_open", lambda w: [_obstacle(w), _obstacle(w)]),
    "an answer by nobody": ("ck_obstacle_answered_whole", lambda w: [_obstacle(w, answered_at=NOW)]),
    "two open requests for another lead": ("ix_lead_change_open", lambda w: [_lead_change(w), _lead_change(w)]),
    "a request for another lead in an unknown state": (
        "ck_lead_change_state",
        lambda w: [_lead_change(w, state="later")],
    ),
    "two letters of one moment": ("uq_letter_recipient_id_slot_kind_topic", lambda w: [_letter(w), _letter(w)]),
    "a lease on a letter nobody claimed": ("ck_letter_claimed_has_lease", lambda w: [_letter(w, lease_until=NOW)]),
    "the same notice twice": (
        "uq_notice_task_id_anchor_id_rung_offset_recipient_id",
        lambda w: [_notice(w), _notice(w)],
    ),
    "two published templates of a duty": ("ix_template_version_published", lambda w: [_published(w, published_at=NOW)]),
    "a published template without its date": ("ck_template_version_published_has_date", lambda w: [_published(w)]),
}


@pytest.mark.parametrize(("constraint", "rows"), REFUSED.values(), ids=REFUSED.keys())
def test_the_database_refuses(session: Session, world: World, constraint: str, rows: Rows) -> None:
    _refuses(session, constraint, rows(world))


def test_a_unit_is_not_its_own_parent(session: Session, world: World) -> None:
    _refuses_change(session, "ck_unit_parent_is_another", Unit, {"parent_id": world.unit.id})


def test_a_unit_does_not_supervise_itself(session: Session, world: World) -> None:
    _refuses_change(session, "ck_unit_supervisor_is_another", Unit, {"supervising_unit_id": world.unit.id})


def test_letters_are_written_in_vietnamese_or_english(session: Session, world: World) -> None:
    _refuses_change(session, "ck_person_language", Person, {"language": "fr"})


def test_an_empty_file_is_no_evidence(session: Session, world: World) -> None:
    result = _result(world)
    session.add(result)
    session.flush()
    empty = Evidence(result_id=result.id, sha256="0" * 64, filename="a.pdf", media_type="application/pdf", size=0)
    _refuses(session, "ck_evidence_not_empty", [empty])


@pytest.mark.parametrize(
    ("table", "column", "constraint"),
    [
        ("unit", "kind", "ck_unit_unitkind"),
        ("duty", "kind", "ck_duty_dutykind"),
        ("directive", "urgency", "ck_directive_urgency"),
        ("task", "status", "ck_task_taskstatus"),
        ("task", "due_fixed_by", "ck_task_duefixedby"),
        ("template_version", "state", "ck_template_version_templatestate"),
    ],
)
def test_a_word_outside_the_list_is_refused(
    session: Session, world: World, table: str, column: str, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(text(f"UPDATE {table} SET {column} = 'nonsense'"))


def test_a_task_of_nobody_is_refused(session: Session, world: World) -> None:
    session.add(_task(world, lead_unit_id=new_id()))
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.flush()


def test_a_head_who_is_not_in_the_register_is_refused(session: Session, world: World) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.execute(update(Unit).values(head_id=new_id()))


def test_a_person_of_an_unknown_unit_is_refused(session: Session, world: World) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        session.execute(update(Person).values(unit_id=new_id()))


def test_bulk_insert_passes_over_what_is_there_already(session: Session, world: World) -> None:
    table = SQLModel.metadata.tables["notice"]
    rows = [_notice(world).model_dump(), _notice(world, offset=-3).model_dump()]
    insert_new(session, table, rows)
    insert_new(session, table, [row | {"id": new_id()} for row in rows])
    found = session.execute(table.select()).all()
    assert sorted(row.offset for row in found) == [-7, -3]
    assert {row.fired_at for row in found} == {NOW}
