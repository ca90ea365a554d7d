"""Messages on a task: who writes and reads them, what they keep, how they are changed."""

from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Directive
from models.errors import BadInput, NotFound, Refused
from models.organization.person import Absence, Person
from models.tasks.conversation import ConversationFile, ConversationMention, ConversationMessage, MessageWay
from models.tasks.evidence_files import GivenFile
from models.tasks.history import RECORDED, History, HistoryNote
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.office import COORDINATOR, ON, Office, at, furnish
from tests.workflows.conversing import HEAD, OBSERVER, STRANGER, change, make_partner, say
from workflows.access.rights import Forbidden, read_principal
from workflows.history.seal import seal
from workflows.history.verify_history import verify
from workflows.tasks.conversation.conversation_access import find_message, open_conversation
from workflows.tasks.conversation.conversation_view import ConversationPage, open_message_file, read_conversation
from workflows.tasks.conversation.read_marks import mark_read


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The office, with one task of item 4 given out and told."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.tick(ON)
    return office


@pytest.fixture
def task(office: Office) -> Task:
    return office.task()


def read(office: Office, task: Task | None, by: str, now: datetime, **more: Any) -> ConversationPage:
    with reading(office.engine) as session:
        day = local_date(now)
        principal = read_principal(session, office.person(by), day)
        directive = session.exec(select(Directive.id)).one()
        found = open_conversation(session, principal, day, task_id=task.id if task else None, directive_id=directive)
        return read_conversation(session, found, now=now, **more)


def texts(office: Office, task: Task | None, by: str, now: datetime) -> list[str | None]:
    return [line.text for line in read(office, task, by, now).lines]


def opened(office: Office, task: Task, by: str, now: datetime) -> list[str | None]:
    """The words of the messages that somebody may open one by one."""
    found: list[str | None] = []
    with reading(office.engine) as session:
        day = local_date(now)
        conversation = open_conversation(session, read_principal(session, office.person(by), day), day, task_id=task.id)
        for row in session.exec(select(ConversationMessage).order_by(col(ConversationMessage.written_at))).all():
            with suppress(NotFound):
                find_message(session, conversation, row.id)
                found.append(session.get_one(HistoryNote, row.history_id).text)
    return found


def test_the_words_lie_beside_a_line_of_the_history(office: Office, task: Task) -> None:
    done = say(office, task, HEAD, at(2, hour=9), "Đề nghị hướng dẫn mẫu biểu", quote=True)
    with reading(office.engine) as session:
        row = session.exec(select(ConversationMessage)).one()
        line = session.get_one(History, done.history_id)
        note = session.get_one(HistoryNote, done.history_id)
    assert (line.event, line.task_id, line.relation) == ("message", task.id, "head")
    assert line.facts == {"message": row.id.hex}
    assert note.text == "Đề nghị hướng dẫn mẫu biểu"
    assert (row.history_id, row.quotes_duty, row.came_by) == (line.id, True, MessageWay.SITE)
    assert row.unit_id == task.lead_unit_id


def test_a_message_leaves_the_task_as_it_is(office: Office, task: Task) -> None:
    before = office.task()
    say(office, task, COORDINATOR, at(2, hour=9))
    assert office.task() == before


def test_who_sees_the_task_whole_writes_and_reads_in_order(office: Office, task: Task) -> None:
    for number, by in enumerate((HEAD, COORDINATOR)):
        say(office, task, by, at(2, hour=9, minute=number), by)
    for by in (HEAD, COORDINATOR, OBSERVER):
        assert texts(office, task, by, at(2, hour=10)) == [HEAD, COORDINATOR]


def test_to_a_stranger_there_is_no_such_task(office: Office, task: Task) -> None:
    office.launch("2")
    say(office, task, HEAD, at(2, hour=9))
    with pytest.raises(NotFound):
        say(office, task, STRANGER, at(2, hour=9))
    with pytest.raises(NotFound):
        read(office, task, STRANGER, at(2, hour=9))


def test_the_retired_write_nothing(office: Office, task: Task) -> None:
    office.change_person(HEAD, is_active=False)
    with pytest.raises(Forbidden):
        say(office, task, HEAD, at(2, hour=9))


def test_a_stand_in_writes_and_reads_in_the_heads_place(office: Office, task: Task) -> None:
    head, stand_in = office.person(HEAD), office.person(STRANGER)
    with transaction(office.engine) as session:
        session.add(
            Absence(person_id=head.id, stand_in_id=stand_in.id, starts_on=local_date(at(2)), ends_on=local_date(at(4)))
        )
    say(office, task, STRANGER, at(3, hour=9), "thay thủ trưởng")
    with reading(office.engine) as session:
        line = session.exec(select(History).where(History.event == "message")).one()
        row = session.exec(select(ConversationMessage)).one()
    assert (line.relation, line.actor_id, row.unit_id) == ("stand_in", stand_in.id, task.lead_unit_id)
    with pytest.raises(NotFound):
        read(office, task, STRANGER, at(5, hour=9))


def test_a_coordinating_unit_sees_its_own_the_answers_to_it_and_what_is_for_all(office: Office, task: Task) -> None:
    partner = make_partner(office, task)
    other = make_partner(office, task, "VNNIC")
    say(office, task, HEAD, at(2, hour=9), "chỉ chủ trì")
    asked = say(office, task, partner, at(2, hour=10), "hỏi", question=True)
    say(office, task, COORDINATOR, at(2, hour=11), "đáp", answers=asked.message_id)
    say(office, task, COORDINATOR, at(2, hour=12), "cho tất cả", to_all=True)
    assert texts(office, task, partner, at(3)) == ["hỏi", "đáp", "cho tất cả"]
    assert texts(office, task, other, at(3)) == ["cho tất cả"]
    assert texts(office, task, HEAD, at(3)) == ["chỉ chủ trì", "hỏi", "đáp", "cho tất cả"]
    for reader in (partner, other, HEAD):
        assert opened(office, task, reader, at(3)) == texts(office, task, reader, at(3))


def test_a_coordinating_unit_writes_to_nobody_but_those_who_see_the_whole(office: Office, task: Task) -> None:
    partner = make_partner(office, task)
    with pytest.raises(Refused, match="for all units"):
        say(office, task, partner, at(2, hour=9), to_all=True)


def test_mentions_come_from_the_field_and_from_the_text(office: Office, task: Task) -> None:
    say(office, task, HEAD, at(2, hour=9), f"@{COORDINATOR}, gửi tới a@vnpt.vn, @khong.co.ai", mention=(OBSERVER, HEAD))
    with reading(office.engine) as session:
        called = {
            session.get_one(Person, one.person_id).code for one in session.exec(select(ConversationMention)).all()
        }
    assert called == {COORDINATOR, OBSERVER}


@pytest.mark.parametrize(
    "given",
    [{"text": "Nhờ @{name}, xem giúp"}, {"text": "Nhờ @{name}", "mention": ("{name}",)}, {"mention": ("{name}",)}],
)
def test_a_full_name_mentions_who_is_offered_and_has_it_alone(office: Office, task: Task, given: Any) -> None:
    name = office.person(COORDINATOR).full_name
    filled: dict[str, Any] = {
        key: value.format(name=name) if isinstance(value, str) else (name,) for key, value in given.items()
    }
    said = say(office, task, HEAD, at(2, hour=9), **filled)
    with reading(office.engine) as session:
        mentioned = session.exec(select(ConversationMention.person_id)).all()
    assert mentioned == [office.person(COORDINATOR).id]
    assert said.is_new


def test_a_shorter_name_within_a_longer_one_mentions_nobody_else(office: Office, task: Task) -> None:
    name = office.person(COORDINATOR).full_name
    say(office, task, HEAD, at(2, hour=9), f"Nhờ @{name}ường xem, và a@{name}")
    with reading(office.engine) as session:
        assert session.exec(select(ConversationMention)).all() == []


def test_who_may_not_see_it_is_not_mentioned_and_the_sentence_says_who_may(office: Office, task: Task) -> None:
    stranger, coordinator = office.person(STRANGER), office.person(COORDINATOR)
    for given in ({"mention": (STRANGER,)}, {"text": f"nhờ @{STRANGER} xem"}):
        with pytest.raises(Refused) as refused:
            say(office, task, HEAD, at(2, hour=9), **given)
        told = refused.value.tell("en")
        assert stranger.full_name in told and f"{coordinator.full_name} ({COORDINATOR})" in told
    with reading(office.engine) as session:
        assert session.exec(select(ConversationMessage)).all() == []
        assert session.exec(select(History).where(History.event == "message")).all() == []


def test_a_coordinating_unit_is_mentioned_only_in_what_it_reads(office: Office, task: Task) -> None:
    partner = make_partner(office, task)
    with pytest.raises(Refused, match="may not read this message"):
        say(office, task, HEAD, at(2, hour=9), mention=(partner,))
    say(office, task, HEAD, at(2, hour=9), mention=(partner,), to_all=True)


def test_an_unknown_code_in_the_field_is_named(office: Office, task: Task) -> None:
    with pytest.raises(NotFound, match=r"khong\.co"):
        say(office, task, HEAD, at(2, hour=9), mention=("khong.co",))


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_message_has_one_to_four_thousand_characters(office: Office, task: Task, text: str) -> None:
    with pytest.raises(BadInput, match="text of the message"):
        say(office, task, HEAD, at(2, hour=9), text)


def test_the_same_id_writes_one_message(office: Office, task: Task) -> None:
    known = uuid4()
    first = say(office, task, HEAD, at(2, hour=9), message_id=known)
    again = say(office, task, HEAD, at(2, hour=10), message_id=known)
    assert (again.message_id, again.history_id, again.is_new) == (first.message_id, first.history_id, False)
    with pytest.raises(Refused, match="used already"):
        say(office, task, COORDINATOR, at(2, hour=10), message_id=known)
    assert len(texts(office, task, HEAD, at(3))) == 1


def test_its_author_changes_it_for_ten_minutes(office: Office, task: Task) -> None:
    done = say(office, task, HEAD, at(2, hour=9), "sai")
    changed = change(office, HEAD, done.message_id, at(2, hour=9, minute=10), "đúng")
    (line,) = read(office, task, COORDINATOR, at(2, hour=10)).lines
    assert (line.text, line.row.edited_at) == ("đúng", at(2, hour=9, minute=10))
    with reading(office.engine) as session:
        lines = session.exec(select(History).where(col(History.event).startswith("message")).order_by(*RECORDED)).all()
        words = [session.get_one(HistoryNote, one.id).text for one in lines]
    assert [one.event for one in lines] == ["message", "message_edited"] and words == ["sai", "đúng"]
    assert lines[1].id == changed.history_id
    with pytest.raises(Refused, match="10 minutes"):
        change(office, HEAD, done.message_id, at(2, hour=9, minute=10) + timedelta(seconds=1))


def test_nobody_changes_the_message_of_another(office: Office, task: Task) -> None:
    done = say(office, task, HEAD, at(2, hour=9))
    with pytest.raises(Refused, match="by the person who wrote it"):
        change(office, COORDINATOR, done.message_id, at(2, hour=9, minute=1))
    with pytest.raises(NotFound):
        change(office, STRANGER, done.message_id, at(2, hour=9, minute=1))
    with pytest.raises(NotFound):
        change(office, HEAD, uuid4(), at(2, hour=9, minute=1))


def test_files_are_handed_to_those_who_read_the_message(office: Office, task: Task) -> None:
    partner = make_partner(office, task)
    say(office, task, HEAD, at(2, hour=9), file=(GivenFile("bảng kê.txt", lambda: BytesIO("số liệu".encode())),))
    with reading(office.engine) as session:
        file = session.exec(select(ConversationFile)).one()
        assert file.filename == "bảng kê.txt"
        for by, may in ((HEAD, True), (COORDINATOR, True), (partner, False)):
            principal = read_principal(session, office.person(by), local_date(at(3)))
            found = open_conversation(session, principal, local_date(at(3)), task_id=task.id)
            if may:
                _file, path = open_message_file(session, found, file.id, office.settings)
                assert path.read_text("utf-8") == "số liệu"
            else:
                with pytest.raises(NotFound):
                    open_message_file(session, found, file.id, office.settings)


def test_no_file_comes_with_a_message_about_classified_work(office: Office) -> None:
    office.launch("2", on=at(2))
    one = office.task("2", "CTY-L")
    given = (GivenFile("a.txt", lambda: BytesIO(b"a")),)
    with pytest.raises(Refused, match="classified mail"):
        say(office, one, "dinh.hoang.long", at(2, hour=9), file=given)
    assert not any(office.settings.evidence.glob("*/*"))


def test_reading_is_marked_and_never_goes_back(office: Office, task: Task) -> None:
    say(office, task, COORDINATOR, at(2, hour=9))
    say(office, task, COORDINATOR, at(2, hour=10))

    def unread() -> int:
        return read(office, task, HEAD, at(2)).unread

    def mark(upto: datetime) -> bool:
        with transaction(office.engine) as session:
            principal = read_principal(session, office.person(HEAD), local_date(at(2)))
            found = open_conversation(session, principal, local_date(at(2)), task_id=task.id)
            return mark_read(session, found, upto)

    assert unread() == 2
    assert mark(at(2, hour=9)) and unread() == 1
    assert mark(at(2, hour=10)) and unread() == 0
    assert not mark(at(2, hour=9)) and unread() == 0
    assert read(office, task, COORDINATOR, at(2, hour=11)).unread == 0, "one's own messages are read"


def test_older_messages_are_on_the_page_before(office: Office, task: Task) -> None:
    for number in range(5):
        say(office, task, HEAD, at(2, hour=9, minute=number), str(number))
    newest = read(office, task, COORDINATOR, at(3), most=2)
    assert [line.text for line in newest.lines] == ["3", "4"] and newest.has_earlier
    older = read(office, task, COORDINATOR, at(3), most=3, before=newest.lines[0].row.id)
    assert [line.text for line in older.lines] == ["0", "1", "2"] and not older.has_earlier
    with pytest.raises(NotFound):
        read(office, task, COORDINATOR, at(3), before=uuid4())


def test_the_history_with_its_messages_is_whole_also_when_words_are_erased(office: Office, task: Task) -> None:
    say(office, task, HEAD, at(2, hour=9), "lời của tôi")
    say(office, task, COORDINATOR, at(2, hour=10), "lời khác")
    seal(office.engine, now=at(3))
    with transaction(office.engine) as session:
        mine = select(History.id).where(History.actor_id == office.person(HEAD).id)
        for note in session.exec(select(HistoryNote).where(col(HistoryNote.history_id).in_(mine))).all():
            session.delete(note)
    assert verify(office.engine).broken is None
    assert texts(office, task, COORDINATOR, at(3)) == [None, "lời khác"]


def test_a_changed_word_of_a_message_breaks_the_seal(office: Office, task: Task) -> None:
    done = say(office, task, HEAD, at(2, hour=9), "lời của tôi")
    seal(office.engine, now=at(3))
    with transaction(office.engine) as session:
        session.execute(update(HistoryNote).where(col(HistoryNote.history_id) == done.history_id).values(text="khác"))
    assert verify(office.engine).broken is not None
