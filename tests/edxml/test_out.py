"""Statuses from what happens to tasks, each once and in order; the office's report; what a person answers."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.directives.directive import Directive, find_directive
from models.errors import BadInput, NotFound, Refused
from models.exchange.edxml import MessageKind, OutgoingMessage
from models.intake.intake import Intake, IntakeState
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.settings import EdxmlSettings
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.edxml.messages import OWN, letter, sample
from tests.edxml.taking import COORDINATOR, NOW, confirm_all, take
from tests.office import Office
from workflows.exchange.answers import GivenReport, answer_change, ask_back, discard, send_report
from workflows.exchange.due_statuses import write_statuses
from workflows.exchange.edxml_view import lines_of_directive, message_lines
from workflows.exchange.hand_out import HandedOut, ReadyMessage, hand_out, hand_over
from workflows.exchange.message import ExchangeMessage, read_message, read_moment
from workflows.launch.launch_tasks import launch
from workflows.rules.tasks.lifecycle import UNDO_WITHIN

pytestmark = pytest.mark.long


def test_a_message_has_the_permissions_of_the_folder_it_is_put_into(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        assert hand_over(ReadyMessage(tmp_path / "edxml", "a.edxml", "<a/>")).is_handed
        (tmp_path / "edxml" / "out").chmod(0o755)
        assert hand_over(ReadyMessage(tmp_path / "edxml", "b.edxml", "<b/>")).is_handed
    finally:
        os.umask(before)
    out = tmp_path / "edxml" / "out"
    assert [f"{(out / name).stat().st_mode & 0o777:o}" for name in ("a.edxml", "b.edxml")] == ["660", "644"]


PARTY = "000.00.00.H26,2026/03/02,05/CT-UBND"


@pytest.fixture
def exchange(office: Office) -> Office:
    """The office as a member of the exchange."""
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A")
    return office


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def sweep(office: Office, now: datetime) -> int:
    return write_statuses(office.engine, office.settings, now=now)


def ours(office: Office) -> list[OutgoingMessage]:
    """Our messages, in the order of what they tell."""
    with reading(office.engine) as session:
        query = select(OutgoingMessage).order_by(col(OutgoingMessage.made_at), col(OutgoingMessage.code))
        return list(session.exec(query))


def codes(office: Office) -> list[str]:
    return [one.code for one in ours(office)]


def read(one: OutgoingMessage) -> ExchangeMessage:
    """One of our messages, read again by our own reader."""
    return read_message(one.name, one.content.encode())


def give_out(office: Office, code: str, now: datetime) -> list[Task]:
    """Gives out all duties of a directive."""
    with transaction(office.engine) as session:
        launch(
            session,
            find_directive(session, code),
            on=now,
            calendar=office.calendar,
            due_on=date(2026, 3, 31),
            coordinator_id=resolve_person(session, COORDINATOR).id,
        )
    with reading(office.engine) as session:
        directive = session.exec(select(Directive).where(Directive.code == code)).one()
        return list(session.exec(select(Task).where(Task.directive_id == directive.id)))


def head_of(office: Office, task: Task) -> str:
    with reading(office.engine) as session:
        unit = session.get_one(Unit, task.lead_unit_id)
        return session.get_one(Person, unit.head_id).code


def test_accept_to_approve_writes_01_03_04_05_and_only_at_the_end_06(exchange: Office) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    assert sweep(exchange, later(1)) == 2 and codes(exchange) == ["01", "03"]
    tasks = give_out(exchange, code, later(2))
    assert len(tasks) == 2
    assert sweep(exchange, later(2)) == 1 and codes(exchange)[-1] == "04"
    for number, task in enumerate(tasks):
        head = head_of(exchange, task)
        exchange.act(task, "accept", head, later(3 + number))
        sweep(exchange, later(3 + number))
        assert codes(exchange) == ["01", "03", "04", "05"]
        given = {"number": f"{number}/BC", "date": date(2026, 3, 4), "subject": "Báo cáo", "signer": "Lương Thị Ngân"}
        exchange.act(task, "submit", head, later(5 + number), **given)
        exchange.act(task, "approve", COORDINATOR, later(7 + number))
        assert sweep(exchange, later(7 + number)) == 0, "not while it can be undone, nor before all are approved"
    assert sweep(exchange, later(8) + UNDO_WITHIN) == 1
    assert sweep(exchange, later(9)) == 0 and codes(exchange) == ["01", "03", "04", "05", "06"]
    for one in ours(exchange):
        message = read(one)
        assert message.kind is MessageKind.STATUS and message.code == one.code
        assert message.sender.id == OWN and message.document_id == PARTY
        assert [answered.code for answered in message.answers] == ["05/CT-UBND"]
        said_at = read_moment(message.said_at)
        assert message.staff and said_at is not None and abs(said_at - one.made_at) < timedelta(seconds=1)
    entered, completed = (one for one in ours(exchange) if one.code in ("03", "06"))
    assert read(entered).reason == "Sở Mẫu A: đã tiếp nhận văn bản điện tử, vào sổ văn bản đến"
    assert read(completed).reason == "Sở Mẫu A: đã hoàn thành xử lý"
    assert completed.made_at == later(8)


def test_an_approval_that_was_undone_completes_nothing(exchange: Office) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    tasks = give_out(exchange, code, later(1))
    for task in tasks:
        given = {"number": "1/BC", "date": date(2026, 3, 4), "subject": "Báo cáo", "signer": "A"}
        exchange.act(task, "submit", head_of(exchange, task), later(2), **given)
        exchange.act(task, "approve", COORDINATOR, later(3))
    exchange.act(tasks[0], "undo-approval", COORDINATOR, later(3) + timedelta(seconds=30))
    sweep(exchange, later(5))
    assert codes(exchange) == ["01", "03", "04", "05"]


def test_a_directive_of_which_a_duty_was_not_given_out_is_not_completed(exchange: Office) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    with transaction(exchange.engine) as session:
        person = resolve_person(session, COORDINATOR)
        launch(
            session,
            find_directive(session, code),
            on=later(1),
            calendar=exchange.calendar,
            due_on=date(2026, 3, 31),
            coordinator_id=person.id,
            paths=("1",),
        )
    with reading(exchange.engine) as session:
        (task,) = session.exec(select(Task)).all()
    given = {"number": "1/BC", "date": date(2026, 3, 4), "subject": "Báo cáo", "signer": "A"}
    exchange.act(task, "submit", head_of(exchange, task), later(2), **given)
    exchange.act(task, "approve", COORDINATOR, later(3))
    sweep(exchange, later(5))
    assert "06" not in codes(exchange)


def test_what_happened_between_two_ticks_is_told_in_order_with_its_own_times(exchange: Office) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    (task, _other) = give_out(exchange, code, later(1))
    exchange.act(task, "accept", head_of(exchange, task), later(2))
    assert sweep(exchange, later(48)) == 4
    assert [(one.code, one.made_at) for one in ours(exchange)][2:] == [("04", later(1)), ("05", later(2))]


def test_nothing_is_written_without_the_exchange_and_nothing_missed_once_it_is_there(office: Office) -> None:
    confirm_all(office, take(office).intake)
    assert sweep(office, later(1)) == 0
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A")
    assert sweep(office, later(2)) == 2


def test_a_message_of_our_own_is_not_answered(exchange: Office) -> None:
    take(exchange, sample("tra-loi-bao-cao.edxml"))
    assert sweep(exchange, later(1)) == 0


def _press(office: Office, intake: Intake, reason: str) -> int:
    with transaction(office.engine) as session:
        there = session.get_one(Intake, intake.id)
        person = resolve_person(session, COORDINATOR)
        return discard(office.acting(session, person, later(1)), there, reason=reason)


def test_a_discarded_document_is_refused_with_its_reason(exchange: Office) -> None:
    intake = take(exchange).intake
    with pytest.raises(BadInput) as refused:
        _press(exchange, intake, "  ")
    assert "say why" in refused.value.tell("en") and codes(exchange) == []
    assert _press(exchange, intake, "Gửi nhầm đơn vị") == 1
    (told,) = ours(exchange)
    message = read(told)
    assert message.code == "02" and message.reason == "Gửi nhầm đơn vị" and message.staff == "Lê Thị Cúc"
    with reading(exchange.engine) as session:
        assert session.get_one(Intake, intake.id).state is IntakeState.DROPPED
    sweep(exchange, later(2))
    assert codes(exchange) == ["02"]


def test_a_message_of_our_own_that_is_discarded_tells_nobody(exchange: Office) -> None:
    intake = take(exchange, sample("tra-loi-bao-cao.edxml")).intake
    assert _press(exchange, intake, "Gửi nhầm") == 0
    assert codes(exchange) == []
    with reading(exchange.engine) as session:
        assert session.get_one(Intake, intake.id).state is IntakeState.DROPPED


def test_a_recall_is_answered_once_and_changes_nothing(exchange: Office) -> None:
    take(exchange)
    recall = take(exchange, sample("thu-hoi.edxml"))

    def answer(agrees: bool, reason: str = "") -> OutgoingMessage:
        with transaction(exchange.engine) as session:
            return answer_change(
                exchange.acting(session, resolve_person(session, COORDINATOR), later(1)),
                session.get_one(Intake, recall.intake.id),
                recall.incoming.id,
                agrees=agrees,
                reason=reason,
            )

    with pytest.raises(BadInput):
        answer(False)
    told = read(answer(False, "Đã giao thực hiện"))
    assert told.code == "16" and told.document_id == PARTY
    for agrees in (True, False):
        with pytest.raises(Refused) as refused:
            answer(agrees, "x")
        assert "answered already" in refused.value.tell("en")
    with reading(exchange.engine) as session:
        (line,) = [one for one in message_lines(session, [recall.intake.id]) if one.is_in]
        assert not line.asks


PAPER = letter("SỞ MẪU A", "Số: 120/BC-SMA", "BÁO CÁO", "Kết quả thực hiện Chỉ thị.")


def _report(**changed: Any) -> GivenReport:
    given = GivenReport(
        number="120/BC-SMA",
        issued_on=date(2026, 3, 4),
        kind="Báo cáo",
        subject="Kết quả thực hiện <Chỉ thị> & Kế hoạch",
        signer="Lê Văn Mẫu",
        position="Giám đốc",
        filename="bao-cao.docx",
        content=PAPER,
    )
    return replace(given, **changed)


def _send(office: Office, code: str, report: GivenReport) -> OutgoingMessage:
    with transaction(office.engine) as session:
        directive = find_directive(session, code)
        person = resolve_person(session, COORDINATOR)
        return send_report(office.acting(session, person, later(5)), directive, report)


def test_a_report_answers_the_directive_with_its_paper(exchange: Office) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    message = read(_send(exchange, code, _report()))
    assert message.kind is MessageKind.NEW and message.number == "120/BC-SMA" and message.type_name == "Báo cáo"
    assert message.document_id == f"{OWN},2026/03/04,120/BC-SMA"
    assert [one.document_id for one in message.answers] == [PARTY]
    assert [one.id for one in message.receivers] == ["000.00.00.H26"]
    assert message.subject == "Kết quả thực hiện <Chỉ thị> & Kế hoạch"
    assert [(one.name, one.content) for one in message.attachments] == [("bao-cao.docx", PAPER)]
    with pytest.raises(Refused) as refused:
        _send(exchange, code, _report())
    assert "has been sent already" in refused.value.tell("en")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"number": "120"}, "number 120: expected number and notation"),
        ({"issued_on": None}, "date of the document: it is missing"),
        ({"issued_on": date(2027, 1, 1)}, "lies in the future"),
        ({"signer": " "}, "signer: it is missing"),
        ({"kind": "Thơ"}, "expected one of Báo cáo"),
        ({"filename": "a.exe"}, "send the signed report as .pdf or .docx"),
        ({"filename": "a.pdf"}, "send the signed report as .pdf or .docx"),
    ],
)
def test_a_report_that_lacks_something_says_what(exchange: Office, changed: dict[str, object], words: str) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    with pytest.raises(BadInput) as refused:
        _send(exchange, code, _report(**changed))
    assert words in refused.value.tell("en") and codes(exchange) == []


def test_a_report_is_asked_back_once_and_their_status_is_shown_beside_it(exchange: Office) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    report = _send(exchange, code, _report())
    answer = sample("trang-thai-03.edxml").decode().replace(OWN, "000.00.00.H26").replace(PARTY, report.about)
    take(exchange, answer.encode())

    def again(session: Session) -> bool:
        directive = find_directive(session, code)
        person = resolve_person(session, COORDINATOR)
        return ask_back(exchange.acting(session, person, later(6)), directive, report.id, reason="Nhầm số liệu")

    with transaction(exchange.engine) as session:
        assert again(session)
    with transaction(exchange.engine) as session, pytest.raises(Refused):
        again(session)
    asked = read(next(one for one in ours(exchange) if one.code == "13"))
    assert asked.document_id == report.about and asked.answers[0].organ_id == OWN
    with reading(exchange.engine) as session:
        directive = find_directive(session, code)
        lines = lines_of_directive(session, directive.id)
    assert [(one.is_in, one.code or one.what) for one in lines if one.code != "01"] == [
        (True, "new document"),
        (True, "03"),
        (False, "report sent"),
        (False, "13"),
    ]


def test_a_report_of_another_directive_cannot_be_asked_back(exchange: Office) -> None:
    code = confirm_all(exchange, take(exchange).intake)
    other = confirm_all(exchange, take(exchange, sample("kieu-dotnet.edxml")).intake)
    report = _send(exchange, code, _report())
    with transaction(exchange.engine) as session:
        directive = find_directive(session, other)
        person = resolve_person(session, COORDINATOR)
    with transaction(exchange.engine) as session, pytest.raises(NotFound):
        ask_back(exchange.acting(session, person, later(6)), directive, report.id, reason="x")


def put_out(office: Office, now: datetime = later(9)) -> int:
    return hand_out(office.engine, office.settings, now=now, calendar=office.calendar)


def lies(office: Office) -> list[Path]:
    return sorted((office.settings.edxml_folder / "out").glob("*.edxml*"))


def test_messages_leave_into_the_folder_whole_and_once(exchange: Office) -> None:
    confirm_all(exchange, take(exchange).intake)
    sweep(exchange, later(1))
    assert put_out(exchange) == 2 and put_out(exchange) == 0
    assert [path.name for path in lies(exchange)] == sorted(one.name for one in ours(exchange))
    for path, one in zip(lies(exchange), sorted(ours(exchange), key=lambda it: it.name), strict=True):
        assert path.read_text(encoding="utf-8") == one.content and one.left_by == "folder"
        assert path.name.startswith("20260304-080000-") and len(path.name) == len("20260304-080000-12345678.edxml")


class Killed(BaseException):
    """The process dies here."""


def _dies(after: str) -> Callable[[ReadyMessage], HandedOut]:
    """A port that dies at a place: before the mark, before the renaming, or before the outcome is noted."""

    def port(message: ReadyMessage) -> HandedOut:
        out = message.folder / "out"
        mark = out / ".handed" / message.name
        if after == "half written":
            mark.parent.mkdir(parents=True, exist_ok=True)
            (out / f"{message.name}.tmp").write_text("<edX", encoding="utf-8")
        elif after == "marked":
            mark.parent.mkdir(parents=True, exist_ok=True)
            (out / f"{message.name}.tmp").write_text(message.content, encoding="utf-8")
            mark.touch()
        else:
            hand_over(message)
            if after == "fetched":
                (out / message.name).unlink()
        raise Killed

    return port


@pytest.mark.parametrize("after", ["half written", "marked", "renamed", "fetched"])
def test_killed_anywhere_a_message_leaves_once(exchange: Office, after: str) -> None:
    take(exchange)
    sweep(exchange, later(1))
    port = _dies(after)
    with pytest.raises(Killed):
        hand_out(exchange.engine, exchange.settings, now=later(2), calendar=exchange.calendar, port=port)
    assert ours(exchange)[0].left_at is None
    assert put_out(exchange) == 1
    (one,) = ours(exchange)
    assert one.left_at == later(9)
    if after == "fetched":
        assert lies(exchange) == [], "the other program has it already"
    else:
        assert [path.read_text(encoding="utf-8") for path in lies(exchange)] == [one.content]


def test_a_folder_that_cannot_be_written_keeps_the_message_waiting(exchange: Office) -> None:
    take(exchange)
    sweep(exchange, later(1))
    folder = exchange.settings.edxml_folder
    folder.mkdir(parents=True)
    (folder / "out").write_bytes(b"")
    assert put_out(exchange) == 0 and ours(exchange)[0].left_at is None
    (folder / "out").unlink()
    assert put_out(exchange) == 1


def test_what_goes_by_the_api_stays_out_of_the_folder(exchange: Office) -> None:
    exchange.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", hand_over="api")
    take(exchange)
    sweep(exchange, later(1))
    assert put_out(exchange) == 0 and lies(exchange) == []


def test_a_tick_takes_in_says_so_and_hands_over(exchange: Office) -> None:
    exchange.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", received_by=COORDINATOR, unit="VU-VT")
    (exchange.settings.edxml_folder / "in").mkdir(parents=True)
    (exchange.settings.edxml_folder / "in" / "a.edxml").write_bytes(sample())
    assert exchange.tick(at_local(date(2026, 3, 4))).messages_in == 0
    second = exchange.tick(at_local(date(2026, 3, 4)) + timedelta(minutes=1))
    assert (second.messages_in, second.messages_out) == (1, 1)
    (path,) = lies(exchange)
    assert read_message(path.name, path.read_bytes()).code == "01"
