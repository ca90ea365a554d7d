"""A ladder's real dates are those at which the engine itself would speak."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import DutyKind
from models.directives.ladders import LadderSpec, RecipientRole, RungName, RungSpec
from models.directives.template import AudienceRule, HoursDeadline, RequiredResult, Selector, TemplateSpec
from models.organization.calendar import DayKind
from models.organization.person import PersonRole, Role
from models.organization.unit import UnitKind
from models.tasks.task import TaskStatus
from models.text.localtime import at_local, end_of_day, local_date
from tests.office import furnish
from workflows.escalation.ladder_dates import ladder_dates
from workflows.organization.working_calendar import load_calendar
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import LadderFacts, decide
from workflows.tasks.edit_calendar import edit_calendar

HOLIDAYS = WorkCalendar({date(2004, 6, 25): DayKind.OFF, date(2004, 6, 26): DayKind.WORKING})
ASSIGNED = at_local(date(2004, 6, 1), time(14, 30))


def template(**more: object) -> TemplateSpec:
    return TemplateSpec.model_validate(
        {
            "duty": "4",
            "title": "Nghiên cứu cơ chế miễn, giảm giá cước",
            "kind": DutyKind.ONE_OFF,
            "quote": "…",
            "steps": ("nghiên cứu",),
            "audience": AudienceRule(any=(Selector(kind=UnitKind.ENTERPRISE),)),
            "result": RequiredResult(description="báo cáo"),
        }
        | more
    )


def contingency(hours: int = 24) -> TemplateSpec:
    return template(kind=DutyKind.CONTINGENCY, deadline=HoursDeadline(hours=hours), ladder="contingency")


def as_the_engine_fires(
    spec: TemplateSpec, assigned_at: datetime, due_at: datetime | None, calendar: WorkCalendar
) -> set[tuple[str, int, datetime, str]]:
    """Every rung that `decide` tells or supersedes while nobody acts, looked at whenever it asks to be."""
    facts = LadderFacts(
        status=TaskStatus.ASSIGNED,
        assigned_at=assigned_at,
        assigned_anchor=new_id(),
        due_at=due_at,
        due_set_at=assigned_at if due_at else None,
        due_anchor=new_id() if due_at else None,
        wait_kind=None,
        wait_since=None,
        wait_anchor=None,
        ladder=spec.rungs,
    )
    fired: set[tuple[str, int, datetime, str]] = set()
    already_sent: set[tuple[UUID, str, int, str]] = set()
    moment = assigned_at
    while True:
        decision = decide(facts, now=moment, already_sent=frozenset(already_sent), calendar=calendar)
        fired |= {(one.rung, one.offset, one.fired_at, one.role) for one in decision.fired}
        already_sent |= {(one.anchor, one.rung, one.offset, one.role) for one in decision.fired}
        if decision.next_check_at is None:
            return fired
        moment = decision.next_check_at


@pytest.mark.parametrize(
    ("spec", "due_at"),
    [
        (template(), end_of_day(date(2004, 6, 30))),
        (template(), end_of_day(date(2004, 6, 3))),
        (template(), end_of_day(date(2004, 5, 20))),
        (template(), None),
        (contingency(), ASSIGNED + timedelta(hours=24)),
        (contingency(1), ASSIGNED + timedelta(hours=1)),
        (template(ladder=LadderSpec(rungs=(RungSpec(rung=RungName.DUE, at=0, to=(RecipientRole.HEAD,)),))), None),
    ],
    ids=["a month", "two days", "past already", "no deadline", "a day by the hour", "an hour", "one rung, no date"],
)
@pytest.mark.parametrize("calendar", [WorkCalendar(), HOLIDAYS], ids=["plain", "edited"])
def test_the_dates_are_those_at_which_the_engine_fires(
    spec: TemplateSpec, due_at: datetime | None, calendar: WorkCalendar
) -> None:
    already_sent = ladder_dates(spec, assigned_at=ASSIGNED, due_at=due_at, calendar=calendar)
    drawn = {
        (rung.rung, rung.offset, rung.fires_at, role.value)
        for rung in already_sent.rungs
        if rung.is_applicable and rung.rung != RungName.ASSIGNED
        for role in rung.roles
    }
    assert drawn == as_the_engine_fires(spec, ASSIGNED, due_at, calendar)


def test_rungs_stand_in_the_order_in_which_they_fire() -> None:
    already_sent = ladder_dates(
        template(), assigned_at=ASSIGNED, due_at=end_of_day(date(2004, 6, 10)), calendar=WorkCalendar()
    )
    assert [(rung.rung, rung.offset, rung.is_applicable) for rung in already_sent.rungs[:6]] == [
        ("due_soon", -7, False),  # the morning before the assignment
        ("assigned", 0, True),
        ("not_accepted", 2, True),
        ("not_accepted", 4, True),
        ("due_soon", -3, True),
        ("due_soon", -1, True),
    ]


def test_a_rung_without_a_date_stands_last_and_says_so() -> None:
    already_sent = ladder_dates(template(), assigned_at=ASSIGNED, due_at=None, calendar=WorkCalendar())
    assert [rung.rung for rung in already_sent.rungs[:4]] == ["assigned", "not_accepted", "set_date", "not_accepted"]
    assert all(rung.fires_at is None and not rung.is_applicable for rung in already_sent.rungs[4:])


def test_a_letter_leaves_in_sending_hours_or_when_the_template_reminds() -> None:
    evening = at_local(date(2004, 6, 4), time(20, 0))  # a Friday
    due_at = end_of_day(date(2004, 6, 30))
    already_sent = ladder_dates(
        template(reminders="0 14 * * 1"), assigned_at=evening, due_at=due_at, calendar=WorkCalendar()
    )
    leaves = {(rung.rung, rung.offset): rung.leaves_at for rung in already_sent.rungs}
    assert leaves["assigned", 0] == at_local(date(2004, 6, 7))
    assert leaves["due_soon", -7] == at_local(date(2004, 6, 21), time(14, 0)), "a Monday"
    by_the_hour = ladder_dates(
        contingency(), assigned_at=evening, due_at=evening + timedelta(hours=24), calendar=WorkCalendar()
    )
    assert all(rung.leaves_at == rung.fires_at for rung in by_the_hour.rungs)


def test_a_ladder_is_dated_by_the_calendar_as_edited(engine: Engine, tmp_path: Path) -> None:
    furnish(engine, tmp_path)
    due_at = end_of_day(date(2004, 6, 30))

    def day_of_seven_before() -> date:
        with reading(engine) as session:
            calendar = load_calendar(session)
        already_sent = ladder_dates(template(), assigned_at=ASSIGNED, due_at=due_at, calendar=calendar)
        (moment,) = (rung.fires_at for rung in already_sent.rungs if rung.offset == -7)
        assert moment is not None
        return local_date(moment)

    with reading(engine) as session:
        administrator = session.exec(select(PersonRole.person_id).where(PersonRole.role == Role.ADMINISTRATOR)).first()
    assert administrator is not None
    assert day_of_seven_before() == date(2004, 6, 21)
    with transaction(engine) as session:
        edit_calendar(session, administrator, {date(2004, 6, 22): DayKind.OFF}, "QĐ 1", ASSIGNED)
    assert day_of_seven_before() == date(2004, 6, 18)
