"""A recurring duty that was out of use for some time and is in use again: what passed meanwhile is not asked for."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.template import DayOfPeriod, TemplateState, TemplateVersion
from models.organization.unit import UnitKind
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.office import Office, at, furnish
from workflows.templates.draft import new_draft
from workflows.templates.publish import publish, retire

pytestmark = pytest.mark.long


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 1, attested each half-year (by 8 June and 8 December), launched on 1 June 2004."""
    office = furnish(engine, tmp_path)
    office.launch("1", due=None)
    return office


def out_of_use(office: Office, now: datetime) -> None:
    with transaction(office.engine) as session:
        published = (Duty.path == "1", TemplateVersion.state == TemplateState.PUBLISHED)
        version = session.exec(select(TemplateVersion).join(Duty).where(*published)).one()
        retire(session, version.id, now=now)


def in_use_again(office: Office, now: datetime, title: str = "Chấp hành pháp luật") -> None:
    with transaction(office.engine) as session:
        duty = session.exec(select(Duty).where(Duty.path == "1")).one()
        before = session.exec(
            select(TemplateVersion)
            .where(TemplateVersion.duty_id == duty.id)
            .order_by(TemplateVersion.version.desc())  # type: ignore[attr-defined]
            .limit(1)
        ).one()
        spec = before.read_spec().model_copy(update={"title": title})
        publish(session, new_draft(session, duty, spec, now=now).id, now=now)


def periods(office: Office) -> set[str]:
    with reading(office.engine) as session:
        return set(session.exec(select(Task.occurrence)).all())


def test_periods_that_were_over_before_it_was_in_use_again_are_not_opened(office: Office) -> None:
    out_of_use(office, at(20, 7))
    office.tick(at_local(date(2005, 3, 1)))
    in_use_again(office, at_local(date(2006, 3, 1)))
    office.tick(at_local(date(2006, 3, 1)))
    assert periods(office) == {"2004-H1"}
    office.tick(at_local(date(2006, 5, 2)))
    assert periods(office) == {"2004-H1", "2006-H1"}


def test_a_period_that_can_still_be_sent_is_opened_at_once(office: Office) -> None:
    out_of_use(office, at(20, 7))
    in_use_again(office, at_local(date(2005, 6, 1)))
    office.tick(at_local(date(2005, 6, 1)))
    assert periods(office) == {"2004-H1", "2005-H1"}


def test_out_of_use_for_an_hour_changes_nothing(office: Office) -> None:
    out_of_use(office, at(2, hour=9))
    in_use_again(office, at(2, hour=10))
    office.tick(at(2, hour=11))
    assert periods(office) == {"2004-H1"}
    office.tick(at(2, 11))
    assert periods(office) == {"2004-H1", "2004-H2"}


def test_a_new_version_in_place_of_one_in_use_leaves_no_missed_period_out(office: Office) -> None:
    in_use_again(office, at_local(date(2005, 7, 1)))
    office.tick(at_local(date(2005, 7, 1)))
    assert periods(office) == {"2004-H1", "2004-H2", "2005-H1"}, "missed while nothing ran, not out of use"


def publish_with(office: Office, now: datetime, **period: Any) -> None:
    """Another reporting preset for the duty, which is in use all the while."""
    with transaction(office.engine) as session:
        duty = session.exec(select(Duty).where(Duty.path == "1")).one()
        query = select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)
        spec = session.exec(query.where(TemplateVersion.state == TemplateState.PUBLISHED)).one().read_spec()
        assert spec.period is not None
        changed = spec.model_copy(update={"period": spec.period.model_copy(update=period)})
        publish(session, new_draft(session, duty, changed, now=now).id, now=now)


MONTHLY: dict[str, Any] = {
    "every": "month",
    "opens": DayOfPeriod(day=1),
    "data_start": DayOfPeriod(day=1),
    "data_end": DayOfPeriod(day=31),
    "sends": {kind: DayOfPeriod(day=25) for kind in UnitKind},
}


def test_a_half_year_that_becomes_months_opens_the_month_that_has_begun_at_once(office: Office) -> None:
    publish_with(office, at(5, 7), **MONTHLY)
    office.tick(at(5, 7, hour=9))
    assert periods(office) == {"2004-H1", "2004-07"}
    office.tick(at(2, 8))
    assert periods(office) == {"2004-H1", "2004-07", "2004-08"}


def test_a_half_year_that_opens_later_than_before_waits_for_that_day(office: Office) -> None:
    publish_with(office, at(5, 7), opens=DayOfPeriod(day=1))
    office.tick(at(15, 11))
    assert periods(office) == {"2004-H1"}
    office.tick(at(1, 12))
    assert periods(office) == {"2004-H1", "2004-H2"}


def test_new_preset_opens_no_period_over_before_the_launch(office: Office) -> None:
    publish_with(office, at(2, 6, hour=9), **MONTHLY)
    office.tick(at(2, 6, hour=10))
    assert periods(office) == {"2004-H1"}, "the half-year that is open lasts until the end of June"
