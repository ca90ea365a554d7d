"""Tasks whose clocks stand alike are decided once; the answer is what the ladder says of each by itself."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from models.database.ids import new_id
from models.directives.template import TemplateSpec
from models.tasks.task import Task, TaskStatus, WaitKind
from models.text.localtime import at_local, end_of_day
from workflows.escalation.task_facts import Decisions, anchor_of, ladder_facts
from workflows.operations.setup import BUNDLED
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import AlreadySent, Decision, LadderFacts, decide
from workflows.templates.packs import bundled_pack

CALENDAR = WorkCalendar()
ASSIGNED_AT = at_local(date(2004, 6, 1))
SPEC: TemplateSpec = next(one for one in bundled_pack(BUNDLED).templates if one.duty == "4")
VERSION = new_id()


def a_task(**changes: Any) -> Task:
    anchor, due = new_id(), end_of_day(date(2004, 6, 30))
    values: dict[str, Any] = {
        "template_version_id": VERSION,
        "status": TaskStatus.ACCEPTED,
        "assigned_at": ASSIGNED_AT,
        "assigned_anchor_id": anchor,
        "due_at": due,
        "due_set_at": ASSIGNED_AT,
        "due_anchor_id": anchor,
    }
    return Task(**(values | changes))


@pytest.mark.parametrize("days", [0, 2, 6, 20, 29, 30, 33, 60])
@pytest.mark.parametrize("status", [TaskStatus.ASSIGNED, TaskStatus.ACCEPTED, TaskStatus.SUBMITTED])
def test_many_at_once_are_decided_as_each_alone(days: int, status: TaskStatus) -> None:
    now = ASSIGNED_AT + timedelta(days=days)
    waiting = {"wait_kind": WaitKind.DECISION, "wait_since": ASSIGNED_AT, "wait_anchor_id": new_id()}
    decisions = Decisions(now, CALENDAR)
    for task in (a_task(status=status), a_task(status=status), a_task(status=status, **waiting), a_task(due_at=None)):
        first = decide(ladder_facts(task, SPEC), now=now, already_sent=frozenset(), calendar=CALENDAR).fired
        for already_sent in (frozenset(), frozenset((one.anchor, one.rung, one.offset, one.role) for one in first[:2])):
            alone = decide(ladder_facts(task, SPEC), now=now, already_sent=already_sent, calendar=CALENDAR)
            together = decisions.decide(task, SPEC, already_sent)
            own = tuple(replace(one, anchor=anchor_of(one.rung, task)) for one in together.fired)  # type: ignore[arg-type]
            assert (own, together.next_check_at) == (alone.fired, alone.next_check_at)


def test_what_was_told_of_an_earlier_date_does_not_silence_the_present_one() -> None:
    now = end_of_day(date(2004, 6, 29))
    task, decisions = a_task(), Decisions(now, CALENDAR)
    fired = decide(ladder_facts(task, SPEC), now=now, already_sent=frozenset(), calendar=CALENDAR).fired
    before = frozenset((new_id(), one.rung, one.offset, one.role) for one in fired)
    assert fired and len(decisions.decide(task, SPEC, before).fired) == len(fired)


def test_alike_is_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[LadderFacts] = []

    def counted(facts: LadderFacts, *, now: datetime, already_sent: AlreadySent, calendar: WorkCalendar) -> Decision:
        asked.append(facts)
        return decide(facts, now=now, already_sent=already_sent, calendar=calendar)

    monkeypatch.setattr("workflows.escalation.task_facts.decide", counted)
    decisions = Decisions(ASSIGNED_AT + timedelta(days=20), CALENDAR)
    for _turn in range(5):
        decisions.decide(a_task(), SPEC)
    decisions.decide(a_task(status=TaskStatus.ASSIGNED), SPEC)
    assert len(asked) == 2
