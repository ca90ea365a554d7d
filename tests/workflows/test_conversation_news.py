"""Who is told of a message: at once who is mentioned, the others by the next digest, nobody who has read it."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.template import TemplateVersion
from models.errors import Refused
from models.letters.letter import LetterKind, Notice, NoticeState
from models.letters.letter_preference import Pace
from models.organization.person import Absence, Person
from models.tasks.act_inputs import Publication
from models.tasks.task import Task
from models.text.localtime import local_date
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from tests.workflows.conversing import HEAD, OBSERVER, STRANGER, change, make_partner, say
from workflows.access.rights import read_principal
from workflows.channels.message_facts import find_link, read_message_facts
from workflows.jobs.simulate import RecordedSender
from workflows.tasks.conversation.conversation_access import open_conversation
from workflows.tasks.conversation.post import publish_answer
from workflows.tasks.conversation.read_marks import mark_read
from workflows.templates.draft import new_draft
from workflows.templates.publish import publish as publish_version
from workflows.worklists.notification_centre import list_notifications

WRITTEN = at(2, hour=10)
MORNING = at(3)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.tick(ON)
    office.tick(at(2))
    return office


@pytest.fixture
def task(office: Office) -> Task:
    return office.task()


def news(office: Office, person: str) -> list[str]:
    """What a person has been sent of conversations, in order."""
    with reading(office.engine) as session:
        rows = session.exec(
            select(Notice.rung)
            .join(Person, col(Person.id) == col(Notice.recipient_id))
            .where(Person.code == person, Notice.state == NoticeState.SENT, col(Notice.rung).startswith("event:"))
            .order_by(col(Notice.fired_at), col(Notice.id))
        )
        return list(rows)


def seen(office: Office, person: str, task: Task | None, upto: datetime) -> None:
    with transaction(office.engine) as session:
        day = local_date(upto)
        principal = read_principal(session, office.person(person), day)
        directive = office.task().directive_id
        found = open_conversation(session, principal, day, task_id=task.id if task else None, directive_id=directive)
        mark_read(session, found, upto)


def test_who_is_mentioned_hears_at_once_with_the_words(office: Office, task: Task) -> None:
    say(office, task, HEAD, WRITTEN, f"Nhờ @{COORDINATOR} xem giúp phụ lục 3")
    office.tick(WRITTEN)
    assert news(office, COORDINATOR) == ["event:mentioned"]
    letter = office.sent(COORDINATOR)[-1]
    assert "nhắc tên trong trao đổi" in str(letter["Subject"])
    assert f"{office.person(HEAD).full_name} nhắc tên người nhận thư" in body(letter)
    assert re.search(r"/v/[\w-]+\?at=conversation\b", body(letter)), "the link opens at the conversation"
    assert "xem giúp phụ lục 3" in body(letter) and "phụ lục" not in str(letter["Subject"])


def test_the_others_hear_with_the_next_digest_and_the_author_never(office: Office, task: Task) -> None:
    say(office, task, HEAD, WRITTEN, "số liệu quý II")
    office.tick(WRITTEN)
    assert news(office, COORDINATOR) == []
    office.tick(MORNING)
    assert (news(office, COORDINATOR), news(office, HEAD)) == (["event:message"], [])
    letter = office.sent(COORDINATOR)[-1]
    assert "số liệu quý II" in body(letter)
    with reading(office.engine) as session:
        (notice,) = session.exec(select(Notice).where(Notice.rung == "event:message")).all()
    assert (notice.kind, notice.slot) == (LetterKind.DIGEST, MORNING)


def test_the_coordinators_message_goes_to_the_unit(office: Office, task: Task) -> None:
    say(office, task, COORDINATOR, WRITTEN)
    office.tick(MORNING)
    assert (news(office, HEAD), news(office, COORDINATOR)) == (["event:message"], [])


def test_a_mention_at_night_waits_for_the_morning(office: Office, task: Task) -> None:
    say(office, task, HEAD, at(2, hour=22), mention=(OBSERVER,))
    office.tick(at(2, hour=22))
    assert news(office, OBSERVER) == []
    office.tick(MORNING)
    assert news(office, OBSERVER) == ["event:mentioned"]


def test_a_stand_in_hears_in_place_of_who_is_mentioned(office: Office, task: Task) -> None:
    coordinator, stand_in = office.person(COORDINATOR), office.person(OBSERVER)
    with transaction(office.engine) as session:
        day = local_date(WRITTEN)
        session.add(Absence(person_id=coordinator.id, stand_in_id=stand_in.id, starts_on=day, ends_on=day))
    say(office, task, HEAD, WRITTEN, mention=(COORDINATOR,))
    office.tick(WRITTEN)
    assert (news(office, OBSERVER), news(office, COORDINATOR)) == (["event:mentioned"], [])


def test_who_has_read_it_meanwhile_is_not_told(office: Office, task: Task) -> None:
    say(office, task, HEAD, WRITTEN)
    say(office, task, HEAD, WRITTEN + timedelta(minutes=5))
    seen(office, COORDINATOR, task, WRITTEN)
    office.tick(MORNING)
    assert news(office, COORDINATOR) == ["event:message"], "the second one is unread"
    with reading(office.engine) as session:
        dropped = session.exec(select(Notice).where(Notice.state == NoticeState.DROPPED)).all()
    assert [one.reason for one in dropped] == ["read"]


def test_who_reads_it_while_the_letter_is_being_written_is_not_told(office: Office, task: Task) -> None:
    say(office, task, HEAD, WRITTEN, mention=(COORDINATOR, OBSERVER))

    class ReadsMeanwhile(RecordedSender):
        """Whoever gets their letter second reads the message while the first one is sent."""

        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            for person in (COORDINATOR, OBSERVER):
                if office.person(person).email != to_address:
                    seen(office, person, task, WRITTEN)
            return super().send(to_address, content)

    office.tick(WRITTEN, ReadsMeanwhile())
    assert sorted([news(office, COORDINATOR), news(office, OBSERVER)]) == [[], ["event:mentioned"]]


def test_several_messages_of_one_conversation_are_one_item(office: Office, task: Task) -> None:
    for minute in range(4):
        say(office, task, HEAD, WRITTEN + timedelta(minutes=minute), f"tin số {minute}")
    office.tick(MORNING)
    text = body(office.sent(COORDINATOR)[-1])
    assert "tin số 3" in text and "tin số 0" not in text
    with reading(office.engine) as session:
        states = [one.state for one in session.exec(select(Notice).where(Notice.rung == "event:message")).all()]
    assert sorted(states) == [NoticeState.SENT] + [NoticeState.SUPERSEDED] * 3


def test_a_letter_that_has_not_left_says_the_changed_words(office: Office, task: Task) -> None:
    done = say(office, task, HEAD, WRITTEN, "bản cũ")
    change(office, HEAD, done.message_id, WRITTEN + timedelta(minutes=5), "bản mới")
    office.tick(MORNING)
    text = body(office.sent(COORDINATOR)[-1])
    assert "bản mới" in text and "bản cũ" not in text


def test_a_long_message_is_cut_in_its_letter(office: Office, task: Task) -> None:
    say(office, task, HEAD, WRITTEN, "dài " * 900)
    office.tick(MORNING)
    assert 400 < body(office.sent(COORDINATOR)[-1]).count("dài") * 4 < 700


def test_of_classified_work_a_letter_says_only_that_there_is_a_message(office: Office) -> None:
    office.launch("2", on=at(2, hour=8))
    office.tick(at(2, hour=9))
    one = office.task("2", "CTY-L")
    say(office, one, STRANGER, WRITTEN, f"@{COORDINATOR} nội dung không được ra thư")
    office.tick(WRITTEN)
    letter = office.sent(COORDINATOR)[-1]
    assert "nhắc tên trong trao đổi" in str(letter["Subject"])
    assert "không được ra thư" not in letter.as_string() + body(letter)


def test_after_the_task_is_closed_messages_are_told_still(office: Office, task: Task) -> None:
    office.submit(task, HEAD, at(2, hour=9))
    office.act(task, "approve", COORDINATOR, at(2, hour=9))
    say(office, task, COORDINATOR, WRITTEN, "cảm ơn")
    office.tick(MORNING)
    assert "event:message" in news(office, HEAD)


def publish(office: Office, message_id: Any, now: datetime, **given: Any) -> None:
    with transaction(office.engine) as session:
        publish_answer(
            office.acting(session, session.get_one(Person, office.person(COORDINATOR).id), now),
            Publication(**given),
            message_id=message_id,
        )


def test_a_question_its_answer_and_the_publication_are_told_to_whom_they_concern(office: Office) -> None:
    office.launch("3", on=at(2, hour=8))
    office.tick(at(2, hour=9))
    one, other = office.task("3", "CTY-L"), office.task("3", "CTY-M")
    asked = say(office, one, STRANGER, WRITTEN, "Mẫu nào?", question=True)
    office.tick(MORNING)
    assert news(office, COORDINATOR)[-1] == "event:question_asked"
    done = say(office, one, COORDINATOR, at(3, hour=9), "Mẫu 02", answers=asked.message_id)
    publish(office, done.message_id, at(3, hour=10))
    office.tick(at(4))
    assert news(office, STRANGER) == ["event:question_answered"]
    assert news(office, "ta.chi.thanh") == ["event:answer_published"]
    assert other.lead_unit_id != one.lead_unit_id


def test_of_a_directive_the_letter_speaks_of_no_task(office: Office) -> None:
    asked = say(office, None, HEAD, WRITTEN, "Có mẫu chung không?", question=True)
    office.tick(MORNING)
    assert news(office, COORDINATOR) == ["event:directive_question_asked"]
    letter = office.sent(COORDINATOR)[-1]
    text = body(letter)
    assert "/directives/ct-06-2004/conversation" in text and "toàn văn bản" in text.lower()
    assert "Có mẫu chung không" not in text
    with reading(office.engine) as session:
        of_it = [one for one in office.letters() if one.recipient_id == office.person(COORDINATOR).id][-1]
        facts = read_message_facts(session, of_it, "vi", MORNING)
        assert (facts.tasks, facts.duty_path, facts.unit) == (0, "", ""), "a telephone is told of no task either"
        assert find_link(session, of_it, "https://x.example") == "https://x.example/notifications"
        bell = list_notifications(session, of_it.recipient_id, MORNING).notifications[0]
        assert bell.told == "event:directive_question_asked@0" and bell.directive
        assert (bell.task_id, bell.duty_path, bell.unit, bell.due_at) == (None, "", "", None)
    say(office, None, COORDINATOR, at(3, hour=9), "Có", answers=asked.message_id, to_all=True)
    office.tick(at(4))
    assert news(office, HEAD) == ["event:directive_question_answered"]


def test_of_a_directive_the_letter_does_not_say_where_a_result_goes(office: Office, task: Task) -> None:
    with transaction(office.engine) as session:
        spec = session.get_one(TemplateVersion, task.template_version_id).read_spec()
        duty = session.get_one(Duty, task.duty_id)
        draft = new_draft(session, duty, spec.model_copy(update={"reports_to": "VP"}), now=WRITTEN)
        publish_version(session, draft.id, now=WRITTEN, migrate_open=True)
    office.choose(COORDINATOR, messages=Pace.TWO_HOURS)
    say(office, None, HEAD, WRITTEN, "Có mẫu chung không?", question=True)
    office.tick(at(2, hour=14))
    letter = office.sent(COORDINATOR)[-1]
    assert "toàn văn bản" in body(letter).lower()
    assert "Nơi nhận kết quả" not in body(letter)


def test_a_coordinating_units_head_hears_of_what_is_for_all_only(office: Office, task: Task) -> None:
    partner = make_partner(office, task)
    say(office, task, COORDINATOR, WRITTEN, "riêng chủ trì")
    say(office, task, COORDINATOR, WRITTEN + timedelta(minutes=1), "cho tất cả", to_all=True)
    office.tick(MORNING)
    assert news(office, partner) == ["event:message"]
    assert "riêng chủ trì" not in body(office.sent(partner)[-1])


def test_a_contact_of_an_outside_unit_gets_no_letter(office: Office, task: Task) -> None:
    partner = make_partner(office, task)
    office.change_unit("VU-BC", is_outside=True)
    asked = say(office, task, partner, WRITTEN, "hỏi", question=True)
    say(office, task, COORDINATOR, WRITTEN + timedelta(minutes=1), "đáp", answers=asked.message_id, to_all=True)
    with pytest.raises(Refused, match="cannot be mentioned"):
        say(office, task, COORDINATOR, WRITTEN, mention=(partner,), to_all=True)
    office.tick(MORNING)
    assert news(office, partner) == []
