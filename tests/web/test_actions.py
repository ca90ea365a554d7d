"""Each action on a task from its form to the row and to those who are told; nothing typed is lost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.letters.letter import Notice
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit, UnitKind
from models.tasks.act_inputs import Submission
from models.tasks.evidence_files import GivenFile
from models.tasks.history import History
from models.tasks.task import Contribution, Extension, Task, TaskStatus
from models.text.localtime import LAST_DAY, at_local
from tests.page import Page
from tests.web.sending import PDF, RESULT, hidden, through
from tests.web.site import LAUNCHED, Office
from web.actions.action_forms import FORMS
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

"""What the verbs do is tested on both databases; here it is the forms."""

A = Action
HEAD, COORDINATOR, CLERK = "head", "le.thi.c", "ngo.van.loc"
Step = tuple[Action, str, dict[str, Any]]


ASKED: Step = (A.ASK_EXTENSION, HEAD, {"due": "2026-12-10", "note": "chờ số liệu"})
COUNTERED: Step = (A.COUNTER_EXTENSION, COORDINATOR, {"due": "2026-12-04", "note": "sớm hơn"})
SENT: Step = (A.SUBMIT, HEAD, RESULT)


@dataclass(frozen=True)
class Deed:
    """One action: what happened before, who does it with which fields, and what is recorded and told to whom."""

    action: Action
    who: str
    fields: dict[str, Any]
    event: str
    status: TaskStatus
    told: Sequence[str] = ()
    before: Sequence[Step] = ()
    duty: str = "4"
    checked: bool = field(default=False)


S = TaskStatus
DEEDS = [
    Deed(A.ACCEPT, HEAD, {}, "accepted", S.ACCEPTED),
    Deed(A.ASSIGN, HEAD, {"to": "an", "note": "làm ngay"}, "assigned_on", S.ACCEPTED, ["an"]),
    Deed(A.PROGRESS, HEAD, {"note": "đang lấy ý kiến"}, "progress", S.ACCEPTED),
    Deed(A.SUBMIT, HEAD, RESULT, "submitted", S.SUBMITTED, [COORDINATOR], checked=True),
    Deed(A.RECEIVE, CLERK, {**RESULT, "received_on": "2026-11-02"}, "received", S.SUBMITTED, [COORDINATOR]),
    Deed(A.RETURN, COORDINATOR, {"note": "thiếu số liệu"}, "returned", S.RETURNED, [HEAD], [SENT]),
    Deed(A.APPROVE, COORDINATOR, {}, "approved", S.APPROVED, [HEAD], [SENT]),
    Deed(
        A.NOT_OURS,
        HEAD,
        {"note": "không thuộc chức năng", "to": "Vụ Bưu chính"},
        "lead_change_asked",
        S.ASSIGNED,
        [COORDINATOR],
    ),
    Deed(A.CHANGE_LEAD, COORDINATOR, {"to": "VU-BC", "note": "đúng chức năng"}, "lead_changed", S.ASSIGNED, [HEAD]),
    Deed(
        A.KEEP_LEAD,
        COORDINATOR,
        {"note": "vẫn thuộc Vụ"},
        "lead_kept",
        S.ASSIGNED,
        [HEAD],
        [(A.NOT_OURS, HEAD, {"note": "không phải"})],
    ),
    Deed(
        A.TELEPHONE,
        COORDINATOR,
        {"answered_by": "Chị Ngân", "at": "2026-11-02T07:30", "note": "hứa gửi"},
        "telephone",
        S.ASSIGNED,
    ),
    Deed(
        A.ASK_EXTENSION,
        HEAD,
        {"due": "10/12/2026", "note": "chờ số liệu"},
        "extension_asked",
        S.ASSIGNED,
        [COORDINATOR],
    ),
    Deed(A.GRANT_EXTENSION, COORDINATOR, {}, "extension_accepted", S.ASSIGNED, [HEAD], [ASKED]),
    Deed(A.REFUSE_EXTENSION, COORDINATOR, {"note": "gấp"}, "extension_refused", S.ASSIGNED, [HEAD], [ASKED]),
    Deed(
        A.COUNTER_EXTENSION,
        COORDINATOR,
        {"due": "2026-12-04", "note": "sớm hơn"},
        "extension_countered",
        S.ASSIGNED,
        [HEAD],
        [ASKED],
    ),
    Deed(A.AGREE_EXTENSION, HEAD, {}, "extension_accepted", S.ASSIGNED, [COORDINATOR], [ASKED, COUNTERED]),
    Deed(A.DECLINE_EXTENSION, HEAD, {}, "extension_refused", S.ASSIGNED, [COORDINATOR], [ASKED, COUNTERED]),
    Deed(A.RAISE_OBSTACLE, HEAD, {"note": "chưa có mẫu biểu"}, "obstacle_raised", S.ASSIGNED, [COORDINATOR]),
    Deed(
        A.ANSWER_OBSTACLE,
        "le.thi.d",
        {"note": "theo mẫu kèm"},
        "obstacle_answered",
        S.ASSIGNED,
        [HEAD],
        [(A.RAISE_OBSTACLE, HEAD, {"note": "chưa có mẫu"})],
    ),
    Deed(A.CONTRIBUTE, "partner", {"note": "đã cho ý kiến"}, "contributed", S.ASSIGNED, [HEAD]),
    Deed(A.CASCADE, HEAD, {"units": ["DUOI"], "due": "2026-11-16"}, "cascaded", S.ACCEPTED, checked=True),
    Deed(
        A.PRESS_SIGNED,
        COORDINATOR,
        {"number": "9/CV", "date": "2026-11-02", "signer": "Lê Thị D"},
        "press_signed",
        S.ASSIGNED,
    ),
    Deed(A.WITHDRAW, COORDINATOR, {"note": "sáp nhập"}, "withdrawn", S.WITHDRAWN, [HEAD], checked=True),
    Deed(
        A.REOPEN,
        COORDINATOR,
        {"note": "làm tiếp"},
        "reopened",
        S.ASSIGNED,
        [HEAD],
        [(A.WITHDRAW, COORDINATOR, {"note": "nhầm"})],
    ),
    Deed(A.SET_DATE, COORDINATOR, {"due": "2026-12-18", "note": "lùi một tháng"}, "due_moved", S.ASSIGNED, [HEAD]),
]


@pytest.fixture
def staffed(office: Office) -> Office:
    """The office with an officer and a subordinate unit of the Vụ that leads, a partner, and issuer's staff."""
    task = office.task("4")
    with reading(office.engine) as session:
        other = session.exec(select(Unit).where(Unit.code == "VU-BC")).one()
    below = Unit(
        code="DUOI",
        name="Phòng Giá cước",
        name_folded="phong gia cuoc",
        sort_key="p",
        kind=UnitKind.DEPARTMENT,
        parent_id=task.lead_unit_id,
    )
    officer = Person(
        code="an",
        full_name="Lê An",
        name_folded="le an",
        sort_key="an",
        unit_id=task.lead_unit_id,
        email="an@mpt.example",
    )
    office.change(lambda session: session.add_all([below.model_copy(), officer.model_copy()]))
    office.change(lambda session: session.add(Contribution(task_id=task.id, unit_id=other.id)))
    return office


def code_of(office: Office, task: Task, who: str) -> str:
    if who == HEAD:
        return office.head(task).code
    if who == "partner":
        with reading(office.engine) as session:
            head_id = session.exec(select(Unit.head_id).where(Unit.code == "VU-BC")).one()
            return session.get_one(Person, head_id).code
    return who


def person_id(office: Office, code: str) -> Any:
    with reading(office.engine) as session:
        return session.exec(select(Person.id).where(Person.code == code)).one()


def test_every_form_asks_what_its_action_takes(database_url: str) -> None:
    for action, form in FORMS.items():
        assert {one.name for one in form.fields} == set(SPECS[action].input.model_fields), action
    assert set(FORMS) == set(Action)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.action.value)
def test_from_the_form_to_the_row_and_the_letter(staffed: Office, deed: Deed) -> None:
    office, task = staffed, staffed.task(deed.duty)
    for action, who, given in deed.before:
        office.act(task, action, person_id(office, code_of(office, task, who)), LAUNCHED, **given)
    if deed.action is A.PRESS_SIGNED:  # only what is late is pressed
        office.now = LAUNCHED + timedelta(days=30)
    reader = office.sign_in(code_of(office, task, deed.who))
    page = f"/tasks/{task.id.hex}/{deed.action.value}"
    answer = reader.send(page, **deed.fields)
    if deed.checked:
        answer = through(reader, page, answer)
    receipt = reader.follow(answer)
    assert receipt.status_code == 200
    assert task.id.hex[-8:] in receipt.text
    with reading(office.engine) as session:
        assert session.get_one(Task, task.id).status is deed.status
        rows = session.exec(select(History).where(History.task_id == task.id)).all()
        row = next(one for one in rows if one.event == deed.event)
        told = session.exec(
            select(Person.code)
            .join(Notice, Notice.recipient_id == Person.id)  # type: ignore[arg-type]
            .where(Notice.anchor_id == row.id)
        ).all()
    assert {code_of(office, task, who) for who in deed.told} <= set(told)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.action.value)
def test_every_form_opens_in_both_languages(staffed: Office, deed: Deed) -> None:
    office, task = staffed, staffed.task(deed.duty)
    for action, who, given in deed.before:
        office.act(task, action, person_id(office, code_of(office, task, who)), LAUNCHED, **given)
    if deed.action is A.PRESS_SIGNED:
        office.now = LAUNCHED + timedelta(days=30)
    reader = office.sign_in(code_of(office, task, deed.who))
    for language in ("vi", "en"):
        answer = reader.get(f"/tasks/{task.id.hex}/{deed.action.value}?lang={language}")
        assert answer.status_code == 200
        assert "<form" in answer.text.partition("<main")[2]


def test_accepting_takes_one_tap_on_the_tasks_page(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    page = reader.get(f"/tasks/{task.id.hex}").text
    assert f'action="/tasks/{task.id.hex}/accept"' in page
    answer = reader.send(f"/tasks/{task.id.hex}", action=f"/tasks/{task.id.hex}/accept")
    assert "Done: Accept" in reader.get(answer.headers["location"] + "?lang=en").text


def test_what_is_not_possible_now_says_why_and_leads_back(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    office.act(task, A.ACCEPT, office.head(task).id, LAUNCHED)
    answer = reader.get(f"/tasks/{task.id.hex}/accept?lang=en")
    assert answer.status_code == 409
    assert "“Accept” is not possible while the task is at: under way" in answer.text
    other = reader.get(f"/tasks/{task.id.hex}/approve?lang=en")
    assert other.status_code == 409
    assert reader.get(f"/tasks/{task.id.hex}/no-such-action").status_code == 404


def value_of(page: str, name: str) -> str | None:
    """Of an input; None where there is no such input."""
    found = Page(page).all(f"input#f-{name}")
    return found[0].get("value") if found else None


def test_a_result_begins_with_today_and_the_head_who_signs(office: Office) -> None:
    task = office.task("4")
    head, page = office.head(task), f"/tasks/{task.id.hex}/submit"
    office.now = at_local(date(2026, 11, 3), time(0, 30))
    shown = office.sign_in(head.code).get(page).text
    assert (value_of(shown, "date"), value_of(shown, "signer")) == ("2026-11-03", head.full_name)
    assert value_of(shown, "number") == ""
    again = office.sign_in(head.code).send(page, number="", date="", subject="a", signer="")
    assert (value_of(again.text, "date"), value_of(again.text, "signer")) == ("", ""), "what somebody cleared stays so"
    clerk = office.sign_in(CLERK).get(f"/tasks/{task.id.hex}/receive").text
    assert (value_of(clerk, "date"), value_of(clerk, "signer")) == ("", ""), "the paper says it"


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    page = f"/tasks/{task.id.hex}/submit?lang=en"
    answer = reader.send(page, number="12/BC-KHTC", date="31/31/2026", subject="", signer="Lê An", note="gửi trước")
    assert answer.status_code == 422
    for words in (
        'href="#f-date"',
        'href="#f-subject"',
        "this is needed",
        "12/BC-KHTC",
        "Lê An",
        "gửi trước",
        "31/31/2026",
        'aria-invalid="true"',
    ):
        assert words in answer.text, words
    assert office.task("4").status is TaskStatus.ASSIGNED


@pytest.mark.parametrize("typed", ["31/31/2026", "30/02/2026", "tuần sau", "1793836800"])
def test_what_is_no_day_is_told_in_the_way_that_days_are_typed(office: Office, typed: str) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    answer = reader.send(f"/tasks/{task.id.hex}/submit", **RESULT | {"date": typed})
    assert answer.status_code == 422
    assert "Ngày văn bản</a>: phải là một ngày có trong lịch, ví dụ 05/11/2026 hoặc 2026-11-05" in answer.text
    assert typed in answer.text


def test_a_number_or_a_reason_that_looks_like_a_day_stays_as_it_was_typed(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    answer = reader.send(f"/tasks/{task.id.hex}/ask-extension", due="10/12/2026", note="05/11/2026")
    assert answer.status_code == 303
    with reading(office.engine) as session:
        assert session.exec(select(Extension.reason)).one() == "05/11/2026"


def test_when_a_call_was_made_is_typed_as_offices_write_it(office: Office) -> None:
    task, office.now = office.task("4"), LAUNCHED + timedelta(days=1)
    page, reader = f"/tasks/{task.id.hex}/telephone", office.sign_in(COORDINATOR)
    wrong = reader.send(page, answered_by="Ông Tâm", at="hôm qua")
    assert "Lúc</a>: phải là ngày và giờ, ví dụ 05/11/2026 14:30 hoặc 2026-11-05T14:30" in wrong.text
    late = reader.send(page, answered_by="Ông Tâm", at="05/11/2099 14:30")
    assert "hời điểm gọi 14:30, 05/11/2099: không được sau hiện tại" in late.text
    assert reader.send(page, answered_by="Ông Tâm", at="02/11/2026 10:15").status_code == 303


def test_what_a_rule_refuses_keeps_what_was_typed_too(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    answer = reader.send(f"/tasks/{task.id.hex}/ask-extension?lang=en", due="2026-11-03", note="một lý do dài")
    assert answer.status_code == 422
    assert "an extension asks for a day after" in answer.text
    assert "một lý do dài" in answer.text
    office.act(task, A.WITHDRAW, task.coordinator_id, LAUNCHED, note="nhầm")
    late = reader.send(f"/tasks/{task.id.hex}", action=f"/tasks/{task.id.hex}/progress?lang=en", note="gần xong")
    assert late.status_code == 409
    assert "gần xong" in late.text


def test_a_slip_in_the_year_of_a_date_is_refused(office: Office) -> None:
    """Beyond the working calendar nothing can be counted: the task's page and its head's work would open no more."""
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    answer = reader.send(f"/tasks/{task.id.hex}/ask-extension", due="2999-12-10", note="chờ số liệu")
    assert answer.status_code == 422
    assert "Thời hạn đề nghị</a>: không được lớn hơn 31/12/2098" in answer.text


def test_the_last_day_that_can_be_a_date_can_be_counted_to_and_from(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, A.ASK_EXTENSION, head.id, LAUNCHED, due=LAST_DAY.isoformat(), note="chờ số liệu")
    office.act(task, A.GRANT_EXTENSION, task.coordinator_id, LAUNCHED)
    for who in (head.code, COORDINATOR):
        for page in ("/work", f"/tasks/{task.id.hex}"):
            assert office.sign_in(who).get(page).status_code == 200


def test_the_answers_are_shown_before_they_are_sent_and_can_be_changed(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    page = f"/tasks/{task.id.hex}/submit"
    check = reader.send(f"{page}?lang=en", **RESULT)
    assert "Check before you send" in check.text and "2 November 2026" in check.text
    assert office.task("4").status is TaskStatus.ASSIGNED
    back = reader.ask("POST", page, data={**hidden(check.text), "step": "change"})
    assert 'value="12/BC"' in back.text
    assert back.status_code == 200
    assert reader.follow(through(reader, page, check)).status_code == 200
    assert office.task("4").status is TaskStatus.SUBMITTED


def test_a_decision_on_another_result_than_the_one_shown_is_refused(office: Office) -> None:
    task = office.task("4")
    head, reader = office.head(task), office.sign_in(COORDINATOR)
    office.act(task, A.SUBMIT, head.id, LAUNCHED, **RESULT)
    page = f"/tasks/{task.id.hex}/approve"
    shown = hidden(reader.get(page).text)
    office.act(task, A.RETURN, task.coordinator_id, LAUNCHED + timedelta(minutes=1), note="thiếu")
    office.act(task, A.SUBMIT, head.id, LAUNCHED + timedelta(minutes=2), **(RESULT | {"number": "13/BC"}))
    refused = reader.ask("POST", f"{page}?lang=en", data=shown)
    assert refused.status_code == 409
    assert "changed while the page was open" in refused.text


def test_what_was_done_by_a_clock_that_was_set_back_is_not_overlooked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its moment and its id are before those of what the page had shown."""
    task = office.task("4")
    head, reader = office.head(task), office.sign_in(COORDINATOR)
    approve = f"/tasks/{task.id.hex}/approve"

    def known(text: str) -> str:
        return Page(text).value("seen")

    office.act(task, A.SUBMIT, head.id, LAUNCHED + timedelta(hours=2), **RESULT)
    before = {known(reader.get(page).text) for page in (approve, "/inbox")}
    monkeypatch.setattr("workflows.history.record.new_id", (UUID(int=number) for number in count(1)).__next__)
    office.act(task, A.RETURN, task.coordinator_id, LAUNCHED, note="thiếu")
    office.act(task, A.SUBMIT, head.id, LAUNCHED, **(RESULT | {"number": "13/BC"}))
    (seen,) = before
    late = reader.ask("POST", f"{approve}?lang=en", data=hidden(reader.get(approve).text) | {"seen": seen})
    assert late.status_code == 409 and "changed while the page was open" in late.text
    after = {known(reader.get(page).text) for page in (approve, "/inbox")} | {known(late.text)}
    with reading(office.engine) as session:
        moves = session.exec(select(History).where(History.task_id == task.id).order_by(col(History.recorded_at))).all()
    assert moves[-1].id < moves[0].id, "ids follow the clock"
    assert after == {moves[-1].id.hex}, "the newest is what was done last"


def test_who_approves_a_whole_is_told_how_many_parts_are_still_open_and_end_with_it(office: Office) -> None:
    whole = office.task("2")
    head = office.head(whole).id

    def put_below(session: Any) -> None:
        session.exec(select(Unit).where(Unit.code == "T-LT-KV1")).one().parent_id = whole.lead_unit_id

    office.change(put_below)
    office.act(whole, A.CASCADE, head, LAUNCHED, units=("T-LT-KV1",))
    given = {"number": "12/BC", "date": LAUNCHED.date(), "received_on": LAUNCHED.date()}
    office.act(whole, A.RECEIVE, person_id(office, CLERK), LAUNCHED + timedelta(minutes=1), **given)
    page = f"/tasks/{whole.id.hex}/approve?lang=en"
    assert "still open: 1 task. Approval withdraws it" in office.sign_in(COORDINATOR).get(page).text
    with reading(office.engine) as session:
        part = session.exec(select(Task).where(Task.parent_id == whole.id)).one()
    office.act(part, A.WITHDRAW, head, LAUNCHED + timedelta(minutes=2), note="nhầm")
    assert "Approving withdraws" not in office.sign_in(COORDINATOR).get(page).text


def test_a_word_on_progress_in_between_surprises_nobody(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(COORDINATOR)
    page = f"/tasks/{task.id.hex}/set-date"
    shown = hidden(reader.get(page).text)
    office.act(task, A.PROGRESS, office.head(task).id, LAUNCHED, note="đang làm")
    assert reader.ask("POST", page, data=shown | {"due": "2026-12-18", "note": "lùi"}).status_code == 303


def test_asking_for_more_time_says_who_decides(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    page = f"/tasks/{task.id.hex}/ask-extension?lang=en"
    assert "Vụ Viễn thông decides" in reader.get(page).text

    def fix(session: Any) -> None:
        session.get_one(Task, task.id).due_fixed_by = "directive"

    office.change(fix)
    assert "Văn phòng Bộ decides for the issuer&#39;s side" in reader.get(page).text
    reader.send(page, due="2026-12-10", note="chờ")
    with reading(office.engine) as session:
        assert session.exec(select(Extension.by_issuer)).one() is True


def test_the_receipt_is_for_whoever_did_it(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    receipt = reader.send(f"/tasks/{task.id.hex}/progress", note="đang làm").headers["location"]
    assert reader.get(receipt).status_code == 200
    assert office.sign_in(COORDINATOR).get(receipt).status_code == 404


def test_an_officer_may_report_and_send_but_not_assign_on(staffed: Office) -> None:
    task = staffed.task("4")
    staffed.act(task, A.ASSIGN, staffed.head(task).id, LAUNCHED, to="an")
    reader = staffed.sign_in("an")
    assert reader.send(f"/tasks/{task.id.hex}/progress", note="đang làm").status_code == 303
    assert reader.get(f"/tasks/{task.id.hex}/assign").status_code == 409


def test_another_units_head_can_send_no_form(office: Office) -> None:
    task, other = office.task("4"), office.task("2")
    reader = office.sign_in(office.head(other).code)
    for action in Action:
        answer = reader.send("/work", action=f"/tasks/{task.id.hex}/{action.value}", note="x")
        assert answer.status_code == 404, action
    assert office.task("4").revision == task.revision


def test_a_form_of_another_site_does_nothing(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    csrf = hidden(reader.get(f"/tasks/{task.id.hex}/accept").text)
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert reader.ask("POST", f"/tasks/{task.id.hex}/accept", data=csrf, headers=headers).status_code == 409
    assert office.task("4").status is TaskStatus.ASSIGNED


def test_a_file_is_never_taken_by_its_name(database_url: str) -> None:
    """A form, or a program, that gives a path would have a file of the server read."""
    with pytest.raises(ValueError, match="instance of GivenFile"):
        Submission.model_validate(RESULT | {"file": ["/etc/passwd"]})
    assert Submission.model_validate(RESULT | {"file": [GivenFile("a.pdf", lambda: None)]})  # type: ignore[arg-type,return-value]


def test_a_clerks_role_is_of_the_unit_that_gets_the_report(office: Office) -> None:
    task = office.task("4")

    def elsewhere(session: Any) -> None:
        other = session.exec(select(Unit).where(Unit.code == "CTY-E")).one()
        for role in session.exec(select(PersonRole).where(PersonRole.role == Role.CLERK)).all():
            session.delete(role)
        session.add(PersonRole(person_id=person_id(office, CLERK), role=Role.CLERK, unit_id=other.id))

    office.change(elsewhere)
    assert office.sign_in(CLERK).get(f"/tasks/{task.id.hex}/receive").status_code == 404


def test_a_correction_begins_with_what_was_sent_and_keeps_its_files(office: Office) -> None:
    task = office.task("4")
    head = office.sign_in(office.head(task).code)
    page = f"/tasks/{task.id.hex}/submit"
    sent = head.send(page, page, files={"file": ("bao-cao.pdf", PDF, "application/pdf")}, **RESULT, note="bản đầu")
    assert through(head, page, sent).status_code == 303
    office.now += timedelta(minutes=5)
    page = f"/tasks/{task.id.hex}/correct"
    form = head.get(page).text
    assert 'value="12/BC"' in form
    assert 'value="2026-11-02"' in form
    assert re.search(r'<textarea id="f-subject"[^>]*>Báo cáo<', form)
    assert 'value="Lương Thị Ngân"' in form
    assert re.search(r'<textarea id="f-note"[^>]*>bản đầu<', form)
    answer = head.send(page, page, **RESULT | {"number": "13/BC"}, kept=Page(form).value("kept"))
    assert through(head, page, answer).status_code == 303
    text = head.get(f"/tasks/{task.id.hex}?lang=en").text
    assert "replaced by No. 13/BC" in text
    assert "withdrawn by" not in text
    assert text.count(">bao-cao.pdf</a>") == 2, "with the replaced result, and with the one that counts"
    path = text.partition('class="path"')[2].partition("</section>")[0]
    words = [one for one in re.findall(r"<strong>([^<]+)</strong>", path) if one.startswith("Result")]
    assert words == ["Result sent", "Result replaced by a corrected one"]


def test_acts_of_one_minute_have_references_of_their_own(office: Office) -> None:
    task = office.task("4")
    head = office.sign_in(office.head(task).code)
    page, found = f"/tasks/{task.id.hex}/progress", set()
    for note in ("một", "hai"):
        done = head.send(page, page, note=note)
        found |= set(re.findall(r"<strong>(\w{8}-\d{6}-\d{4}-\w{4})</strong>", head.get(done.headers["location"]).text))
    assert len(found) == 2
