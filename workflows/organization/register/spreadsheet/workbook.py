"""Read the sheets of an XLSX workbook as text cells, if none is so far off that it would fill the memory."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from models.errors import BadInput

MAX_INSIDE = 200_000_000  # bytes of all parts, unpacked
MAX_CELLS = 4_000_000
MAX_ROWS = 50_000
"""Of a table, in a workbook or a CSV."""
_CHUNK = 1 << 20
_CELLS = b"sheetData"
"""The element of a sheet's cells. Calamine reads no cells outside it."""
_CELL_REFERENCE = re.compile(r"([A-Za-z]{1,4})(\d{1,9})")
_OTHER_KINDS = {"content.xml", "xl/workbook.bin"}
"""Parts of other kinds of workbooks, which are refused."""
Merged = tuple[tuple[int, int], tuple[int, int]]


def read_sheets(name: str, content: bytes) -> Iterator[tuple[list[list[str]], list[Merged]]]:
    """Yield each sheet's cells from the first row on, and its merged ranges. BadInput for other files."""
    try:
        _check_size(name, content)
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            for index in range(len(book.sheet_names)):
                sheet = book.get_sheet_by_index(index)
                rows = [[cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
                yield rows, list(sheet.merged_cell_ranges or [])
    except (CalamineError, BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise BadInput("{file}: not an XLSX workbook ({why})", file=name, why=str(error)) from None


def cell_text(cell: object) -> str:
    """Return a cell as text: days as YYYY-MM-DD, whole numbers without a decimal point."""
    match cell:
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
        case date():
            return cell.isoformat()
    return str(cell)


def _check_size(name: str, content: bytes) -> None:
    """Unpack the workbook piece by piece, and check its size and how far its cells reach. Nothing is kept."""
    if not content.startswith(b"PK"):  # calamine would read a workbook of another kind in front of the ZIP file
        raise BadZipFile(content[:8].hex())
    with ZipFile(BytesIO(content)) as parts:
        names = {part.filename.casefold() for part in parts.infolist()}
        if names & _OTHER_KINDS or "xl/workbook.xml" not in names:
            raise BadZipFile("xl/workbook.xml")
        if sum(part.file_size for part in parts.infolist()) > MAX_INSIDE:
            raise BadInput("{file}: unpacked it is larger than {limit} MB", file=name, limit=MAX_INSIDE // 1_000_000)
        for part in parts.infolist():
            with parts.open(part) as stream:
                reach = _Reach(name)
                reach.read(stream)
            if reach.rows * reach.columns > MAX_CELLS:
                raise BadInput(
                    "{file}: its cells reach to row {row}, column {column}; delete what stands far off, then save it",
                    file=name,
                    row=reach.rows,
                    column=reach.columns,
                )


class _Reach:
    """The reach of the filled cells of one part. Any part may be a sheet, whatever its name."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.rows = self.columns = 0
        self._row = self._column = 0

    def read(self, stream: IO[bytes]) -> None:
        """Read a part to its end, so that its check sum is compared too.

        ValueError for a wrong cell reference, and for a sheet that is not XML. Calamine reads on after an XML fault,
        where the reach of the cells is unknown. Pictures are not XML either, but have no cells.
        """
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start_element
        parser.EntityDeclHandler = self._refuse_entity
        fault, previous_end, has_cells = "", b"", False
        while chunk := stream.read(_CHUNK):
            has_cells = has_cells or _CELLS in previous_end + chunk
            previous_end = chunk[-len(_CELLS) :]
            try:
                if not fault:
                    parser.Parse(chunk, False)
            except (expat.ExpatError, LookupError) as error:  # an encoding that Python does not know
                fault = str(error)
        if fault and has_cells:
            raise ValueError(fault)

    def _start_element(self, name: str, attributes: dict[str, str]) -> None:
        element = name.rpartition(":")[2]
        if element == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif element == "c":
            self._column += 1
            if "r" in attributes:
                reference = _CELL_REFERENCE.fullmatch(attributes["r"])
                if reference is None:
                    raise ValueError(attributes["r"])
                self._column, self._row = _column_number(reference[1]), int(reference[2])
        elif element in ("v", "is", "f", "t"):
            self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)
            if self.rows > MAX_ROWS:  # checked here, so that the rest of a million rows is not read
                raise too_many_rows(self._file, self.rows)

    def _refuse_entity(self, name: str, *_more: object) -> None:
        raise ValueError(f"&{name};")


def too_many_rows(file: str, row: int) -> BadInput:
    return BadInput(
        "{file}: its cells reach to row {row}, and at most {limit} are read; split it, or delete what stands far off",
        file=file,
        row=row,
        limit=MAX_ROWS,
    )


def _column_number(name: str) -> int:
    """Return the number of a column such as "AB"."""
    number = 0
    for character in name.upper():
        number = number * 26 + ord(character) - 64
    return number
