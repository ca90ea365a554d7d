"""A ministry of any number of units for a long run: who heads what, who is away, and a directive with four duties.

The facts are kept beside the rows, so that the oracle never has to ask the product who somebody is.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from models.database.ids import new_id
from models.database.rows import insert_new
from models.database.session import transaction
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.template import (
    AudienceRule,
    DayOfPeriod,
    HoursDeadline,
    PeriodRule,
    RequiredResult,
    Selector,
    TemplateSpec,
    TemplateState,
    TemplateVersion,
)
from models.organization.person import Absence, PersonRole, Role
from models.organization.unit import UnitKind, UnitTag
from models.text.vietnamese import fold, person_sort_key, sort_key
from workflows.operations.setup import set_up

LOCAL = timezone(timedelta(hours=7))
DIRECTIVE = "mo-phong"
ONE_OFF, QUARTERLY, UNDATED, CONTINGENCY, SECOND = "1", "2", "3", "4", "5"
HOURS = 24
SENDS = {UnitKind.ENTERPRISE: (12, 1), UnitKind.DEPARTMENT: (20, 0)}
"""Day and months before the quarter's last month: enterprises send by 12 February, departments by 20 March."""


def moment(day: date, hour: int = 8, minute: int = 0) -> datetime:
    """A local moment of a day, in UTC."""
    return datetime.combine(day, time(hour, minute), LOCAL).astimezone(UTC)


def day_of(instant: datetime) -> date:
    """The local day of an instant."""
    return instant.astimezone(LOCAL).date()


@dataclass
class P:
    """A person, as the oracle knows them."""

    code: str
    id: UUID = field(default_factory=new_id)
    unit: str = ""
    is_active: bool = True
    email: str | None = None
    refused_at: datetime | None = None

    @property
    def fault(self) -> str | None:
        """Why nothing can be sent to them, or None."""
        if not self.is_active:
            return "retired"
        return "no_address" if not self.email else "refused" if self.refused_at else None


@dataclass
class U:
    """A unit, as the oracle knows it; people and units by code."""

    code: str
    kind: UnitKind
    supervisor: str | None = None
    parent: str | None = None
    tags: tuple[str, ...] = ()
    id: UUID = field(default_factory=new_id)
    head: str | None = None
    deputy: str | None = None
    focal: str | None = None
    officers: list[str] = field(default_factory=list)

    @property
    def is_outside(self) -> bool:
        return self.kind is UnitKind.POLICE


@dataclass
class World:
    """The register, and who is away when."""

    units: dict[str, U] = field(default_factory=dict)
    people: dict[str, P] = field(default_factory=dict)
    absences: list[tuple[str, str, date, date]] = field(default_factory=list)
    directive_id: UUID = field(default_factory=new_id)
    duty_ids: dict[str, UUID] = field(default_factory=dict)

    def away(self, code: str, day: date) -> str | None:
        """The stand-in of a person on a local day."""
        return next((by for who, by, first, last in self.absences if who == code and first <= day <= last), None)

    def audience(self, path: str) -> list[str]:
        """The units that lead a duty: insiders only."""
        tag = {ONE_OFF: None, QUARTERLY: None, UNDATED: "few", CONTINGENCY: "net", SECOND: "few"}[path]
        return [
            unit.code
            for unit in self.units.values()
            if unit.kind in SENDS and not unit.is_outside and (tag is None or tag in unit.tags)
        ]

    def partners(self, path: str) -> tuple[str, ...]:
        """The coordinating units of a duty: a department, and the police, who are never written to."""
        return PARTNERS if path in (ONE_OFF, CONTINGENCY, SECOND) else ()


COORDINATORS = ("dieu.phoi.a", "dieu.phoi.b")
CLERK = "van.thu"
OFFICE, TELECOM, POST, LAW = "VP", "VU-VT", "VU-BC", "VU-PC"
PARTNERS = (LAW, "CA-01", "CA-02")


def make_world(count: int, seed: int) -> World:
    """A register of `count` units drawn from a seed, without a database."""
    draw, world = random.Random(seed), World()
    for code in (OFFICE, TELECOM, POST, LAW):
        _staff(world, U(code, UnitKind.DEPARTMENT, None if code in (OFFICE, TELECOM) else TELECOM), draw, whole=True)
    for code in (*COORDINATORS, CLERK):
        world.people[code] = P(code, unit=TELECOM, email=f"{code}@mpt.example")
    police = max(3, count // 40)
    for number in range(1, police + 1):
        _staff(world, U(f"CA-{number:02d}", UnitKind.POLICE), draw, whole=True)
    corporations = max(2, count // 30)
    for number in range(count - police - 4):
        is_department = number % 10 == 9
        code = f"{'D' if is_department else 'E'}{number:03d}"
        unit = U(code, UnitKind.DEPARTMENT if is_department else UnitKind.ENTERPRISE)
        unit.supervisor = TELECOM if is_department else draw.choice((TELECOM, POST, POST, None))
        if not is_department and number >= corporations and draw.random() < 0.4:
            unit.parent = f"E{draw.choice([n for n in range(corporations) if n % 10 != 9]):03d}"
        unit.tags = tuple(tag for tag, share in (("few", 0.3), ("net", 0.08)) if draw.random() < share)
        _staff(world, unit, draw, whole=number < corporations)
    if not any("net" in unit.tags for unit in world.units.values()):  # a small world has incidents too
        world.units["E000"].tags, world.units["E001"].tags = ("net",), ("net", "few")
    for code in (TELECOM, POST):  # supervising units carry out duties too
        world.units[code].tags = ("few",)
    _absences(world, draw)
    return world


def _staff(world: World, unit: U, draw: random.Random, *, whole: bool) -> None:
    world.units[unit.code] = unit

    def hire(office: str) -> str:
        code = f"{office}.{unit.code.lower()}"
        world.people[code] = P(code, unit=unit.code, email=f"{code}@{unit.code.lower()}.example")
        return code

    if whole or draw.random() > 0.03:
        unit.head = hire("head")
    if draw.random() < 0.3:
        unit.deputy = hire("deputy")
    if draw.random() < 0.2:
        unit.focal = hire("focal")
    unit.officers = [hire("officer")] if whole or draw.random() < 0.6 else []
    if unit.head is None or whole:
        return
    head, luck = world.people[unit.head], draw.random()
    if luck < 0.03:
        head.is_active = False
    elif luck < 0.06:
        head.email = None
    elif luck < 0.08:
        head.refused_at = moment(date(2023, 12, 1))


def _absences(world: World, draw: random.Random) -> None:
    """Heads with an officer go away now and then, the first coordinator over the middle of each year."""
    for unit in world.units.values():
        if unit.head is None or not unit.officers or unit.code == TELECOM:
            continue
        if world.people[unit.head].is_active and draw.random() < 0.35:
            for year in (2024, 2025):
                first = date(year, 1, 10) + timedelta(days=draw.randrange(300))
                last = first + timedelta(days=draw.randrange(3, 25))
                world.absences.append((unit.head, unit.officers[0], first, last))
    for year in (2024, 2025):
        world.absences.append((*COORDINATORS, date(year, 3, 4), date(year, 3, 22)))


def furnish_world(engine: Engine, world: World, *, now: datetime) -> None:
    """Writes the register and the directive into an empty installation."""
    set_up(engine, now=now)
    with transaction(engine) as session:
        _write_register(session, world)
        _write_directive(session, world, now)


def _write_register(session: Session, world: World) -> None:
    insert = _insert(session)
    insert(
        "unit",
        [
            {
                "id": unit.id,
                "code": unit.code,
                "name": f"Đơn vị {unit.code}",
                "name_folded": fold(f"Đơn vị {unit.code}"),
                "sort_key": sort_key(unit.code),
                "kind": unit.kind,
                "is_outside": unit.is_outside,
                "is_active": True,
            }
            for unit in world.units.values()
        ],
    )
    insert(
        "person",
        [
            {
                "id": one.id,
                "code": one.code,
                "full_name": f"Nguyễn Văn {one.code}",
                "name_folded": fold(one.code),
                "sort_key": person_sort_key(one.code),
                "address_form": "Ông",
                "unit_address": "Quý Công ty",
                "title": "Giám đốc",
                "unit_id": world.units[one.unit].id,
                "email": one.email,
                "language": "vi",
                "is_active": one.is_active,
                "email_refused_at": one.refused_at,
            }
            for one in world.people.values()
        ],
    )
    table = SQLModel.metadata.tables["unit"]
    for unit in world.units.values():
        offices = {"head_id": unit.head, "deputy_id": unit.deputy, "focal_point_id": unit.focal}
        above = {"supervising_unit_id": unit.supervisor, "parent_id": unit.parent}
        values = {name: world.people[code].id for name, code in offices.items() if code}
        values |= {name: world.units[code].id for name, code in above.items() if code}
        session.execute(table.update().where(table.c.id == unit.id).values(values or {"phone": None}))
    for code in COORDINATORS:
        role = PersonRole(person_id=world.people[code].id, role=Role.COORDINATOR, unit_id=world.units[TELECOM].id)
        session.add(role)
    session.add(PersonRole(person_id=world.people[CLERK].id, role=Role.CLERK, unit_id=world.units[TELECOM].id))
    session.add_all(UnitTag(unit_id=unit.id, tag=tag) for unit in world.units.values() for tag in unit.tags)
    for who, by, first, last in world.absences:
        person, stand_in = world.people[who], world.people[by]
        session.add(Absence(person_id=person.id, stand_in_id=stand_in.id, starts_on=first, ends_on=last))
    session.flush()


def _insert(session: Session) -> Any:
    return lambda name, rows: insert_new(session, SQLModel.metadata.tables[name], rows)


def _write_directive(session: Session, world: World, now: datetime) -> None:
    directive = Directive(
        id=world.directive_id,
        code=DIRECTIVE,
        number="01/2024/CT",
        issued_on=date(2024, 1, 5),
        issuer="Bộ",
        subject="về việc báo cáo",
        text="Các đơn vị báo cáo.",
        coordinating_unit_id=world.units[TELECOM].id,
        issuer_office_id=world.units[OFFICE].id,
    )
    session.add(directive)
    session.flush()
    for position, spec in enumerate(_specs()):
        duty = Duty(
            directive_id=directive.id,
            path=spec.duty,
            position=position,
            kind=spec.kind,
            title=spec.title,
            quote=spec.quote,
        )
        session.add(duty)
        session.flush()
        world.duty_ids[spec.duty] = duty.id
        session.add(
            TemplateVersion(
                duty_id=duty.id,
                version=1,
                state=TemplateState.PUBLISHED,
                spec=spec.model_dump(mode="json"),
                digest="0" * 64,
                created_at=now,
                published_at=now,
            )
        )


def _specs() -> list[TemplateSpec]:
    everyone = AudienceRule(any=tuple(Selector(kind=kind) for kind in SENDS))

    def tagged(tag: str) -> AudienceRule:
        return AudienceRule(any=tuple(Selector(kind=kind, tags=(tag,)) for kind in SENDS))

    def spec(path: str, kind: DutyKind, audience: AudienceRule, **more: Any) -> TemplateSpec:
        return TemplateSpec(
            duty=path,
            title=f"Nhiệm vụ {path}",
            kind=kind,
            quote="Các đơn vị báo cáo.",
            steps=("Thực hiện",),
            audience=audience,
            result=RequiredResult(description="Báo cáo"),
            **more,
        )

    quarter = PeriodRule(
        every="quarter",
        data_start=DayOfPeriod(day=15, months_before=3),
        data_end=DayOfPeriod(day=14),
        opens=DayOfPeriod(day=1, months_before=1),
        sends={kind: DayOfPeriod(day=day, months_before=before) for kind, (day, before) in SENDS.items()},
    )
    partners = AudienceRule(any=(Selector(named=PARTNERS),))
    return [
        spec(ONE_OFF, DutyKind.ONE_OFF, everyone, coordinating=partners, authority=LAW),
        spec(QUARTERLY, DutyKind.STANDING, everyone, period=quarter),
        spec(UNDATED, DutyKind.ONE_OFF, tagged("few")),
        spec(
            CONTINGENCY,
            DutyKind.CONTINGENCY,
            tagged("net"),
            deadline=HoursDeadline(hours=HOURS),
            ladder="contingency",
            coordinating=partners,
        ),
        spec(SECOND, DutyKind.ONE_OFF, tagged("few"), coordinating=partners),
    ]
