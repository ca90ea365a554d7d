"""A workbook is looked over before it is unpacked: what would take all memory is refused, whatever it hides behind."""

from functools import cache
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter

from models.errors import BadInput
from workflows.organization.register.spreadsheet.workbook import read_sheets


@cache
def made(row: int = 0, column: int = 0) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "a")
    sheet.write(row, column, "z")
    sheet.write_blank(1048575, 16382, None, book.add_format({"bold": True}))
    book.close()
    return out.getvalue()


_FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
"""A cell as far off as can be."""
_LEGACY = bytes.fromhex("d0cf11e0a1b11ae1").ljust(512, b"\0")
"""How a workbook of before 2007 begins."""


def changed(old: str, new: str, another: str = "") -> bytes:
    """The workbook with some words of its sheet put otherwise, and perhaps another part."""
    out = BytesIO()
    with ZipFile(BytesIO(made(2, 2))) as before, ZipFile(out, "w", ZIP_DEFLATED) as after:
        for one in before.infolist():
            content = before.read(one)
            if one.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(old.encode(), new.encode())
            after.writestr(one.filename, content)
        if another:
            after.writestr(another, b"<a/>")
    return out.getvalue()


def test_cells_are_read_and_a_far_one_without_value_does_no_harm() -> None:
    ((rows, merged),) = read_sheets("a.xlsx", made(2, 2))
    assert rows[0][0] == "a" and rows[2][2] == "z" and not merged


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (made(1048575, 16383), "row 1048576"),
        (changed('r="C3"', "x='>' r='XFD1048576'"), "row 1048576"),
        (changed('r="C3"', 'x="/>" r="xfd1048576"'), "row 1048576"),
        (changed('r="C3"', 'r="C99999999999"'), "not an XLSX"),
        (changed("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'), "not an XLSX"),
        (changed("</sheetData>", f"<x></y>{_FAR}"), "not an XLSX"),
        (changed("</sheetData>", f"&nbsp;{_FAR}"), "not an XLSX"),
        (changed("</sheetData>", f'<row r="9" r="9"/>{_FAR}'), "not an XLSX"),
        (changed('encoding="UTF-8"', 'encoding="x-foo"'), "not an XLSX"),
        (_LEGACY + made(2, 2), "not an XLSX"),
        (changed("", "", "content.xml"), "not an XLSX"),
        (b"PK", "not an XLSX"),
    ],
    ids=[
        "far off",
        "behind a bracket",
        "behind a tag",
        "beyond counting",
        "entities",
        "behind a wrong tag",
        "behind an entity",
        "behind an attribute given twice",
        "unknown encoding",
        "behind another workbook",
        "another kind",
        "cut off",
    ],
)
def test_what_cannot_be_unpacked_safely_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        list(read_sheets("a.xlsx", content))


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"<a/>")
        parts.writestr("xl/worksheets/sheet1.xml", bytes(201_000_000))
    assert len(bomb.getvalue()) < 1_000_000
    with pytest.raises(BadInput, match="larger than 200 MB"):
        list(read_sheets("a.xlsx", bomb.getvalue()))
