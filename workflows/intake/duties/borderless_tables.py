"""Read tables whose bars were lost: their cells stand line by line below each other, as a PDF gives them.

A row begins with its number. Its task ends where a line holds only names or only a time; who leads stands before who
takes part, in the order of the head. What is read so is less sure than a table with bars.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from workflows.intake.names.actors import name_end
from workflows.intake.names.partners import findings
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import Deadline, Passage, ReadDuty, ReadingReason
from workflows.intake.text.vocabulary import bare
from workflows.intake.times.time_lines import read_times

_INDEX_HEAD = re.compile(r"(?:s?tt|so tt|so thu tu)\W*$", re.IGNORECASE)
_TASK = re.compile(r"\b(?:nhiem vu|noi dung|cong viec|hoat dong|ten viec|de an)\b")
_LEAD = re.compile(r"\b(?:chu tri|thuc hien|phu trach)\b")
_PARTNER = re.compile(r"\bphoi hop\b")
_TIME = re.compile(r"\b(?:thoi gian|thoi han|tien do|hoan thanh)\b")
_ROW = re.compile(r"(\d{1,3})[.)]?(?: (?=\D)|$)")
_TIME_LINE = re.compile(
    r"(?:(?:trong |trước |hết |từ )?(?:[69] tháng (?:đầu|cuối) năm|\d{1,2}/\d{4}(?!\s?/)|tháng|quý|năm)|"
    r"h[àằ]ng (?:năm|quý|tháng|tuần)|(?:trước )?ngày \d{1,2}[/ ])"
    r"(?:\W|$)|thường(?: xuyên|$)|\d{4}(?: ?[-–] ?\d{4})?(?: và h[àằ]ng năm| và)?$|"
    r"(?:kỳ họp|phiên họp|theo kế hoạch|theo tiến độ)\b",
    re.IGNORECASE,
)
_LONGEST_HEAD, _LONGEST_LINE = 16, 90
_CONFIDENCE = 0.7


@dataclass(slots=True)
class BorderlessTable:
    """A table without bars: its head, on each page again, and whether who takes part stands before who leads."""

    head: list[str]
    partner_first: bool
    heads: list[TextParagraph] = field(default_factory=list)
    rows: list[list[Passage]] = field(default_factory=list)


def split_borderless(paragraphs: list[TextParagraph]) -> tuple[list[TextParagraph], list[BorderlessTable]]:
    rest: list[TextParagraph] = []
    tables: list[BorderlessTable] = []
    running = _running_heads(paragraphs)
    at = 0
    while at < len(paragraphs):
        table = _head_again(paragraphs, at, tables) or _head(paragraphs, at)
        if table is None:
            rest.append(paragraphs[at])
            at += 1
            continue
        if table not in tables[-1:]:
            tables.append(table)
        table.heads += paragraphs[at : at + len(table.head)]
        at += len(table.head)
        while at < len(paragraphs) and not _INDEX_HEAD.match(bare(paragraphs[at].text)):
            for line in _lines(paragraphs[at].passage):
                if _numberless(line.text) not in running:
                    _add(table, line)
            at += 1
    return rest, tables


def _running_heads(paragraphs: list[TextParagraph]) -> frozenset[str]:
    """Return the lines that stand on each page with only its number another: "CÔNG BÁO/Số 238/… 94"."""
    counted = Counter(_numberless(one.text) for one in paragraphs if len(one.text) > 12)
    return frozenset(text for text, count in counted.items() if count > 2 and "#" in text)


def _numberless(text: str) -> str:
    return re.sub(r"\d+", "#", text)


def _lines(passage: Passage) -> Iterator[Passage]:
    """Yield the lines that a paragraph was joined from: the blank between two has the place of the letter before it."""
    start = 0
    for place, (one, two) in enumerate(pairwise(passage.offsets)):
        if one == two:
            yield passage.cut(start, place + 1)
            start = place + 2
    yield passage.cut(start)


def _head_again(paragraphs: list[TextParagraph], at: int, tables: list[BorderlessTable]) -> BorderlessTable | None:
    """Return the table before, whose head stands here again as on each page."""
    for table in tables[-1:]:
        if [one.text for one in paragraphs[at : at + len(table.head)]] == table.head:
            return table
    return None


def _head(paragraphs: list[TextParagraph], at: int) -> BorderlessTable | None:
    """Return the head that begins with "TT" and names columns line by line, up to the first row."""
    if paragraphs[at].cells or not _INDEX_HEAD.match(bare(paragraphs[at].text)):
        return None
    lines: list[str] = []
    for paragraph in paragraphs[at : at + _LONGEST_HEAD]:
        text = paragraph.text
        if paragraph.cells or len(text) > 60 or (lines and _ROW.match(text)):
            break
        lines.append(text)
    words = bare(" ".join(lines)).casefold()
    lead, partner = _LEAD.search(words), _PARTNER.search(words)
    if not _TASK.search(words) or lead is None or not _TIME.search(words):
        return None
    return BorderlessTable(lines, partner is not None and partner.start() < lead.start())


def _add(table: BorderlessTable, line: Passage) -> None:
    """Put a line into the row that it belongs to, or begin the next row with it; footnotes are long."""
    if len(line.text) > _LONGEST_LINE:
        return
    begun = _ROW.match(line.text)
    if begun and int(begun.group(1)) == len(table.rows) + 1:
        table.rows.append([])
        line = line.cut(begun.end())
    if table.rows and line.text:
        table.rows[-1] += _split_at_blanks(line)


def _split_at_blanks(line: Passage) -> Iterator[Passage]:
    """Yield the parts of a line that several blanks divide in the original."""
    start = 0
    for position, (left, right) in enumerate(pairwise(line.offsets)):
        if right - left > 1 and line.text[position] == " ":
            yield line.cut(start, position)
            start = position
    yield line.cut(start)


def read_borderless(table: BorderlessTable, issued_on: date | None) -> list[ReadDuty]:
    return [_duty(str(number), row, table, issued_on) for number, row in enumerate(table.rows, 1) if row]


def _duty(path: str, lines: list[Passage], table: BorderlessTable, issued_on: date | None) -> ReadDuty:
    task_end = next(
        (
            position
            for position in range(1, len(lines))
            if _holds_only_names(lines[position].text) or _TIME_LINE.match(lines[position].text)
        ),
        len(lines),
    )
    groups = list(_groups(lines[task_end:]))
    name_cells = [cell for cell in groups if begins_actor(cell.text) and _holds_only_names(cell.text)][:2]
    findings_by_cell = [findings(cell, 0, len(cell.text), _CONFIDENCE, ReadingReason.COLUMN) for cell in name_cells] + [
        [],
        [],
    ]
    lead, partners = (
        (findings_by_cell[1], findings_by_cell[0])
        if table.partner_first and name_cells[1:]
        else (findings_by_cell[0], findings_by_cell[1])
    )
    deadlines: dict[tuple[object, ...], Deadline] = {}
    for cell in groups:
        if _TIME_LINE.match(cell.text):
            for deadline in read_times(cell, issued_on):
                less_sure = replace(deadline, confidence=min(deadline.confidence, _CONFIDENCE))
                deadlines.setdefault((deadline.kind, deadline.day, deadline.rule), less_sure)
    return ReadDuty(
        path=path,
        passage=Passage.joined(lines[:task_end], " "),
        confidence=_CONFIDENCE,
        reason=ReadingReason.COLUMN,
        addressees=tuple(lead),
        lead=tuple(lead),
        coordinating=tuple(partners),
        deadlines=tuple(deadlines.values()),
    )


def _groups(lines: list[Passage]) -> Iterator[Passage]:
    """Yield the cells behind the task: a line in small letters, or behind a comma, goes on with the one before it."""
    group: list[Passage] = []
    for line in lines:
        is_continued = bool(group) and (
            line.text[0].islower()
            or line.text[0] in "(/"
            or group[-1].text[-1:] in ",-–("
            or group[-1].text.endswith(" và")
            or (line.text[0].isdigit() and re.fullmatch(r"(?:tháng|quý|năm|ngày)", group[-1].text, re.IGNORECASE))
            or " ".join(part.text for part in group).count("(") > " ".join(part.text for part in group).count(")")
        )
        if group and not is_continued:
            yield Passage.joined(group, " ")
            group = []
        group.append(line)
    if group:
        yield Passage.joined(group, " ")


def _holds_only_names(text: str) -> bool:
    """Return whether a line holds only the names of actors, or begins a list of them."""
    if not text[:1].isupper() or not begins_actor(text) or text.startswith("Bộ Chính trị"):
        return False
    if text.count("(") > text.count(")"):
        text = text[: text.rfind("(")]  # the bracket goes on below
    return name_end(text, 0) >= len(text.rstrip(" ,;.(")) - 1 or bool(
        re.fullmatch(r"(?:Các|Những) [^,.;]{2,30},", text)
    )
