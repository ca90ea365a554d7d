"""What a table's headings, columns and rows hold, by the words that offices use."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256

from models.i18n import Labelled, _
from models.text.vietnamese import fold
from workflows.organization.register.spreadsheet.headings import COUNTING, under_heading
from workflows.templates.template_check import normalise


class TableColumn(Labelled):
    DUTY = "duty", _("the duty")
    LEAD = "lead", _("lead unit")
    PARTNERS = "partners", _("coordinating units")
    DUE = "due", _("deadline")
    STATE = "state", _("state")
    PRODUCT = "product", _("required result")
    REMARKS = "remarks", _("remarks")
    NUMBER = "number", _("number of the document")
    ISSUED = "issued", _("date of the document")


NEEDED = (TableColumn.DUTY, TableColumn.LEAD)

_GUESSES: tuple[tuple[TableColumn | None, re.Pattern[str]], ...] = tuple(
    (column, re.compile(words))
    for column, words in (
        (None, COUNTING),
        (TableColumn.PARTNERS, r"\bphoi hop\b"),
        (
            TableColumn.LEAD,
            r"\bchu tri\b|\b(?:don vi|co quan|bo phan) (?:thuc hien|duoc giao|xu ly|phu trach|dau moi)\b",
        ),
        (TableColumn.PRODUCT, r"\bsan pham\b"),
        (TableColumn.REMARKS, r"\bghi chu\b|\bnhan xet\b|\bluu y\b|\bvuong mac\b"),
        (TableColumn.STATE, r"\btinh trang\b|\btrang thai\b|\bket qua\b|\btien do\b|\btinh hinh\b"),
        (TableColumn.DUE, r"\bthoi han\b|\bhan\b|\bthoi gian\b|\bngay (?:phai )?(?:hoan thanh|xong)\b"),
        (TableColumn.ISSUED, r"^ngay$|\bngay (?:ban hanh|van ban|ky|thang|vb)\b"),
        (TableColumn.NUMBER, r"\bso (?:van ban|vb|ky hieu|hieu)\b|\bso,? (?:va )?ky hieu\b|^van ban\b|^so$"),
        (TableColumn.DUTY, r"\bnhiem vu\b|\bnoi dung\b|\bcong viec\b|\bdau viec\b|\bviec\b|\by kien chi dao\b"),
        (TableColumn.LEAD, r"^(?:don vi|co quan)\b|\bphu trach\b|\bthuc hien\b"),
    )
)
"""In this order: "kết quả thực hiện nhiệm vụ" is a state, "thời hạn thực hiện" a date."""
_LOOKED_AT, _MOST_HEADINGS, _TITLES = 40, 4, 10
_LONGEST_HEADING = 80
_COUNTING = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]+)\)?(?:\s*=.*)?")


@dataclass(frozen=True)
class Headings:
    """The first and last row of the headings, from 1, and the words of each column."""

    first: int
    last: int
    words: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Return the same for the same headings, however they are spelt in capitals and marks."""
        return sha256("\n".join(map(fold, self.words)).encode()).hexdigest()


def guess(heading: str) -> TableColumn | None:
    """Return what stands under a heading; of several rows the lowest counts first."""
    return under_heading(heading, _GUESSES)


def find_headings(cells: Sequence[Sequence[str]]) -> Headings | None:
    """Return the row that names the duty and two things more, else the first that names two, and what belongs to it."""
    named = [(number, _guessed(row)) for number, row in enumerate(cells[:_LOOKED_AT], start=1)]
    found = [(number, names) for number, names in named if len(names) >= 2]
    if not found:
        return None
    # above the headings may stand "Đơn vị: …" and "Thời gian: …"
    full = [number for number, names in found if len(names) >= 3 and TableColumn.DUTY in names]
    near = [number for number in full if number - found[0][0] <= _TITLES]
    return headings_at(cells, near[0] if near else found[0][0])


def headings_at(cells: Sequence[Sequence[str]], first: int) -> Headings:
    last = first
    while last < min(len(cells), first + _MOST_HEADINGS - 1) and _goes_on(cells[first - 1 : last], cells[last]):
        last += 1
    return Headings(first, last, heading_words(cells, first, last))


def heading_words(cells: Sequence[Sequence[str]], first: int, last: int) -> tuple[str, ...]:
    """Return each column's words from the upper row to the lower, none twice."""
    rows = [row for row in cells[first - 1 : last] if not _counts(row)]
    columns = zip(*rows, strict=True)
    return tuple(" / ".join(dict.fromkeys(" ".join(cell.split()) for cell in column if cell)) for column in columns)


def guess_mapping(words: Sequence[str]) -> dict[str, int]:
    """Return the first column for each field."""
    mapping: dict[str, int] = {}
    for place, heading in enumerate(words):
        column = guess(heading)
        if column is not None:
            mapping.setdefault(column.value, place)
    return mapping


def usable(mapping: Mapping[str, int], width: int) -> dict[str, int]:
    """Return what of a remembered mapping fits a table of so many columns."""
    return {name: place for name, place in mapping.items() if name in set(TableColumn) and 0 <= place < width}


def _guessed(row: Sequence[str]) -> set[TableColumn]:
    short = {cell for cell in row if cell and len(cell) <= _LONGEST_HEADING}
    return {column for cell in short if (column := guess(cell)) is not None}


def _counts(row: Sequence[str]) -> bool:
    """Return whether a row only numbers the columns: (1), (2), (3)."""
    filled = [fold(cell) for cell in row if cell]
    return len(filled) >= 2 and all(_COUNTING.fullmatch(cell) for cell in filled)


def _goes_on(above: Sequence[Sequence[str]], row: Sequence[str]) -> bool:
    """Return whether a row belongs to the headings above it: it numbers the columns, or divides one that is merged."""
    if _counts(row):
        return True
    same = any(cell and cell == upper for cell, upper in zip(row, above[-1], strict=True))
    fresh = [cell for cell, upper in zip(row, above[-1], strict=True) if cell and cell != upper]
    names = _guessed(fresh)
    short = all(len(cell) <= _LONGEST_HEADING for cell in row)
    return short and (same or len(names) == len(set(fresh)) > 0) and (bool(names) or not fresh)


_NOT_YET = re.compile(r"\b(?:chua|dang|se|du kien|phan dau|can|khong|sap|con)\b")
_DONE = re.compile(r"\b(?:hoan thanh|hoan tat|xong|da ket thuc|da thuc hien|da bao cao|done)\b|^100 ?%$")
_PERCENT = re.compile(r"(\d{1,3})(?:[.,]\d+)? ?%")
_SECTION = re.compile(r"(?:[IVXLC]+|[A-ZĐ])[.)]?(?:\s|$)")
_BETWEEN = re.compile(r"[\n;]+")
_BULLET = re.compile(r"^(?:[-–•*+]|\d{1,2}[.)])\s*")


@dataclass(frozen=True)
class TableRow:
    """What one row says; `number` is the row as the sheet shows it. A section only divides the table."""

    number: int
    duty: str = ""
    lead: str = ""
    partners: str = ""
    due: str = ""
    state: str = ""
    product: str = ""
    remarks: str = ""
    document: str = ""
    is_section: bool = False

    @property
    def is_done(self) -> bool:
        """Return whether its state says that it is done: "đã hoàn thành", not "chưa", "đang", "hoàn thành 50%"."""
        said = fold(self.state)
        shares = [int(share) for share in _PERCENT.findall(said)]
        if _NOT_YET.search(said) or any(share < 100 for share in shares):
            return False
        return bool(_DONE.search(said)) or shares == [100]

    @property
    def note(self) -> str:
        return normalise("; ".join(part for part in (self.state, self.remarks) if part))[:2000]


def read_rows(cells: Sequence[Sequence[str]], after: int, mapping: Mapping[str, int]) -> Iterator[TableRow]:
    """Yield the rows under the headings that hold anything in a column that counts."""
    named = {TableColumn.NUMBER.value: "document"}
    known = {field.name for field in fields(TableRow)}
    for number, row in enumerate(cells[after:], start=after + 1):
        said = {
            name: row[place]
            for column, place in mapping.items()
            if (name := named.get(column, column)) in known and place < len(row)
        }
        if any(said.values()):
            said["duty"] = normalise(said.get("duty", ""))
            yield TableRow(number, **said, is_section=_is_section(row, said))


def names_in(cell: str) -> list[str]:
    """Return the names of a cell, one a line or between semicolons, without bullets."""
    parts = (_BULLET.sub("", part.strip()).strip(" .,") for part in _BETWEEN.split(cell))
    return list(dict.fromkeys(part for part in parts if part and part not in "-–"))


def _is_section(row: Sequence[str], said: Mapping[str, str]) -> bool:
    """Return whether a row is a heading between rows: merged across, or "II" and a few words with nothing else."""
    filled = [cell for cell in row if cell]
    several = [cell for cell in said.values() if cell]
    if len(several) > 1 and len(set(map(normalise, several))) == 1:
        return True
    if len(set(filled)) == 1 and _SECTION.match(filled[0]):
        return True
    return len(filled) == 2 and bool(_SECTION.fullmatch(filled[0])) and len(several) == 1
