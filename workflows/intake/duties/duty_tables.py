"""Tables of tasks: one duty a row, with columns for who leads, who takes part and when."""

import re
from dataclasses import dataclass
from datetime import date

from workflows.intake.dates.time_lines import read_times
from workflows.intake.duties.drawn_tables import whole_rows
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import findings
from workflows.intake.names.supervision import read_supervisors
from workflows.intake.text.beginnings import begins_actor, begins_predicate
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.paragraphs import Paragraph
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Deadline, Duty, Finding, Reason
from workflows.intake.text.vocabulary import bare

_COLUMNS = {
    "index": re.compile(r"(?:s?tt|so tt|so thu tu|stt|muc)\W*$"),
    "partner": re.compile(r"(?!.*chu tri).*phoi hop"),
    "lead": re.compile(r".*chu tri"),
    "time": re.compile(
        r"(?:thoi gian|thoi han|tien do|han|ngay hoan thanh|thoi diem|hoan thanh|trinh truoc|ket thuc|du kien "
        r"hoan thanh|"
        r"thang$|quy$)"
    ),
    "duty": re.compile(
        r"(?:ten )?(?:cac )?(?:nhiem vu|noi dung|cong viec|hoat dong|dau viec|muc tieu, nhiem vu|ten nhiem vu|viec|"
        r"de an|van ban|ten (?:de an|van ban|viec)|nhom nhiem vu|giai phap)"
    ),
    "doer": re.compile(
        r"(?:don vi|co quan|bo phan|nguoi|ca nhan|phong)(?:, don vi)? (?:duoc giao|thuc hien|phu trach|dau moi)"
        r"|trach nhiem|phan cong"
    ),
}
_SHORT = 26
"""Characters below which a task's cell only says where or for whom."""
_BEFORE = re.compile(r"\btruoc\b")
_TAKES_PART = re.compile(r"\(phối hợp\)", re.IGNORECASE)
_DASHES = re.compile(r"(?:^|[;,]?\s)[-–+•]\s*")
_INDEX = re.compile(r"\W*(\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5}|[A-ZĐ]|[a-zđ])\W*$")


@dataclass(slots=True)
class Table:
    """A table of tasks, from its head to its last row, and the Roman part of the document that it stands in."""

    rows: list[Paragraph]
    part: str


def split_tables(paragraphs: list[Paragraph]) -> tuple[list[Paragraph], list[Table]]:
    """Return the paragraphs outside of tables of tasks, and those tables."""
    rest: list[Paragraph] = []
    tables: list[Table] = []
    inside, part = False, ""
    for paragraph in paragraphs:
        if paragraph.cells and is_head(paragraph):
            tables.append(Table([paragraph], part))
            inside = True
        elif inside and (paragraph.cells or not paragraph.gap) and not _ends_table(paragraph):
            tables[-1].rows.append(paragraph)
        else:
            inside = False
            rest.append(paragraph)
            label = None if paragraph.cells else read_label(paragraph.text)
            part = label.value if label is not None and label.level is Level.ROMAN else part
    return rest, tables


def _ends_table(paragraph: Paragraph) -> bool:
    """Return whether a line below a table is no more of it: the next Roman part, or whom the document goes to."""
    label = None if paragraph.cells else read_label(paragraph.text)
    if label is not None and label.level is Level.ROMAN:
        return True
    return bool(re.match(r"\W*n[ơo]i nh[ậa]n", paragraph.text, re.IGNORECASE))


def is_head(paragraph: Paragraph) -> bool:
    """Return whether a row names a column for the duty and one for who or when."""
    columns = _columns(paragraph)
    columns = {name: place for name, place in columns.items() if name != "before"}
    return "duty" in columns and len({"lead", "doer", "time", "partner"} & set(columns)) >= 1 and len(columns) >= 2


def _columns(head: Paragraph) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(head.cells):
        words = bare(cell.text).casefold().strip()
        if len(words) > 60:
            continue
        for name, pattern in _COLUMNS.items():
            if name not in found and pattern.match(words):
                found[name] = place
                if name == "time" and _BEFORE.search(words):
                    found["before"] = place
                break
    return found


def read_table(table: Table, issued_on: date | None) -> list[Duty]:
    """Return the duties of a table, row by row; a row of a Roman figure only begins a section."""
    head, *rows = whole_rows(table.rows, _columns(table.rows[0]))
    columns = _columns(head)
    duties: list[Duty] = []
    section = f"{table.part}." if table.part else ""
    before: tuple[Finding, ...] = ()
    for row in rows:
        if (heading := _section_label(row)) is not None:
            section = f"{heading}."
            continue
        index = _index(row, columns)
        text = _cell(row, columns.get("duty"))
        if index is None and text.text and _says_who_or_when(row, columns):
            index = "" if section else "?"
        if index is None or not text.text:
            continue
        if _heads_section(row, columns, index):
            section = f"{index}." if not index.isdigit() else section
            continue
        duty = _duty(row, columns, f"{section}{index}".rstrip("."), text, issued_on, before)
        before = duty.lead
        duties.append(duty)
    return duties


def _section_label(row: Paragraph) -> str | None:
    """Return the Roman figure or letter of a row with a single cell: "I. TỰ KIỂM TRA VĂN BẢN"."""
    filled = [cell for cell in row.cells if cell.text]
    label = read_label(filled[0].text) if len(filled) == 1 and len(row.cells) <= 2 else None
    return label.value if label is not None and label.level <= Level.ROMAN else None


def _says_who_or_when(row: Paragraph, columns: dict[str, int]) -> bool:
    return any(_cell(row, columns.get(name)).text for name in ("lead", "doer", "time"))


def _index(row: Paragraph, columns: dict[str, int]) -> str | None:
    place = columns.get("index", 0)
    match = _INDEX.match(_cell(row, place).text)
    return match.group(1) if match else None


def _heads_section(row: Paragraph, columns: dict[str, int], index: str) -> bool:
    """Return whether a row says neither who nor when."""
    if not index.isdigit() and index.isupper() and sum(1 for cell in row.cells if cell.text) == 2:
        return True
    if re.fullmatch(r"[IVX]+", index):
        return not _cell(row, columns.get("lead", columns.get("doer"))).text
    filled = [name for name in ("lead", "doer", "partner", "time") if _cell(row, columns.get(name)).text]
    return not filled and (not index.isdigit() or len(row.cells) <= 2)


def _cell(row: Paragraph, place: int | None) -> Passage:
    return row.cells[place] if place is not None and place < len(row.cells) else Passage("", ())


def _duty(
    row: Paragraph,
    columns: dict[str, int],
    path: str,
    text: Passage,
    issued_on: date | None,
    before: tuple[Finding, ...],
) -> Duty:
    """Return the duty of a row; a cell left empty for who leads means the one of the row before, as merged cells do."""
    leaders = _people(_cell(row, columns.get("lead")))
    lead = [one for one in leaders if not _TAKES_PART.search(one.value)]
    partners = [one for one in leaders if _TAKES_PART.search(one.value)] + _people(_cell(row, columns.get("partner")))
    doers = _people(_cell(row, columns.get("doer")))
    taken_over = not leaders and not doers and "lead" in columns
    lead = list(before) if taken_over else lead
    when = _cell(row, columns.get("time"))
    named = text.text[:1].lower() + text.text[1:]
    if len(text.text) < _SHORT and not begins_predicate(named) and when.offsets and text.offsets[-1] < when.offsets[0]:
        text = Passage.joined([text, when])  # a place or a name alone: the task is the heading of its part
    return Duty(
        path=path,
        passage=text,
        confidence=0.95,
        reason=Reason.COLUMN,
        addressees=tuple(lead or doers),
        lead=tuple(lead),
        coordinating=tuple(partners),
        inherited=taken_over and bool(lead),
        deadlines=tuple(_when(when, issued_on, before=columns.get("before") == columns.get("time", -1))),
        reports_to=tuple(read_reports(text) or read_reports(when)),
        supervisor=tuple(read_supervisors(text, lead or doers)),
    )


def _people(cell: Passage) -> list[Finding]:
    """Return the names of a cell, also set out with dashes."""
    cuts = [match for match in _DASHES.finditer(cell.text) if begins_actor(cell.text, match.end())]
    starts = [0, *(match.end() for match in cuts)]
    ends = [*(match.start() for match in cuts), len(cell.text)]
    return [
        one for start, end in zip(starts, ends, strict=True) for one in findings(cell, start, end, 0.95, Reason.COLUMN)
    ]


def _when(cell: Passage, issued_on: date | None, *, before: bool) -> list[Deadline]:
    """Return the times of a cell, each of several; below a head like "Trình trước" a period ends on its first day."""
    return read_times(cell, issued_on, before=before)
