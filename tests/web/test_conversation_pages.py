"""The conversation on its pages: what is shown to whom, written, changed, answered, published and marked as read."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

import httpx
import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.organization.person import Absence, Person
from models.organization.unit import Unit
from models.tasks.conversation import ConversationFile, ConversationMessage, ConversationRead
from models.tasks.task import Contribution, Task
from models.text.localtime import local_date
from tests.page import Page
from tests.web.saying import CODE, COORDINATOR, STRANGER, said
from tests.web.site import Office, Reader

DIRECTIVE = f"/directives/{CODE}/conversation"


@pytest.fixture
def task(office: Office) -> Task:
    return office.task("4")


@pytest.fixture
def head(office: Office, task: Task) -> Reader:
    return office.sign_in(office.head(task).code)


@pytest.fixture
def coordinator(office: Office) -> Reader:
    return office.sign_in(COORDINATOR)


def place(task: Task) -> str:
    return f"/tasks/{task.id.hex}/conversation"


def write(reader: Reader, path: str, text: str, files: Any = None, **fields: Any) -> httpx.Response:
    """Fills the form of a conversation and sends it."""
    nonces = Page(reader.get(f"{path}?lang=en").text).values("nonce")
    fields = {"nonce": nonces[0] if nonces else uuid4().hex, "text": text, **fields}
    return reader.send(path, f"{path}?lang=en", files=files, **fields)


def messages(office: Office) -> list[ConversationMessage]:
    with reading(office.engine) as session:
        order = (col(ConversationMessage.written_at), col(ConversationMessage.id))
        return list(session.exec(select(ConversationMessage).order_by(*order)))


def test_a_message_is_written_and_shown_on_the_tasks_page(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    answer = write(head, place(task), "Đề nghị hướng dẫn <b>mẫu</b>", quote="on")
    (one,) = messages(office)
    assert answer.headers["location"] == f"{place(task)}?done={one.id.hex}#m-{one.id.hex}"
    page = coordinator.get(f"/tasks/{task.id.hex}?lang=en").text
    assert "hướng dẫn &lt;b&gt;mẫu&lt;/b&gt;" in page and "1 unread message" in page
    assert page.count(f'id="m-{one.id.hex}"') == 1


def test_a_form_that_is_sent_twice_writes_one_message(office: Office, task: Task, head: Reader) -> None:
    nonce = uuid4().hex
    for _time in range(2):
        assert head.send(place(task), text="một lần", nonce=nonce).status_code == 303
    assert len(messages(office)) == 1


def test_a_stranger_finds_no_such_page(office: Office, task: Task) -> None:
    done = said(office, task, COORDINATOR, "riêng")
    stranger = office.sign_in(STRANGER)
    own = f"{place(task)}/{done.message_id.hex}"
    for path in (
        place(task),
        f"{place(task)}/answers",
        f"{own}/edit",
        f"{own}/publish",
        f"{place(task)}/files/{uuid4()}",
    ):
        assert stranger.get(path).status_code == 404, path
    token = "/absences"  # any page of theirs that carries a form
    for path in (place(task), f"{place(task)}/read", f"{own}/edit", f"{own}/publish"):
        answer = stranger.send(token, path, text="x", nonce=uuid4().hex, upto=office.now.isoformat(), question="")
        assert answer.status_code == 404, path
    assert len(messages(office)) == 1


def test_messages_of_one_place_are_not_found_under_another(office: Office, task: Task, coordinator: Reader) -> None:
    done = said(office, task, COORDINATOR, "riêng")
    other = office.task("2")
    for path in (place(other), DIRECTIVE):
        for way in ("edit", "publish"):
            assert coordinator.get(f"{path}/{done.message_id.hex}/{way}").status_code == 404
    assert coordinator.get(f"{place(task)}/{done.message_id.hex}/edit").status_code == 200


def test_a_refused_message_stands_in_the_form_again(office: Office, task: Task, head: Reader) -> None:
    answer = write(head, place(task), "nhờ xem", mention=STRANGER, quote="on")
    assert answer.status_code == 409
    assert "cannot be mentioned" in answer.text and "nhờ xem</textarea>" in answer.text
    assert re.search(r'name="quote"[^>]* checked', answer.text) and f'value="{STRANGER}"' in answer.text
    assert messages(office) == []


@pytest.mark.parametrize(("text", "status"), [("", 422), ("x" * 4001, 422)])
def test_an_empty_or_endless_message_is_refused(
    office: Office, task: Task, head: Reader, text: str, status: int
) -> None:
    assert write(head, place(task), text).status_code == status
    assert messages(office) == []


def test_files_come_with_a_message_and_are_handed_to_its_readers(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    sent = [("file", ("bảng kê.txt", "số liệu".encode(), "text/plain"))]
    assert write(head, place(task), "kèm tệp", files=sent).status_code == 303
    with reading(office.engine) as session:
        file = session.exec(select(ConversationFile)).one()
    path = f"{place(task)}/files/{file.id.hex}"
    answer = coordinator.get(path)
    assert answer.text == "số liệu" and answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert office.sign_in(STRANGER).get(path).status_code == 404
    assert "bảng kê.txt" in coordinator.get(place(task)).text


def test_a_wrong_file_keeps_the_words(office: Office, task: Task, head: Reader) -> None:
    sent = [("file", ("a.exe", b"MZ", "application/octet-stream"))]
    answer = write(head, place(task), "kèm tệp", files=sent)
    assert answer.status_code == 422 and "its type is not accepted" in answer.text
    assert "kèm tệp</textarea>" in answer.text and messages(office) == []


def test_no_file_may_come_with_classified_work(office: Office) -> None:
    one = office.task("2")
    reader = office.sign_in(office.head(one).code)
    assert 'type="file"' not in reader.get(place(one)).text
    answer = write(reader, place(one), "x", files=[("file", ("a.txt", b"a", "text/plain"))])
    assert answer.status_code == 409 and messages(office) == []


def test_it_is_changed_by_its_author_for_ten_minutes(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    done = said(office, task, office.head(task).code, "bản cũ")
    path = f"{place(task)}/{done.message_id.hex}/edit"
    assert "bản cũ</textarea>" in head.get(path).text
    assert "textarea" not in coordinator.get(path).text
    assert head.send(path, text="bản mới").status_code == 303
    page = coordinator.get(place(task)).text
    assert "bản mới" in page and "bản cũ" not in page
    answer = coordinator.send(place(task), path, text="của người khác")
    assert answer.status_code == 409
    office.now += timedelta(minutes=10, seconds=1)
    answer = head.send(place(task), f"{path}?lang=en", text="quá muộn")
    assert answer.status_code == 409 and "10 minutes" in answer.text
    assert f"/{done.message_id.hex}/edit" not in head.get(place(task)).text


def ask_and_answer(office: Office, task: Task, head: Reader, coordinator: Reader) -> tuple[UUID, UUID]:
    assert write(head, place(task), "Dùng mẫu nào?", question="on").status_code == 303
    asked = messages(office)[0].id
    assert "question to the coordinator" in coordinator.get(f"{place(task)}?lang=en").text
    page = f"{place(task)}?answer={asked.hex}"
    assert "You answer this question" in coordinator.get(f"{page}&lang=en").text
    office.now += timedelta(minutes=1)
    answer = coordinator.send(page, place(task), text="Mẫu 02", answers=asked.hex, nonce=uuid4().hex)
    assert answer.status_code == 303, answer.text
    return asked, messages(office)[1].id


def test_a_question_is_answered_and_published_without_a_name(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    _asked, answered = ask_and_answer(office, task, head, coordinator)
    path = f"{place(task)}/{answered.hex}/publish"
    assert "Mẫu 02" in coordinator.get(path).text
    assert head.send(place(task), path, question="").status_code == 409, "only the coordinator publishes"
    assert coordinator.send(path, question="Báo cáo dùng mẫu nào?").status_code == 303
    assert coordinator.send(place(task), path, question="").status_code == 409, "once"
    page = office.sign_in("nguyen.minh.quan").get(f"{place(task)}/answers?lang=en").text
    assert "Báo cáo dùng mẫu nào?" in page and "Mẫu 02" in page
    asker = office.head(task)
    assert asker.full_name not in page and asker.code not in page and "Dùng mẫu nào?" not in page
    with reading(office.engine) as session:
        unit = session.get_one(Unit, task.lead_unit_id).name
    assert "asked by" not in page
    assert unit not in page.partition('class="answers"')[2]


def test_each_step_above_a_page_of_a_conversation_leads_somewhere(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    _asked, answered = ask_and_answer(office, task, head, coordinator)
    above, talk = f"/tasks/{task.id.hex}", place(task)
    below = (f"{talk}/answers", f"{talk}/{answered.hex}/edit", f"{talk}/{answered.hex}/publish")
    assert steps(coordinator, talk) == ["/tasks", above, ""]
    assert steps(head, talk) == ["/work", above, ""]
    assert steps(coordinator, DIRECTIVE) == ["/directives", f"/directives/{CODE}", ""]
    assert steps(coordinator, f"{DIRECTIVE}/answers") == ["/directives", f"/directives/{CODE}", DIRECTIVE, ""]
    assert steps(head, f"{DIRECTIVE}/answers") == ["/work", DIRECTIVE, ""]
    for path in below:
        assert steps(coordinator, path) == ["/tasks", above, talk, ""]
    assert steps(coordinator, talk, came="/inbox?kind=question")[0] == "/inbox?kind=question"


def steps(reader: Reader, path: str, came: str = "") -> list[str]:
    """The addresses of the breadcrumb; each opens, and the last is the page itself."""
    page = reader.get(path, headers={"referer": f"http://dondoc.example{came}"} if came else {}).text
    found = ["".join(step.xpath(".//a/@href")) for step in Page(page).all("nav.crumbs li")]
    assert all(reader.get(href).status_code == 200 for href in found if href)
    return found


def test_the_unit_is_named_only_where_the_coordinator_says_so(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    _asked, answered = ask_and_answer(office, task, head, coordinator)
    path = f"{place(task)}/{answered.hex}/publish"
    assert coordinator.send(path, question="", show_unit="on").status_code == 303
    page = coordinator.get(f"{place(task)}/answers?lang=en").text
    with reading(office.engine) as session:
        unit = session.get_one(Unit, task.lead_unit_id).name
    assert f"Asked by {unit}" in page and "Dùng mẫu nào?" in page


def test_what_is_published_stands_on_the_dutys_other_tasks_and_on_the_directive(office: Office) -> None:
    one = office.task("2")
    with reading(office.engine) as session:
        other = session.exec(select(Task).where(Task.duty_id == one.duty_id, Task.id != one.id)).first()
    assert other is not None
    asker, reader, coordinator = (
        office.sign_in(who) for who in (office.head(one).code, office.head(other).code, COORDINATOR)
    )
    _asked, answered = ask_and_answer(office, one, asker, coordinator)
    assert "Mẫu 02" not in reader.get(f"/tasks/{other.id.hex}").text
    coordinator.send(f"{place(one)}/{answered.hex}/publish", question="")
    for path in (f"/tasks/{other.id.hex}", place(other), DIRECTIVE):
        page = reader.get(path).text
        assert "Mẫu 02" in page, path
        assert office.head(one).full_name not in page, path


def test_a_unit_asks_on_the_directive_and_reads_only_what_is_for_it(office: Office, task: Task, head: Reader) -> None:
    said(office, None, COORDINATOR, "nội bộ")
    said(office, None, COORDINATOR, "gửi mọi đơn vị", to_all=True)
    page = head.get(f"{DIRECTIVE}?lang=en").text
    assert "gửi mọi đơn vị" in page and "nội bộ" not in page
    assert f"/directives/{CODE}/launches" not in page, "no tab that they may not open"
    assert write(head, DIRECTIVE, "Có mẫu chung không?").status_code == 303
    assert messages(office)[-1].is_question
    other = office.sign_in(office.head(office.task("2")).code).get(DIRECTIVE).text
    assert "gửi mọi đơn vị" in other and "Có mẫu chung" not in other and "nội bộ" not in other
    seen = office.sign_in("nguyen.minh.quan").get(DIRECTIVE).text
    assert "nội bộ" in seen and "Có mẫu chung" in seen


def test_who_has_nothing_to_do_with_a_directive_finds_no_conversation(office: Office) -> None:
    nobody = office.sign_in("thai.dieu.linh")  # heads a unit without a task of it
    assert nobody.get(DIRECTIVE).status_code == 404
    assert nobody.send("/absences", DIRECTIVE, text="x", nonce=uuid4().hex).status_code == 404
    assert messages(office) == []


def test_what_was_read_is_marked_from_the_page(office: Office, task: Task, head: Reader) -> None:
    said(office, task, COORDINATOR, "một")
    page = head.get(f"{place(task)}?lang=en").text
    assert "data-read" in page and ">unread<" in page
    answer = head.send(place(task), f"{place(task)}/read", upto=Page(page).value("upto"), then=place(task))
    assert answer.headers["location"] == place(task)
    assert "data-unread" not in head.get(place(task)).text
    with reading(office.engine) as session:
        (mark,) = session.exec(select(ConversationRead).where(ConversationRead.person_id == office.head(task).id)).all()
    assert mark.read_upto == messages(office)[0].written_at
    for wrong in ("", "hôm nay", "2026-11-02T10:00:00", "0001-01-01T00:00:00+14:00"):
        assert head.send(place(task), f"{place(task)}/read", upto=wrong).status_code == 422
    before = {"before": "0001-01-01T00:00:00+14:00"}
    assert head.get(f"{place(task)}/answers?{urlencode(before)}").status_code == 422


def test_a_mark_does_not_reach_into_the_future(office: Office, task: Task, head: Reader) -> None:
    future = office.now + timedelta(days=9)
    assert head.send(place(task), f"{place(task)}/read", upto=future.isoformat()).status_code == 303
    with reading(office.engine) as session:
        assert session.exec(select(ConversationRead)).one().read_upto == office.now


def test_a_coordinating_unit_reads_what_is_for_it_on_the_tasks_page(office: Office, task: Task) -> None:
    with reading(office.engine) as session:
        unit = session.exec(select(Unit).where(Unit.code == "VU-BC")).one()
        partner = session.get_one(Person, unit.head_id).code
    office.change(lambda session: session.add(Contribution(task_id=task.id, unit_id=unit.id)))
    said(office, task, COORDINATOR, "riêng chủ trì")
    said(office, task, COORDINATOR, "cho mọi đơn vị", to_all=True)
    reader = office.sign_in(partner)
    for path in (f"/tasks/{task.id.hex}", place(task)):
        page = reader.get(path).text
        assert "cho mọi đơn vị" in page and "riêng chủ trì" not in page, path
    assert write(reader, place(task), "chúng tôi góp ý").status_code == 303


def test_a_stand_in_reads_and_writes_while_the_head_is_away(office: Office, task: Task) -> None:
    stand_in = office.sign_in(STRANGER)
    assert stand_in.get(place(task)).status_code == 404
    day = local_date(office.now)
    with reading(office.engine) as session:
        other = session.exec(select(Person).where(Person.code == STRANGER)).one()
    away = Absence(person_id=office.head(task).id, stand_in_id=other.id, starts_on=day, ends_on=day)
    office.change(lambda session: session.add(away))
    assert write(stand_in, place(task), "thay thủ trưởng").status_code == 303
    office.now += timedelta(days=1)
    assert office.sign_in(STRANGER).get(place(task)).status_code == 404


def test_older_messages_are_one_page_back(office: Office, task: Task, head: Reader) -> None:
    for number in range(23):
        said(office, task, COORDINATOR, f"tin số {number:02}")
    newest = head.get(f"{place(task)}?lang=en").text
    assert "tin số 22" in newest and "tin số 02" not in newest
    before = re.search(r"\?before=([0-9a-f]{32})", newest)
    assert before is not None
    older = head.get(f"{place(task)}?before={before.group(1)}").text
    assert "tin số 00" in older and "tin số 03" not in older
    sheet = head.get(f"/tasks/{task.id.hex}").text
    assert "tin số 18" in sheet and "tin số 17" not in sheet
    assert head.get(f"{place(task)}?before={uuid4().hex}").status_code == 404
    assert head.get(f"{place(task)}?before=x&answer=y").status_code == 200


def test_a_link_to_a_message_opens_its_page_at_it(office: Office, task: Task, head: Reader) -> None:
    ids = [said(office, task, COORDINATOR, f"tin số {number:02}").message_id.hex for number in range(45)]
    for number in (0, 20, 30, 44):
        answer = head.get(f"{place(task)}?m={ids[number]}")
        where = answer.headers["location"]
        assert where.startswith(place(task)) and where.endswith(f"#m-{ids[number]}")
        assert ("before=" in where) is (number < 25)
        assert f'id="m-{ids[number]}"' in head.follow(answer).text
    assert head.get(f"{place(task)}?m={uuid4().hex}").headers["location"] == place(task)
    hidden = said(office, None, COORDINATOR, "nội bộ").message_id
    assert head.get(f"{DIRECTIVE}?m={hidden.hex}").headers["location"] == DIRECTIVE
    assert office.sign_in(STRANGER).get(f"{place(task)}?m={ids[0]}").status_code == 404


def test_a_link_to_a_message_outlives_the_sign_in(office: Office, task: Task) -> None:
    wanted = said(office, task, COORDINATOR, "xem giúp").message_id.hex
    link = f"{place(task)}?m={wanted}"
    away = office.get(link)
    assert away.headers["location"] == f"/sign-in?next={quote(link)}"
    back = office.sign_in(office.head(task).code).get(away.headers["location"])
    assert back.headers["location"] == link


def test_an_answer_links_to_its_question_wherever_it_stands(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    asked, answered = ask_and_answer(office, task, head, coordinator)
    assert f'href="#m-{asked.hex}"' in head.get(place(task)).text
    office.now += timedelta(seconds=1)
    for number in range(19):
        said(office, task, COORDINATOR, f"tin số {number:02}")
    page = head.get(place(task)).text
    assert f'id="m-{asked.hex}"' not in page and f'id="m-{answered.hex}"' in page
    assert f'href="{place(task)}?m={asked.hex}"' in page


def test_what_was_done_is_said_beside_the_message(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    where = write(head, place(task), "Dùng mẫu nào?", question="on").headers["location"]
    asked = messages(office)[0].id
    assert where.endswith(f"#m-{asked.hex}")
    page = head.get(where).text
    assert page.count('class="said"') == 1
    assert page.index(f'id="m-{asked.hex}"') < page.index('class="said"') < page.index("Dùng mẫu nào?</p>")
    nonce = uuid4().hex
    coordinator.send(place(task), place(task), text="Mẫu 02", answers=asked.hex, nonce=nonce)
    path = f"{place(task)}/{UUID(nonce).hex}/publish"
    assert "1 unit with an open task gets it." in coordinator.get(f"{path}?lang=en").text
    where = coordinator.send(path, question="").headers["location"]
    page = coordinator.get(where).text
    assert page.index('id="h-answers"') < page.index('class="said"') < page.index('id="h-talk"')
    assert "published to the units" in page


def test_published_answers_stand_open_on_another_units_task_and_name_their_duty(office: Office) -> None:
    one = office.task("2")
    with reading(office.engine) as session:
        other = session.exec(select(Task).where(Task.duty_id == one.duty_id, Task.id != one.id)).first()
    assert other is not None
    asker, reader, coordinator = (
        office.sign_in(who) for who in (office.head(one).code, office.head(other).code, COORDINATOR)
    )
    _asked, answered = ask_and_answer(office, one, asker, coordinator)
    coordinator.send(f"{place(one)}/{answered.hex}/publish", question="")
    section = reader.get(f"/tasks/{other.id.hex}?lang=en").text.partition('id="conversation"')[2]
    assert "<h3>Questions and answers</h3>" in section
    assert "Nobody has written here yet" not in section
    assert section.index("Mẫu 02") < section.index("<details>")
    answers = reader.get(f"{DIRECTIVE}?lang=en").text.partition('id="h-answers"')[2].partition("</section>")[0]
    assert "Item 2" in answers


def test_people_to_mention_are_ticked_or_named(office: Office, task: Task, head: Reader) -> None:
    with reading(office.engine) as session:
        name = session.exec(select(Person.full_name).where(Person.code == COORDINATOR)).one()
    page = head.get(place(task)).text
    assert re.search(rf'<input id="n-{COORDINATOR}" type="checkbox" name="mention" value="{COORDINATOR}">', page)
    assert write(head, place(task), "nhờ xem", mention=[COORDINATOR, ""]).status_code == 303
    assert write(head, place(task), "nhờ xem", mention=["", name]).status_code == 303
    assert head.get(place(task)).text.count(f"{name}</p>") == 2


def test_the_tasks_page_leads_to_its_conversation_and_counts_the_unread(
    office: Office, task: Task, head: Reader, coordinator: Reader
) -> None:
    write(coordinator, place(task), "Gửi trước 10 giờ")
    page = head.get(f"/tasks/{task.id.hex}?lang=en").text
    assert '<a href="#conversation">Conversation (1 unread message)</a>' in page
    assert page.index('href="#conversation"') < page.index('class="sheet"')
