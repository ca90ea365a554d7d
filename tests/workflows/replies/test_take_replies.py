"""Replies: each is taken once, acts only for the letter's own reader, and only after a press or by a proved domain."""

from datetime import date, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy import select as columns
from sqlmodel import col, select

from models.database.run import link_key
from models.database.session import reading, transaction
from models.errors import BadInput, NotFound, Refused
from models.letters.letter import REPLY_TOPIC, LetterKind
from models.organization.person import Absence, Person
from models.organization.unit import Unit
from models.replies.reply import Reply, ReplyDraft, ReplyProof, ReplyState, ReplyWhy
from models.tasks.conversation import ConversationFile, ConversationMessage, MessageWay
from models.tasks.evidence_files import evidence_path
from models.tasks.history import History, HistoryNote
from models.tasks.task import Evidence, Extension, Obstacle, Result, TaskStatus
from notifications.composing.keys import sign_draft
from notifications.replies.authentic import LookUp
from notifications.replies.imap import LARGEST
from tests.notifications.dkim_signing import dns, signed
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from tests.reply_samples import GMAIL_VI, PDF, reply, winmail
from tests.workflows.replies.reply_mails import (
    HEAD,
    NINE,
    OFFICER,
    address,
    answer,
    answers,
    draft,
    drop,
    mail,
    replies,
)
from workflows.access.actor_context import ActorContext
from workflows.access.conflict import Conflict
from workflows.access.rights import read_principal
from workflows.jobs.cleanup.purge import purge
from workflows.queue.send_hold import begin_send_hold
from workflows.replies.confirm_reply import confirm, open_draft
from workflows.replies.read_mail import open_reader, read_mail
from workflows.replies.reply_tasks import newest_history
from workflows.replies.take_replies import DRAFT_LASTS
from workflows.tasks.conversation.conversation_access import open_conversation
from workflows.tasks.conversation.conversation_view import open_message_file

FILE = {"báo cáo.pdf": PDF}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4 was given out, and its letters have left."""
    office = furnish(engine, tmp_path)
    office.settings.mail = office.settings.mail.model_copy(update={"reply_address": "reply@mpt.example"})
    office.launch("4")
    office.tick(ON)
    return office


def press(
    office: Office, now: Any = NINE, number: int | None = None, seen: Any = None, as_comment: bool = False, **given: str
) -> None:
    """The link in the newest answer is opened and pressed."""
    with transaction(office.engine) as session:
        key, asked = link_key(session), draft(office)
        opened = open_draft(session, key, sign_draft(key, asked.id), number)
        assert opened.task_id is not None
        known = seen or newest_history(session, opened.task_id)
        acting = ActorContext(session, opened.person, now, office.calendar, office.settings)
        confirm(acting, opened, dict(asked.given) | given, seen=known, as_comment=as_comment)


def history(office: Office) -> list[str]:
    with reading(office.engine) as session:
        query = select(History.event).where(History.task_id == office.task().id)
        return list(session.exec(query.order_by(col(History.recorded_at), col(History.id))))


# letters


def test_letters_about_tasks_say_where_and_how_to_answer(office: Office) -> None:
    (letter,) = office.sent(HEAD)
    assert address(office).startswith("reply+") and address(office).endswith("@mpt.example")
    assert "Có thể trả lời ngay thư này" in body(letter) and "#2" not in body(letter)
    assert address(office, COORDINATOR) != address(office) if office.sent(COORDINATOR) else True


def test_without_an_address_letters_are_not_answered(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.tick(ON)
    (letter,) = office.sent(HEAD)
    assert letter["Reply-To"] is None and "trả lời ngay" not in body(letter)


# what is asked for waits for a press


def test_an_act_waits_for_the_press_and_is_done_once(office: Office) -> None:
    taken = answer(office, GMAIL_VI.format(own="Đã tiếp nhận: giao Phòng Kỹ thuật"))
    assert (taken.state, taken.why) == (ReplyState.WAITS, ReplyWhy.TO_CONFIRM)
    assert office.task().status is TaskStatus.ASSIGNED, "nothing is done yet"
    (told,) = answers(office)
    assert "Đề nghị: Tiếp nhận" in told and "giao Phòng Kỹ thuật" in told and told.count("http") == 1
    press(office)
    assert office.task().status is TaskStatus.ACCEPTED and history(office)[-1] == "accepted"
    assert replies(office)[0].state is ReplyState.DONE and replies(office)[0].history_id is not None
    with pytest.raises(Refused, match="used or is too old"):
        press(office)
    assert history(office).count("accepted") == 1


def test_the_answer_refers_to_the_reply_and_can_be_answered(office: Office) -> None:
    answer(office, "Đã tiếp nhận", message_id="<mine@tct-t.example>")
    (told,) = [one for one in office.sent(HEAD) if one["Auto-Submitted"] == "auto-replied"]
    assert told["In-Reply-To"] == told["References"] == "<mine@tct-t.example>"
    assert str(told["Reply-To"]).strip("<>") == address(office) and told["To"].addresses[0].addr_spec == mail(office)


def test_a_result_with_its_file_is_completed_on_the_page(office: Office) -> None:
    taken = answer(office, "Báo cáo kết quả số 12/BC ngày 01/06/2004", files=FILE)
    assert (taken.state, taken.why) == (ReplyState.WAITS, ReplyWhy.NOT_CLEAR), "subject and signer are missing"
    assert "Còn thiếu thông tin" in answers(office)[0] and "báo cáo.pdf" in answers(office)[0]
    with pytest.raises(BadInput, match="subject, signer"):
        press(office)
    assert draft(office).used_at is None, "a press that fails leaves the link as good as before"
    press(office, subject="Báo cáo", signer="Lương Thị Ngân")
    assert office.task().status is TaskStatus.SUBMITTED
    with reading(office.engine) as session:
        result = session.exec(select(Result)).one()
        assert (result.number, result.document_date) == ("12/BC", date(2004, 6, 1))
        assert [one.filename for one in session.exec(select(Evidence))] == ["báo cáo.pdf"]


@pytest.mark.parametrize(
    ("text", "event", "table"),
    [
        ("Xin gia hạn đến 15/07: chờ góp ý", "extension_asked", Extension),
        ("Vướng mắc: thiếu kinh phí", "obstacle_raised", Obstacle),
        ("Tiến độ 60%: đang thẩm định", "progress", None),
    ],
)
def test_other_acts_are_done_by_the_press(office: Office, text: str, event: str, table: Any) -> None:
    answer(office, text)
    assert event not in history(office)
    press(office)
    assert history(office)[-1] == event
    if table is not None:
        with reading(office.engine) as session:
            assert session.exec(select(table)).one()


@pytest.mark.parametrize(
    ("text", "event"),
    [("Xin gia hạn đến 15/07: chờ góp ý", "extension_asked"), ("Vướng mắc: thiếu kinh phí", "obstacle_raised")],
)
def test_files_of_a_request_go_into_the_conversation_with_the_press(office: Office, text: str, event: str) -> None:
    taken = answer(office, text, files=FILE)
    assert taken.told == "" and said(office) == []
    office.tick(NINE)
    assert "báo cáo.pdf (đưa vào phần trao đổi của nhiệm vụ khi" in answers(office)[0]
    press(office)
    assert history(office)[-2:] == [event, "message"]
    with reading(office.engine) as session:
        assert [one.filename for one in session.exec(select(ConversationFile))] == ["báo cáo.pdf"]
        message = session.exec(select(ConversationMessage)).one()
        coordinator = read_principal(session, office.person(COORDINATOR), ON.date())
        read = open_conversation(session, coordinator, ON.date(), task_id=office.task().id)
        file = session.exec(select(ConversationFile.id)).one()
        assert open_message_file(session, read, file, office.settings)[1].read_bytes() == FILE["báo cáo.pdf"]
        stranger = read_principal(session, office.person("dinh.hoang.long"), ON.date())
        with pytest.raises(NotFound):
            open_conversation(session, stranger, ON.date(), task_id=office.task().id)
    assert message.came_by is MessageWay.MAIL and not message.is_for_all


def test_a_request_that_is_refused_posts_no_file(office: Office) -> None:
    answer(office, "Xin gia hạn đến 15/07: chờ góp ý", files=FILE)
    office.act(office.task(), "withdraw", COORDINATOR, NINE, note="không cần nữa")
    with pytest.raises(Refused):
        press(office)
    assert said(office) == [] and "extension_asked" not in history(office)


def test_a_conflict_is_told_and_nothing_half_done(office: Office) -> None:
    answer(office, "Đã tiếp nhận")
    with reading(office.engine) as session:
        seen = newest_history(session, office.task().id)
    office.act(office.task(), "set-date", COORDINATOR, at(1, hour=10), due=date(2004, 6, 20), note="sớm hơn")
    with pytest.raises(Conflict):
        press(office, now=at(1, hour=11), seen=seen)
    assert draft(office).used_at is None and office.task().status is TaskStatus.ASSIGNED
    press(office, now=at(1, hour=11))
    assert office.task().status is TaskStatus.ACCEPTED


def test_a_link_lapses_after_a_week(office: Office) -> None:
    answer(office, "Đã tiếp nhận")
    with pytest.raises(Refused, match="too old"):
        press(office, now=NINE + DRAFT_LASTS)
    office.tick(NINE + DRAFT_LASTS)
    assert replies(office)[0].state is ReplyState.LAPSED


def test_what_is_not_possible_is_refused_in_one_sentence(office: Office) -> None:
    office.act(office.task(), "accept", HEAD, at(1, hour=8, minute=30))
    taken = answer(office, "Đã tiếp nhận")
    assert (taken.state, taken.why) == (ReplyState.REFUSED, ReplyWhy.NO_RIGHT) and taken.told
    assert "chưa thực hiện được" in answers(office)[0] and history(office).count("accepted") == 1


def test_who_has_handed_the_office_over_may_no_more(office: Office) -> None:
    to = address(office)
    with transaction(office.engine) as session:
        person = session.exec(select(Person).where(Person.code == HEAD)).one()
        unit = session.exec(select(Unit).where(Unit.head_id == person.id)).one()
        unit.head_id = session.exec(select(Person.id).where(Person.code == OFFICER)).one()
        session.add(unit)
    taken = answer(office, "Đã tiếp nhận", to=to)
    assert (taken.state, taken.why) == (ReplyState.REFUSED, ReplyWhy.NO_RIGHT)


def test_a_stand_in_answers_their_own_letter(office: Office) -> None:
    with transaction(office.engine) as session:
        head, other = (session.exec(select(Person.id).where(Person.code == one)).one() for one in (HEAD, OFFICER))
        session.add(Absence(person_id=head, stand_in_id=other, starts_on=date(2004, 6, 1), ends_on=date(2004, 8, 1)))
    office.days(at(2), at(30))
    taken = answer(
        office, "Đã tiếp nhận", now=at(30, hour=9), sender=mail(office, OFFICER), to=address(office, OFFICER)
    )
    assert taken.state is ReplyState.WAITS
    press(office, now=at(30, hour=9))
    with reading(office.engine) as session:
        row = session.exec(select(History).where(History.event == "accepted")).one()
    assert row.relation == "stand_in"


# what is proved


def by_dkim(office: Office, text: str, look_up: LookUp, **more: Any) -> Reply:
    raw = signed(
        reply(address(office), text, sender=mail(office), **more).replace(b"\n", b"\r\n"),
        mail(office).rpartition("@")[2],
    )
    reader = open_reader(office.engine, office.settings, now=NINE, calendar=office.calendar)
    assert reader is not None
    reader.replies.look_up = look_up
    reader.keep_at_replies(raw)
    return replies(office)[-1]


def test_an_act_from_a_trusted_domain_is_done_at_once_and_told(office: Office) -> None:
    domain = mail(office).rpartition("@")[2]
    office.settings.replies = office.settings.replies.model_copy(update={"trusted_domains": (domain,)})
    taken = by_dkim(office, "Đã tiếp nhận", dns(domain))
    assert (taken.state, taken.proof) == (ReplyState.DONE, ReplyProof.DKIM)
    assert office.task().status is TaskStatus.ACCEPTED
    office.tick(NINE)
    assert "đã được thực hiện" in answers(office)[0]


def test_the_answer_to_an_act_done_at_once_says_where_its_files_are(office: Office) -> None:
    domain = mail(office).rpartition("@")[2]
    office.settings.replies = office.settings.replies.model_copy(update={"trusted_domains": (domain,)})
    taken = by_dkim(office, "Vướng mắc: thiếu kinh phí", dns(domain), files=FILE)
    assert (taken.state, taken.told) == (ReplyState.DONE, "tệp nằm trong phần trao đổi của nhiệm vụ: báo cáo.pdf")
    office.tick(NINE)
    assert "đã được thực hiện; tệp nằm trong phần trao đổi của nhiệm vụ: báo cáo.pdf." in answers(office)[0]
    assert history(office)[-2:] == ["obstacle_raised", "message"]


def test_a_trusted_domain_still_asks_where_something_is_missing(office: Office) -> None:
    domain = mail(office).rpartition("@")[2]
    office.settings.replies = office.settings.replies.model_copy(update={"trusted_domains": (domain,)})
    assert by_dkim(office, "Báo cáo kết quả", dns(domain)).state is ReplyState.WAITS


def test_an_act_of_a_proved_domain_that_is_not_trusted_waits(office: Office) -> None:
    taken = by_dkim(office, "Đã tiếp nhận", dns(mail(office).rpartition("@")[2]))
    assert (taken.state, taken.proof) == (ReplyState.WAITS, ReplyProof.DKIM)


# never acts


def nothing_happened(office: Office, taken: Reply, why: ReplyWhy) -> None:
    assert (taken.state, taken.why) == (ReplyState.ASIDE, why)
    assert office.task().status is TaskStatus.ASSIGNED
    with reading(office.engine) as session:
        assert session.exec(select(ReplyDraft)).all() == []


def test_a_forged_sender_does_nothing_and_the_reader_is_told_once(office: Office) -> None:
    for number in range(3):
        taken = answer(office, f"Đã tiếp nhận {number}", sender="evil@x.example")
        nothing_happened(office, taken, ReplyWhy.OTHER_SENDER)
    assert len(answers(office)) == 1 and "không phải từ địa chỉ đã đăng ký" in answers(office)[0]
    assert all(to != "evil@x.example" for to, _raw in office.sender.letters)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, ReplyWhy.AUTOMATIC),
        ({"Precedence": "bulk"}, ReplyWhy.LISTED),
        ({"List_Id": "<all.tct-t.example>"}, ReplyWhy.LISTED),
        ({"Return_Path": "<>"}, ReplyWhy.AUTOMATIC),
        ({"X_Dondoc_Return": "x"}, ReplyWhy.OWN),
    ],
)
def test_programs_and_lists_get_no_answer(office: Office, headers: dict[str, Any], why: ReplyWhy) -> None:
    nothing_happened(office, answer(office, "Đã tiếp nhận", **headers), why)
    assert answers(office) == []


@pytest.mark.parametrize(
    ("to", "why"), [("reply@mpt.example", ReplyWhy.NO_TOKEN), (f"reply+{'a' * 48}@mpt.example", ReplyWhy.FORGED)]
)
def test_without_a_token_of_ours_there_is_silence(office: Office, to: str, why: ReplyWhy) -> None:
    nothing_happened(office, answer(office, "Đã tiếp nhận", to=to), why)
    assert answers(office) == []


def test_another_persons_token_is_worth_nothing(office: Office) -> None:
    to = address(office)
    nothing_happened(
        office, answer(office, "Đã tiếp nhận", to=to, sender=mail(office, COORDINATOR)), ReplyWhy.OTHER_SENDER
    )
    assert answers(office, COORDINATOR) == []


def test_a_letter_of_long_ago_cannot_be_answered(office: Office) -> None:
    to = address(office)
    taken = answer(office, "Đã tiếp nhận", now=ON + timedelta(days=61), to=to)
    nothing_happened(office, taken, ReplyWhy.EXPIRED)
    assert "quá 60 ngày" in answers(office)[-1]


def test_the_same_message_twice_is_taken_once(office: Office) -> None:
    message = reply(address(office), "Tiến độ 60%", sender=mail(office))
    drop(office, message, message)
    office.tick(NINE)
    drop(office, message)
    office.tick(at(1, hour=10))
    assert len(replies(office)) == 1 and len(answers(office)) == 1


def test_the_same_words_under_another_id_are_a_replay(office: Office) -> None:
    answer(office, "Tiến độ 60%", message_id="<1@x.example>")
    taken = answer(office, "Tiến độ 60%", message_id="<2@x.example>")
    assert (taken.state, taken.why) == (ReplyState.ASIDE, ReplyWhy.REPEATED) and len(answers(office)) == 1
    later = answer(office, "Tiến độ 60%", message_id="<3@x.example>", sent="Wed, 02 Jun 2004 09:00:00 +0700")
    assert later.state is ReplyState.WAITS, "a person may say the same on another day"


def test_somebody_who_has_left_gets_silence(office: Office) -> None:
    to, sender = address(office), mail(office)
    office.change_person(HEAD, is_active=False)
    nothing_happened(office, answer(office, "Đã tiếp nhận", to=to, sender=sender), ReplyWhy.RETIRED)
    assert answers(office) == []


def test_a_changed_address_is_another_sender(office: Office) -> None:
    to, sender = address(office), mail(office)
    office.change_person(HEAD, email="new@tct-t.example")
    nothing_happened(office, answer(office, "Đã tiếp nhận", to=to, sender=sender), ReplyWhy.OTHER_SENDER)


@pytest.mark.parametrize(
    ("text", "more", "why", "told"),
    [
        ("> quoted", {}, ReplyWhy.EMPTY, "Không thấy nội dung"),
        ("x", {"files": {"a.pdf": b"%PDF-" + b"x" * LARGEST}}, ReplyWhy.TOO_LARGE, "lớn hơn 36 MB"),
    ],
    ids=["empty", "50 MB"],
)
def test_what_cannot_be_used_gets_one_sentence(
    office: Office, text: str, more: dict[str, Any], why: ReplyWhy, told: str
) -> None:
    nothing_happened(office, answer(office, text, **more), why)
    assert told in answers(office)[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", b"MZ"), ("a.docx", b"PK\x03\x04" + b"\0" * 2000), ("a.pdf", b"no pdf"), ("a.zip", b"PK\x03\x04")],
)
def test_files_that_uploads_refuse_are_left_out_and_named(office: Office, name: str, content: bytes) -> None:
    answer(office, "Báo cáo kết quả", files={name: content} | FILE)
    assert [one["filename"] for one in draft(office).files] == ["báo cáo.pdf"]
    assert "Không nhận: " in answers(office)[0] and name in answers(office)[0]


def test_the_files_in_a_winmail_belong_to_the_result(office: Office) -> None:
    answer(office, "Báo cáo kết quả số 7 ngày 01/06/2004", files={"winmail.dat": winmail(FILE)})
    assert [one["filename"] for one in draft(office).files] == ["báo cáo.pdf"]
    press(office, subject="Báo cáo", signer="Lương Thị Ngân")
    with reading(office.engine) as session:
        assert [one.filename for one in session.exec(select(Evidence))] == ["báo cáo.pdf"]


def test_a_winmail_that_does_not_open_is_named_to_the_sender(office: Office) -> None:
    answer(office, "Báo cáo kết quả số 7", files={"winmail.dat": b"broken"})
    assert draft(office).files == [] and "Không nhận: " in answers(office)[0] and "winmail.dat" in answers(office)[0]


def test_a_winmail_without_files_is_only_the_letters_form(office: Office) -> None:
    answer(office, "Đã tiếp nhận", files={"winmail.dat": winmail({})})
    assert draft(office).files == [] and "winmail" not in answers(office)[0]


def test_no_more_than_so_many_answers_a_day(office: Office) -> None:
    office.settings.replies = office.settings.replies.model_copy(update={"answers_per_day": 3})
    for number in range(5):
        answer(office, f"Tiến độ {number}%")
    assert len(answers(office)) == 3 and len(replies(office)) == 5
    answer(
        office, "Tiến độ 60%", now=at(3, hour=9), message_id="<later@x.example>", sent="Thu, 03 Jun 2004 09:00:00 +0700"
    )
    assert len(answers(office)) == 4


# digests


# the conversation


def said(office: Office) -> list[tuple[str, str]]:
    """Who wrote what, and how it came in."""
    with reading(office.engine) as session:
        rows = session.execute(
            columns(col(HistoryNote.text), col(ConversationMessage.came_by))
            .join(HistoryNote, col(HistoryNote.history_id) == col(ConversationMessage.history_id))
            .order_by(col(ConversationMessage.written_at))
        )
        return [(text, way.value) for text, way in rows]


def test_anything_else_is_a_message_and_is_added_by_a_press(office: Office) -> None:
    taken = answer(office, "Nhờ đồng chí cho biết mẫu báo cáo", files=FILE)
    assert (taken.state, taken.why) == (ReplyState.WAITS, ReplyWhy.UNPROVED) and said(office) == []
    assert "mẫu báo cáo" in answers(office)[0]
    press(office)
    assert said(office) == [("Nhờ đồng chí cho biết mẫu báo cáo", "mail")]
    assert replies(office)[0].state is ReplyState.POSTED
    with reading(office.engine) as session:
        assert [one.filename for one in session.exec(select(ConversationFile))] == ["báo cáo.pdf"]


def test_a_message_that_is_proved_is_added_at_once_in_silence(office: Office) -> None:
    taken = by_dkim(office, "Nhờ đồng chí cho biết mẫu", dns(mail(office).rpartition("@")[2]))
    assert taken.state is ReplyState.POSTED and said(office) == [("Nhờ đồng chí cho biết mẫu", "mail")]
    office.tick(NINE)
    assert answers(office) == []


def test_a_file_alone_is_a_message_with_its_name(office: Office) -> None:
    answer(office, "", files=FILE)
    press(office)
    assert said(office) == [("báo cáo.pdf", "mail")]


# what looks like an act, and two acts at once


def test_what_looks_like_an_act_is_a_comment_and_the_act_is_offered(office: Office) -> None:
    taken = by_dkim(office, "Dạ đã nhận được ạ", dns(mail(office).rpartition("@")[2]))
    assert (taken.state, taken.why) == (ReplyState.POSTED, ReplyWhy.NOT_CLEAR)
    assert said(office) == [("Dạ đã nhận được ạ", "mail")] and office.task().status is TaskStatus.ASSIGNED
    office.tick(NINE)
    (told,) = answers(office)
    assert "đã được ghi nhận là ý kiến trao đổi" in told and "Đề nghị: Tiếp nhận" in told and told.count("http") == 1
    press(office)
    assert office.task().status is TaskStatus.ACCEPTED and replies(office)[0].state is ReplyState.DONE
    assert len(said(office)) == 1


def test_without_proof_the_act_waits_and_may_be_made_a_comment(office: Office) -> None:
    taken = answer(office, "Vụ Kế hoạch xin gia hạn đến 15/07 vì chờ góp ý")
    assert (taken.state, taken.why, draft(office).action) == (ReplyState.WAITS, ReplyWhy.NOT_CLEAR, "ask-extension")
    assert draft(office).given["due"] == "2004-07-15" and said(office) == []
    press(office, as_comment=True)
    assert said(office) == [("Vụ Kế hoạch xin gia hạn đến 15/07 vì chờ góp ý", "mail")]
    assert replies(office)[0].state is ReplyState.POSTED and "extension_asked" not in history(office)
    with pytest.raises(Refused, match="used"):
        press(office)


def test_what_may_have_meant_something_impossible_is_only_a_comment(office: Office) -> None:
    office.act(office.task(), "accept", HEAD, at(1, hour=8, minute=30))
    taken = answer(office, "Dạ đã nhận được ạ")
    assert (taken.why, draft(office).action) == (ReplyWhy.UNPROVED, "message")


def test_of_two_acts_both_are_offered_in_letters_of_their_own(office: Office) -> None:
    answer(office, "Đã tiếp nhận.\nXin gia hạn đến 15/07: chờ góp ý", files=FILE)
    assert [one.why for one in replies(office)] == [ReplyWhy.TO_CONFIRM] * 2
    assert sorted(one.text for one in replies(office)) == ["Xin gia hạn đến 15/07: chờ góp ý", "Đã tiếp nhận"]
    with transaction(office.engine) as session:
        key = link_key(session)
        drafts = {one.action: one for one in session.exec(select(ReplyDraft))}
        assert drafts.keys() == {"accept", "ask-extension"}
        assert [one["filename"] for one in drafts["accept"].files] == ["báo cáo.pdf"]
        assert drafts["ask-extension"].files == []
        for one in (drafts["accept"], drafts["ask-extension"]):
            opened = open_draft(session, key, sign_draft(key, one.id))
            acting = ActorContext(session, opened.person, NINE, office.calendar, office.settings)
            confirm(acting, opened, dict(one.given), seen=newest_history(session, office.task().id))
    assert {"accepted", "extension_asked"} <= set(history(office))
    assert len(answers(office)) == 2


def test_an_act_that_is_possible_after_the_one_before_it_is_offered(office: Office) -> None:
    answer(office, "Đã tiếp nhận, tiến độ 60%")
    assert {one.state for one in replies(office)} == {ReplyState.WAITS}


def test_two_acts_delivered_twice_are_taken_once(office: Office) -> None:
    message = reply(address(office), "Đã tiếp nhận.\nTiến độ 60%", sender=mail(office))
    drop(office, message, message)
    office.tick(NINE)
    assert len(replies(office)) == 2 and len(answers(office)) == 2


def test_two_acts_of_a_trusted_domain_wait_for_their_presses(office: Office) -> None:
    domain = mail(office).rpartition("@")[2]
    office.settings.replies = office.settings.replies.model_copy(update={"trusted_domains": (domain,)})
    by_dkim(office, "Đã tiếp nhận.\nTiến độ 60%", dns(domain))
    assert {one.state for one in replies(office)} == {ReplyState.WAITS}


def test_words_of_a_false_charset_are_asked_about(office: Office) -> None:
    taken = by_dkim(office, "Nhờ cho biết mẫu".encode().decode("latin-1"), dns(mail(office).rpartition("@")[2]))
    assert (taken.state, taken.why) == (ReplyState.WAITS, ReplyWhy.NOT_CLEAR) and said(office) == []


def test_words_below_the_quotation_are_not_lost(office: Office) -> None:
    taken = answer(office, "Vào 1 thg 6, 2004 Đôn đốc đã viết:\n> Kính gửi\n> Ông B\n\nĐã tiếp nhận")
    assert (taken.why, taken.text) == (ReplyWhy.TO_CONFIRM, "Đã tiếp nhận")


# several tasks


@pytest.fixture
def several(office: Office) -> tuple[Office, str]:
    """Everything is given out: somebody heads a unit that got several tasks in one letter."""
    office.launch(on=at(3), override=True)
    office.tick(at(3))
    for to, raw in office.sender.letters:
        letter = message_from_bytes(raw, policy=policy.default)
        named = str(letter.get("X-Dondoc-Tasks", "")).split()
        if len(set(named)) == len(named) > 1 and "chủ trì" in str(letter["Subject"]):
            with reading(office.engine) as session:
                return office, session.exec(select(Person.code).where(Person.email == to)).one()
    raise AssertionError("nobody has several tasks")


def answer_as(several: tuple[Office, str], text: str, hour: int) -> Reply:
    office, who = several
    return answer(office, text, now=at(3, hour=hour), sender=mail(office, who), to=address(office, who))


def test_a_letter_with_several_tasks_asks_which_one(several: tuple[Office, str]) -> None:
    office, who = several
    assert "“#2 tiến độ 60%”" in body([one for one in office.sent(who) if one["Reply-To"]][-1])
    taken = answer_as(several, "Đã tiếp nhận", 9)
    assert (taken.state, taken.why, taken.task_id) == (ReplyState.WAITS, ReplyWhy.WHICH_TASK, None)
    (told,) = answers(office, who)
    asked = draft(office)
    assert told.count("/r/") == len(asked.task_ids) > 1 and "#2" in told
    with pytest.raises(NotFound):
        press(office, number=99, now=at(3, hour=10))
    press(office, number=2, now=at(3, hour=10))
    done = next(one for one in replies(office) if one.id == taken.id)
    assert done.task_id == UUID(hex=asked.task_ids[1]) and done.state is ReplyState.DONE
    with pytest.raises(Refused, match="used"):
        press(office, number=1, now=at(3, hour=11))


def test_a_reply_that_names_the_number_is_not_asked(several: tuple[Office, str]) -> None:
    taken = answer_as(several, "#2 đã tiếp nhận", 9)
    assert (taken.state, taken.why) == (ReplyState.WAITS, ReplyWhy.TO_CONFIRM)
    assert answer_as(several, "#77 đã tiếp nhận", 10).why is ReplyWhy.WHICH_TASK


# what is kept


def test_the_original_is_kept_with_what_came_of_it_and_goes_in_time(office: Office) -> None:
    taken = answer(office, "Đã tiếp nhận")
    path = evidence_path(office.settings.evidence, taken.original_sha256)
    assert b"multipart" in path.read_bytes() or b"text/plain" in path.read_bytes()
    office.settings.keep_replies_days = 30
    done = purge(office.engine, office.settings, now=NINE + timedelta(days=29))
    assert done.old_replies == 0 and path.is_file()
    assert purge(office.engine, office.settings, now=NINE + timedelta(days=31)).old_replies == 1
    assert replies(office)[0].original_sha256 == "" and replies(office)[0].text == "Đã tiếp nhận"


def test_what_strangers_send_fills_no_disk_and_goes(office: Office) -> None:
    answer(office, "x" * 1000, to="reply@mpt.example", sender="evil@x.example")
    assert replies(office)[0].original_sha256 == "" and not office.settings.evidence.exists()
    purge(office.engine, office.settings, now=NINE + timedelta(days=400))
    assert replies(office) == []


def test_after_a_restore_nothing_is_read(office: Office) -> None:
    with transaction(office.engine) as session:
        begin_send_hold(session, made_at=ON, restored_at=NINE, head=None)
    drop(office, reply(address(office), "Đã tiếp nhận", sender=mail(office)))
    assert read_mail(office.engine, office.settings, now=NINE, calendar=office.calendar).replies == 0
    assert replies(office) == []


def test_answers_are_withheld_from_everybody_else(office: Office) -> None:
    answer(office, "Đã tiếp nhận")
    (letter,) = [one for one in office.letters() if one.topic.startswith(REPLY_TOPIC)]
    assert letter.kind is LetterKind.ACCOUNT and office.content(letter) is None, "its link acts: it is forgotten"
