"""Render a paper as .docx in Times New Roman, with real tables and headings, and alternative text for pictures."""

import io
from dataclasses import dataclass, field
from datetime import datetime

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as DocxParagraph

from models.text.localtime import local
from workflows.papers.charts.render import png
from workflows.papers.formats import docx_parts as parts
from workflows.papers.formats.text_cells import SHORT_TABLE, heading_rows, written_rows
from workflows.papers.paper import (
    Appendix,
    Blank,
    Block,
    Drawing,
    Paper,
    Paragraph,
    Quotation,
    SectionHeading,
    Table,
    legible,
)

MANY_COLUMNS, DENSE_HEAD_SIZE, DENSE_CELL_SIZE = 8, 8.5, 9.5
"""Tables with this number of columns or more have smaller headings and cells; sizes in points."""
_CENTRE, _LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
_ALIGNMENTS = {"text": _LEFT, "number": WD_ALIGN_PARAGRAPH.RIGHT, "rate": WD_ALIGN_PARAGRAPH.RIGHT, "date": _CENTRE}
_MOTTO_WIDTH = 54  # mm: "Độc lập - Tự do - Hạnh phúc" in Times New Roman 13 bold


def render_docx(paper: Paper, *, written_at: datetime) -> bytes:
    """Render a paper. The same paper and moment (UTC) give the same bytes."""
    paper, document = legible(paper), Document()
    _DocxWriter(document, paper).write()
    _properties(document, paper, written_at)
    buffer = io.BytesIO()
    document.save(buffer)
    return parts.make_reproducible(buffer.getvalue())


def _properties(document: DocumentObject, paper: Paper, written_at: datetime) -> None:
    properties, moment = document.core_properties, local(written_at).replace(tzinfo=None)
    properties.title, properties.author, properties.last_modified_by = (
        paper.title[:250],
        paper.author[:250],
        paper.author[:250],
    )
    properties.language = "vi-VN" if paper.language == "vi" else "en-GB"
    properties.created = properties.modified = moment
    properties.comments, properties.revision, properties.subject = "", 1, paper.subject[:250]


@dataclass
class _DocxWriter:
    document: DocumentObject
    paper: Paper
    pictures: int = 0
    width: Length = field(init=False)

    def write(self) -> None:
        self._page()
        self._styles()
        paper = self.paper
        if paper.mark:
            self._line(paper.mark, size=10.5, bold=True)
        _write_head(self.document, paper, self.width)
        for block in paper.body:
            self._block(block)
        if paper.body:  # keeps the last words on one page with the signature
            self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        if paper.signature or paper.recipients:
            _write_foot(self.document, paper, self.width)
        for block in paper.appendix:
            self._block(block)

    @property
    def size(self) -> float:
        return 11 if self.paper.compact else 13

    @property
    def cell_size(self) -> float:
        return 9.5 if self.paper.compact else 11

    def _page(self) -> None:
        section = self.document.sections[0]
        width, height = Mm(210), Mm(297)
        if self.paper.landscape:
            section.orientation, width, height = WD_ORIENT.LANDSCAPE, height, width
        section.page_width, section.page_height = width, height
        top, bottom, left, right = (20, 20, 30, 20)
        if self.paper.compact:
            top, bottom, left, right = (15, 12, 20, 15)
        elif self.paper.landscape:
            left = 20
        section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
        section.left_margin, section.right_margin = Mm(left), Mm(right)
        section.header_distance = Mm(10)
        section.different_first_page_header_footer = True
        number = section.header.paragraphs[0]
        number.alignment = _CENTRE
        parts.add_page_number(number)
        self.width = Length(width - Mm(left + right))

    def _styles(self) -> None:
        parts.set_fonts(self.document, self.paper.language)
        parts.set_current_mode(self.document)
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = parts.FONT, Pt(self.size)
        shape = normal.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(0), Pt(3 if self.paper.compact else 6), 1.0
        for level in (1, 2):
            style = self.document.styles[f"Heading {level}"]
            style.font.size, style.font.bold, style.font.italic = Pt(self.size), True, level == 2
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.paragraph_format.space_before = Pt(6 if self.paper.compact else 10)
            style.paragraph_format.space_after = Pt(3 if self.paper.compact else 6)
            style.paragraph_format.keep_with_next = True

    def _line(
        self,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        italic: bool = False,
        align: WD_ALIGN_PARAGRAPH = _CENTRE,
    ) -> DocxParagraph:
        return _add(self.document.add_paragraph(), text, size or self.size, bold=bold, italic=italic, align=align)

    def _block(self, block: Block) -> None:
        match block:
            case Paragraph():
                self._paragraph(block)
            case SectionHeading():
                self.document.add_heading(block.text, block.level)
            case Table():
                self._table(block)
            case Drawing():
                self._drawing(block)
            case Quotation():
                quotation = self._line(f"“{block.text}”", italic=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
                quotation.paragraph_format.left_indent, quotation.paragraph_format.keep_with_next = Mm(10), True
                self._line(block.source, size=self.cell_size, align=WD_ALIGN_PARAGRAPH.RIGHT)
            case Blank():
                for _ in range(block.lines):
                    parts.dotted_below(self.document.add_paragraph())
            case Appendix():
                self._line(block.title, bold=True).paragraph_format.page_break_before = True

    def _paragraph(self, block: Paragraph) -> None:
        if block.look == "centre":
            self._line(block.text, bold=True)
        elif block.look == "quiet":
            self._line(block.text, size=self.cell_size, align=_LEFT)
        elif block.look == "item":
            shape = self._line(block.text, align=WD_ALIGN_PARAGRAPH.JUSTIFY).paragraph_format
            shape.left_indent, shape.first_line_indent = Mm(4), Mm(-4)
        else:
            paragraph = self._line(block.text, bold=block.look == "strong", align=WD_ALIGN_PARAGRAPH.JUSTIFY)
            paragraph.paragraph_format.first_line_indent = Mm(10)

    def _table(self, block: Table) -> None:
        if block.caption:
            self._line(block.caption, size=self.size - 1, bold=True, align=_LEFT).paragraph_format.keep_with_next = True
        heads, rows = heading_rows(block), written_rows(block, self.paper.language)
        is_dense = len(block.columns) >= MANY_COLUMNS
        table = self.document.add_table(len(heads) + len(rows), len(block.columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        parts.pad_cells(table, Mm(1))
        parts_total = sum(column.part for column in block.columns)
        parts.fix_widths(table, [Length(int(self.width * column.part / parts_total)) for column in block.columns])
        grid = [list(row.cells) for row in table.rows]  # read once: python-docx counts the cells at each access
        for number, row in enumerate(table.rows):
            parts.keep_row(row)
            if number < len(heads):
                parts.repeat_row(row)
        for number, row_heads in enumerate(heads):
            for head in row_heads:
                cell = grid[number][head.column]
                if head.columns > 1 or head.rows > 1:
                    cell = cell.merge(grid[number + head.rows - 1][head.column + head.columns - 1])
                self._cell(cell, head.text, _CENTRE, bold=True, size=DENSE_HEAD_SIZE if is_dense else None)
        for number, texts in enumerate(rows):
            for column, (described, text) in enumerate(zip(block.columns, texts, strict=True)):
                cell, align = grid[len(heads) + number][column], _ALIGNMENTS[described.kind]
                self._cell(cell, text, align, bold=number in block.strong, size=DENSE_CELL_SIZE if is_dense else None)
        if len(rows) <= SHORT_TABLE:
            for row in grid[:-1]:
                for cell in row:
                    cell.paragraphs[0].paragraph_format.keep_with_next = True
        note = self._line(block.note, size=self.cell_size, italic=True, align=_LEFT)
        note.paragraph_format.space_before = Pt(2)

    def _cell(
        self, cell: _Cell, text: str, align: WD_ALIGN_PARAGRAPH, *, bold: bool, size: float | None = None
    ) -> None:
        paragraph = parts.first_paragraph(cell)
        paragraph.alignment = align
        paragraph.paragraph_format.space_after = Pt(0 if self.paper.compact else 1)
        run = paragraph.add_run(text)
        run.bold = bold
        run.font.size = Pt(size or self.cell_size)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER

    def _drawing(self, block: Drawing) -> None:
        self.pictures += 1
        title = self._line(block.title, size=self.cell_size, bold=True)
        title.paragraph_format.keep_with_next = True
        paragraph = self.document.add_paragraph()
        paragraph.alignment, paragraph.paragraph_format.keep_with_next = _CENTRE, True
        picture = io.BytesIO(png(block.svg, width=block.width))
        shape = paragraph.add_run().add_picture(picture, width=Mm(block.width))
        parts.describe_picture(shape, block.title, block.description, self.pictures)
        self._line(block.description, size=self.cell_size, italic=True)


def _write_head(document: DocumentObject, paper: Paper, width: Length) -> None:
    """Write the head, from the Quốc hiệu to the Kính gửi."""
    head = paper.head
    left, right = Length(int(width * 0.43)), Length(width - int(width * 0.43))
    table = document.add_table(2, 2)
    parts.fix_widths(table, [left, right])
    parts.pad_cells(table, Mm(0))
    names, nation = table.rows[0].cells
    lines = [(head.above, 12.0, False), (head.office, 12.0, True)]
    _lines(names, [line for line in lines if line[0]])
    parts.rule_above(names.add_paragraph(), Length((left - Mm(22)) // 2))
    _lines(nation, [(head.state, 12.0, True), (head.motto, 13.0, True)])
    parts.rule_above(nation.add_paragraph(), Length((right - Mm(_MOTTO_WIDTH)) // 2))
    number, day = table.rows[1].cells
    _lines(number, [(head.number, 13.0, False), *([(head.regarding, 12.0, False)] if head.regarding else [])])
    _lines(day, [(head.place_and_date, 13.0, False)], italic=True)
    for cell in (number, day):
        cell.paragraphs[0].paragraph_format.space_before = Pt(6)
    _title(document, paper, width)


def _title(document: DocumentObject, paper: Paper, width: Length) -> None:
    size = 11.0 if paper.compact else 13.0
    if paper.type_name:
        type_name = _add(document.add_paragraph(), paper.type_name, 14, bold=True)
        type_name.paragraph_format.space_before, type_name.paragraph_format.space_after = (
            Pt(8 if paper.compact else 14),
            Pt(0),
        )
        _add(document.add_paragraph(), paper.subject, size, bold=True).paragraph_format.space_after = Pt(2)
        parts.rule_above(document.add_paragraph(), Length((width - Mm(30)) // 2))
    if len(paper.to) == 1:
        line = _add(document.add_paragraph(), f"{paper.address} {paper.to[0]}", size)
        line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(10), Pt(10)
    elif paper.to:
        first = _add(document.add_paragraph(), paper.address, size, align=_LEFT)
        first.paragraph_format.left_indent, first.paragraph_format.space_before = Mm(30), Pt(10)
        for receiver in paper.to:
            _add(document.add_paragraph(), f"- {receiver}", size, align=_LEFT).paragraph_format.left_indent = Mm(42)


def _write_foot(document: DocumentObject, paper: Paper, width: Length) -> None:
    """Write signature and Nơi nhận, kept together. Name and seal are the signer's, so they stay blank."""
    left = Length(int(width * 0.45))
    table = document.add_table(1, 2)
    parts.fix_widths(table, [left, Length(width - left)])
    parts.pad_cells(table, Mm(0))
    parts.keep_row(table.rows[0])
    recipients_cell, signature_cell = table.rows[0].cells
    if paper.recipients:
        _add(recipients_cell.paragraphs[0], paper.copies, 12, bold=True, italic=True, align=_LEFT)
        for line in paper.recipients:
            _add(recipients_cell.add_paragraph(), line, 11, align=_LEFT)
    for number, line in enumerate(paper.signature):
        _add(signature_cell.paragraphs[0] if number == 0 else signature_cell.add_paragraph(), line, 13, bold=True)
    for paragraph in (*recipients_cell.paragraphs, *signature_cell.paragraphs):
        paragraph.paragraph_format.space_after = Pt(0)
    space = signature_cell.add_paragraph()
    space.paragraph_format.space_before = Pt(56)  # for the signature


def _lines(cell: _Cell, lines: list[tuple[str, float, bool]], *, italic: bool = False) -> None:
    for number, (text, size, bold) in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        _add(paragraph, text, size, bold=bold, italic=italic).paragraph_format.space_after = Pt(0)


def _add(
    paragraph: DocxParagraph,
    text: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = _CENTRE,
) -> DocxParagraph:
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    run.font.size = Pt(size)
    return paragraph
