"""The register and the directives of the measured installation; the same for the same seed."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

from sqlmodel import Session, SQLModel

from bench.web.names import DEPARTMENTS, GIVEN_NAMES, MIDDLE_NAMES, PROVINCES, SUBJECTS, SURNAMES, TRADES, WORKS
from bench.web.values import make_id
from models.database.rows import insert_new
from models.directives.directive import DutyKind, Urgency
from models.directives.template import (
    AudienceRule,
    DayOfPeriod,
    PeriodRule,
    RequiredResult,
    Selector,
    TemplateSpec,
    TemplateState,
)
from models.organization.person import Role
from models.organization.unit import UnitKind
from models.text.localtime import at_local
from models.text.vietnamese import fold, person_sort_key, search_text, sort_key

DIRECTIVES = 500
WIDE_UNITS = 1_000
"""How many units the one wide directive is addressed to, with each of its duties."""
WIDE_CODE = "ct-39-2026"
"""The code of that directive, issued some seven weeks before NOW, so that its board shows everything there is."""
TODAY = date(2026, 11, 25)
NOW = at_local(TODAY)
"""The moment at which the site is asked: a Wednesday, 08:00."""
_FIRST = date(2016, 12, 1)
_MONTHLY = PeriodRule(
    every="month",
    data_start=DayOfPeriod(day=15, months_before=1),
    data_end=DayOfPeriod(day=14),
    opens=DayOfPeriod(day=1),
    sends={UnitKind.ENTERPRISE: DayOfPeriod(day=15)},
)


@dataclass(frozen=True)
class Office:
    """One unit and who serves it."""

    id: UUID
    code: str
    head: UUID
    officer: UUID


@dataclass(frozen=True)
class Issued:
    """One directive, ready to be given out: its duties with their published versions, in document order."""

    number: int
    id: UUID
    code: str
    launch: UUID
    assigned_on: date
    department: Office
    coordinator: UUID
    duties: tuple[tuple[UUID, UUID], ...]
    """Ids of each and of its published version; the last is to be reported on month by month."""

    @property
    def is_wide(self) -> bool:
        """Whether it is the one that goes to very many units."""
        return self.code == WIDE_CODE


@dataclass
class Register:
    """Everything there is before the first task."""

    departments: list[Office] = field(default_factory=list)
    units: list[Office] = field(default_factory=list)
    directives: list[Issued] = field(default_factory=list)


class Maker:
    """Makes the rows of the register and of the directives."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._numbers: Counter[int] = Counter()

    def write(self, session: Session) -> Register:
        """Writes everything; returns what tasks need of it."""
        register = self._make()
        for table, rows in self._rows.items():
            insert_new(session, SQLModel.metadata.tables[table], rows)
        return register

    def _make(self) -> Register:
        register = Register()
        for code, name in DEPARTMENTS.items():
            register.departments.append(self._office(code, name, UnitKind.DEPARTMENT, None))
        supervisors = cycle(office.id for office in register.departments[1:3])
        for trade, called in TRADES.items():
            for number, province in enumerate(PROVINCES):
                code, name = f"{trade}-{number + 1:02d}", f"{called} {province}"
                office = self._office(code, name, UnitKind.ENTERPRISE, next(supervisors))
                register.units.append(office)
                alias = f"{trade} {province}"
                self._add("unit_alias", unit_id=office.id, alias=alias, alias_folded=fold(alias))
        coordinators = [self._appoint(office, Role.COORDINATOR) for office in register.departments[1:]]
        for role in (Role.CLERK, Role.OBSERVER, Role.ADMINISTRATOR):
            self._appoint(register.departments[0], role)
        followers = list(zip(register.departments[1:], coordinators, strict=True))
        step = (TODAY - timedelta(days=5) - _FIRST) / (DIRECTIVES - 1)
        for number in range(DIRECTIVES):
            department, coordinator = followers[number % len(followers)]
            issued_on = _working_day(_FIRST + step * number)
            office_id = register.departments[0].id
            register.directives.append(self._directive(number, issued_on, department, coordinator, office_id))
        return register

    def _office(self, code: str, name: str, kind: UnitKind, supervisor: UUID | None) -> Office:
        office = Office(self._id(_FIRST), code, self._id(_FIRST), self._id(_FIRST))
        self._add(
            "unit",
            id=office.id,
            code=code,
            name=name,
            name_folded=fold(name),
            sort_key=sort_key(name),
            kind=kind,
            is_outside=False,
            is_active=True,
            supervising_unit_id=supervisor,
            head_id=office.head,
            focal_point_id=office.officer,
        )
        self._person(office.head, f"{code}.thu.truong", office.id)
        self._person(office.officer, f"{code}.chuyen.vien", office.id)
        return office

    def _appoint(self, office: Office, role: Role) -> UUID:
        person = self._id(_FIRST)
        self._person(person, f"{office.code}.{role.value}", office.id)
        self._add("person_role", person_id=person, role=role, unit_id=office.id)
        return person

    def _person(self, id: UUID, code: str, unit_id: UUID) -> None:
        pick = self._random.choice
        name = f"{pick(SURNAMES)} {pick(MIDDLE_NAMES)} {pick(GIVEN_NAMES)}"
        code = fold(code)
        self._add(
            "person",
            id=id,
            code=code,
            full_name=name,
            name_folded=fold(name),
            sort_key=person_sort_key(name),
            address_form="Ông/Bà",
            unit_address="đơn vị",
            title="",
            unit_id=unit_id,
            email=f"{code}@don-vi.example",
            language="vi",
            is_active=True,
        )

    def _directive(self, number: int, issued_on: date, department: Office, coordinator: UUID, office: UUID) -> Issued:
        subject = f"{SUBJECTS[number % len(SUBJECTS)]} năm {issued_on.year}"
        self._numbers[issued_on.year] += 1
        nth = self._numbers[issued_on.year]
        code, called = f"ct-{nth:02d}-{issued_on.year}", f"{nth:02d}/{issued_on.year}/CT-BTTTT"
        assigned_on = _working_day(issued_on + timedelta(days=2))
        works = [f"{work}, phục vụ việc {subject}" for work in WORKS]
        quotes = [f"{path}. Các đơn vị, doanh nghiệp {work}." for path, work in enumerate(works, 1)]
        directive_id, launch = self._id(issued_on), self._id(assigned_on)
        self._add(
            "directive",
            id=directive_id,
            code=code,
            kind="chỉ thị",
            number=called,
            issued_on=issued_on,
            issuer="Bộ Thông tin và Truyền thông",
            subject=f"Về việc {subject}",
            urgency=Urgency.NORMAL,
            secrecy="none",
            legal_bases=[],
            sources={},
            text="\n".join(quotes),
            coordinating_unit_id=department.id,
            issuer_office_id=office,
            search_text=search_text(called, code, f"Về việc {subject}"),
        )
        self._add(
            "launch",
            id=launch,
            directive_id=directive_id,
            launched_at=at_local(assigned_on),
            assigner_unit_id=department.id,
            coordinator_id=coordinator,
            overridden=[],
        )
        duties = tuple(
            self._duty(directive_id, issued_on, path, work, quote)
            for path, (work, quote) in enumerate(zip(works, quotes, strict=True), 1)
        )
        return Issued(number, directive_id, code, launch, assigned_on, department, coordinator, duties)

    def _duty(self, directive_id: UUID, on: date, path: int, work: str, quote: str) -> tuple[UUID, UUID]:
        duty, version, title = self._id(on), self._id(on), f"{work[:1].upper()}{work[1:]}"
        is_monthly = path == len(WORKS)
        kind = DutyKind.RECURRING if is_monthly else DutyKind.ONE_OFF
        self._add(
            "duty",
            id=duty,
            directive_id=directive_id,
            path=str(path),
            position=path,
            kind=kind,
            title=title,
            quote=quote,
            search_text=search_text(f"mục {path}", title, quote),
        )
        spec = TemplateSpec(
            duty=str(path),
            title=title,
            kind=kind,
            quote=quote,
            steps=("Thực hiện", "Báo cáo"),
            audience=AudienceRule(any=(Selector(kind=UnitKind.ENTERPRISE),)),
            result=RequiredResult(description="Báo cáo bằng văn bản"),
            period=_MONTHLY if is_monthly else None,
        )
        self._add(
            "template_version",
            id=version,
            duty_id=duty,
            version=1,
            state=TemplateState.PUBLISHED,
            spec=spec.model_dump(mode="json"),
            digest="0" * 64,
            created_at=at_local(on),
            published_at=at_local(on),
        )
        return duty, version

    def _id(self, on: date) -> UUID:
        return UUID(make_id(self._random, on.toordinal()))

    def _add(self, table: str, **row: Any) -> None:
        self._rows.setdefault(table, []).append(row)


def _working_day(day: date) -> date:
    return day + timedelta(days=max(0, 8 - day.isoweekday()) if day.isoweekday() > 5 else 0)
