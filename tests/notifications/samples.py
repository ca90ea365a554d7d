"""Facts of letters as they occur: the seed directive's duties, one enterprise, its supervising department."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.text.localtime import at_local, end_of_day
from notifications.composing.facts import (
    AccountItem,
    AlertItem,
    Checkpoint,
    CollectedItem,
    CompiledItem,
    LetterFacts,
    LetterItem,
    LetterSection,
    Recipient,
)

DOMAIN = "mpt.example"
DIRECTIVE = "Chỉ thị 06/2004/CT-BBCVT"
QUOTE = (
    "Các doanh nghiệp bưu chính, viễn thông và internet phối hợp với Công an địa phương xây dựng phương án hành động "
    "khi có tình huống bạo động, bạo loạn gây rối trật tự an toàn xã hội, xâm phạm an ninh quốc gia"
)
SENSITIVE = ("bạo động", "bạo loạn", "gây rối", "an ninh quốc gia")
COMPANY_X = "Công ty Viễn thông X"
TELECOM = "Vụ Viễn thông"


def task_id(number: int) -> UUID:
    return UUID(int=0x018F_0000_0000_7000_8000_0000_0000_0000 + number)


HEAD = Recipient(
    person_id=task_id(901),
    name="Trần Văn B",
    title="Giám đốc",
    address_form="Ông",
    unit_address="Quý Công ty",
    unit_name=COMPANY_X,
    language="vi",
    email="giamdoc@vienthongx.example",
)
SUPERVISOR = Recipient(
    person_id=task_id(902),
    name="Lê Thị D",
    title="Vụ trưởng",
    address_form="Bà",
    unit_address="Vụ",
    unit_name=TELECOM,
    language="vi",
    email="vutruong.vt@mpt.example",
)
COORDINATOR = Recipient(
    person_id=task_id(903),
    name="Lê Thị C",
    title="Chuyên viên",
    address_form="Đồng chí",
    unit_address="Vụ",
    unit_name=TELECOM,
    language="vi",
    email="lethic@mpt.example",
)

DUE_AT = end_of_day(date(2004, 6, 30))

_ITEM = LetterItem(
    task_id=task_id(2),
    section=LetterSection.ASSIGNED,
    rung="assigned",
    directive=DIRECTIVE,
    directive_dated=date(2004, 5, 7),
    directive_subject=(
        "Tăng cường đảm bảo an toàn, an ninh thông tin bưu chính, viễn thông và Internet trong tình hình mới"
    ),
    duty_path="2",
    duty_title="Phương án hành động",
    quote=QUOTE,
    lead_unit=COMPANY_X,
    coordinating_units=("Công an địa phương",),
    occurrence="once",
    required_result="phương án do thủ trưởng đơn vị phê duyệt",
    classified_mail=True,
    due_at=end_of_day(date(2004, 6, 30)),
    original_due_at=end_of_day(date(2004, 6, 30)),
    due_reason="",
    due_set_by=TELECOM,
    due_set_at=at_local(date(2004, 5, 10)),
    days_left=37,
    hours_left=None,
    due_revision=1,
    accept_by=None,
    pressed_on=(),
    waiting_for=None,
    waiting_since=None,
    event=None,
    note="",
    undeliverable=None,
    last_word="",
    press_number=1,
    follow_up_name="Lê Thị C",
    follow_up_phone="04 3822 0000",
    follow_up_unit=TELECOM,
    is_drill=False,
    url="https://dondoc.example/v/3F7K-Q2",
    attach_calendar=False,
)


def item(section: LetterSection = LetterSection.ASSIGNED, **changes: Any) -> LetterItem:
    """Item 2 of the seed directive, led by Công ty Viễn thông X, with what a test changes."""
    return replace(_ITEM, section=section, **changes)


def letter(
    kind: LetterKind, *items: LetterItem, to: Recipient = HEAD, language: str = "vi", **changes: Any
) -> LetterFacts:
    """A letter of 06/07/2004, 08:00, unless told otherwise."""
    facts = LetterFacts(
        kind=kind,
        recipient=replace(to, language=language),
        slot=at_local(date(2004, 7, 6)),
        items=items,
        is_drill=False,
        topic_title="",
        message_id="<letter.0123456789abcdef0123456789abcdef@mpt.example>",
        sender_name="Hệ thống Đôn đốc",
        sender_address="dondoc@mpt.example",
        base_url="https://dondoc.example",
    )
    return replace(facts, **changes)


def assigned(language: str = "vi") -> LetterFacts:
    """The letter a head gets on the day of the launch."""
    one = item(accept_by=date(2004, 5, 12), attach_calendar=True)
    return letter(LetterKind.ASSIGNED, one, language=language, slot=at_local(date(2004, 5, 10)))


def digest(language: str = "vi") -> LetterFacts:
    """One task late, two due soon, one with its date moved."""
    late = item(LetterSection.OVERDUE, rung="overdue", days_left=-4, pressed_on=(date(2004, 7, 1), date(2004, 7, 6)))
    soon = item(
        LetterSection.DUE_SOON,
        rung="due_soon",
        task_id=task_id(3),
        duty_path="3",
        duty_title="Kiểm tra, hướng dẫn đại lý Internet",
        occurrence="2004-Q2",
        due_at=end_of_day(date(2004, 7, 9)),
        original_due_at=end_of_day(date(2004, 7, 9)),
        days_left=3,
        due_set_by=None,
        classified_mail=False,
        url="https://dondoc.example/v/8M2P-T5",
    )
    moved = item(
        LetterSection.DUE_SOON,
        rung="due_soon",
        task_id=task_id(5),
        duty_path="5",
        duty_title="Hỗ trợ đào tạo, cử cán bộ kỹ thuật",
        due_at=end_of_day(date(2004, 7, 12)),
        original_due_at=end_of_day(date(2004, 7, 10)),
        due_reason="ngày 10/07/2004 là thứ Bảy, thời hạn chuyển đến ngày làm việc tiếp theo",
        days_left=4,
        due_set_by=None,
        classified_mail=False,
        url="https://dondoc.example/v/5R9C-W1",
    )
    return letter(LetterKind.DIGEST, late, soon, moved, language=language)


def upward(language: str = "vi", rung: str = "pressed_1", press_number: int = 1) -> LetterFacts:
    """Four units late by seven working days or more, for the head of the supervising unit."""
    units = (COMPANY_X, "Công ty Viễn thông Y", "Công ty Dịch vụ Internet Z", "Tổng công ty Viễn thông T")
    words = ("", "Đã dự thảo phương án, đang lấy ý kiến Công an tỉnh.", "", "Đề nghị lùi thời hạn do thay đổi nhân sự.")
    late = [
        item(
            LetterSection.OVERDUE,
            rung=rung,
            task_id=task_id(20 + number),
            lead_unit=unit,
            days_left=-7,
            pressed_on=(date(2004, 7, 1), date(2004, 7, 6)),
            last_word=words[number],
            press_number=press_number,
            issuer="Bộ trưởng Bộ Bưu chính, Viễn thông",
            role="supervisor",
            waiting_for="extension" if number == 3 else None,
            waiting_since=datetime(2004, 7, 5, 3, 0, tzinfo=UTC) if number == 3 else None,
            url=f"https://dondoc.example/v/7Q4D-{number + 1}",
        )
        for number, unit in enumerate(units)
    ]
    day = at_local(date(2004, 7, 9))
    return letter(LetterKind.UPWARD, *late, to=SUPERVISOR, language=language, slot=day, topic_title=DIRECTIVE)


def incident(language: str = "vi", is_drill: bool = False) -> LetterFacts:
    """Two contingency duties on a clock of hours."""
    due = datetime(2004, 7, 7, 1, 30, tzinfo=UTC)
    ends: dict[str, Any] = {
        "due_at": due,
        "original_due_at": due,
        "hours_left": 24.0,
        "days_left": None,
        "due_set_by": None,
    }
    first = item(
        task_id=task_id(21), duty_path="2.a", duty_title="Bảo đảm thông tin liên lạc", is_drill=is_drill, **ends
    )
    second = item(task_id=task_id(23), duty_path="2.c", duty_title="Phối hợp ngăn chặn", is_drill=is_drill, **ends)
    return letter(
        LetterKind.INCIDENT, first, second, language=language, is_drill=is_drill, topic_title="Mất liên lạc tại tỉnh M"
    )


def event(name: str, language: str = "vi", **changes: Any) -> LetterFacts:
    """One piece of news for the head of the unit that leads."""
    return letter(
        LetterKind.EVENT,
        item(LetterSection.NEWS, rung=f"event:{name}", event=name, days_left=-4, **changes),
        language=language,
    )


def summary(language: str = "vi") -> LetterFacts:
    """The first working day of a week: one late, one under way without a deadline."""
    late = item(LetterSection.OVERDUE, days_left=-4)
    undated = item(
        LetterSection.OPEN,
        task_id=task_id(6),
        duty_path="1",
        duty_title="Chấp hành pháp luật",
        due_at=None,
        original_due_at=None,
    )
    return letter(LetterKind.SUMMARY, late, undated, language=language)


ADMINISTRATOR = Recipient(
    person_id=task_id(904),
    name="Hoàng Văn Q",
    title="Quản trị hệ thống",
    address_form="Đồng chí",
    unit_address="Văn phòng",
    unit_name="Văn phòng Bộ",
    language="vi",
    email="quantri@mpt.example",
)


def account(language: str = "vi", purpose: str = "sign_in") -> LetterFacts:
    """A code to sign in with, or what an invitation, a reset, a test carries."""
    facts = letter(LetterKind.ACCOUNT, to=HEAD, language=language)
    link = "" if purpose in ("sign_in", "test") else f"https://dondoc.example/{purpose}/AY8AAAAAcACAAAAAAAAAAg.3F7KQ2"
    until = None if purpose == "test" else facts.slot + timedelta(minutes=10)
    code = "048 291" if purpose == "sign_in" else ""
    return replace(facts, account=AccountItem(purpose, until, code=code, url=link))


def checkpoint(language: str = "vi") -> LetterFacts:
    """The newest seal of the history, for somebody to keep."""
    facts = letter(LetterKind.ACCOUNT, to=HEAD, language=language)
    one = Checkpoint(
        1204, 61_377, at_local(date(2004, 7, 6), time(7, 59)), "3f9a1c20b7d4e865" * 4, "a0" * 64, "5e" * 32
    )
    return replace(facts, account=AccountItem("checkpoint", checkpoint=one))


def compiled(language: str = "vi", **changes: Any) -> LetterFacts:
    """The second quarter's report, drafted on its day: one unit late, one that sent nothing, one given back."""
    due = date(2004, 6, 4)
    units = (
        CollectedItem("Công ty Bưu chính A", "on_time", due, date(2004, 6, 3)),
        CollectedItem("Công ty Viễn thông B", "late", due, date(2004, 6, 9)),
        CollectedItem("Công ty Internet C", "missing", due, None),
        CollectedItem("Vụ Pháp chế", "returned", date(2004, 6, 8), date(2004, 6, 8)),
        CollectedItem("Vụ Bưu chính", "on_time", date(2004, 6, 8), date(2004, 6, 7)),
    )
    told = CompiledItem(
        period="2004-Q2",
        directive="Chỉ thị 06/2004/CT-BBCVT",
        office="Vụ Viễn thông",
        due_on=date(2004, 6, 18),
        data_from=date(2004, 3, 15),
        data_to=date(2004, 6, 14),
        cutoff=date(2004, 6, 14),
        is_estimate=False,
        units=units,
        url="https://dondoc.example/papers/0197",
    )
    facts = letter(LetterKind.COMPILED, to=SUPERVISOR, language=language)
    return replace(facts, compiled=replace(told, **changes))


_RAISED = datetime(2004, 7, 5, 3, 20, tzinfo=UTC)


def trouble(kind: AlertKind, subject: str = "", *, times: int = 1, is_over: bool = False, **facts: Any) -> AlertItem:
    """An alert raised on 05/07/2004 at 10:20; over an hour and a half later, or not."""
    last = _RAISED + timedelta(minutes=90 if times > 1 else 0)
    return AlertItem(kind, subject, _RAISED, last, times, _RAISED + timedelta(hours=1.5) if is_over else None, facts)


def alert(language: str = "vi", *alerts: AlertItem, more: int = 0) -> LetterFacts:
    """The morning after a night of troubles, one of each kind, unless told otherwise."""
    stopped: dict[str, Any] = {
        "from": "2004-07-05T01:00:00+00:00",
        "to": "2004-07-05T03:20:00+00:00",
        "tasks": 12,
        "letters": 3,
    }
    ahead: dict[str, Any] = {"from": "2004-07-05T01:00:00+00:00", "to": "2004-08-16T01:05:00+00:00"}
    server = "mail.mpt.example:587"
    every = (
        trouble(AlertKind.CLOCK_STOPPED, is_over=True, **stopped),
        trouble(AlertKind.JOB_FAILED, "open_periods", times=4, reason="database is locked"),
        trouble(AlertKind.MAIL_FAILING, server, times=9, is_over=True, reason="no connection: timed out", waiting=41),
        trouble(AlertKind.MAIL_SLOW, server, times=3, seconds=25),
        trouble(AlertKind.LETTER_UNWRITABLE, str(task_id(801)), reason="tên có dấu xuống dòng", recipient="tran.van.b"),
        trouble(
            AlertKind.LETTER_GIVEN_UP, str(task_id(802)), reason="452 mailbox full", recipient="le.thi.d", attempts=17
        ),
        trouble(AlertKind.TASK_STUCK, str(task_id(803)), times=2, reason="mẫu quy trình không còn mức overdue"),
        trouble(AlertKind.PERIOD_STUCK, str(task_id(804)), reason="danh bạ không còn đơn vị nào thuộc diện"),
        trouble(AlertKind.REPORT_STUCK, str(task_id(805)), reason="Vụ Viễn thông chưa có thủ trưởng đương nhiệm"),
        trouble(AlertKind.WORK_BEHIND, times=2, **(stopped | {"tasks": None, "letters": 4210})),
        trouble(
            AlertKind.LAUNCH_FAILED,
            str(task_id(806)),
            directive="Chỉ thị 06/2004/CT-BBCVT",
            reason_vi="kiểm tra đối tượng: có 01 chỗ còn thiếu",
            reason_en="coverage: 1 gap",
        ),
        trouble(AlertKind.CLOCK_AHEAD, **ahead),
        trouble(AlertKind.CLOCK_WAS_AHEAD, "2004-06-05", is_over=True, sent=47, **ahead),
    )
    facts = letter(LetterKind.ALERT, to=ADMINISTRATOR, language=language)
    return replace(facts, alerts=alerts or every, more_alerts=more)
