"""An XLSX workbook's sheets as text cells. Looked over first: one far-off cell would take all of the memory."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook

from models.errors import BadInput

MAX_INSIDE = 200_000_000  # bytes of all parts, unpacked
MAX_CELLS = 4_000_000
_CHUNK = 1 << 20
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,4})(\d{1,9})""")
Merged = tuple[tuple[int, int], tuple[int, int]]


def read_sheets(name: str, content: bytes) -> Iterator[tuple[list[list[str]], list[Merged]]]:
    """Each sheet's cells from the first row on, and its merged ranges. BadInput for what is no workbook."""
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
    """A cell as text: days as YYYY-MM-DD, whole numbers without a point."""
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
    """Unpacks it piece by piece, keeping nothing: how large it is inside, and how far its cells reach."""
    inside = 0
    with ZipFile(BytesIO(content)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MAX_INSIDE:
            raise BadInput("{file}: unpacked it is larger than {limit} MB", file=name, limit=MAX_INSIDE // 1_000_000)
        for part in parts.infolist():
            is_sheet = "worksheets/" in part.filename.replace("\\", "/").casefold()
            rows = columns = 1
            rest = b""
            with parts.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    inside += len(chunk)
                    if inside > MAX_INSIDE:
                        raise BadInput(
                            "{file}: unpacked it is larger than {limit} MB", file=name, limit=MAX_INSIDE // 1_000_000
                        )
                    if not is_sheet:
                        continue
                    text = rest + chunk
                    for letters, digits in _PLACE.findall(text):
                        rows, columns = max(rows, int(digits)), max(columns, _column(letters))
                    rest = text[-64:]
            if rows * columns > MAX_CELLS:
                raise BadInput(
                    "{file}: its cells reach to row {row}, column {column}; delete what stands far off, then save it",
                    file=name, row=rows, column=columns,
                )  # fmt: skip


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
