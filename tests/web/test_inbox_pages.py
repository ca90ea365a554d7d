"""The page of what waits for a decision: the ordinary decision is one form away, and nobody else's is there."""

import re
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from sqlmodel import select

from models.database.session import reading
from models.tasks.evidence_files import GivenFile
from models.tasks.history import History
from models.tasks.task import Task, TaskStatus
from models.text.localtime import due_date, local_date
from tests.intake.files.made import pdf
from tests.page import Page
from tests.web.more_tasks import more
from tests.web.saying import said
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

COORDINATOR = "le.thi.c"
LATER = LAUNCHED + timedelta(days=1)


@pytest.fixture
def submitted(office: Office) -> Task:
    task = office.task("4")
    office.act(
        task,
        Action.SUBMIT,
        office.head(task).id,
        LATER,
        number="12/BC",
        date=local_date(LATER),
        subject="Cơ chế miễn, giảm giá cước",
        signer="Lương Thị Ngân",
    )
    office.now = LATER + timedelta(hours=2)
    return task


def send(office: Office, path: str, task: Task, action: str, **fields: Any) -> Any:
    """Sends the form of an item as it stands on the page."""
    reader = office.sign_in(COORDINATOR)
    target = f"/tasks/{task.id.hex}/{action}"
    form = Page(reader.get(path).text).form(f'form[action="{target}"]')
    return reader, reader.send(path, target, **form.hidden | fields)


def test_whom_the_page_opens_to(office: Office, submitted: Task) -> None:
    assert office.get("/inbox").status_code == 303
    assert "12/BC" in office.sign_in(COORDINATOR).get("/inbox").text
    for who in ("nguyen.minh.quan", "dang.thu.thuy"):
        assert office.sign_in(who).get("/inbox").status_code == 403
    text = office.sign_in(office.head(office.task("2")).code).get("/inbox?lang=en").text
    assert "Nothing waits for your decision" in text
    assert "12/BC" not in text


def test_it_says_what_came_how_long_it_waits_and_when_one_is_reminded(office: Office, submitted: Task) -> None:
    office.now = LATER + timedelta(days=6)
    text = office.sign_in(COORDINATOR).get("/inbox?lang=en").text
    for words in (
        "Document 12/BC of 3 November 2026",
        "waiting since 3 November 2026: 4 working days",
        "you are reminded on 6 November 2026",
        "your superior on 10 November 2026",
        "Signed by",
    ):
        assert words in text


def test_a_result_is_approved_from_the_list_and_one_is_back_in_it(office: Office, submitted: Task) -> None:
    reader, answer = send(office, "/inbox?kind=result&lang=en", submitted, "approve")
    assert answer.headers["location"].startswith("/inbox?kind=result")
    text = reader.follow(answer).text
    assert "Done: Approve the result" in text
    assert office.task("4").status is TaskStatus.APPROVED


def test_a_result_is_returned_with_what_is_missing(office: Office, submitted: Task) -> None:
    _reader, answer = send(office, "/inbox", submitted, "return", note="thiếu phụ lục")
    assert answer.status_code == 303
    assert office.task("4").status is TaskStatus.RETURNED


def test_a_decision_on_what_changed_meanwhile_is_not_made_unseen(office: Office, submitted: Task) -> None:
    reader = office.sign_in(COORDINATOR)
    hidden = Page(reader.get("/inbox").text).form(f'form[action="/tasks/{submitted.id.hex}/approve"]').hidden
    office.act(submitted, Action.RETURN, submitted.coordinator_id, office.now, note="thiếu phụ lục")
    office.act(
        submitted,
        Action.SUBMIT,
        office.head(submitted).id,
        office.now + timedelta(minutes=1),
        number="13/BC",
        date=local_date(office.now),
        subject="Bổ sung",
        signer="Lương Thị Ngân",
    )
    answer = reader.send("/inbox", f"/tasks/{submitted.id.hex}/approve", **hidden)
    assert answer.status_code == 409
    assert office.task("4").status is TaskStatus.SUBMITTED


def test_more_time_is_granted_to_the_day_that_was_asked_for(office: Office) -> None:
    task = office.task("4")
    asked = date(2026, 12, 4)
    office.act(task, Action.ASK_EXTENSION, office.head(task).id, LATER, due=asked, note="chờ số liệu")
    office.now = LATER
    text = office.sign_in(COORDINATOR).get("/inbox?lang=en").text
    assert "Requests 4 December 2026" in text
    assert "chờ số liệu" in text
    send(office, "/inbox", task, "grant-extension")
    due_at = office.task("4").due_at
    assert due_at is not None
    assert due_date(due_at) == asked


def test_another_lead_is_kept_or_changed_to_the_one_proposed(office: Office) -> None:
    task = office.task("4")
    office.act(task, Action.NOT_OURS, office.head(task).id, LATER, note="không thuộc chức năng", to="VU-PC")
    office.now = LATER
    send(office, "/inbox", task, "change-lead", note="đúng chức năng")
    with reading(office.engine) as session:
        assert session.get_one(Task, task.id).lead_unit_id != task.lead_unit_id


def test_filters_stay_in_the_address_and_a_made_up_kind_is_refused(office: Office, submitted: Task) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/inbox?q=tai+chinh&lang=en").text
    assert "/inbox?kind=result&amp;q=tai+chinh" in text
    assert "Nothing waiting matches" in reader.get("/inbox?kind=obstacle&lang=en").text
    assert reader.get("/inbox?kind=love").status_code == 422


def test_a_chosen_item_opens_beside_the_list_and_the_next_one_after_it(office: Office, submitted: Task) -> None:
    other = office.task("2")
    office.act(other, Action.RAISE_OBSTACLE, office.head(other).id, LATER, note="thiếu hướng dẫn", to="VU-VT")
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/inbox?lang=en").text
    refs = re.findall(r'href="/inbox\?open=(\w+)"', text)
    assert len(refs) == 2
    for at, ref in enumerate(refs):
        opened = reader.get(f"/inbox?open={ref}").text
        assert f'/inbox?open={ref}" aria-current="true"' in opened
        forms = opened.partition('class="queue"')[2]  # the list's own leads back to itself
        assert set(Page(forms).values("then")) == {f"/inbox?open={refs[1 - at]}"}
    assert "no longer waits" in reader.get(f"/inbox?open={submitted.id.hex}").text
    assert "no longer waits" in reader.get("/inbox?open=made-up").text


def test_files_of_a_result_open_in_place_and_only_for_those_who_see_it(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    png = b"\x89PNG\r\n\x1a\n"
    given = [
        ("Báo cáo.pdf", pdf("Kết quả thực hiện")),
        ("ghi chú.txt", "Đã rà soát <b>toàn bộ</b>".encode()),
        ("ảnh.png", png),
    ]
    files = tuple(GivenFile(name, partial(BytesIO, data)) for name, data in given)
    result = {"number": "12/BC", "date": local_date(LATER), "subject": "a", "signer": "b", "file": files}
    office.act(task, Action.SUBMIT, head.id, LATER, **result)
    office.now = LATER
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/inbox?lang=en").text
    drawing, words = re.findall(r'<iframe src="([^"]+)"[^>]* sandbox', text)
    assert 'alt="ảnh.png"' in text
    drawn, read = reader.get(drawing), reader.get(words)
    assert "data:image/png;base64,iVBOR" in drawn.text and "Page 1 of 1" in drawn.text
    assert "Đã rà soát &lt;b&gt;toàn bộ&lt;/b&gt;" in read.text
    for answer in (drawn, read):
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert office.sign_in(office.head(office.task("2")).code).get(drawing).status_code == 404
    (picture,) = re.findall(r'<img src="([^"]+)" alt="ảnh.png"', text)
    assert reader.get(f"{picture}/view").status_code == 404


def test_the_page_after_an_action_says_when_its_gathered_letter_leaves(office: Office) -> None:
    task, office.now = office.task("4"), LATER + timedelta(hours=2)
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, office.now)
    office.act(task, Action.RAISE_OBSTACLE, head.id, office.now, note="thiếu số liệu")
    with reading(office.engine) as session:
        made = select(History.id).where(History.task_id == task.id, History.event == "obstacle_raised")
        history_id = session.exec(made).one()
    path = f"/tasks/{task.id.hex}/raise-obstacle/done/{history_id.hex}?lang=en"
    text = office.sign_in(head.code).get(path).text
    assert "together with other news for its reader" in text and "outside sending hours" not in text


def test_several_results_are_approved_after_a_look_and_refusals_are_named(office: Office) -> None:
    tasks = more(office, office.task("4"), 3, status=TaskStatus.ACCEPTED)
    for task in tasks:
        result = {"number": "1/BC", "date": local_date(LATER), "subject": "a", "signer": "b"}
        office.act(task, Action.SUBMIT, office.head(task).id, LATER, **result)
    office.now = LATER + timedelta(hours=2)
    reader = office.sign_in(COORDINATOR)
    refs = Page(reader.get("/inbox?lang=en").text).values("t")
    assert len(refs) == 3
    look = "/inbox/approve?" + "&".join(f"t={ref}" for ref in refs)
    ticked = Page(reader.get(look).text).values("t", "input[checked]")
    assert len(ticked) == 3
    office.act(tasks[0], Action.RETURN, tasks[0].coordinator_id, office.now, note="thiếu phụ lục")
    answer = reader.send(look, "/inbox/approve", t=ticked)
    assert answer.status_code == 409
    assert "1 result was not approved" in answer.text and "Results approved: 2" in answer.text
    with reading(office.engine) as session:
        states = [session.get_one(Task, task.id).status for task in tasks]
    assert states == [TaskStatus.RETURNED, TaskStatus.APPROVED, TaskStatus.APPROVED]
    assert "no longer waits" in reader.get(look).text or "No result is selected" in reader.get(look).text


@pytest.mark.parametrize(
    ("then", "kept"),
    [
        ("/inbox?kind=result", "/inbox?kind=result"),
        ("//evil.example/inbox", "/inbox"),
        ("https://evil.example/inbox", "/inbox"),
        ("/admin", "/inbox"),
    ],
)
def test_the_list_keeps_its_filter_through_approval_and_undoing(
    office: Office, submitted: Task, then: str, kept: str
) -> None:
    reader = office.sign_in(COORDINATOR)
    page = reader.get("/inbox?kind=result").text
    assert 'name="then" value="/inbox?kind=result"' in page.partition('id="many"')[2].partition("</form>")[0]
    [ref] = Page(page).values("t")
    look = f"/inbox/approve?t={ref}&then={quote(then, safe='')}"
    asked = reader.get(look).text
    form = asked.partition('<form method="post" action="/inbox/approve">')[2]
    assert f'name="then" value="{kept}"' in form and f'href="{kept}"' in form
    ticked = Page(asked).values("t", "input[checked]")
    answer = reader.send(look, "/inbox/approve", t=ticked, then=then)
    assert answer.headers["location"] == kept
    told = reader.follow(answer).text
    assert f'name="then" value="{kept}"' in told.partition('action="/inbox/undo"')[2].partition("</form>")[0]
    undone = reader.send("/inbox", "/inbox/undo", t=[submitted.id.hex], then=then)
    assert undone.headers["location"] == kept
    assert office.task("4").status is TaskStatus.SUBMITTED


def test_an_approval_is_undone_from_the_page_that_says_it_was_given(office: Office, submitted: Task) -> None:
    reader, answer = send(office, "/inbox?lang=en", submitted, "approve")
    page = reader.follow(answer).text
    assert 'action="/inbox/undo"' in page and "together with other news for its reader" in page
    tasks = Page(page).form('form[action="/inbox/undo"]').hidden["t"]
    assert tasks == submitted.id.hex
    office.now += timedelta(seconds=30)
    text = reader.follow(reader.send("/inbox", "/inbox/undo", t=tasks)).text
    assert "Approvals undone: 1." in text and "12/BC" in text
    assert office.task("4").status is TaskStatus.SUBMITTED


def test_an_approval_of_two_minutes_ago_is_not_undone(office: Office, submitted: Task) -> None:
    reader, _answer = send(office, "/inbox?lang=en", submitted, "approve")
    office.now += timedelta(minutes=2)
    text = reader.follow(reader.send("/inbox", "/inbox/undo", t=[submitted.id.hex])).text
    assert "Not undone, as their 60 seconds are over" in text
    assert office.task("4").status is TaskStatus.APPROVED


def test_the_task_offers_the_undoing_for_a_minute_and_to_who_approved(office: Office, submitted: Task) -> None:
    reader, _answer = send(office, "/inbox", submitted, "approve")
    undo = f'action="/tasks/{submitted.id.hex}/undo-approval"'
    assert undo in reader.get(f"/tasks/{submitted.id.hex}").text
    assert undo not in office.sign_in(office.head(submitted).code).get(f"/tasks/{submitted.id.hex}").text
    office.now += timedelta(seconds=61)
    assert undo not in reader.get(f"/tasks/{submitted.id.hex}").text


def test_nobody_approves_together_what_they_may_not_approve_alone(office: Office, submitted: Task) -> None:
    ref = Page(office.sign_in(COORDINATOR).get("/inbox").text).values("t")[0]
    head = office.sign_in(office.head(submitted).code)
    assert "checked" not in head.get(f"/inbox/approve?t={ref}").text
    answer = head.send("/inbox/approve", "/inbox/approve", t=[f"{ref}.{submitted.id.hex}.{submitted.id.hex}"])
    assert answer.status_code == 409
    assert office.task("4").status is TaskStatus.SUBMITTED
    assert office.sign_in("nguyen.minh.quan").get("/inbox/approve").status_code == 403


def test_many_results_cost_no_query_more_than_few(office: Office) -> None:
    office.now = LATER + timedelta(hours=2)
    reader = office.sign_in(COORDINATOR)

    def send(count: int) -> str:
        for task in more(office, office.task("4"), count, status=TaskStatus.ACCEPTED):
            result = {"number": "1/BC", "date": local_date(LATER), "subject": "a", "signer": "b"}
            office.act(task, Action.SUBMIT, office.head(task).id, LATER, **result)
        refs = Page(reader.get("/inbox").text).values("t")
        return "/inbox/approve?" + "&".join(f"t={ref}" for ref in refs)

    few = [office.queries(reader, page) for page in (send(2), "/inbox")]
    many = [office.queries(reader, page) for page in (send(20), "/inbox")]
    assert few == many


def test_a_question_on_a_directive_is_counted_and_leads_to_its_answer(office: Office) -> None:
    asked = said(office, None, office.head(office.task("2")).code, "Có mẫu chung không?", question=True).message_id
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/inbox?lang=en").text
    assert "The directive as a whole" in text and "Có mẫu chung không?" in text
    answer = f"/directives/ct-06-2004/conversation?answer={asked.hex}"
    assert f'href="{answer}#write"' in text and "/tasks/None" not in text
    assert '<span class="count">1<' in text
    assert "1 question to answer" in reader.get("/?lang=en").text
    assert office.sign_in("dang.thu.thuy").get("/inbox").status_code == 403
    assert "You answer this question" in reader.get(f"{answer}&lang=en").text
    nonce, then = (Page(text).values(name)[-1] for name in ("nonce", "then"))
    path = answer.partition("?")[0]
    sent = reader.send("/inbox", path, text="Dùng mẫu 01.", answers=asked.hex, nonce=nonce, then=then)
    assert sent.headers["location"] == then == "/inbox"
    assert "Dùng mẫu 01." in reader.get(path).text
    assert "Nothing waits for your decision" in reader.get("/inbox?lang=en").text
