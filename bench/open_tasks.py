"""Very many open tasks: 2,000 units, 20 duties of four directives, asked for again and again; 10,000 of them due.

Written by INSERT … SELECT with foreign keys unchecked (they hold by construction), as nothing here is measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Engine, Integer, MetaData, String, Table, Uuid, insert, text
from sqlmodel import Session, col, select

from bench.bulk import bulk, unindexed
from bench.register import fill_register
from models.database.run import Run
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
from models.organization.person import PersonRole
from models.organization.unit import Unit, UnitKind
from models.text.localtime import at_local, end_of_day
from workflows.rules.calendar.workdays import WorkCalendar

UNITS = 2_000
DIRECTIVES, DUTIES = 4, 5
DUE = UNITS * DUTIES
NOW = at_local(date(2004, 6, 9), time(6, 30))
"""A Wednesday before sending hours, so that a tick sweeps and no letter leaves."""
IDLE = at_local(date(2004, 6, 8), time(6, 30))
"""The day before: nothing is due."""
DUE_SINCE = at_local(date(2004, 6, 8))
"""When the rung "seven working days left" of the 10,000 due tasks came, which tells each unit's head."""
_DUE_ON = date(2004, 6, 17)
_SLICE = 50
"""Launches of UNITS tasks a statement."""


@dataclass(frozen=True)
class _Duty:
    directive: Directive
    duty: Duty
    version: TemplateVersion


_ASKED = Table(
    "bench_asked",
    MetaData(),
    Column("prefix", String(16)),  # of the tasks' ids; the rest is the unit's
    Column("letter", String(16)),  # and of the letters' ids: one letter a launch to each head
    Column("opens_letter", Boolean),
    Column("occurrence", String(64)),
    *(Column(name, Uuid) for name in ("directive_id", "duty_id", "launch_id", "version_id")),
    *(Column(name, DateTime(timezone=True)) for name in ("assigned_at", "due_at", "next_check_at")),
    prefixes=["TEMPORARY"],
)
_UNIT = Table(
    "bench_unit",
    MetaData(),
    Column("n", Integer),
    Column("suffix", String(16)),
    Column("unit_id", Uuid),
    Column("head_id", Uuid),
    prefixes=["TEMPORARY"],
)


def fill(engine: Engine, tasks: int) -> None:
    """The register, the directives and `tasks` open tasks with the notice of their assignment, the due ones first."""
    fill_register(engine, units=UNITS)
    postgres = engine.dialect.name == "postgresql"
    with bulk(engine) as session:
        duties = [duty for n in range(DIRECTIVES) for duty in _directive(session, n)]
        coordinator = session.exec(select(PersonRole)).one()
        asked = list(_asked(session, duties, tasks // UNITS, coordinator))
        units = session.exec(select(Unit).where(Unit.kind == UnitKind.ENTERPRISE).order_by(col(Unit.code))).all()
        for table, rows in (
            (_ASKED, asked),
            (
                _UNIT,
                [{"n": n, "suffix": f"8{n:015x}", "unit_id": u.id, "head_id": u.head_id} for n, u in enumerate(units)],
            ),
        ):
            table.create(session.connection())
            session.execute(insert(table), rows)
        with unindexed(session, "task", "notice", "letter"):
            _write(session, coordinator, asked, "uuid" if postgres else "char(32)")
        # this week's summaries have been queued on Monday
        session.add(Run(key="summary:2004-W24", started_at=DUE_SINCE, finished_at=DUE_SINCE))


def _directive(session: Session, number: int) -> Iterator[_Duty]:
    quote = "Báo cáo khi có yêu cầu."
    first = session.exec(select(Directive)).first()
    assert first is not None
    directive = Directive(
        code=f"bench-{number}",
        number=f"{number + 10}/2004/CT-BBCVT",
        issued_on=date(2003, 1, 7),
        issuer=first.issuer,
        subject=first.subject,
        text=quote,
        coordinating_unit_id=first.coordinating_unit_id,
        issuer_office_id=first.issuer_office_id,
    )
    session.add(directive)
    session.flush()
    for n in range(DUTIES):
        duty = Duty(
            directive_id=directive.id,
            path=str(n + 1),
            position=n,
            kind=DutyKind.ON_REQUEST,
            title=f"Báo cáo {n + 1}",
            quote=quote,
        )
        session.add(duty)
        session.flush()
        spec = TemplateSpec(
            duty=duty.path,
            title=duty.title,
            kind=duty.kind,
            quote=quote,
            steps=("Thực hiện", "Báo cáo"),
            audience=AudienceRule(any=(Selector(kind=UnitKind.ENTERPRISE),)),
            result=RequiredResult(description="Báo cáo kết quả"),
        )
        version = TemplateVersion(
            duty_id=duty.id,
            version=1,
            state=TemplateState.PUBLISHED,
            spec=spec.model_dump(mode="json"),
            digest="0" * 64,
            created_at=DUE_SINCE,
            published_at=DUE_SINCE,
        )
        session.add(version)
        session.flush()
        yield _Duty(directive, duty, version)


def _asked(session: Session, duties: list[_Duty], times: int, coordinator: PersonRole) -> Iterator[dict[str, Any]]:
    """Each duty asked for once, then again: in the first round the first directive's tasks are due, others later."""
    calendar = WorkCalendar()
    launches: dict[tuple[int, UUID], UUID] = {}
    for n in range(times):
        one, turn = duties[n % len(duties)], n // len(duties)
        is_due = n < DUTIES
        due_on = _DUE_ON if is_due else _DUE_ON + timedelta(days=30 + 7 * turn + n % len(duties))
        assigned_at = at_local(date(2004, 5, 10) - timedelta(days=turn), time(9, duties.index(one) // DUTIES))
        if (turn, one.directive.id) not in launches:
            launch = Launch(
                directive_id=one.directive.id,
                launched_at=assigned_at,
                assigner_unit_id=coordinator.unit_id,
                coordinator_id=coordinator.person_id,
            )
            session.add(launch)
            session.flush()
            launches[turn, one.directive.id] = launch.id
        yield {
            "prefix": f"{n:012x}7000",
            "letter": f"{n // DUTIES:012x}7000",
            "opens_letter": n % DUTIES == 0,
            "occurrence": f"request:{turn}",
            "directive_id": one.directive.id,
            "duty_id": one.duty.id,
            "launch_id": launches[turn, one.directive.id],
            "version_id": one.version.id,
            "assigned_at": _stored(session, assigned_at),
            "due_at": _stored(session, end_of_day(due_on)),
            "next_check_at": _stored(session, DUE_SINCE if is_due else at_local(calendar.add(due_on, -7))),
        }


def _stored(session: Session, moment: datetime) -> datetime:
    """As models.database.columns.UtcDateTime stores it."""
    return moment.replace(tzinfo=None) if session.connection().dialect.name == "sqlite" else moment


def _write(session: Session, coordinator: PersonRole, asked: list[dict[str, Any]], uuid: str) -> None:
    """All rows, a slice of the launches at a time, so that neither database sorts millions of rows."""

    def made(mark: str) -> str:
        return f"CAST('{mark}' || substr(a.prefix, 3) || u.suffix AS {uuid})"

    for start in range(0, len(asked), _SLICE):
        prefixes = [one["prefix"] for one in asked[start : start + _SLICE]]
        named = {
            "assigner": _raw(session, coordinator.unit_id),
            "coordinator": _raw(session, coordinator.person_id),
            "first": prefixes[0],
            "last": prefixes[-1],
        }
        each = "FROM bench_asked a CROSS JOIN bench_unit u WHERE a.prefix BETWEEN :first AND :last"
        letter = f"CAST('04' || substr(a.letter, 3) || u.suffix AS {uuid})"
        for statement in (
            "INSERT INTO task (id, directive_id, duty_id, launch_id, template_version_id, is_drill, assigned_unit_id,"
            " lead_unit_id, occurrence, parent_key, assigner_unit_id, coordinator_id, status, assigned_at,"
            " assigned_anchor_id, accepted_at, original_due_at, due_at, due_set_at, due_anchor_id, due_revision,"
            " due_fixed_by, due_reason, next_check_at, revision)"
            f" SELECT {made('01')}, a.directive_id, a.duty_id, a.launch_id, a.version_id, false, u.unit_id, u.unit_id,"
            f" a.occurrence, CAST('{'0' * 32}' AS {uuid}), CAST(:assigner AS {uuid}), CAST(:coordinator AS {uuid}),"
            f" 'accepted', a.assigned_at, {made('02')}, a.assigned_at, a.due_at, a.due_at, a.assigned_at, {made('02')},"
            f" 1, 'assigner', '', a.next_check_at, 1 {each} ORDER BY a.prefix, u.n",
            "INSERT INTO letter (id, recipient_id, slot, kind, topic, is_drill, state, next_attempt_at, attempts,"
            f" fence, sent_at, resent, error) SELECT {letter}, u.head_id, a.assigned_at, 'assigned', '',"
            f" false, 'sent', a.assigned_at, 1, 1, a.assigned_at, false, '' {each} AND a.opens_letter"
            " ORDER BY a.prefix, u.n",
            'INSERT INTO notice (id, task_id, anchor_id, rung, "offset", role, recipient_id, fired_at, slot, kind,'
            f" topic, state, letter_id, reason) SELECT {made('03')}, {made('01')}, {made('02')}, 'assigned', 0, 'head',"
            f" u.head_id, a.assigned_at, a.assigned_at, 'assigned', '', 'sent', {letter}, '' {each}"
            " ORDER BY a.prefix, u.n",
        ):
            session.execute(text(statement), named)


def _raw(session: Session, value: UUID) -> object:
    return value.hex if session.connection().dialect.name == "sqlite" else value
