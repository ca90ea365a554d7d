"""Read tables of tasks, which have a duty in each row and columns for leads, coordinating units and times."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import findings
from workflows.intake.names.supervision import read_supervisors
from workflows.intake.text.beginnings import begins_actor, begins_predicate
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import BlockKind, Passage, ReadDuty, ReadingReason, TextFinding
from workflows.intake.text.sentences import between
from workflows.intake.text.shape import with_small_initial
from workflows.intake.text.vocabulary import bare
from workflows.intake.times.time_lines import read_times

_COLUMNS = {
    "index": re.compile(r"(?:s?tt|so tt|so thu tu|thu tu|stt|muc|so)\W*$"),
    "supervisor": re.compile(
        r"(?:co quan|don vi|lanh dao|nguoi|bo phan|can bo)?\s?(?:theo doi|don doc|giam sat|kiem tra)\b"
    ),
    "report": re.compile(r"(?:noi|co quan|don vi) (?:nhan|gui|tiep nhan)\b|bao cao (?:ve|cho)\b"),
    "partner": re.compile(r"(?!.*chu tri).*phoi hop"),
    "lead": re.compile(r".*(?:chu tri|dau moi)"),
    "time": re.compile(
        r"(?:thoi gian|thoi han|tien do|han|ngay hoan thanh|thoi diem|hoan thanh|trinh truoc|ket thuc|"
        r"du kien hoan thanh|thang$|quy$)"
    ),
    "product": re.compile(r"(?:san pham|ket qua|ghi chu|can cu|so van ban)\b"),
    "duty": re.compile(
        r"(?:ten )?(?:cac )?(?:nhiem vu|noi dung|cong viec|hoat dong|dau viec|muc tieu, nhiem vu|ten nhiem vu|viec|"
        r"de an|van ban|ten (?:de an|van ban|viec)|nhom nhiem vu|giai phap)"
    ),
    "doer": re.compile(
        r"(?:don vi|co quan|bo phan|nguoi|ca nhan|phong|to chuc|thanh vien|can bo)(?:, (?:don vi|ca nhan))?"
        r" (?:duoc (?:giao|phan cong)|thuc hien|phu trach|soan thao|trien khai|chiu trach nhiem|tham muu)"
        r"|trach nhiem|phan cong|(?:don vi|co quan|to chuc, ca nhan|phong, ban)\W*$"
    ),
}
_WRAPPED = 0.85
"""The confidence of rows whose lines had to be joined."""
_SHORT = 26
"""Characters below which a task's cell only says where or for whom."""
_BEFORE = re.compile(r"\btruoc\b")
_TAKES_PART = re.compile(r"\(phối hợp\)", re.IGNORECASE)
_ROLE = re.compile(r"(?:^|[;.,]?\s)(?:[-+•]\s*)?(?:(?:cơ quan|đơn vị) )?(chủ trì|phối hợp)\s*:\s*", re.IGNORECASE)
"""Who leads and who takes part, said in one cell: "Chủ trì: Sở A; phối hợp: Sở B"."""
_FIGURE = re.compile(r"\W*\d{0,2}\W*(?:=.*)?$")
"""A cell that only counts its column: "(1)", "(5) = (3) + (4)"."""
_DASHES = re.compile(r"(?:^|[;,]?\s)[-–+•]\s*")
_INDEX = re.compile(r"\W*(\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5}|[A-ZĐ]|[a-zđ])\W*$")


@dataclass(slots=True)
class DutyTable:
    """A table of tasks, from its head to its last row, and the Roman part of the document that it stands in."""

    rows: list[TextParagraph]
    part: str


def split_tables(paragraphs: list[TextParagraph]) -> tuple[list[TextParagraph], list[DutyTable]]:
    rest: list[TextParagraph] = []
    tables: list[DutyTable] = []
    inside, part = False, ""
    for paragraph in paragraphs:
        if inside and paragraph.cells and _columns(paragraph) == _columns(tables[-1].rows[0]):
            continue  # the head again on the next page
        if paragraph.cells and is_head(paragraph):
            tables.append(DutyTable([paragraph], part))
            inside = True
        elif inside and (paragraph.cells or not paragraph.gap) and not _ends_table(paragraph):
            tables[-1].rows.append(paragraph)
        else:
            inside = False
            rest.append(paragraph)
            label = None if paragraph.cells else read_label(paragraph.text)
            part = label.value if label is not None and label.level is Level.ROMAN else part
    return rest, tables


def _ends_table(paragraph: TextParagraph) -> bool:
    """Return whether a line below a table is no more of it: the next Roman part, or whom the document goes to."""
    label = None if paragraph.cells else read_label(paragraph.text)
    if label is not None and label.level is Level.ROMAN:
        return True
    return bool(re.match(r"\W*n[ơo]i nh[ậa]n", paragraph.text, re.IGNORECASE))


def is_head(paragraph: TextParagraph) -> bool:
    """Return whether a row names a column for the duty and one for who or when."""
    columns = _columns(paragraph)
    columns = {name: place for name, place in columns.items() if name != "before"}
    return "duty" in columns and len({"lead", "doer", "time", "partner"} & set(columns)) >= 1 and len(columns) >= 2


def _columns(head: TextParagraph) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, cell in enumerate(head.cells):
        words = bare(cell.text).casefold().strip()
        if len(words) > 60:
            continue
        for name, pattern in _COLUMNS.items():
            if name not in columns and pattern.match(words):
                columns[name] = position
                if name == "time" and _BEFORE.search(words):
                    columns["before"] = position
                break
    return columns


def read_table(table: DutyTable, issued_on: date | None) -> list[ReadDuty]:
    """Return the duties of a table, row by row; a row of a Roman figure only begins a section."""
    head, rows = _joined(whole_rows(table.rows, _columns(table.rows[0])))
    columns = _columns(head)
    confidence = _WRAPPED if has_wrapped_rows(table.rows) else 0.95
    duties: list[ReadDuty] = []
    section = f"{table.part}." if table.part else ""
    number = ""
    lead_above: tuple[TextFinding, ...] = ()
    for position, row in enumerate(rows):
        if (heading := _section_label(row)) is not None:
            section, number = f"{heading}.", ""
            continue
        index = _index(row, columns)
        text = _cell(row, columns.get("duty"))
        if index is None and "index" not in columns and (label := read_label(text.text)) is not None:
            index, text = label.value, text.cut(label.size)
        if index is None and text.text and _says_who_or_when(row, columns):
            index = "" if position and _section_label(rows[position - 1]) is not None else "?"
        if index is None or not text.text:
            continue
        index_below = _index(rows[position + 1], columns) if position + 1 < len(rows) else None
        if _heads_section(row, columns, index, index_below):
            number = f"{index}." if index.isdigit() else ""
            section = section if index.isdigit() else f"{index}."
            continue
        number = "" if index.isdigit() else number
        path = f"{section}{number if index == '?' or (len(index) == 1 and index.islower()) else ''}{index}".rstrip(".")
        duty = replace(_duty(row, columns, path, text, issued_on, lead_above), confidence=confidence)
        lead_above = duty.lead
        duties.append(duty)
    return duties


def row_kinds(table: DutyTable, duties: list[ReadDuty]) -> Iterator[tuple[BlockKind, TextParagraph]]:
    """Yield what each row is: of a duty, a heading, or unread where nothing was made of it."""
    columns, starts = _columns(table.rows[0]), {duty.span.start for duty in duties}
    kind = BlockKind.HEADING
    for row in whole_rows(table.rows, columns)[1:]:
        span = row.passage.span()
        if any(span.start <= start < span.end for start in starts):
            kind = BlockKind.TABLE_ROW
        elif _section_label(row) is not None or (
            _cell(row, columns.get("duty")).text and not _says_who_or_when(row, columns)
        ):
            kind = BlockKind.HEADING
        elif _cell(row, columns.get("index", 0)).text and not all(_FIGURE.match(cell.text) for cell in row.cells):
            kind = BlockKind.UNREAD
        yield kind, row


def _joined(rows: list[TextParagraph]) -> tuple[TextParagraph, list[TextParagraph]]:
    """Return the head and the rows, what a printer set on lines below the first of a row joined to it."""
    joined_rows = [rows[0]]
    columns = _columns(joined_rows[0])
    for row in rows[1:]:
        if all(_FIGURE.match(cell.text) for cell in row.cells):
            continue
        if _goes_on(row, joined_rows[-1], columns, head=len(joined_rows) == 1):
            pairs = zip(joined_rows[-1].cells, row.cells, strict=True)
            cells = tuple(Passage.joined(pair, " ") for pair in pairs)
            joined_rows[-1] = TextParagraph(joined_rows[-1].passage, cells, joined_rows[-1].gap)
            columns = _columns(joined_rows[0]) if len(joined_rows) == 1 else columns
        else:
            joined_rows.append(row)
    return joined_rows[0], joined_rows[1:]


def _goes_on(row: TextParagraph, above: TextParagraph, columns: dict[str, int], *, head: bool) -> bool:
    """Return whether a row only goes on with the one above it: no label, and no beginning of a duty."""
    if "index" not in columns or len(row.cells) != len(above.cells) or _cell(row, columns["index"]).text:
        return False
    text = _cell(row, columns.get("duty")).text
    if not text or not text[:1].isupper() or (head and set(_columns(row)) & {"lead", "partner", "doer", "time"}):
        return True
    ended = _cell(above, columns.get("duty")).text.rstrip()[-1:] in (".", ";", ":")
    return not ended and not _says_who_or_when(row, columns)


def _section_label(row: TextParagraph) -> str | None:
    """Return the Roman figure or letter of a row with a single cell: "I. TỰ KIỂM TRA VĂN BẢN"."""
    filled = [cell for cell in row.cells if cell.text]
    label = read_label(filled[0].text) if len(filled) == 1 and len(row.cells) <= 2 else None
    return label.value if label is not None and label.level <= Level.ROMAN else None


def _says_who_or_when(row: TextParagraph, columns: dict[str, int]) -> bool:
    return any(_cell(row, columns.get(name)).text for name in ("lead", "doer", "time"))


def _index(row: TextParagraph, columns: dict[str, int]) -> str | None:
    place = columns.get("index", 0)
    match = _INDEX.match(_cell(row, place).text)
    return match.group(1) if match else None


def _heads_section(row: TextParagraph, columns: dict[str, int], index: str, below: str | None) -> bool:
    """Return whether a row says neither who nor when, and is a part or the number above the row below it."""
    if not index.isdigit() and index.isupper() and sum(1 for cell in row.cells if cell.text) == 2:
        return True
    if re.fullmatch(r"[IVX]+", index):
        return not _cell(row, columns.get("lead", columns.get("doer"))).text
    filled = [name for name in ("lead", "doer", "partner", "time") if _cell(row, columns.get(name)).text]
    return not filled and (not index.isdigit() or len(row.cells) <= 2 or below in ("a", f"{index}.1"))


def _cell(row: TextParagraph, place: int | None) -> Passage:
    return row.cells[place] if place is not None and place < len(row.cells) else Passage("", ())


def _duty(
    row: TextParagraph,
    columns: dict[str, int],
    path: str,
    text: Passage,
    issued_on: date | None,
    lead_above: tuple[TextFinding, ...],
) -> ReadDuty:
    """Return the duty of a row; a cell left empty for who leads means the one of the row before, as merged cells do."""
    leading, joining = _by_role(_cell(row, columns.get("lead")))
    leaders = _people(leading)
    lead = [person for person in leaders if not _TAKES_PART.search(person.value)]
    partners = [person for person in leaders if _TAKES_PART.search(person.value)]
    partners += [person for cell in (joining, _cell(row, columns.get("partner"))) for person in _people(cell)]
    doers = _people(_cell(row, columns.get("doer")))
    is_merged_cell = not leaders and not doers and "lead" in columns
    lead = list(lead_above) if is_merged_cell else lead
    time_cell = _cell(row, columns.get("time"))
    sentence = with_small_initial(text.text)
    if (
        len(text.text) < _SHORT
        and not begins_predicate(sentence)
        and time_cell.offsets
        and text.offsets[-1] < time_cell.offsets[0]
    ):
        text = Passage.joined([text, time_cell])  # a place or a name alone: the task is the heading of its part
    return ReadDuty(
        path=path,
        passage=text,
        confidence=0.95,
        reason=ReadingReason.COLUMN,
        addressees=tuple(lead or doers),
        lead=tuple(lead),
        coordinating=tuple(partners),
        inherited=is_merged_cell and bool(lead),
        deadlines=tuple(read_times(time_cell, issued_on, before=columns.get("before") == columns.get("time", -1))),
        reports_to=tuple(_people(_cell(row, columns.get("report"))) or read_reports(text) or read_reports(time_cell)),
        supervisor=tuple(_people(_cell(row, columns.get("supervisor"))) or read_supervisors(text, lead or doers)),
    )


def _by_role(cell: Passage) -> tuple[Passage, Passage]:
    """Return who leads and who takes part where one cell says both: "Chủ trì: Sở A; phối hợp: Sở B"."""
    roles = list(_ROLE.finditer(cell.text))
    if not roles:
        return cell, Passage("", ())
    ends = [*(match.start() for match in roles[1:]), len(cell.text)]
    parts = [(match.group(1).casefold(), cell.cut(match.end(), end)) for match, end in zip(roles, ends, strict=True)]
    lead_parts = [cell.cut(0, roles[0].start()), *(part for role, part in parts if role == "chủ trì")]
    return Passage.joined(lead_parts, "; "), Passage.joined((part for role, part in parts if role != "chủ trì"), "; ")


def _people(cell: Passage) -> list[TextFinding]:
    """Return the names of a cell, also set out with dashes."""
    cuts = [match for match in _DASHES.finditer(cell.text) if begins_actor(cell.text, match.end())]
    parts = between(cell.text, cuts)
    return [finding for part in parts for finding in findings(cell, part.start, part.end, 0.95, ReadingReason.COLUMN)]


def whole_rows(rows: list[TextParagraph], columns: dict[str, int]) -> list[TextParagraph]:
    """Return the rows that say something; in a drawn table the lines of one row joined cell by cell."""
    filled = [row for row in rows if row.cells and any(cell.text for cell in row.cells)]
    if not has_wrapped_rows(filled):
        return filled
    joined_rows: list[TextParagraph] = []
    is_separated = True
    for row in rows:
        if not row.cells:
            continue
        if not any(cell.text for cell in row.cells):
            is_separated = True  # a line left empty parts two rows
            continue
        single = sum(1 for cell in row.cells if cell.text) == 1 and len(row.cells) == 1
        if (
            joined_rows
            and not is_separated
            and not single
            and len(joined_rows[-1].cells) > 1
            and not _begins(row, joined_rows[-1], columns)
        ):
            joined_rows[-1] = _with_line(joined_rows[-1], row)
        else:
            joined_rows.append(row)
        is_separated = single
    return joined_rows


def has_wrapped_rows(rows: list[TextParagraph]) -> bool:
    """Return whether the bars of the rows stand below each other, and rows go on below themselves."""
    places = Counter(_bars(row) for row in rows if len(row.cells) > 2)
    if not places:
        return False
    count = max(places.values())
    broken = sum(1 for row in rows if any(not cell.text for cell in row.cells))
    return count >= 4 and count * 2 > len(rows) and broken >= 2


def _bars(row: TextParagraph) -> tuple[int, ...]:
    offsets = row.passage.offsets
    return tuple(offsets[at] - offsets[0] for at, char in enumerate(row.text) if char == "|")


def _begins(row: TextParagraph, before: TextParagraph, columns: dict[str, int]) -> bool:
    """Return whether a line begins another row: with a number, or with a task and its time where both are said."""
    index = columns.get("index", 0)
    if _text(row, index) and _text(before, index):
        return True
    duty, others = columns.get("duty", -1), [columns[name] for name in ("time", "lead", "doer") if name in columns]
    is_begun = _text(row, duty)[:1].isupper() and any(_text(row, place) for place in others)
    if _text(row, index):
        return bool(_text(before, duty)) and is_begun
    is_filled_above = any(_text(row, place) and _text(before, place) for place in others)
    return is_begun and is_filled_above and _text(before, duty)[-1:] not in (",", "-", "–")


def _text(row: TextParagraph, place: int) -> str:
    return row.cells[place].text if 0 <= place < len(row.cells) else ""


def _with_line(above: TextParagraph, row: TextParagraph) -> TextParagraph:
    size = max(len(above.cells), len(row.cells))
    cells = tuple(
        Passage.joined([part.cells[position] for part in (above, row) if position < len(part.cells)], " ")
        for position in range(size)
    )
    return TextParagraph(Passage.joined([above.passage, row.passage], " "), cells, above.gap)
