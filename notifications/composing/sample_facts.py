"""Defines sample letters of every kind, to show and to test the office's own wordings. Units and tasks are invented."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from models.letters.letter import LetterKind
from models.organization.account import MailedPurpose
from models.text.localtime import end_of_day
from notifications.composing.facts import AccountItem, LetterFacts, LetterItem, LetterSection, Recipient

SLOT = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)  # a Monday, 08:00 in Hà Nội
_DAY = date(2026, 3, 16)
_UNIT = "Công ty Viễn thông Ví Dụ"
_HEAD = Recipient(
    person_id=UUID(int=1),
    name="Nguyễn Văn A",
    title="Tổng Giám đốc",
    address_form="Ông",
    unit_address="Quý Công ty",
    unit_name=_UNIT,
    language="vi",
    email="a@example.vn",
)
_ABOVE = replace(
    _HEAD,
    person_id=UUID(int=2),
    name="Trần Thị B",
    title="Vụ trưởng",
    address_form="Bà",
    unit_address="Vụ",
    unit_name="Vụ Viễn thông",
)


def _item(number: int, section: LetterSection, days_left: int | None, **changes: object) -> LetterItem:
    due_at = None
    if days_left is not None:
        weekends = days_left // 5  # `_DAY` is a Monday
        due_at = end_of_day(_DAY + timedelta(days=days_left + 2 * weekends))
    item = LetterItem(
        task_id=UUID(int=100 + number),
        section=section,
        rung=section.value,
        directive="Chỉ thị 01/2026/CT-VD",
        directive_dated=date(2026, 1, 5),
        directive_subject="Tăng cường bảo đảm an toàn thông tin",
        duty_path=str(number),
        duty_title="Rà soát và báo cáo việc thực hiện",
        quote="Các đơn vị rà soát và báo cáo việc thực hiện",
        lead_unit=_UNIT,
        required_result="Báo cáo bằng văn bản",
        due_at=due_at,
        original_due_at=due_at,
        days_left=days_left,
        follow_up_name="Lê Thị C",
        follow_up_phone="024 3000 0000",
        follow_up_unit="Vụ Viễn thông",
        url="https://dondoc.example.vn/v/vi-du",
        role="head",
    )
    return replace(item, **changes)  # type: ignore[arg-type]


def _letter(kind: LetterKind, recipient: Recipient, *items: LetterItem, **changes: object) -> LetterFacts:
    facts = LetterFacts(
        kind=kind,
        recipient=recipient,
        slot=SLOT,
        items=items,
        is_drill=False,
        topic_title="",
        message_id="<sample@example.vn>",
        sender_name="Đôn đốc",
        sender_address="dondoc@example.vn",
        base_url="https://dondoc.example.vn",
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def _new(section: LetterSection) -> LetterItem:
    return _item(1, section, 18, accept_by=_DAY + timedelta(days=2))


_LATE = {"lead_unit": _UNIT, "role": "supervisor", "rung": "pressed_1", "press_number": 1}
_SAMPLES: dict[str, Callable[[], LetterFacts]] = {
    "assigned": lambda: _letter(LetterKind.ASSIGNED, _HEAD, _new(LetterSection.ASSIGNED)),
    "coordinating": lambda: _letter(LetterKind.ASSIGNED, _HEAD, _new(LetterSection.COORDINATING)),
    "copied": lambda: _letter(LetterKind.ASSIGNED, _HEAD, replace(_new(LetterSection.ASSIGNED), role="deputy")),
    "reminder": lambda: _letter(
        LetterKind.DIGEST,
        _HEAD,
        _item(1, LetterSection.OVERDUE, -3),
        _item(2, LetterSection.DUE_TODAY, 0),
        _item(3, LetterSection.DUE_SOON, 5),
        replace(_new(LetterSection.NOT_ACCEPTED), duty_path="4", task_id=UUID(int=104)),
        reply_to="reply@dondoc.example.vn",
    ),
    "reminder_above": lambda: _letter(
        LetterKind.DIGEST,
        _ABOVE,
        _item(1, LetterSection.OVERDUE, -4, role="coordinator"),
        _item(2, LetterSection.OVERDUE, -4, role="coordinator"),
    ),
    "news": lambda: _letter(
        LetterKind.EVENT, _HEAD, _item(1, LetterSection.NEWS, 9, event="due_moved", rung="event:due_moved")
    ),
    "decide": lambda: _letter(
        LetterKind.EVENT,
        _ABOVE,
        _item(1, LetterSection.NEWS, 9, event="extension_asked", rung="event:extension_asked", role="coordinator"),
    ),
    "summary": lambda: _letter(
        LetterKind.SUMMARY, _HEAD, _item(1, LetterSection.OVERDUE, -3), _item(2, LetterSection.OPEN, None)
    ),
    "summary_above": lambda: _letter(LetterKind.SUMMARY, _ABOVE, _item(1, LetterSection.OPEN, 40, role="coordinator")),
    "upward": lambda: _letter(LetterKind.UPWARD, _ABOVE, _item(1, LetterSection.OVERDUE, -7, **_LATE)),
    "incident": lambda: _letter(
        LetterKind.INCIDENT,
        _HEAD,
        _item(1, LetterSection.OVERDUE, None, due_at=SLOT, original_due_at=SLOT, hours_left=-1.0),
        topic_title="Sự cố tuyến cáp",
    ),
    "incident_above": lambda: _letter(
        LetterKind.INCIDENT,
        _ABOVE,
        _item(1, LetterSection.OVERDUE, None, due_at=SLOT, original_due_at=SLOT, hours_left=-4.0, role="supervisor"),
        topic_title="Sự cố tuyến cáp",
    ),
    "invitation": lambda: _letter(
        LetterKind.ACCOUNT,
        _HEAD,
        account=AccountItem(
            MailedPurpose.INVITATION.value, SLOT + timedelta(days=7), url="https://dondoc.example.vn/invitation/vi-du"
        ),
    ),
}
_SHOWS: dict[str, tuple[str, ...]] = {
    "sent_already": ("reminder", "summary"),
    "reply": ("reminder",),
    "greeting": ("reminder", "upward"),
    "copied": ("copied",),
    "difficulties": ("assigned", "incident"),
    "subject.assigned": ("assigned",),
    "subject.reminder": ("reminder",),
    "step.accept": ("assigned", "reminder"),
    "step.overdue": ("reminder", "summary"),
    "step.due_today": ("reminder",),
    "step.due_soon": ("reminder",),
}


def sample_names(block: str) -> tuple[str, ...]:
    """Return the names of the samples that show a text."""
    name = block.rpartition(".")[2]
    return _SHOWS.get(block) or ((name,) if name in _SAMPLES else ("reminder", "news", "upward"))


def all_samples() -> tuple[str, ...]:
    return tuple(_SAMPLES)


def sample_facts(name: str, language: str, texts: Mapping[str, str]) -> LetterFacts:
    facts = _SAMPLES[name]()
    return replace(facts, recipient=replace(facts.recipient, language=language), texts=dict(texts))
