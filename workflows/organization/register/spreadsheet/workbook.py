"""An XLSX workbook's sheets as text cells. Looked over first: one far-off cell would take all of the memory."""

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
"""The element that holds a sheet's cells: calamine reads none elsewhere."""
_PLACE = re.compile(r"([A-Za-z]{1,4})(\d{1,9})")
_OTHER_KINDS = {"content.xml", "xl/workbook.bin"}
"""Parts of other kinds of workbook, which nobody looks over."""
Merged = tuple[tuple[int, int], tuple[int, int]]


def read_sheets(name: str, content: bytes) -> Iterator[tuple[list[list[str]], list[Merged]]]:
    """Yield each sheet's cells from the first row on, and its merged ranges. BadInput for what is no workbook."""
    try:
        _look_over(name, content)
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            for index in range(len(book.sheet_names)):
                sheet = book.get_sheet_by_index(index)
                rows = [[cell_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
                yield rows, list(sheet.merged_cell_ranges or [])
    except (CalamineError, BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise BadInput("{file}: not an XLSX workbook ({why})", file=name, why=str(error)) from None


def cell_text(cell: object) -> str:
    """Days as YYYY-MM-DD, whole numbers without a point."""
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


def _look_over(name: str, content: bytes) -> None:
    """Unpack it piece by piece, keeping nothing: how large it is inside, and how far its cells reach."""
    if not content.startswith(b"PK"):  # a workbook of another kind may stand before it, and calamine would read that
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
    """How far the filled cells of one part reach; a part may be a sheet whatever it is called."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.rows = self.columns = 0
        self._row = self._column = 0

    def read(self, stream: IO[bytes]) -> None:
        """Read it to the end, so that its check sum is compared too. ValueError for a place that is none.

        And for a sheet that is no XML: calamine goes on behind a fault, where nobody looked how far its cells reach.
        A picture is none either, and has no cells.
        """
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EntityDeclHandler = self._entity
        fault, before, has_cells = "", b"", False
        while chunk := stream.read(_CHUNK):
            has_cells = has_cells or _CELLS in before + chunk
            before = chunk[-len(_CELLS) :]
            try:
                if not fault:
                    parser.Parse(chunk, False)
            except (expat.ExpatError, LookupError) as error:  # an encoding that Python does not know
                fault = str(error)
        if fault and has_cells:
            raise ValueError(fault)

    def _start(self, name: str, given: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._row, self._column = int(given.get("r", self._row + 1)), 0
        elif kind == "c":
            self._column += 1
            if "r" in given:
                place = _PLACE.fullmatch(given["r"])
                if place is None:
                    raise ValueError(given["r"])
                self._column, self._row = _column(place[1]), int(place[2])
        elif kind in ("v", "is", "f", "t"):
            self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)
            if self.rows > MAX_ROWS:  # at once: the rest of a million rows is not read
                raise too_many_rows(self._file, self.rows)

    def _entity(self, name: str, *_more: object) -> None:
        raise ValueError(f"&{name};")


def too_many_rows(file: str, row: int) -> BadInput:
    return BadInput(
        "{file}: its cells reach to row {row}, and at most {limit} are read; split it, or delete what stands far off",
        file=file,
        row=row,
        limit=MAX_ROWS,
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
