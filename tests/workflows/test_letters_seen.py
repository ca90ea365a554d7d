"""Which letters somebody may look at: those about their tasks, without the words of others'; no code ever."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import Directive
from models.directives.launch import Launch
from models.directives.template import TemplateVersion
from models.errors import BadInput, NotFound
from models.letters.letter import Letter, LetterKind, LetterState
from models.organization.person import Absence, Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.ministry import Counted
from tests.office import COORDINATOR, Office, at, body, furnish
from workflows.access.rights import read_principal
from workflows.delivery.letters.letters_view import (
    LetterFilter,
    LetterPage,
    list_letter_notices,
    list_visible_letters,
    open_letter,
)

pytestmark = pytest.mark.long

NOW = at(3, hour=10)
ADMINISTRATOR = "dang.thu.thuy"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Launched, accepted by nobody: assignments on the first day, a digest of those not accepted on the third."""
    office = furnish(engine, tmp_path)
    office.launch("2", "4")
    office.days(at(1), at(3))
    return office


@pytest.fixture(autouse=True)
def one_long_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.delivery.letters.letters_view.PER_PAGE", 1000)


def seen(office: Office, who: str = COORDINATOR, cursor: str = "", **wanted: Any) -> LetterPage:
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, who), local_date(NOW))
        return list_visible_letters(session, principal, LetterFilter(**wanted), cursor=cursor)


def head(office: Office, unit: str) -> Person:
    with reading(office.engine) as session:
        return session.get_one(Person, office.unit(unit).head_id)


def test_a_coordinator_sees_who_was_told_what_and_when_the_newest_first(office: Office) -> None:
    letters = seen(office).letters
    assert [one.slot for one in letters] == sorted((one.slot for one in letters), reverse=True)
    mine = [one for one in letters if one.recipient_code == "luong.thi.ngan"]
    assert [one.kind for one in mine] == [LetterKind.DIGEST, LetterKind.ASSIGNED]
    assert "not_accepted@2" in mine[0].rungs
    assert all(one.subject for one in mine)


def test_who_oversees_nothing_sees_no_letter(office: Office) -> None:
    assert seen(office, "cao.gia.huy").letters == []
    letter_id = seen(office).letters[0].id
    with reading(office.engine) as session, pytest.raises(NotFound):
        open_letter(
            session, read_principal(session, resolve_person(session, "cao.gia.huy"), local_date(NOW)), letter_id
        )


def test_a_supervising_unit_sees_letters_about_its_own_units_alone(office: Office) -> None:
    above = head(office, "VU-BC").code
    about = {one.id for one in seen(office, above).letters}
    assert about
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, above), local_date(NOW))
        for letter_id in about:
            for one in list_letter_notices(session, principal, letter_id):
                lead = session.get_one(Unit, session.get_one(Task, one.task_id).lead_unit_id)
                assert lead.supervising_unit_id == office.unit("VU-BC").id


def task_of_another_office(office: Office, **given: Any) -> None:
    """The head of T-BC, supervised by Vụ Bưu chính, has a task of Vụ Pháp chế's as well."""
    with transaction(office.engine) as session:
        model = session.exec(select(Directive)).one()
        other = office.unit("VU-PC").id
        directive = Directive(
            **model.model_dump(exclude={"id"})
            | {"code": "kl", "number": "09/KL-BBCVT", "coordinating_unit_id": other, "issuer_office_id": other}
        )
        session.add(directive)
        session.flush()
        coordinator = session.get_one(Person, office.unit("VU-PC").head_id).id
        launch = Launch(
            directive_id=directive.id, launched_at=at(1), assigner_unit_id=other, coordinator_id=coordinator
        )
        session.add(launch)
        session.flush()
        task = session.exec(select(Task).where(Task.lead_unit_id == office.unit("T-BC").id)).one()
        followed = session.get_one(TemplateVersion, task.template_version_id)
        theirs = followed.model_dump(exclude={"reports_to"}) | {
            "id": new_id(),
            "version": 9,
            "state": "draft",
            "published_at": None,
        }
        session.add(TemplateVersion(**theirs | {"spec": followed.spec | {"reports_to": "VU-PC"}}))
        session.flush()
        again: dict[str, Any] = {
            "id": new_id(),
            "template_version_id": theirs["id"],
            "directive_id": directive.id,
            "launch_id": launch.id,
            "assigner_unit_id": other,
            "coordinator_id": coordinator,
            "occurrence": "request:1",
            "assigned_at": task.assigned_at,
        }
        session.add(Task(**task.model_dump() | again | given))


def test_a_letter_that_speaks_of_anothers_tasks_too_is_listed_without_its_words(office: Office) -> None:
    """The head of T-BC, supervised by Vụ Bưu chính, has a task of another office's as well: a digest speaks of both."""
    task_of_another_office(office)
    letters = {one.kind: one for one in seen(office, q=head(office, "T-BC").full_name).letters}
    assert letters[LetterKind.DIGEST].subject is None
    assert letters[LetterKind.ASSIGNED].subject, "a letter about one's own task alone is whole"
    of_vps = head(office, "T-BC").code
    others = [one for one in seen(office, kind=LetterKind.DIGEST).letters if one.recipient_code != of_vps]
    assert others and all(one.subject for one in others), "and what one head has besides hides no letter to another"
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(NOW))
        assert open_letter(session, principal, letters[LetterKind.DIGEST].id)[1] is False
    assert all(one.subject for one in seen(office, ADMINISTRATOR).letters), "administrators see all of it"


def test_stand_ins_digest_is_listed_without_its_words(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("2", "4")
    task_of_another_office(office, due_at=at(4), next_check_at=None)
    reader = head(office, "VU-KHTC")
    with transaction(office.engine) as session:
        away = date(2004, 6, 2), date(2004, 6, 3)
        absent = head(office, "T-BC").id
        session.add(Absence(person_id=absent, stand_in_id=reader.id, starts_on=away[0], ends_on=away[1]))
    office.days(at(1), at(3))
    assert "09/KL-BBCVT" in body(office.sent(reader.code)[-1]), (
        "their own, and what is due soon of whom they stand in for"
    )
    digests = [one for one in seen(office, kind=LetterKind.DIGEST).letters if one.recipient_code == reader.code]
    assert [one.subject for one in digests] == [None]
    assert all(one.subject for one in seen(office, ADMINISTRATOR).letters)


def test_a_letter_with_a_code_is_nobodys_but_its_recipients(office: Office) -> None:
    with transaction(office.engine) as session:
        code = Letter(
            recipient_id=office.person(COORDINATOR).id,
            slot=at(3),
            kind=LetterKind.ACCOUNT,
            topic="secret:1",
            state=LetterState.SENT,
            not_before=at(3),
            subject="Mã đăng nhập",
        )
        session.add(code)
    for who in (ADMINISTRATOR, COORDINATOR):
        assert code.id not in {one.id for one in seen(office, who).letters}
        with reading(office.engine) as session, pytest.raises(NotFound):
            open_letter(session, read_principal(session, resolve_person(session, who), local_date(NOW)), code.id)


def test_filters(office: Office) -> None:
    def names(**wanted: Any) -> set[str]:
        return {one.recipient_code for one in seen(office, **wanted).letters}

    everybody = names()
    vtn = head(office, "T-LT")
    assert names(q="luong thi ngan") == names(person="luong.thi.ngan") == {"luong.thi.ngan"}
    assert vtn.code in names(q="t-lt") < everybody
    assert vtn.code in names(unit="T-LT") < everybody
    assert names(directive="nothing") == set()
    assert names(directive="ct-06-2004") == everybody
    assert names(task=office.task("4").id) >= {"luong.thi.ngan"}
    assert {one.kind for one in seen(office, kind=LetterKind.ASSIGNED).letters} == {LetterKind.ASSIGNED}
    assert names(state=LetterState.FAILED) == set()
    assert {local_date(one.slot) for one in seen(office, first=date(2004, 6, 3)).letters} == {date(2004, 6, 3)}
    assert {local_date(one.slot) for one in seen(office, last=date(2004, 6, 2)).letters} == {date(2004, 6, 1)}


def test_pages_go_on_where_the_last_one_ended(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [one.id for one in seen(office).letters]
    monkeypatch.setattr("workflows.delivery.letters.letters_view.PER_PAGE", 7)
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = seen(office, cursor=cursor)
        found += [one.id for one in page.letters]
        cursor = page.older
    assert found[: len(whole)] == whole
    assert len(set(found)) == len(found)
    with pytest.raises(BadInput):
        seen(office, cursor="made-up")


def test_as_many_queries_for_many_letters_as_for_none(office: Office) -> None:
    counts = set()
    for wanted in (LetterFilter(), LetterFilter(q="không có")):
        with reading(office.engine) as session:
            principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(NOW))
            with Counted(session) as statements:
                list_visible_letters(session, principal, wanted)
            counts.add(len(statements))
    assert counts == {4}
