"""Keep a table that came in until it is concluded: its cells, its columns as somebody said them, its ticks."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.errors import BadInput, NotFound, Refused
from models.i18n import _, _n
from models.intake.intake import IntakeState
from models.intake.intake_table import IntakeTable, TableMapping
from workflows.access.rights import Principal
from workflows.bounded_process.turns import TURNS
from workflows.intake.tables.table_columns import (
    NEEDED,
    Headings,
    TableColumn,
    find_headings,
    guess_mapping,
    heading_words,
    headings_at,
    usable,
)
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES, csv_rows
from workflows.organization.register.spreadsheet.workbook import Merged, read_sheets
from workflows.rules.rights_table import Right
from workflows.rules.secrecy import stamped_secrecy
from workflows.templates.new_document import check_document
from workflows.templates.template_check import normalise
from workflows.templates.typed_task import KINDS, LONGEST

_NUMBER = re.compile(r"\d+[\w-]*/[\w./-]*\w")
_WHITE = re.compile(r"\s+")
_MOST_LISTED = 50


def keep_table(
    session: Session, name: str, cells: list[list[str]], *, unit_id: UUID, person_id: UUID, now: datetime
) -> IntakeTable:
    """Keep a table's cells for the unit that would follow it up; the same one still open is given back."""
    digest = sha256("\x1e".join("\x1f".join(row) for row in cells).encode()).hexdigest()
    before = session.exec(
        select(IntakeTable).where(
            IntakeTable.sha256 == digest,
            IntakeTable.state == IntakeState.OPEN,
            IntakeTable.coordinating_unit_id == unit_id,
        )
    ).first()
    if before is not None:
        return before
    headings = find_headings(cells) or headings_at(cells, 1)
    title = [cell for row in cells[: headings.first - 1] for cell in dict.fromkeys(row) if cell]
    table = IntakeTable(
        filename=name[:200],
        sha256=digest,
        cells=cells,
        heads_from=headings.first,
        heads_to=headings.last,
        kind=KINDS[0],
        subject=normalise(max(title, key=len, default=""))[: LONGEST["subject"]],
        coordinating_unit_id=unit_id,
        read_at=now,
        read_by=person_id,
    )
    remembered = session.get(TableMapping, (unit_id, headings.digest))
    mapping = usable(remembered.mapping, len(cells[0])) if remembered else guess_mapping(headings.words)
    table.mapping, table.is_mapped = mapping, remembered is not None
    _fill_in(table)
    session.add(table)
    session.flush()
    return table


def open_table(session: Session, principal: Principal, table_id: UUID, *, to_write: bool = False) -> IntakeTable:
    """NotFound where the reader does not speak for its unit."""
    principal.require(Right.LAUNCH)
    query = select(IntakeTable).where(IntakeTable.id == table_id)
    table = session.exec(query.with_for_update() if to_write else query).first()
    if table is None or table.coordinating_unit_id not in principal.speaks_for:
        raise NotFound("there is no such table")
    return table


def still_open(table: IntakeTable) -> None:
    """Raise Refused where the table has ended."""
    if table.state is not IntakeState.OPEN:
        raise Refused("this table has been dealt with already")


def headings_of(table: IntakeTable) -> Headings:
    words = heading_words(table.cells, table.heads_from, table.heads_to)
    return Headings(table.heads_from, table.heads_to, words)


def set_headings(table: IntakeTable, first: int, last: int) -> None:
    """Say which rows are the headings; the columns are guessed anew where that changes them."""
    still_open(table)
    most = len(table.cells)
    if not 1 <= first <= last <= most:
        raise BadInput("rows {first} to {last}: headings stand in rows 1 to {most}", first=first, last=last, most=most)
    if (first, last) != (table.heads_from, table.heads_to):
        table.heads_from, table.heads_to = first, last
        table.mapping = guess_mapping(headings_of(table).words)


def set_columns(
    session: Session, table: IntakeTable, given: Mapping[int, str], *, person_id: UUID, now: datetime
) -> None:
    """Say what each column holds ("" for nothing), and remember it for the unit's tables with these headings.

    BadInput where a column that is needed is missing, or a field stands twice.
    """
    still_open(table)
    mapping: dict[str, int] = {}
    for place, name in sorted(given.items()):
        if not name:
            continue
        if name not in set(TableColumn) or not 0 <= place < len(table.cells[0]):
            raise BadInput(
                "{field} {value}: expected one of {allowed}",
                field=_("column"),
                value=name,
                allowed=[one.label for one in TableColumn],
            )
        if name in mapping:
            raise BadInput("{field}: two columns hold it; choose one", field=TableColumn(name).label)
        mapping[name] = place
    missing = [one.label for one in NEEDED if one not in mapping]
    if missing:
        raise BadInput("{fields}: say which column holds it", fields=missing)
    headings = headings_of(table)
    key = (table.coordinating_unit_id, headings.digest)
    row = session.get(TableMapping, key) or TableMapping(
        unit_id=key[0], digest=key[1], headings=list(headings.words), mapping=mapping, said_at=now, said_by=person_id
    )
    row.mapping, row.said_at, row.said_by = mapping, now, person_id
    session.add(row)
    table.mapping, table.is_mapped = mapping, True
    _fill_in(table)
    session.flush()


def set_document(table: IntakeTable, given: Mapping[str, str], issued_on: date | None, today: date) -> None:
    """Set what the document is called. BadInput names the field that cannot be."""
    still_open(table)
    check_document(given, issued_on, today)
    table.kind, table.number, table.issued_on = given["kind"], normalise(given["number"]) or None, issued_on
    table.issuer, table.subject = normalise(given["issuer"]), normalise(given["subject"])
    table.dates_are_fixed = bool(given["fixed"])


def tick(table: IntakeTable, ticked: Collection[int], *, new: Collection[int], done: Collection[int]) -> None:
    """Say which rows come along, of those that are new and those that are said to be done."""
    still_open(table)
    table.left_out = sorted({*(set(table.left_out) - set(new)), *(set(new) - set(ticked))})
    table.taken = sorted({*(set(table.taken) - set(done)), *(set(done) & set(ticked))})


def correct_cell(table: IntakeTable, row: int, column: str, value: str) -> None:
    """Put a cell right as it was kept; the office's own file stays as it is. BadInput for a cell that is none."""
    still_open(table)
    place = table.mapping.get(column)
    if place is None or not table.heads_to < row <= len(table.cells):
        raise BadInput("row {row}, {column}: there is no such cell", row=row, column=column)
    if len(value) > LONGEST_CELL:
        raise BadInput(
            "{file}, row {row}: a cell of {length} characters; at most {most}",
            file=table.filename,
            row=row,
            length=len(value),
            most=LONGEST_CELL,
        )
    cells = [list(cells) for cells in table.cells]
    cells[row - 1][place] = clean(value)
    table.cells = cells


def drop_table(session: Session, table: IntakeTable, *, now: datetime) -> None:
    """Put a table aside; nothing is made of it."""
    still_open(table)
    table.state, table.ended_at = IntakeState.DROPPED, now
    session.flush()


def list_tables(session: Session, unit_ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """Return id, name, subject and moment of reading of the units' open tables, the newest first."""
    columns = [col(one) for one in (IntakeTable.id, IntakeTable.filename, IntakeTable.subject, IntakeTable.read_at)]
    query = (
        select_columns(*columns)
        .where(col(IntakeTable.state) == IntakeState.OPEN, col(IntakeTable.coordinating_unit_id).in_(unit_ids))
        .order_by(col(IntakeTable.read_at).desc(), col(IntakeTable.id).desc())
        .limit(_MOST_LISTED)
    )
    return session.execute(query).all()


def _fill_in(table: IntakeTable) -> None:
    """The document's number and date, where they stand in columns and nobody has given them."""
    rows = table.cells[table.heads_to :]
    place = table.mapping.get(TableColumn.NUMBER)
    if table.number is None and place is not None:
        said = [found.group() for row in rows if (found := _NUMBER.search(_WHITE.sub("", row[place])))]
        table.number = max(said, key=said.count)[: LONGEST["number"]] if said else None
    place = table.mapping.get(TableColumn.ISSUED)
    if table.issued_on is None and place is not None:
        days = [row[place] for row in rows if re.fullmatch(r"\d{4}-\d{2}-\d{2}", row[place])]
        table.issued_on = date.fromisoformat(max(days, key=days.count)) if days else None


MOST_ROWS, MOST_COLUMNS, LONGEST_CELL, LONGEST_TABLE = 1_000, 60, 8_000, 500_000


def read_cells(name: str, content: bytes, by: UUID | None = None) -> list[list[str]]:
    """Return the cells of a CSV file, or of the first sheet of an XLSX workbook that has headings (else of the first
    one).

    It takes a turn: `by` is the person whose page waits for it, None for a command. BadInput for another kind of file,
    for one without words, and for one that is too large; Refused for a secret one; Busy.
    """
    with TURNS.take(by):
        cells = _read_cells(name, content)
    for number, row in enumerate(cells, start=1):
        if level := stamped_secrecy("\n".join(row)):
            raise Refused(
                "{file}, row {row}: it is stamped {level}, and may not enter a networked system; take it out, and"
                " follow it up on paper; nothing was stored",
                file=name,
                row=number,
                level=level.upper(),
            )
    return cells


def _read_cells(name: str, content: bytes) -> list[list[str]]:
    if len(content) > MAX_BYTES:
        raise BadInput("{file}: larger than {limit} MB", file=name, limit=MAX_BYTES // 1_000_000)
    ending = name.rpartition(".")[2].casefold()
    if ending == "csv":
        sheets = [_tidy(csv_rows(name, content), [])]
    elif ending == "xlsx":
        sheets = [_tidy(rows, merged) for rows, merged in read_sheets(name, content)]
    else:
        raise BadInput("{file}: neither .csv nor .xlsx; open it in a spreadsheet program and save it so", file=name)
    filled = [cells for cells in sheets if cells]
    if not filled:
        raise BadInput("{file}: there are no words in it", file=name)
    cells = next((cells for cells in filled if find_headings(cells)), filled[0])
    if len(cells) > MOST_ROWS or len(cells[0]) > MOST_COLUMNS:
        raise BadInput(
            "{file}: {rows} and {columns}; at most {most_rows} and {most_columns}: send it in parts",
            file=name,
            rows=_n("{count} row", "{count} rows", count=len(cells)),
            columns=_n("{count} column", "{count} columns", count=len(cells[0])),
            most_rows=MOST_ROWS,
            most_columns=MOST_COLUMNS,
        )
    length = sum(len(cell) for row in cells for cell in row)
    if length > LONGEST_TABLE:
        raise BadInput(
            "{file}: {length} characters; at most {most}: send it in parts",
            file=name,
            length=length,
            most=LONGEST_TABLE,
        )
    for number, row in enumerate(cells, start=1):
        longest = max(map(len, row))
        if longest > LONGEST_CELL:
            raise BadInput(
                "{file}, row {row}: a cell of {length} characters; at most {most}",
                file=name,
                row=number,
                length=longest,
                most=LONGEST_CELL,
            )
    return cells


def _tidy(rows: Sequence[Sequence[str]], merged: Sequence[Merged]) -> list[list[str]]:
    """Return all rows equally long, without what is empty at the end and on the right."""
    cells = [[clean(cell) for cell in row] for row in rows]
    for (top, left), (bottom, right) in merged:
        said = cells[top][left] if top < len(cells) and left < len(cells[top]) else ""
        for row in cells[top : bottom + 1] if said else ():
            for column in range(left, min(right + 1, len(row))):
                row[column] = row[column] or said
    while cells and not any(cells[-1]):
        cells.pop()
    width = max((n for row in cells for n, cell in enumerate(row, start=1) if cell), default=0)
    return [(row + [""] * width)[:width] for row in cells]


def clean(cell: str) -> str:
    """NFC, without invisible characters; lines stay, for a cell may hold one name a line."""
    text = unicodedata.normalize("NFC", cell).replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf"))
    return "\n".join(line for part in plain.split("\n") if (line := " ".join(part.split())))
