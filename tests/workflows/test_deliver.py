"""Delivery: what a person's letter of a moment says, re-checked before it leaves, in the hours when letters leave."""

import io
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from models.database.session import reading, transaction
from models.letters.letter import LetterKind, LetterState, NoticeState
from models.operations.logs import start_logging, stop_logging
from models.settings import MailSettings
from models.text.localtime import local
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.mailbox import LocalMailbox, read_mailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import COORDINATOR, ON, Office, at, attachments, body, furnish
from workflows.delivery.deliver import deliver
from workflows.escalation.sweep import sweep
from workflows.jobs.simulate import RecordedSender
from workflows.operations.setup import BUNDLED, set_up
from workflows.organization.register.spreadsheet.import_register import TABLES, import_register, open_register
from workflows.templates.packs import bundled

HEAD, SUPERVISOR = "luong.thi.ngan", "le.thi.d"
T_LT = "duong.trong.nghia"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def decided(office: Office, now: object) -> None:
    """The sweep decides; the delivery is still to come."""
    sweep(office.engine, now=now, calendar=office.calendar)  # type: ignore[arg-type]


# a digest's contents


def test_a_digest_lists_every_overdue_task_and_every_one_due_within_7_working_days(office: Office) -> None:
    office.launch("4", due=date(2004, 6, 7))
    office.launch("1", due=None)
    for path, due in (("1", date(2004, 6, 16)),):
        office.act(office.task(path, "VU-KHTC"), "set-date", COORDINATOR, at(1, hour=9), due=due, note="theo kế hoạch")
    office.days(ON, at(8))
    overdue = office.sent(HEAD)[-1]
    assert "[Đôn đốc]" in overdue["Subject"]
    assert "07/06/2004" in body(overdue), "the rung that fired"
    assert "16/06/2004" in body(overdue), "and what is due within 7 working days, though no rung of it fired today"


def test_the_coordinators_digest_goes_out_when_any_rung_of_their_launches_fires(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    office.days(ON, at(21))
    assert ("due_soon", -7) not in office.told(office.task(), COORDINATOR), "that rung is the head's"
    assert "30/06/2004" in body(office.sent(COORDINATOR)[-1])
    assert "[Đôn đốc]" in office.sent(COORDINATOR)[-1]["Subject"]


def test_one_digest_per_person_and_moment_however_many_tasks(office: Office) -> None:
    office.launch("4", "2")
    office.days(ON, at(9, 7))
    slots = [(letter.recipient_id, letter.slot, letter.kind, letter.topic) for letter in office.letters()]
    assert len(slots) == len(set(slots))
    digests = [letter for letter in office.sent(COORDINATOR) if "01/07/2004" in letter["Subject"]]
    assert len(digests) == 1 and "Và " in body(digests[0]), "the others are counted"
    assert body(digests[0]).count("/v/") == 20


def test_upward_letters_are_by_directive_with_a_drafted_paper_for_a_person_to_sign(office: Office) -> None:
    office.launch("2")
    office.days(at(9, 7), at(9, 7))
    upward = [letter for letter in office.sent(SUPERVISOR) if "[Báo cáo]" in letter["Subject"]]
    assert len(upward) == 1
    papers = attachments(upward[0])
    assert papers and all("Lần 1" in text or "lần 1" in text for text in papers.values())


def test_the_lan_of_a_drafted_cong_van_is_the_number_of_signed_ones_plus_one(office: Office) -> None:
    office.launch("4")
    office.days(at(9, 7), at(9, 7))
    drafted = "\n".join(attachments(office.sent(SUPERVISOR)[-1]).values()).lower()
    assert "lần 1" in drafted
    office.tick(at(21, 7))
    assert "lần 1" in "\n".join(attachments(office.sent(SUPERVISOR)[-1]).values()).lower(), "nobody signed the first"
    office.act(office.task(), "press-signed", COORDINATOR, at(22, 7), number="7/BC", date=date(2004, 7, 21), signer="D")
    office.change_task(office.task(), due_set_at=ON)
    office.tick(at(30, 7))
    texts = "\n".join(attachments(office.sent(SUPERVISOR)[-1]).values()).lower()
    assert "trình" in texts, "22 days after: a drafted phiếu trình"


def test_pressed_2_is_addressed_to_the_leaders_for_information(office: Office) -> None:
    office.launch("4")
    office.days(at(21, 7), at(21, 7))
    assert "Lãnh đạo Bộ (để b/c)" in "\n".join(attachments(office.sent(SUPERVISOR)[-1]).values())


# re-checked before it leaves


@pytest.mark.parametrize("action", ["approve", "withdraw", "change-lead"])
def test_a_task_done_withdrawn_or_moved_between_decision_and_sending_drops_out(office: Office, action: str) -> None:
    office.launch("4")
    office.tick(ON)
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    decided(office, at(1, 7))
    assert ("overdue", 1, HEAD, "pending") in office.notices(office.task())
    if action == "approve":
        office.submit(office.task(), HEAD, at(1, 7))
        office.act(office.task(), "approve", COORDINATOR, at(1, 7))
    elif action == "withdraw":
        office.act(office.task(), "withdraw", COORDINATOR, at(1, 7), note="không cần nữa")
    else:
        office.act(office.task(), "change-lead", COORDINATOR, at(1, 7, 9), to="VU-PC", note="đúng chức năng")
    office.tick(at(1, 7, 9, 5))
    assert ("overdue", 1, HEAD, "dropped") in office.notices(office.task())
    assert not any("[Đôn đốc]" in letter["Subject"] for letter in office.sent(HEAD))


def test_both_heads_hear_of_a_change_of_lead(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "change-lead", COORDINATOR, at(2), to="VU-PC", note="đúng chức năng")
    office.tick(at(2))
    for head in (HEAD, "quach.viet.hung"):
        assert ("event:lead_changed", 0) in office.told(office.task(), head)


def test_a_date_moved_between_decision_and_sending_takes_the_old_dates_rung_with_it(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    decided(office, at(29))
    office.act(office.task(), "set-date", COORDINATOR, at(29), due=date(2004, 8, 31), note="Bộ đồng ý")
    office.tick(at(29))
    assert ("due_soon", -1, HEAD, "dropped") in office.notices(office.task())


# sending hours


def test_letters_leave_from_07_00_to_18_00_on_working_days_only(office: Office) -> None:
    office.launch("4")
    for day in range(1, 15):
        for hour, minute in ((3, 0), (6, 59), (7, 0), (8, 0), (12, 0), (17, 59), (18, 0), (23, 0)):
            office.tick(at(day, hour=hour, minute=minute))
    left = [local(letter.sent_at) for letter in office.letters() if letter.sent_at]
    assert left
    assert all(time(7) <= moment.time() < time(18) and moment.weekday() < 5 for moment in left)


def test_event_leaves_with_the_digest_or_in_the_afternoon(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    office.submit(office.task(), HEAD, at(1, hour=15))
    office.tick(at(1, hour=15))
    assert office.told(office.task(), COORDINATOR) == []
    office.tick(at(2))
    assert office.told(office.task(), COORDINATOR) == [("event:submitted", 0)]
    office.act(office.task(), "return", COORDINATOR, at(2, hour=9), note="thiếu phụ lục")
    office.tick(at(2, hour=13))
    assert len(office.sent(HEAD)) == 1
    office.tick(at(2, hour=14))
    assert ("event:returned", 0) in office.told(office.task(), HEAD)
    assert "thiếu phụ lục" in body(office.sent(HEAD)[-1])


def test_a_date_set_or_moved_comes_with_its_calendar_entry(office: Office) -> None:
    office.launch("4", due=None)
    office.act(office.task(), "set-date", COORDINATOR, at(2, hour=9), due=date(2004, 7, 30))
    office.act(office.task(), "set-date", COORDINATOR, at(2, hour=10), due=date(2004, 8, 2), note="Bộ đồng ý")
    office.tick(at(2, hour=10))
    entries = [text for letter in office.sent(HEAD) for name, text in attachments(letter).items() if ".ics" in name]
    assert "SEQUENCE:2" in entries[-1] and len({line for line in entries[-1].splitlines() if "UID" in line}) == 1


# drill and real


def test_drill_and_real_never_share_a_letter(office: Office) -> None:
    office.launch("2.a", due=None)
    office.declare("T-LT", now=at(2, hour=9))
    office.declare("T-LT", now=at(2, hour=9), is_drill=True)
    office.tick(at(2, hour=9))
    letters = office.sent(T_LT)
    assert sorted("DIỄN TẬP" in letter["Subject"] for letter in letters) == [False, True]
    assert sorted("DIỄN TẬP" in body(letter) for letter in letters) == [False, True]


def test_undeliverable_drill_letter_is_told_as_a_drill(office: Office) -> None:
    office.launch("2.a", due=None)
    office.declare("T-LT", now=at(2, hour=22), is_drill=True)
    address = office.person(T_LT).email

    class Refusing(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if to_address == address:
                return Attempt(SendOutcome.PERMANENT, 550, "no such user")
            return super().send(to_address, content)

    office.tick(at(2, hour=22), Refusing())
    office.tick(at(2, hour=22, minute=1))
    assert ("undeliverable", 0) in office.told(office.task("2.a"), COORDINATOR)
    assert "DIỄN TẬP" in office.sent(COORDINATOR)[-1]["Subject"]


# twice


def test_repeated_launch_import_and_tick_change_nothing(office: Office) -> None:
    def everything(now: object) -> None:
        set_up(office.engine, now=now, example=True)  # type: ignore[arg-type]
        folder = next(path for path in bundled() if path.name == BUNDLED) / "register"
        with transaction(office.engine) as session:
            given = open_register(**{table: folder / f"{table}.csv" for table in TABLES})
            import_register(session, given, now=now)  # type: ignore[arg-type]
        office.launch()
        for moment in (ON, at(3), at(7), at(9, 7)):
            office.tick(moment)

    everything(ON)
    rows, mail = office.rows(), len(office.sender.letters)
    assert rows["task"] > 100 and mail > 100
    everything(ON)
    assert len(office.sender.letters) == mail
    assert office.rows() == rows


def test_every_letter_through_real_smtp_arrives_once_and_only_once(office: Office, tmp_path: Path) -> None:
    office.launch("4")
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        sender = YagmailSender(MailSettings(host=mailbox.host, port=mailbox.port))
        for moment in (ON, ON, at(3), at(3), at(9, 7)):
            office.tick(moment, sender)
    received = read_mailbox(tmp_path / "mailbox")
    sent = [letter for letter in office.letters() if letter.state is LetterState.SENT]
    assert sorted(letter.message_id for letter in received) == sorted(str(letter.message_id) for letter in sent)
    assert {letter.kind for letter in sent} >= {LetterKind.ASSIGNED, LetterKind.DIGEST, LetterKind.UPWARD}
    assert office.notices(office.task(), NoticeState.PENDING) == []


def test_the_telephone_call_of_a_contingency_is_recorded_beside_the_letter(office: Office) -> None:
    office.launch("2.a", due=None)
    office.declare("T-LT", now=at(2, hour=22))
    office.act(office.task("2.a"), "telephone", COORDINATOR, at(2, hour=22, minute=10), answered_by="Dương Trọng Nghĩa")
    with reading(office.engine) as session:
        assert session.connection().exec_driver_sql("SELECT answered_by FROM telephone_note").scalars().all() == [
            "Dương Trọng Nghĩa"
        ]


def test_sqlite_writes_each_outcome_to_disk_before_the_next_letter(office: Office) -> None:
    if office.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL waits for the disk by itself")
    office.launch("4", "2")
    seen: list[int] = []

    class Watching(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            seen.append(len(commits))
            return super().send(to_address, content)

    commits: list[int] = []

    def commit(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        commits.append(driver.execute("PRAGMA synchronous").fetchone()[0])

    event.listen(office.engine, "commit", commit)
    try:
        deliver(office.engine, office.settings, Watching(), now=ON, calendar=office.calendar)
    finally:
        event.remove(office.engine, "commit", commit)
    assert len(seen) > 1 and len(set(seen)) == len(seen), "a commit stands between any two letters"
    marks_and_ends = [commits[at] for before in seen for at in (before - 1, before)]
    assert set(marks_and_ends) == {2}, "each with the disk asked (FULL)"
    with office.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1, "and everything else as fast as ever"


def test_a_tick_logs_as_many_lines_with_many_letters_as_with_few(office: Office) -> None:
    def logged(*duties: str, at_: datetime) -> tuple[int, int]:
        office.launch(*duties, on=at_ - timedelta(hours=1))
        stream = io.StringIO()
        start_logging(stream)
        try:
            sent = office.tick(at_).sent
        finally:
            stop_logging()
        return sent, len(stream.getvalue().splitlines())

    few, lines = logged("4", at_=at(1, hour=10))
    many, more = logged("2", at_=at(1, hour=14))
    assert many > 10 * few > 0 and more == lines
