"""A table's rows by what their columns hold, and what the words of a state say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from models.text.vietnamese import fold
from workflows.intake.tables.table_columns import Column
from workflows.templates.template_check import normalise

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
    named = {Column.NUMBER.value: "document"}
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
