"""A template's own reminder times: its notices leave then, and only then, and never on a day off."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.template import TemplateVersion
from models.errors import BadRows
from models.letters.letter import Letter, LetterKind, Notice
from models.text.localtime import at_local
from tests.office import ON, Office, at, furnish
from workflows.escalation.sweep import sweep
from workflows.templates.pack_file import PACK_FILE, read_pack
from workflows.templates.packs import bundled

HEAD, COORDINATOR = "luong.thi.ngan", "le.thi.c"
AFTERNOON = "0 14 * * 1-5"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def remind(office: Office, path: str, cron: str) -> None:
    with transaction(office.engine) as session:
        on_table = " ON template_version" if office.engine.dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER IF EXISTS template_version_is_frozen{on_table}"))
        version = session.exec(
            select(TemplateVersion).join(Duty, col(Duty.id) == TemplateVersion.duty_id).where(Duty.path == path)
        ).one()
        version.spec = dict(version.spec) | {"reminders": cron}


def slots(office: Office, person: str) -> set[datetime]:
    """The slots of a person's reminders."""
    with reading(office.engine) as session:
        return set(
            session.exec(
                select(Notice.slot).where(Notice.recipient_id == office.person(person).id, Notice.rung != "assigned")
            )
        )


def digests(office: Office, person: str) -> set[datetime]:
    who = office.person(person).id
    return {one.slot for one in office.letters() if one.recipient_id == who and one.kind is LetterKind.DIGEST}


def test_by_default_reminders_leave_at_08_00(office: Office) -> None:
    office.launch("4")
    sweep(office.engine, now=at(3), calendar=office.calendar)
    assert slots(office, HEAD) == digests(office, COORDINATOR) == {at(3)}


def test_template_reminds_at_14_00_with_the_coordinators_digest(office: Office) -> None:
    remind(office, "4", AFTERNOON)
    office.launch("4")
    office.tick(ON)
    sent = len(office.sent(HEAD))
    office.tick(at(3))
    assert slots(office, HEAD) == digests(office, COORDINATOR) == {at(3, hour=14)}
    office.tick(at(3, hour=13, minute=59))
    assert len(office.sent(HEAD)) == sent
    office.tick(at(3, hour=14))
    assert len(office.sent(HEAD)) == sent + 1


def test_two_templates_keep_their_own_times_in_one_sweep(office: Office) -> None:
    remind(office, "4", AFTERNOON)
    office.launch("4", "2")
    sweep(office.engine, now=at(3), calendar=office.calendar)
    assert slots(office, HEAD) == {at(3, hour=14)}
    assert slots(office, "duong.trong.nghia") == {at(3)}
    assert digests(office, COORDINATOR) == {at(3), at(3, hour=14)}


def test_what_a_late_sweep_finds_after_14_00_leaves_at_once(office: Office) -> None:
    remind(office, "4", AFTERNOON)
    office.launch("4")
    sweep(office.engine, now=at(3, hour=16), calendar=office.calendar)
    assert slots(office, HEAD) == {at(3, hour=14)}


def test_never_on_a_holiday_or_at_a_weekend(office: Office) -> None:
    remind(office, "4", "0 14 * * *")
    office.launch("4", on=at_local(date(2004, 12, 1)), due=date(2005, 2, 10))  # Tết 2005: 8 to 11 February
    office.act(office.task(), "accept", HEAD, at_local(date(2004, 12, 2)))
    sweep(office.engine, now=at_local(date(2005, 2, 8)), calendar=office.calendar)
    assert all(office.calendar.in_sending_hours(slot) for slot in slots(office, HEAD))
    assert max(slots(office, HEAD)) == at_local(date(2005, 2, 14)) + timedelta(hours=6)


def test_contingency_clocks_run_in_hours_whatever_the_template_says_of_reminders(office: Office) -> None:
    remind(office, "2.a", AFTERNOON)
    office.launch("2.a", due=None)
    declared = at(5, hour=22)  # a Saturday
    office.declare("T-LT", now=declared)
    sweep(office.engine, now=declared + timedelta(hours=1), calendar=office.calendar)
    assert slots(office, "duong.trong.nghia") == {declared + timedelta(hours=1)}
    with reading(office.engine) as session:
        assert {letter.kind for letter in session.exec(select(Letter))} <= {LetterKind.INCIDENT, LetterKind.ASSIGNED}


# in packs


def pack_with(folder: Path, reminders: str) -> Path:
    """The bundled pack with reminder times for its first template."""
    source = bundled()[0]
    for file in source.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    pack = folder / PACK_FILE
    head, mark, tail = pack.read_text(encoding="utf-8").partition("  - duty:")
    pack.write_text(f"{head}  - reminders: {reminders}\n    duty:{tail}", encoding="utf-8")
    assert mark
    return pack


def test_a_pack_gives_a_template_its_reminder_times(tmp_path: Path) -> None:
    pack = read_pack(pack_with(tmp_path, f'"{AFTERNOON}"'))
    assert [template.reminders for template in pack.templates][:2] == [AFTERNOON, None]


@pytest.mark.parametrize("wrong", ['"0 25 * * *"', "two o'clock", '"0 22 * * *"', "14"])
def test_a_wrong_expression_is_a_fault_that_names_the_field_and_the_line(tmp_path: Path, wrong: str) -> None:
    path = pack_with(tmp_path, wrong)
    line = path.read_text(encoding="utf-8").split("reminders:")[0].count("\n") + 1
    with pytest.raises(BadRows) as raised:
        read_pack(path)
    [fault] = raised.value.faults
    assert f"pack.yaml, line {line}: templates[" in str(fault) and "].reminders" in str(fault)
