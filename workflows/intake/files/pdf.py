"""Read a PDF's text layer as paragraphs and tables with pdfium, in a process of its own as every risky reader.

A page may also have been read from its picture. Its words then have marks, which stay with them.
"""

import re

import pypdfium2

from workflows.bounded_process.limits import MOST_PAGES, Scanned, Unreadable, check_count, damaged, protected
from workflows.intake.files.characters.encodings import tidied
from workflows.intake.files.lines import Lines
from workflows.intake.files.marks import without_marks
from workflows.intake.files.pdf_layout.joining import joined
from workflows.intake.files.pdf_layout.page import PageLayout, PageLine, read_page
from workflows.intake.files.pdf_layout.paragraphs import Joiner, without_running_heads
from workflows.intake.files.pdf_layout.tables import PageTable, split_page

_UNKNOWN = re.compile("[\x00-\x08\x0e-\x1f\ue000-\uf8ff\ufffd\ufffe\uffff]")
_MAX_STAMP = 150
"""The most characters of a stamp, of the mail room or a signature, that lies over the picture of a page."""


@tidied
def read(data: bytes) -> str:
    """Read a PDF. Scanned where pages are pictures, Unreadable where its fonts do not name their characters."""
    pages = open_pages(data)
    scanned = [page.number for page in pages if is_scanned(page)]
    if scanned:
        raise Scanned(scanned, len(pages))
    return text_of(pages)


def text_of(pages: list[PageLayout]) -> str:
    """Return the text of pages. Unreadable where the fonts do not say which characters they draw."""
    _check_characters(pages)
    parts = [split_page(page) for page in pages]
    running_heads = without_running_heads([[part for part in page if isinstance(part, PageLine)] for page in parts])
    flow = [part for page in parts for part in page if id(part) not in running_heads]
    joiner = Joiner(
        [part for part in flow if isinstance(part, PageLine)], max((page.width for page in pages), default=0)
    )
    lines = Lines()
    last_rows: list[list[str]] = []
    block: list[PageLine] = []
    for part in flow:
        if isinstance(part, PageLine):
            block.append(part)
            continue
        last_rows = [] if block else last_rows
        _write(lines, joiner, block)
        block = []
        last_rows = _write_table(lines, part, last_rows)
    _write(lines, joiner, block)
    return lines.text()


def open_pages(data: bytes) -> list[PageLayout]:
    """Read all pages. Unreadable for a file that is damaged, protected or too long."""
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise protected() from None
        raise damaged() from None
    if count > MOST_PAGES:
        raise Unreadable(
            "file {file}: {pages} pages; at most {most} are read; send it in parts", pages=count, most=MOST_PAGES
        )
    pages: list[PageLayout] = []
    character_count = 0
    for number in range(count):
        try:
            page = document[number]
            pages.append(read_page(page, number))
            page.close()
        except pypdfium2.PdfiumError:
            raise damaged() from None
        character_count += sum(len(line.characters) for line in pages[-1].lines)
        check_count(character_count)
    return pages


def _check_characters(pages: list[PageLayout]) -> None:
    text = "".join(line.text for page in pages for line in page.lines)
    if len(_UNKNOWN.findall(text)) > len(text) / 5:
        raise Unreadable("file {file}: its fonts do not tell which letters they draw; send the .docx it was made from")


def is_scanned(page: PageLayout) -> bool:
    """Return whether a page is a picture without a text layer: at most a stamp lies over it."""
    return page.is_picture and sum(sum(map(str.isalpha, line.text)) for line in page.lines) < _MAX_STAMP


def _write(lines: Lines, joiner: Joiner, block: list[PageLine]) -> None:
    last: PageLine | None = None
    for paragraph in joiner.paragraphs(block):
        if last is not None and joiner.is_gap(last, paragraph[0]):
            lines.gap()
        lines.paragraph(joined([line.marked for line in paragraph]))
        last = paragraph[-1]


def _write_table(lines: Lines, table: PageTable, before: list[list[str]]) -> list[list[str]]:
    """Write a table. When it continues from the page before, its head is left out and a cut row is joined."""
    rows = [row for row in table.rows() if any(row)]
    if not before or not rows or len(before[0]) != len(rows[0]):
        lines.gap()
        before = []
    else:
        lines.take_gap()
        rows = rows[1:] if [*map(without_marks, rows[0])] == [*map(without_marks, before[0])] else rows
        if rows and _is_cut(before, rows[0]):
            lines.take_row()
            rows = [[joined([*pair]) for pair in zip(before[-1], rows[0], strict=True)], *rows[1:]]
            before = before[:-1]
    lines.count_cells(sum(map(len, rows)))
    for row in rows:
        lines.row([(cell, 1) for cell in row])
    lines.gap()
    return before + rows


def _is_cut(before: list[list[str]], row: list[str]) -> bool:
    """Return whether a page's first row is the rest of the row on the page before."""
    return not row[0] and (any(without_marks(cell)[:1].islower() for cell in row) or all(other[0] for other in before))
