"""What must never happen: one test a line."""

import re
import shutil
from collections.abc import Iterator
from datetime import date, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from models.database.session import open_engine, reading, transaction
from models.errors import Refused
from models.letters.letter import LetterState
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.evidence_files import GivenFile
from models.tasks.task import Obstacle, Task
from models.text.localtime import at_local, local
from tests.keys import KEYS
from tests.office import COORDINATOR, ON, Office, at, attachments, body, furnish
from workflows.rules.calendar.workdays import WorkCalendar

pytestmark = pytest.mark.long

HEAD, SUPERVISOR, T_LT = "luong.thi.ngan", "le.thi.d", "duong.trong.nghia"
HARSH = re.compile(
    r"bạo động|biểu tình|phê bình|kiểm điểm|kỷ luật|vi phạm|yếu kém|chây ỳ|cảnh cáo|nghiêm khắc|khiển trách"
    r"|riot|blame|reprimand|punish|!",
    re.IGNORECASE,
)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture(scope="module")
def told(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Nobody acts, an incident is declared, and a drill: two months of letters, made once and only looked at."""
    folder = tmp_path_factory.mktemp("told")
    shutil.copyfile(migrated_sqlite, folder / "told.sqlite")
    engine = open_engine(f"sqlite:///{folder / 'told.sqlite'}", KEYS)
    office = furnish(engine, folder)
    office.launch("2", "2.a", "4", due=date(2004, 6, 30))
    office.declare("T-LT", "CTY-E", now=at(3, hour=22))
    office.declare("T-BC", now=at(4, hour=22), is_drill=True, path="2.a")
    for moment in (ON, at(3, hour=22), at(3, hour=23, minute=5), at(4, hour=22), at(5, hour=23), at(7)):
        office.tick(moment)
    for moment in (at(30), at(1, 7), at(9, 7), at(21, 7), at(30, 7)):
        office.tick(moment)
    yield office
    engine.dispose()


def everything(office: Office) -> list[EmailMessage]:
    return [message_from_bytes(raw, policy=policy.default) for _address, raw in office.sender.letters]


# A reminder after the records clerk received the report; to a retired head; during Tết; the wrong form of address.


def test_never_a_reminder_after_the_records_clerk_received_the_report(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    office.act(
        office.task(),
        "receive",
        "ngo.van.loc",
        at(29, hour=7, minute=30),
        number="15/KHTC",
        date=date(2004, 6, 28),
        received_on=date(2004, 6, 29),
    )
    office.days(at(29), at(30, 7))
    assert office.told(office.task(), HEAD) == [("assigned", 0)]
    assert len(office.sent(HEAD)) == 1, "nor in a digest or a summary"


def test_never_a_reminder_that_was_decided_before_the_clerk_received_the_report(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    office.tick(at(1, 7, 19))  # in the evening: decided, to leave next morning
    assert ("overdue", 1, HEAD, "pending") in office.notices(office.task())
    office.act(
        office.task(),
        "receive",
        "ngo.van.loc",
        at(2, 7, 7, 30),
        number="15/KHTC",
        date=date(2004, 7, 1),
        received_on=date(2004, 7, 2),
    )
    office.tick(at(2, 7))
    assert ("overdue", 1, HEAD, "dropped") in office.notices(office.task())
    assert len(office.sent(HEAD)) == 1


def test_never_a_letter_to_a_retired_head(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    office.change_person(HEAD, is_active=False)
    office.days(at(2), at(9, 7))
    assert len(office.sent(HEAD)) == 1
    with pytest.raises(Refused):
        office.act(office.task(), "accept", HEAD, at(10, 7))


def test_never_a_letter_to_a_head_who_retired_between_decision_and_sending(office: Office) -> None:
    office.launch("4")
    office.tick(at(3, hour=6))
    office.tick(at(3, hour=19))
    office.change_person(HEAD, is_active=False)
    office.tick(at(4))
    assert office.sent(HEAD) == []
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR) or office.tick(at(4, hour=9)).sent
    assert any(rung == "undeliverable" for rung, _offset in office.told(office.task(), COORDINATOR))


def test_never_during_tet_on_a_holiday_or_at_night(office: Office) -> None:
    office.launch("4", on=at_local(date(2005, 1, 10)), due=date(2005, 2, 3))
    first = date(2005, 2, 1)  # Tết Ất Dậu: 8 to 11 February 2005
    for day in range(20):
        for clock in (time(0, 5), time(8), time(20)):
            office.tick(at_local(first + timedelta(days=day), clock))
    left = [local(letter.sent_at) for letter in office.letters() if letter.sent_at]
    assert any(moment.date() > date(2005, 2, 13) for moment in left)
    tet = {date(2005, 2, day) for day in range(8, 12)}
    calendar = WorkCalendar()
    assert not [moment for moment in left if moment.date() in tet]
    assert all(calendar.is_working(moment.date()) and 7 <= moment.hour < 18 for moment in left)


def test_never_a_wrong_form_of_address(told: Office) -> None:
    with reading(told.engine) as session:
        people = session.execute(
            select(col(Person.email), col(Person.address_form), col(Person.full_name), col(Person.language))
        ).all()
    greeted = {row.email: row for row in people}
    letters = everything(told)
    assert len(letters) > 200
    for letter in letters:
        person = greeted[letter["To"].addresses[0].addr_spec]
        greeting = next(line for line in body(letter).splitlines() if person.full_name in line)
        if person.language == "vi":
            assert f"{person.address_form} {person.full_name}" in greeting
            others = {"Đồng chí", "Ông", "Bà"} - {person.address_form}
            assert not any(f"{other} {person.full_name}" in body(letter) for other in others)


# An enterprise seeing another's lateness.


def test_never_an_enterprise_seeing_anothers_lateness(told: Office) -> None:
    with reading(told.engine) as session:
        names = {
            unit.id: unit
            for unit in session.execute(select(Unit).where(col(Unit.kind) == UnitKind.ENTERPRISE)).scalars()
        }
        people = session.execute(select(Person).where(col(Person.unit_id).in_(names))).scalars().all()
    seen = 0
    for person in people:
        own = names[person.unit_id]
        children = {unit.name for unit in names.values() if unit.parent_id == own.id}
        others = {unit.name for unit in names.values()} - {own.name} - children
        for letter in told.sent(person.code):
            seen += 1
            whole = body(letter) + letter["Subject"]
            parent = names[own.parent_id].name if own.parent_id in names else ""
            assert not [name for name in others - {parent} if name in whole and name not in own.name], person.code
    assert seen > 50


def test_never_more_than_one_recipient_on_an_envelope_or_in_a_header(told: Office) -> None:
    for letter in everything(told):
        assert len(getaddresses([letter["To"]])) == 1
        assert letter["Cc"] is None and letter["Bcc"] is None


# Automatic mail to the police.


def test_never_automatic_mail_to_the_police(office: Office) -> None:
    with transaction(office.engine) as session:
        police = session.execute(select(Unit).where(col(Unit.kind) == UnitKind.POLICE)).scalars().all()
        assert police and all(unit.is_outside for unit in police)
        for number, unit in enumerate(police):  # a contact with an address, in every seat there is
            officer = Person(
                code=f"ca{number}",
                full_name="Trực ban",
                name_folded="truc ban",
                sort_key="truc ban",
                email=f"truc{number}@congan.example",
                unit_id=unit.id,
            )
            session.add(officer)
            session.flush()
            session.execute(
                update(Unit)
                .where(col(Unit.id) == unit.id)
                .values(head_id=officer.id, deputy_id=officer.id, focal_point_id=officer.id)
            )
    office.launch("2", "2.c", "4")
    office.declare("T-LT", now=at(2, hour=9), path="2.c")
    task = office.task("2", "T-LT")
    office.act(task, "accept", T_LT, at(2, hour=9))
    with pytest.raises(Refused, match="cannot answer"):
        office.act(task, "raise-obstacle", T_LT, at(2, hour=10), note="chờ ý kiến công an", to="CA-HN")
    office.act(task, "raise-obstacle", T_LT, at(2, hour=10), note="chờ ý kiến công an")
    with transaction(office.engine) as session:  # as an earlier version let it
        session.execute(update(Obstacle).values(authority_unit_id=office.unit("CA-HN").id))
    for moment in (ON, at(2, hour=9), at(2, hour=10), at(3), at(10), at(30, 7)):
        office.tick(moment)
    assert len(office.sender.letters) > 50
    assert not [address for address, _raw in office.sender.letters if "congan" in address]


# Figures or plans of a secret kind as attachments.


def test_never_figures_or_plans_of_a_secret_kind_as_attachments(office: Office, tmp_path: Path) -> None:
    plan = tmp_path / "phuong-an.pdf"
    plan.write_bytes(b"%PDF-1.4 plan")
    office.launch("2")
    task = office.task("2", "T-LT")
    given = {"number": "01/PA", "date": date(2004, 6, 2)}
    for secret in ({"file": (GivenFile.at(plan),)}, {"link": "https://t-lt.example/pa"}, {"subject": "Phương án"}):
        with pytest.raises(Refused):
            office.act(task, "submit", T_LT, at(2), **given, **secret)
    assert not list(tmp_path.glob("evidence/**/*.*")), "nothing was taken in"
    office.act(task, "submit", T_LT, at(2), **given)
    office.tick(at(2))
    for letter in everything(office):
        assert all(name.endswith(".ics") for name in attachments(letter))


def test_letters_carry_only_calendar_entries_and_drafted_papers(told: Office) -> None:
    kinds = {Path(name).suffix for letter in everything(told) for name in attachments(letter)}
    assert kinds == {".ics", ".txt"}


# A drill taken for real.


def test_never_a_drill_taken_for_real(told: Office) -> None:
    with reading(told.engine) as session:
        drills = set(session.execute(select(col(Task.id)).where(col(Task.is_drill))).scalars())
    letters = everything(told)
    about = [letter for letter in letters if any(task.hex in letter.as_string() for task in drills)]
    marked = [letter for letter in letters if letter["Subject"].startswith("[DIỄN TẬP]")]
    assert marked and len(about) <= len(marked)
    for letter in marked:
        assert "DIỄN TẬP" in body(letter)
        html = letter.get_body(("html",))
        assert html is not None and "DIỄN TẬP" in html.get_content()
    assert len(marked) < len(letters), "and nothing real is called a drill"
    assert {letter.is_drill for letter in told.letters() if letter.topic.startswith("incident:")} == {True, False}


# An invented document number, signature or seal.


def test_never_an_invented_document_number_signature_or_seal(told: Office) -> None:
    papers = [text for letter in everything(told) for name, text in attachments(letter).items() if ".txt" in name]
    assert papers
    for text in papers:
        for line in text.splitlines():
            if re.match(r"\s*Số:", line):
                assert not re.search(r"Số:\s*\d", line), line
        assert not re.search(r"\(đã ký\)|đã ký|ký thay|\bK/T\b|đóng dấu:", text, re.IGNORECASE)


# Harsh words in a subject line.


def test_never_harsh_words_in_a_subject_line(told: Office) -> None:
    subjects = {letter["Subject"] for letter in everything(told)}
    assert len(subjects) > 30
    assert not [subject for subject in subjects if HARSH.search(subject)]


def test_subjects_say_the_number_of_the_duty(told: Office) -> None:
    incident = [letter["Subject"] for letter in told.sent(T_LT) if "[Tình huống]" in letter["Subject"]]
    assert incident and all("mục 2.a" in subject for subject in incident)


def test_nothing_waits_or_fails_silently(told: Office) -> None:
    assert {letter.state for letter in told.letters()} <= {LetterState.SENT, LetterState.EMPTY, LetterState.QUEUED}
