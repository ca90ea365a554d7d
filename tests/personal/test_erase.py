"""A person is erased: nothing names them but what the law has an office keep, and the history is as whole as before."""

import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.errors import BadInput
from models.operations.alert import Alert, AlertKind
from models.organization.account import MailedPurpose, Proof
from models.organization.audit import Audit
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_person
from models.settings import MailSettings
from tests.office import Office, at, furnish
from tests.personal.aftermath import NOW, Aftermath
from tests.personal.life import CODE, MAIL, NAME, NEEDLES, PHONE
from tests.web.site import ADDRESS, Reader
from web.app import create_app
from workflows.access.accounts.mailed import issue
from workflows.access.accounts.sessions import open_session
from workflows.access.audit_log import AuditActor
from workflows.history.archive.write_archive import export_directive
from workflows.history.verify_history import verify
from workflows.operations.personal.erase import StillNeeded, erase_person
from workflows.operations.personal.erased import LIST, WORDS, StandIn, find_restored
from workflows.operations.setup import BUNDLED
from workflows.organization.register.editing import change_person
from workflows.organization.register.retirement import retire_person
from workflows.reports.report_figures import report

LEFT_BEHIND = {
    "person.full_name",
    "person.name_folded",
    "person.code",
    "person.email",
    "person.phone",
    "person.title",
    "history_note.text",
    "extension.reason",
    "extension.decision_reason",
    "lead_change.reason",
    "obstacle.text",
    "obstacle.answer",
    "contribution.note",
    "telephone_note.note",
    "telephone_note.answered_by",
    "task.due_reason",
    "absence.reason",
    "letter.address",
    "letter.error",
    "letter_content.content",
    "letter_attempt.reply",
    "bounce.diagnostic",
    "reply.sender",
    "reply.subject",
    "reply.text",
    "reply_draft.given",
    "alert.facts",
    "account.oidc_subject",
    "web_session.address",
    "access_token.name",
    "kept_answer.body",
    "errand.given",
    "errand_part.content",
    "audit.object",
    "audit.address",
    "result.signer",
    "result.subject",
    "signed_press.signer",
    "evidence.filename",
    "conversation_file.filename",
}
"""Where this life is known to leave something: without it the search afterwards would prove nothing."""
STAYS = {
    "result.signer": "a result document and who signed it: a record of the office",
    "result.subject": "the same document's own words",
    "signed_press.signer": "a letter of the office and who signed it",
    "evidence.filename": "the file of a result, as it was sent in",
    "inspection_finding.words": "what an inspection found: a record of the office",
    "directive.text": "the decision to inspect, which names the head of the team",
    "duty.quote": "its words again",
    "duty.search_text": "the same, to be found by",
    "template_version.spec": "the same, in a template that was published",
    "audit.object": "nobody can change the audit: it says what was done to their entry, by its code then",
    "audit.facts": "the same: to whom an office was handed, by code",
    "audit.address": "from where they signed in: a log of who came to the data",
    "letter_content.content": "letters to others, as they were sent: they go with keep_letter_bodies_days",
}


def test_nothing_names_an_erased_person_but_what_must_stay(erased: Aftermath) -> None:
    assert erased.places >= LEFT_BEHIND
    assert erased.life.places(*NEEDLES) == set(STAYS)


def test_audit_of_a_person_holds_no_personal_data(erased: Aftermath) -> None:
    with reading(erased.office.engine) as session:
        facts = session.scalars(select(col(Audit.facts)).where(col(Audit.action).like("person_%"))).all()
    assert {"fields": ["phone"]} in facts
    assert not any(one in str(facts) for one in (NAME, MAIL, PHONE))


def test_the_history_is_whole_line_by_line_and_says_how_many_words_were_erased(erased: Aftermath) -> None:
    before, after = erased.verified, verify(erased.office.engine)
    assert (before.broken, before.erased) == (None, 0) and before.rows > 20
    assert after.broken is None and after.rows == before.rows
    assert after.erased > 8 and after.notes == before.notes - after.erased


def test_a_directives_archive_proves_itself_without_the_product_and_without_the_name(
    erased: Aftermath, tmp_path: Path
) -> None:
    with reading(erased.office.engine) as session:
        directive = find_directive(session, BUNDLED)
    path = tmp_path / "archive.zip"
    export_directive(erased.office.engine, directive.id, path, evidence=erased.office.settings.evidence, now=NOW)
    with zipfile.ZipFile(path) as packed:
        (tmp_path / "verify.py").write_bytes(packed.read("verify.py"))
        told = b"".join(packed.read(name) for name in packed.namelist() if name in ("people.jsonl", "notes.jsonl"))
    command = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(path)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()
    assert NAME not in told.decode() and erased.done.stand_in.full_name in told.decode()


def test_the_figures_of_a_report_are_what_they_were(erased: Aftermath) -> None:
    with reading(erased.office.engine) as session:
        told = report(session, cutoff=NOW.date())
    assert told == erased.report and told.figures.open_in_time == 1


def test_pages_that_showed_the_person_show_what_stands_in_their_place(erased: Aftermath) -> None:
    office, stand_in = erased.office, erased.done.stand_in
    settings = office.settings.model_copy(
        update={"base_url": ADDRESS, "mail": MailSettings(mode="local"), "language": "vi"}
    )
    app = create_app(office.engine, settings)
    app.state.site.now = lambda: at(25, hour=9)
    with transaction(office.engine) as session:
        administrators = select(col(PersonRole.person_id)).where(col(PersonRole.role) == Role.ADMINISTRATOR)
        who = session.get_one(Person, session.scalars(administrators).one())
        reader = Reader(app, open_session(session, who, Proof.PASSWORD, now=at(25, hour=9)))
    task = office.task()
    for path in (f"/tasks/{task.id}", f"/admin/people/{stand_in.code}", "/admin/audit", "/letters"):
        page = reader.get(path)
        assert page.status_code == 200, path
        assert stand_in.full_name in page.text or stand_in.code in page.text, path
        assert MAIL not in page.text and PHONE not in page.text, path
    assert WORDS in reader.get(f"/tasks/{task.id}").text
    assert reader.get(f"/admin/people/{CODE}").status_code == 404


def test_the_rest_of_the_register_is_edited_as_ever(erased: Aftermath) -> None:
    with transaction(erased.office.engine) as session:
        change_person(session, "le.thi.c", {"phone": "0900 1"}, AuditActor(NOW))
        assert resolve_person(session, erased.done.stand_in.code).is_active is False


def test_nobody_is_erased_twice(erased: Aftermath) -> None:
    with transaction(erased.office.engine) as session, pytest.raises(BadInput, match="erased already"):
        erase_person(session, session.get_one(Person, erased.person.id), AuditActor(NOW), folder=None)


def test_erased_person_brought_back_by_a_backup_is_found(erased: Aftermath) -> None:
    office, person = erased.office, erased.person
    listed = (office.settings.data / LIST).read_text()
    assert listed.startswith(str(person.id)) and not any(one in listed for one in NEEDLES)
    with transaction(office.engine) as session:
        line = session.scalars(select(Audit).where(col(Audit.action) == "person_erased")).one()
        assert line.object == erased.done.stand_in.code and line.facts["person"] == str(person.id)
        assert find_restored(session, office.settings.data) == []
        here = session.get_one(Person, person.id)
        here.code = CODE
        session.flush()
        assert find_restored(session, office.settings.data) == [CODE]
        (office.settings.data / LIST).unlink()
        assert find_restored(session, office.settings.data) == [CODE]  # the audit knows
        session.rollback()
    (office.settings.data / LIST).write_text(listed)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def still_needed(office: Office, code: str) -> list[str]:
    rows = office.rows()
    with transaction(office.engine) as session, pytest.raises(StillNeeded) as told:
        erase_person(session, resolve_person(session, code), AuditActor(NOW), folder=office.settings.data)
    assert office.rows() == rows and not (office.settings.data / LIST).exists()
    assert told.value.tell("vi").count("\n") == len(told.value.hindrances)
    return [str(one) for one in told.value.hindrances]


def test_erasure_names_everything_that_stands_in_the_way(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", "luong.thi.ngan", at(2))
    office.act(office.task(), "assign", "luong.thi.ngan", at(2), to="chu.bich.dao")
    assert still_needed(office, "luong.thi.ngan")[:2] == [
        "still active: dondoc person retire luong.thi.ngan",
        "holds an office of VU-KHTC: hand it over first",
    ]
    with transaction(office.engine) as session:
        retire_person(session, "chu.bich.dao", at(3))
    assert still_needed(office, "chu.bich.dao")[0].startswith("open tasks that they follow or do: 1")
    coordinator = still_needed(office, "le.thi.c")
    assert any("coordinator of" in one for one in coordinator) and any("open tasks" in one for one in coordinator)


def test_a_letter_on_its_way_and_an_address_that_a_unit_uses_are_waited_for(office: Office) -> None:
    office.change_unit("VU-PC", email="Chu.Bich.Dao@mpt.example")
    with transaction(office.engine) as session:
        issue(session, resolve_person(session, "chu.bich.dao"), MailedPurpose.INVITATION, now=at(3))
        retire_person(session, "chu.bich.dao", at(3))
    unit = "their address is also that of VU-PC: give the unit another first"
    assert still_needed(office, "chu.bich.dao") == [
        "letters to them that wait in the outbox: 1; after the next delivery",
        unit,
    ]
    office.tick(at(3, hour=9))
    assert still_needed(office, "chu.bich.dao") == [unit]


def test_words_that_somebody_must_still_decide_on_are_waited_for(office: Office) -> None:
    office.launch("4")
    task = office.task()
    office.act(task, "accept", "luong.thi.ngan", at(2))
    office.act(task, "ask-extension", "luong.thi.ngan", at(2), due=date(2004, 7, 15), note="cần thêm số liệu")
    waiting = "their unanswered requests and obstacles: 1"
    assert waiting in still_needed(office, "luong.thi.ngan")
    office.act(task, "refuse-extension", "le.thi.c", at(3), note="đủ thời gian")
    assert waiting not in still_needed(office, "luong.thi.ngan")
    office.act(task, "raise-obstacle", "luong.thi.ngan", at(3), note="thiếu số liệu")
    assert waiting in still_needed(office, "luong.thi.ngan")


def test_the_stand_in_tells_nothing_and_is_a_code_of_the_register(erased: Aftermath) -> None:
    stand_in = StandIn.of(erased.person.id)
    assert stand_in == erased.done.stand_in and stand_in.code == f"da-xoa-{erased.person.id.hex[-12:]}"
    assert erased.done.former_code == CODE


def test_the_office_works_on_and_nothing_of_the_person_comes_back(erased: Aftermath) -> None:
    office = erased.office
    office.days(at(26), at(30))
    stuck = {AlertKind.LETTER_UNWRITABLE, AlertKind.TASK_STUCK, AlertKind.PERIOD_STUCK, AlertKind.JOB_FAILED}
    with reading(office.engine) as session:
        assert not stuck & set(session.scalars(select(col(Alert.kind))))
    assert office.sent("le.thi.c") and not office.sent(erased.done.stand_in.code)
    assert erased.life.places(*NEEDLES) <= set(STAYS)
    assert verify(office.engine).broken is None
