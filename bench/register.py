"""A register of many enterprises with one head each, and a directive with one published duty for all of them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, update
from sqlmodel import Session, SQLModel

from models.database.ids import new_id
from models.database.rows import insert_new
from models.database.session import transaction
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.template import (
    AudienceRule,
    RequiredResult,
    Selector,
    TemplateSpec,
    TemplateState,
    TemplateVersion,
)
from models.organization.person import PersonRole, Role
from models.organization.unit import UnitKind
from models.text.vietnamese import fold, person_sort_key, sort_key

UNITS = 10_000
"""Of the story and of deliveries; a launch is measured with more."""
CODE = "bench"
ON = datetime(2004, 5, 10, 2, 0, tzinfo=UTC)
"""A working Monday, 09:00 local: a launch in sending hours."""
DUE_ON = date(2004, 6, 30)


def fill_register(engine: Engine, *, units: int = UNITS) -> None:
    """Writes the register and the directive."""
    with transaction(engine) as session:
        office, department = _unit("VP", "Văn phòng Bộ"), _unit("VU-VT", "Vụ Viễn thông")
        _add_units(session, [office, department])
        enterprises = [_unit(f"DN-{n:05d}", f"Công ty Bưu chính Viễn thông {n:05d}") for n in range(units)]
        for unit in enterprises:
            unit |= {"kind": UnitKind.ENTERPRISE, "supervising_unit_id": department["id"]}
        _add_units(session, enterprises)
        coordinator = _person("dieu.phoi", department["id"])
        _insert(session, "person", [coordinator])
        session.add(PersonRole(person_id=coordinator["id"], role=Role.COORDINATOR, unit_id=department["id"]))
        _add_directive(session, department["id"], office["id"])


def _add_units(session: Session, units: list[dict[str, Any]]) -> None:
    """Units with their heads: they point at each other, so the heads come in between."""
    _insert(session, "unit", units)
    heads = [_person(f"thu.truong.{unit['code'].lower()}", unit["id"]) for unit in units]
    _insert(session, "person", heads)
    table = SQLModel.metadata.tables["unit"]
    offices = [{"of_unit": unit["id"], "head_id": head["id"]} for unit, head in zip(units, heads, strict=True)]
    session.execute(update(table).where(table.c.id == bindparam("of_unit")), offices)


def _unit(code: str, name: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "code": code,
        "name": name,
        "name_folded": fold(name),
        "sort_key": sort_key(name),
        "kind": UnitKind.DEPARTMENT,
        "is_outside": False,
        "is_active": True,
        "supervising_unit_id": None,
    }


def _person(code: str, unit_id: UUID) -> dict[str, Any]:
    name = f"Nguyễn Văn {code}"
    return {
        "id": new_id(),
        "code": code,
        "full_name": name,
        "name_folded": fold(name),
        "sort_key": person_sort_key(name),
        "address_form": "Ông",
        "unit_address": "Quý Công ty",
        "title": "Giám đốc",
        "unit_id": unit_id,
        "email": f"{code}@dn.example",
        "language": "vi",
        "is_active": True,
    }


def _insert(session: Session, table: str, rows: list[dict[str, Any]]) -> None:
    insert_new(session, SQLModel.metadata.tables[table], rows)


def _add_directive(session: Session, coordinating_unit_id: UUID, issuer_office_id: UUID) -> None:
    quote = "Các doanh nghiệp báo cáo kết quả thực hiện về Bộ."
    directive = Directive(
        code=CODE,
        number="06/2004/CT-BBCVT",
        issued_on=date(2004, 5, 7),
        issuer="Bộ Bưu chính, Viễn thông",
        subject="về việc bảo đảm an ninh thông tin",
        text=quote,
        coordinating_unit_id=coordinating_unit_id,
        issuer_office_id=issuer_office_id,
    )
    session.add(directive)
    session.flush()
    duty = Duty(
        directive_id=directive.id, path="1", position=1, kind=DutyKind.ONE_OFF, title="Báo cáo kết quả", quote=quote
    )
    session.add(duty)
    session.flush()
    spec = TemplateSpec(
        duty="1",
        title=duty.title,
        kind=DutyKind.ONE_OFF,
        quote=quote,
        steps=("Thực hiện", "Báo cáo"),
        audience=AudienceRule(any=(Selector(kind=UnitKind.ENTERPRISE),)),
        result=RequiredResult(description="Báo cáo kết quả"),
    )
    session.add(
        TemplateVersion(
            duty_id=duty.id,
            version=1,
            state=TemplateState.PUBLISHED,
            spec=spec.model_dump(mode="json"),
            digest="0" * 64,
            created_at=ON,
            published_at=ON,
        )
    )
