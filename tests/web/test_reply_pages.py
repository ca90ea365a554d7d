"""The page that confirms a reply, and the list of replies: what each shows to whom; looking changes nothing."""

from datetime import timedelta

import pytest
from sqlmodel import Session, SQLModel, col, func, select

from models.database.run import link_key
from models.database.session import reading
from models.letters.letter import Letter, LetterState
from models.organization.person import Person
from models.replies.reply import Reply, ReplyDraft, ReplyState
from models.tasks.task import Evidence, Extension, Task, TaskStatus
from models.text.localtime import local_date
from notifications.composing.keys import sign_draft, sign_reply, token_address
from tests.page import Page
from tests.reply_samples import PDF, reply
from tests.web.site import DUE, Office, Reader
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.organization.working_calendar import load_calendar
from workflows.replies.read_mail import open_reader

ADMINISTRATOR, COORDINATOR = "dang.thu.thuy", "le.thi.c"
FIELDS = {"note": ""}


@pytest.fixture
def answered(office: Office) -> Office:
    """The letters have left; the head of item 4 answers theirs."""
    office.settings.mail = office.settings.mail.model_copy(update={"reply_address": "reply@mpt.example"})
    tick(office.engine, office.settings, now=office.now, sender=RecordedSender())
    return office


def answer(office: Office, text: str, sender: str = "", **files: bytes) -> Task:
    task = office.task("4")
    head = office.head(task)
    with reading(office.engine) as session:
        wanted = select(Letter.id).where(Letter.recipient_id == head.id, Letter.state == LetterState.SENT)
        letter_id = session.exec(wanted.order_by(col(Letter.id))).first()
        assert letter_id is not None and head.email is not None
        to = token_address("reply@mpt.example", sign_reply(link_key(session), letter_id, head.email))
        calendar = load_calendar(session)
        number = session.exec(select(func.count()).select_from(Reply)).one()
    reader = open_reader(office.engine, office.settings, now=office.now, calendar=calendar)
    assert reader is not None
    named = {f"{name}.pdf": content for name, content in files.items()}
    reader.keep_at_replies(
        reply(to, text, sender=sender or head.email, message_id=f"<{number}@x.example>", files=named)
    )
    return task


def link(office: Office) -> str:
    """The page of the newest draft."""
    with reading(office.engine) as session:
        draft = session.exec(select(ReplyDraft).order_by(col(ReplyDraft.made_at).desc())).first()
        assert draft is not None
        return f"/r/{sign_draft(link_key(session), draft.id)}"


def everything(office: Office) -> list[tuple[str, object]]:
    with reading(office.engine) as session:
        return [
            (table.name, session.execute(select(func.count()).select_from(table)).scalar_one())
            for table in SQLModel.metadata.sorted_tables
        ]


def status(office: Office, task: Task) -> TaskStatus:
    with reading(office.engine) as session:
        return session.get_one(Task, task.id).status


def seen(page: str) -> str:
    return Page(page).value("seen")


def test_the_page_shows_what_will_be_done_and_by_whom(answered: Office) -> None:
    task = answer(answered, "Đã tiếp nhận: giao phòng Kỹ thuật")
    page = answered.get(link(answered))
    assert page.status_code == 200
    for shown in ("Xác nhận thư trả lời", "Tiếp nhận", answered.head(task).full_name, "giao phòng Kỹ thuật"):
        assert shown in page.text


def test_opening_it_changes_nothing_however_often(answered: Office) -> None:
    task = answer(answered, "Đã tiếp nhận")
    before, page = everything(answered), link(answered)
    for _scan in range(5):
        assert answered.get(page).status_code == 200
        assert answered.reader.ask("HEAD", page).status_code == 200
    assert everything(answered) == before and status(answered, task) is TaskStatus.ASSIGNED


def test_one_press_does_it_and_the_page_says_so_afterwards(answered: Office) -> None:
    task = answer(answered, "Đã tiếp nhận")
    page = link(answered)
    done = answered.reader.send(page, seen=seen(answered.get(page).text), **FIELDS)
    assert status(answered, task) is TaskStatus.ACCEPTED
    told = answered.reader.follow(done)
    assert "Đã thực hiện: Tiếp nhận" in told.text and '<form method="post" class="deed card"' not in told.text
    again = answered.reader.send("/sign-in", page, **FIELDS)
    assert again.status_code == 409 and "đã được dùng" in again.text


def test_what_is_missing_is_asked_for(answered: Office) -> None:
    task = answer(answered, "Xin gia hạn")
    page = link(answered)
    half = answered.reader.send(page, due="", note="")
    assert half.status_code == 422 and 'aria-invalid="true"' in half.text
    past = answered.reader.send(page, due="2004-01-01", note="chờ góp ý")
    assert past.status_code == 422 and status(answered, task) is TaskStatus.ASSIGNED
    with reading(answered.engine) as session:
        assert session.exec(select(ReplyDraft.used_at)).one() is None, "the link is as good as before"
    later = (DUE + timedelta(days=10)).isoformat()
    assert answered.reader.send(page, due=later, note="chờ góp ý").status_code == 303
    with reading(answered.engine) as session:
        assert str(session.exec(select(Extension)).one().asked_due_on) == later


def test_what_was_read_as_an_act_may_be_made_a_comment_on_the_page(answered: Office) -> None:
    task = answer(answered, "Đơn vị mình xin gia hạn đến 15/12 vì chờ góp ý")
    page = link(answered)
    assert "Chỉ là ý kiến trao đổi" in answered.get(page).text
    done = answered.reader.send(page, comment="yes", due="", note="")
    told = answered.reader.follow(done).text
    assert "Đơn vị mình xin gia hạn" in answered.sign_in(answered.head(task).code).get(f"/tasks/{task.id.hex}").text
    assert "phần trao đổi" in told and "Chỉ là ý kiến trao đổi" not in told
    assert status(answered, task) is TaskStatus.ASSIGNED


def test_the_page_takes_the_file_that_the_reply_lacked(answered: Office) -> None:
    task = answer(answered, "Báo cáo kết quả số 7 ngày 01/06/2004")
    page = link(answered)
    assert 'type="file"' in answered.get(page).text
    given = {"number": "7", "date": "2004-06-01", "subject": "Báo cáo", "signer": "A"}
    done = answered.reader.send(
        page, seen=seen(answered.get(page).text), files=[("file", ("báo cáo.pdf", PDF))], **given
    )
    assert done.status_code == 303 and status(answered, task) is TaskStatus.SUBMITTED
    with reading(answered.engine) as session:
        assert [one.filename for one in session.exec(select(Evidence))] == ["báo cáo.pdf"]


def test_a_wrong_file_on_the_page_changes_nothing(answered: Office) -> None:
    task = answer(answered, "Báo cáo kết quả số 7 ngày 01/06/2004")
    page = link(answered)
    given = {"number": "7", "date": "2004-06-01", "subject": "Báo cáo", "signer": "A"}
    done = answered.reader.send(page, files=[("file", ("a.exe", b"MZ"))], **given)
    assert done.status_code == 422 and "a.exe" in done.text and status(answered, task) is TaskStatus.ASSIGNED


def test_the_page_says_where_the_files_of_a_request_go(answered: Office) -> None:
    answer(answered, "Vướng mắc: thiếu kinh phí", bản_kê=PDF)
    page = link(answered)
    shown = answered.get(page).text
    assert "bản_kê.pdf" in shown and "Tệp được đưa vào phần trao đổi của nhiệm vụ." in shown
    done = answered.reader.send(page, seen=seen(shown), note="thiếu kinh phí")
    assert "Tệp gửi kèm nằm trong phần trao đổi của nhiệm vụ." in answered.reader.follow(done).text


def test_a_result_begins_with_today_and_the_head_who_signs_here_too(answered: Office) -> None:
    task = answer(answered, "Báo cáo kết quả\n", report=PDF)
    page = Page(answered.get(link(answered)).text)
    assert page.value("date") == local_date(answered.now).isoformat()
    assert page.value("signer") == answered.head(task).full_name
    assert page.value("number") == ""


def test_a_link_that_is_too_old_says_so(answered: Office) -> None:
    answer(answered, "Đã tiếp nhận")
    page = link(answered)
    answered.now += timedelta(days=8)
    old = answered.get(page)
    assert old.status_code == 410 and "quá hạn" in old.text and "deed card" not in old.text


@pytest.mark.parametrize("forged", ["x", "AaIqTyksceOuyARJB7oGWA.ukGvypDE5J6HJy5p", "AaIqTyksceOuyARJB7oGWA", "%00"])
def test_a_forged_link_is_none(answered: Office, forged: str) -> None:
    assert answered.get(f"/r/{forged}").status_code == 404
    assert answered.get(f"/r/{forged}/1").status_code == 404
    assert answered.reader.send("/sign-in", f"/r/{forged}", **FIELDS).status_code == 404


def test_a_form_of_another_site_does_nothing(answered: Office) -> None:
    task = answer(answered, "Đã tiếp nhận")
    page = link(answered)
    assert answered.reader.ask("POST", page, data=FIELDS, headers={"origin": "http://evil.example"}).status_code == 409
    assert answered.reader.ask("POST", page, data=FIELDS).status_code == 409
    assert status(answered, task) is TaskStatus.ASSIGNED


def test_somebody_who_has_left_cannot_press(answered: Office) -> None:
    task = answer(answered, "Đã tiếp nhận")
    page, head = link(answered), answered.head(task)

    def retire(session: Session) -> None:
        session.get_one(Person, head.id).is_active = False

    answered.change(retire)
    assert answered.get(page).status_code == 409
    assert answered.reader.send("/sign-in", page, **FIELDS).status_code == 409
    assert status(answered, task) is TaskStatus.ASSIGNED


def test_the_page_speaks_its_persons_language(answered: Office) -> None:
    task = answer(answered, "Accepted")
    head = answered.head(task)

    def speak(session: Session) -> None:
        session.get_one(Person, head.id).language = "en"

    answered.change(speak)
    assert "Confirm your reply" in answered.get(link(answered)).text


def test_own_replies_stand_on_the_task_and_nobody_elses(answered: Office) -> None:
    task = answer(answered, "Tiến độ 60%")
    own = answered.sign_in(answered.head(task).code).get(f"/tasks/{task.id.hex}").text
    assert "Thư trả lời của ông/bà" in own and link(answered) in own
    other = answered.sign_in(COORDINATOR).get(f"/tasks/{task.id.hex}").text
    assert "Thư trả lời của ông/bà" not in other and "/r/" not in other


# the administrators' list


@pytest.fixture
def administrator(answered: Office) -> Reader:
    return answered.sign_in(ADMINISTRATOR)


def test_administrators_see_every_reply_and_why(answered: Office, administrator: Reader) -> None:
    answer(answered, "Tiến độ 60%")
    answer(answered, "Đã tiếp nhận", sender="evil@x.example")
    page = administrator.get("/admin/replies").text
    assert "evil@x.example" in page and "Không gửi từ địa chỉ đã nhận thư" in page
    only = administrator.get("/admin/replies?state=waits").text
    assert "evil@x.example" not in only and "Chờ người gửi xác nhận (1)" in only
    assert "evil@x.example" in administrator.get("/admin/replies?why=other_sender").text
    assert "evil@x.example" in administrator.get("/admin/replies?q=EVIL").text
    assert "Không có thư trả lời nào" in administrator.get("/admin/replies?q=nobody").text
    assert administrator.get("/admin/replies?state=x").status_code == 422
    assert "it can be no_token, forged" in administrator.get("/admin/replies?why=x&lang=en").text
    assert administrator.get("/admin/replies?first=31/02/2026").status_code == 422


def test_a_reply_is_opened_and_downloaded_as_it_came(answered: Office, administrator: Reader) -> None:
    answer(answered, "Nhờ cho biết mẫu", bao_cao=PDF)
    with reading(answered.engine) as session:
        reply_id = session.exec(select(Reply.id)).one().hex
    page = administrator.get(f"/admin/replies/{reply_id}").text
    assert "Nhờ cho biết mẫu" in page and "Tải thư về" in page
    message = administrator.get(f"/admin/replies/{reply_id}/eml")
    assert message.headers["content-type"] == "message/rfc822" and b"bao_cao.pdf" in message.content
    assert administrator.get(f"/admin/replies/{'0' * 32}").status_code == 404
    assert administrator.get(f"/admin/replies/{'0' * 32}/eml").status_code == 404


@pytest.mark.parametrize("path", ["/admin/replies", "/admin/replies/{id}", "/admin/replies/{id}/eml"])
def test_nobody_else_sees_replies(answered: Office, path: str) -> None:
    task = answer(answered, "Đã tiếp nhận")
    with reading(answered.engine) as session:
        found = session.exec(select(Reply)).one()
    assert found.state is ReplyState.WAITS
    page = path.replace("{id}", found.id.hex)
    for who in (COORDINATOR, answered.head(task).code):
        assert answered.sign_in(who).get(page).status_code == 403
    assert answered.get(page).status_code == 303, "to the sign-in page"
