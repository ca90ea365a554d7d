"""Large registers: what reading one costs, and where it ends."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]
from sqlmodel import Session

from models.database.ids import new_id
from models.errors import BadInput, BadRows
from models.organization.unit import UnitKind
from tests.growth import assert_linear
from workflows.organization.register.spreadsheet import import_register as importing
from workflows.organization.register.spreadsheet.checks import faults_of
from workflows.organization.register.spreadsheet.import_register import open_register, plan_import
from workflows.organization.register.spreadsheet.merged import MergedEntry, Register
from workflows.organization.register.spreadsheet.sheet import csv_rows
from workflows.organization.register.spreadsheet.workbook import read_sheets

DAY = date(2026, 1, 1)


def unit(number: int, **values: object) -> MergedEntry:
    plain: dict[str, object] = dict.fromkeys(("parent", "supervising_unit", "head", "deputy", "focal_point"))
    plain |= {"name": "Đơn vị", "kind": UnitKind.ENTERPRISE, "aliases": (), "is_outside": False, "is_active": True}
    given = frozenset({"code", "name", "kind"})
    return MergedEntry(f"U{number}", new_id(), None, plain | values, row=number + 2, given=given)


def same_names(size: int) -> Register:
    return Register(units={one.code: one for one in map(unit, range(size))})


def one_chain(size: int) -> Register:
    chain = (unit(number, name=f"Đơn vị {number}", parent=f"U{number + 1}") for number in range(size - 1))
    return Register(units={one.code: one for one in (*chain, unit(size - 1, name="Cuối"))})


def same_aliases(size: int) -> Register:
    register = Register(units={one.code: one for one in (unit(n, aliases=("Bưu điện",)) for n in range(size))})
    register.files["units"] = "units.csv"
    return register


def absences_of_two(size: int) -> Register:
    """Two people who stand in for each other, in turn, for a day each."""
    people = {"a": {"is_active": True, "unit": None, "roles": ()}}
    people["b"] = dict(people["a"])
    register = Register(people={code: MergedEntry(code, new_id(), values, values) for code, values in people.items()})
    for number in range(size):
        day, away = DAY + timedelta(days=number), "ab"[number % 2]
        other = "ab"[1 - number % 2]
        values = {"person": away, "stand_in": other, "starts_on": day, "ends_on": day, "reason": ""}
        register.absences[f"{away} {day}"] = MergedEntry(f"{away} {day}", new_id(), None, values, row=number + 2)
    return register


@pytest.mark.parametrize("make", [same_names, one_chain, same_aliases, absences_of_two])
def test_checks_grow_with_the_register(make: Callable[[int], Register]) -> None:
    registers = {size: make(size) for size in (2_000, 8_000)}
    assert_linear(lambda size: list(faults_of(registers[size])), size=2_000, what=make.__name__)


def test_a_day_away_of_the_stand_in_is_found_among_thousands() -> None:
    register = absences_of_two(5_000)
    register.files["absences"] = "absences.csv"
    day = DAY + timedelta(days=2_501)  # on which b is away, and a is there
    values = {"person": "a", "stand_in": "b", "starts_on": day, "ends_on": day, "reason": ""}
    register.absences["late"] = MergedEntry("late", new_id(), None, values, row=9_999)
    assert {fault.facts["row"] for fault in faults_of(register)} == {2_503, 9_999}


def test_a_name_shared_by_many_names_a_few() -> None:
    words = next(iter(faults_of(same_aliases(50)))).tell("en")
    assert "U1, U10, U11, …" in words


def test_a_csv_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.organization.register.spreadsheet.sheet.MAX_ROWS", 3)
    assert len(csv_rows("u.csv", b"code\n1\n2\n")) == 3
    with pytest.raises(BadInput, match="reach to row 4, and at most"):
        csv_rows("u.csv", b"code\n1\n2\n3\n")


def test_a_workbook_with_too_many_rows_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.organization.register.spreadsheet.workbook.MAX_ROWS", 3)
    monkeypatch.setattr("workflows.organization.register.spreadsheet.workbook.CalamineWorkbook", None)
    book, file = Workbook(), BytesIO()
    for number in range(4):
        book.active.append([number])
    book.save(file)
    with pytest.raises(BadInput, match="reach to row 4, and at most"):
        list(read_sheets("u.xlsx", file.getvalue()))


def test_no_more_faults_are_told_than_a_person_reads(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_FAULTS", 5)
    file = tmp_path / "units.csv"
    file.write_text("code,name,kind,parent\n" + "".join(f"U{n},Đơn vị,enterprise,none\n" for n in range(50)), "utf-8")
    with pytest.raises(BadRows) as told:
        plan_import(session, open_register(units=file))
    assert len(told.value.faults) == 5
