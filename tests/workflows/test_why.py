"""Why a task stands where it stands: dates, rungs, letters and the rule behind each."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from models.database.ids import new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import Launch
from models.directives.template import (
    AudienceRule,
    RequiredResult,
    Selector,
    TemplateSpec,
    TemplateState,
    TemplateVersion,
)
from models.errors import NotFound
from models.letters.letter import Letter, LetterKind, LetterState, Notice, NoticeState
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.due_facts import WholeMovedUp, store_due_facts
from models.tasks.history import History, HistoryNote
from models.tasks.task import Task, TaskStatus, WaitKind
from models.text.localtime import at_local, end_of_day
from workflows.escalation.explanation import Explanation, RungState, explain_task
from workflows.escalation.explanation_words import explanation_json, write_rule
from workflows.rules.calendar.workdays import WorkCalendar

CALENDAR = WorkCalendar()
ASSIGNED = at_local(date(2004, 6, 1))  # a Tuesday, 08:00
DUE = date(2004, 6, 30)  # a Wednesday


def at(day: int, month: int = 6) -> datetime:
    return at_local(date(2004, month, day))


@dataclass
class Story:
    """One task of duty 2 with its head, and what a test lets happen to it."""

    session: Session
    task: Task
    head: Person

    def explain(self, now: datetime) -> Explanation:
        return explain_task(self.session, self.task.id, now=now, calendar=CALENDAR)

    def states(self, now: datetime) -> dict[tuple[str, int], RungState]:
        return {(rung.rung, rung.offset): rung.state for rung in self.explain(now).rungs}

    def happened(self, event: str, moment: datetime, note: str = "", /, **facts: Any) -> UUID:
        row = History(
            recorded_at=moment,
            occurred_on=moment.date(),
            directive_id=self.task.directive_id,
            task_id=self.task.id,
            event=event,
            actor_id=self.head.id,
            relation="head",
            facts=facts,
        )
        self.session.add(row)
        self.session.flush()
        if note:
            self.session.add(HistoryNote(history_id=row.id, salt="0", text=note))
        return row.id

    def notice(self, rung: str, offset: int, anchor: UUID | None, state: NoticeState, slot: datetime) -> Notice:
        notice = Notice(
            task_id=self.task.id,
            anchor_id=anchor or new_id(),
            rung=rung,
            offset=offset,
            role="head",
            recipient_id=self.head.id,
            fired_at=slot,
            slot=slot,
            kind=LetterKind.DIGEST,
            state=state,
        )
        self.session.add(notice)
        self.session.flush()
        return notice


def make_story(session: Session, due: date | None = DUE) -> Story:
    unit = Unit(code="TCT-T", name="Tổng công ty", name_folded="", sort_key="", kind=UnitKind.ENTERPRISE)
    head = Person(code="h", full_name="Phạm Văn Hùng", name_folded="", sort_key="")
    session.add_all([unit, head])
    session.flush()
    directive = Directive(
        code="ct06", issuer="Bộ", subject="s", text="", coordinating_unit_id=unit.id, issuer_office_id=unit.id
    )
    session.add(directive)
    session.flush()
    duty = Duty(
        directive_id=directive.id, path="2", position=0, kind=DutyKind.ONE_OFF, title="Phương án", quote="Phối hợp …"
    )
    launch = Launch(directive_id=directive.id, launched_at=ASSIGNED, assigner_unit_id=unit.id, coordinator_id=head.id)
    session.add_all([duty, launch])
    session.flush()
    spec = TemplateSpec(
        duty="2",
        title="Phương án",
        kind=DutyKind.ONE_OFF,
        quote="Phối hợp …",
        steps=("Xây dựng",),
        audience=AudienceRule(any=(Selector(kind=UnitKind.ENTERPRISE),)),
        result=RequiredResult(description="Phương án"),
    )
    version = TemplateVersion(
        duty_id=duty.id,
        version=1,
        state=TemplateState.PUBLISHED,
        spec=spec.model_dump(mode="json"),
        digest="0",
        created_at=ASSIGNED,
        published_at=ASSIGNED,
    )
    session.add(version)
    session.flush()
    anchor = new_id()
    due_at = end_of_day(due) if due else None
    task = Task(
        directive_id=directive.id,
        duty_id=duty.id,
        launch_id=launch.id,
        template_version_id=version.id,
        assigned_unit_id=unit.id,
        lead_unit_id=unit.id,
        occurrence="once",
        assigner_unit_id=unit.id,
        coordinator_id=head.id,
        assigned_at=ASSIGNED,
        assigned_anchor_id=anchor,
        due_at=due_at,
        original_due_at=due_at,
        due_set_at=ASSIGNED if due else None,
        due_anchor_id=anchor if due else None,
    )
    session.add(task)
    session.flush()
    story = Story(session, task, head)
    story.happened("assigned", ASSIGNED, due_on=due and due.isoformat())
    return story


@pytest.fixture
def story(session: Session) -> Story:
    return make_story(session)


def test_every_rung_has_its_moment(story: Story) -> None:
    moments = {(rung.rung, rung.offset): rung.fires_at for rung in story.explain(at(2)).rungs}
    assert moments[("assigned", 0)] == ASSIGNED
    assert moments[("not_accepted", 2)] == at(3)
    assert moments[("due_soon", -1)] == at(29)
    assert moments[("overdue", 4)] == at(6, 7), "four working days after Wednesday 30 June, over a weekend"
    assert len(moments) == 12


def test_rungs_to_come(story: Story) -> None:
    assert story.states(at(2))[("overdue", 1)] is RungState.TO_COME


def test_rungs_of_a_task_without_a_date(session: Session) -> None:
    states = make_story(session, None).states(at(2))
    assert states[("overdue", 1)] is RungState.NO_DATE
    assert states[("not_accepted", 2)] is RungState.TO_COME


@pytest.mark.parametrize(
    ("notice", "told"),
    [
        (NoticeState.SENT, RungState.TOLD),
        (NoticeState.PENDING, RungState.ON_ITS_WAY),
        (NoticeState.SUPERSEDED, RungState.SUPERSEDED),
        (NoticeState.DROPPED, RungState.DROPPED),
        (NoticeState.FAILED, RungState.FAILED),
    ],
)
def test_a_rung_says_what_became_of_its_notices(story: Story, notice: NoticeState, told: RungState) -> None:
    story.notice("due_soon", -7, story.task.due_anchor_id, notice, at(21))
    assert story.states(at(22))[("due_soon", -7)] is told


def test_rungs_already_past_at_assignment_are_not_applicable(session: Session) -> None:
    story = make_story(session, date(2004, 6, 4))
    states = story.states(at(1) + timedelta(hours=1))
    assert states[("due_soon", -7)] is RungState.NOT_APPLICABLE
    assert states[("due_soon", -1)] is RungState.TO_COME
    assert states[("assigned", 0)] is not RungState.NOT_APPLICABLE


def test_waiting_silences_the_units_own_rungs_and_only_those(session: Session, story: Story) -> None:
    story.happened("obstacle_raised", at(18))
    story.task.status, story.task.wait_kind, story.task.wait_since = TaskStatus.ACCEPTED, WaitKind.OBSTACLE, at(18)
    session.flush()
    states = story.states(at(30, 7))
    assert states[("due_soon", -3)] is RungState.SILENCED
    assert states[("overdue", 1)] is RungState.TO_COME, "the coordinator is still told"
    assert states[("to_issuer", 22)] is RungState.TO_COME


def test_a_rung_that_fired_during_a_wait_stays_silenced_after_the_answer(session: Session, story: Story) -> None:
    story.happened("obstacle_raised", at(18))
    story.happened("obstacle_answered", at(23))
    story.task.status = TaskStatus.ACCEPTED
    session.flush()
    states = story.states(at(28))
    assert states[("due_soon", -7)] is RungState.SILENCED
    assert states[("due_soon", -1)] is RungState.TO_COME


def test_an_accepted_task_is_not_pressed_to_accept(session: Session, story: Story) -> None:
    story.task.status, story.task.accepted_at = TaskStatus.ACCEPTED, at(2)
    session.flush()
    assert story.states(at(2))[("not_accepted", 4)] is RungState.NOT_TRUE


def test_nothing_more_comes_once_a_task_is_done(session: Session, story: Story) -> None:
    story.task.status, story.task.closed_at = TaskStatus.APPROVED, at(10)
    session.flush()
    states = story.states(at(11))
    assert RungState.TO_COME not in states.values()
    assert states[("overdue", 1)] is RungState.NOT_TRUE


def test_the_dates_and_why_each_moved(session: Session, story: Story) -> None:
    story.happened("due_moved", at(20), "Chờ ý kiến Bộ Công an", due_on="2004-07-15", **{"from": "2004-06-30"})
    story.task.due_at = end_of_day(date(2004, 7, 15))
    session.flush()
    told = story.explain(at(21))
    assert (told.original_due_on, told.due_on) == (DUE, date(2004, 7, 15))
    first, second = told.dates
    assert (first.previous, first.due_on) == (None, DUE)
    assert (second.previous, second.due_on, second.reason) == (DUE, date(2004, 7, 15), "Chờ ý kiến Bộ Công an")
    assert second.actor == "Phạm Văn Hùng"


SENTENCE = "15 ngày kể từ ngày ký 15/06/2004"


@pytest.mark.parametrize(("language", "moved"), [("vi", "thời hạn của nhiệm vụ"), ("en", "The deadline of the task")])
def test_facts_are_told_in_the_readers_language_and_a_kept_sentence_as_it_is(
    session: Session, story: Story, language: str, moved: str
) -> None:
    facts = store_due_facts([WholeMovedUp()])
    story.happened("due_moved", at(19), due_on="2004-07-20", due_reason=SENTENCE)
    story.happened("due_moved", at(20), "Thông báo 15", due_on="2004-07-15", due_facts=facts)
    story.task.due_facts = facts
    session.flush()
    told = explanation_json(story.explain(at(21)), language)
    assert [one["reason"] for one in told["dates"]][:2] == ["", SENTENCE]
    assert told["dates"][2]["reason"].casefold().startswith(moved.casefold())
    assert told["dates"][2]["reason"].endswith(" (Thông báo 15)")
    assert told["due_reason"].casefold().startswith(moved.casefold()) and told["due_facts"] == facts


def test_letters_of_an_earlier_date_and_events_stand_apart(story: Story) -> None:
    story.notice("overdue", 1, new_id(), NoticeState.SENT, at(10))
    story.notice("event:returned", 0, new_id(), NoticeState.SENT, at(11))
    told = story.explain(at(12))
    assert [line.rung for line in told.other_letters] == ["overdue", "event:returned"]
    assert told.rungs[7].state is RungState.TO_COME


def test_a_new_lead_is_told_of_the_assignment_by_the_change_of_lead(session: Session, story: Story) -> None:
    story.task.assigned_anchor_id = story.happened("lead_changed", at(7))
    session.flush()
    story.notice("event:lead_changed", 0, story.task.assigned_anchor_id, NoticeState.SENT, at(7))
    assert story.states(at(8))[("assigned", 0)] is RungState.TOLD


def test_each_letter_names_its_recipient_its_moment_and_what_became_of_it(session: Session, story: Story) -> None:
    letter = Letter(
        recipient_id=story.head.id,
        slot=at(3),
        kind=LetterKind.DIGEST,
        state=LetterState.UNCERTAIN,
        not_before=at(3),
        message_id="<a@b.example>",
        address="h@tct-t.example",
    )
    session.add(letter)
    session.flush()
    story.notice("not_accepted", 2, story.task.assigned_anchor_id, NoticeState.PENDING, at(3)).letter_id = letter.id
    session.flush()
    (line,) = story.explain(at(4)).rungs[1].letters
    assert (line.recipient, line.role, line.slot) == ("Phạm Văn Hùng", "head", at(3))
    assert (line.letter_state, line.letter_id) == ("uncertain", letter.id)


def test_the_rule_behind_a_rung_names_the_template_and_its_version(story: Story) -> None:
    told = story.explain(at(2))
    lines = {(line.rung, line.offset): line for line in told.rungs}
    assert write_rule(told, lines["overdue", 4], "en") == (
        "rung “overdue” 4 working days after the deadline, by the workflow template of duty 2, version 1"
    )
    assert "04 " in write_rule(told, lines["overdue", 4], "vi")
    assert write_rule(told, lines["due_soon", -7], "en").startswith(
        "rung “due soon” 7 working days before the deadline"
    )
    returned = replace(lines["overdue", 4], rung="event:returned", offset=0)
    assert "returned" in write_rule(told, returned, "en")


def test_the_json_carries_every_rule_in_words(story: Story) -> None:
    story.notice("due_soon", -7, story.task.due_anchor_id, NoticeState.SENT, at(21))
    told = explanation_json(story.explain(at(22)), "en")
    assert told["duty"] == "2"
    assert told["due_on"] == "2004-06-30"
    assert all(rung["rule"] for rung in told["rungs"])
    assert told["rungs"][3]["letters"][0]["rule"] == told["rungs"][3]["rule"]


def test_an_unknown_task_is_said_to_be_unknown(session: Session) -> None:
    with pytest.raises(NotFound, match="no such task"):
        explain_task(session, new_id(), now=ASSIGNED, calendar=CALENDAR)
