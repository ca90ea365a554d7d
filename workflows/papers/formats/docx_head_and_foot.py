"""The two ends of an office paper in .docx: national heading with its rules above, signature and Nơi nhận beneath."""

from docx.document import Document as DocumentObject
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Length, Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from workflows.papers.formats import docx_parts as parts
from workflows.papers.paper import Paper

_CENTRE, _LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
_MOTTO = 54  # mm: "Độc lập - Tự do - Hạnh phúc" in Times New Roman 13 bold


def write_head(document: DocumentObject, paper: Paper, width: Length) -> None:
    """From Quốc hiệu to Kính gửi."""
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
    parts.rule_above(nation.add_paragraph(), Length((right - Mm(_MOTTO)) // 2))
    number, day = table.rows[1].cells
    _lines(number, [(head.number, 13.0, False), *([(head.regarding, 12.0, False)] if head.regarding else [])])
    _lines(day, [(head.place_and_date, 13.0, False)], italic=True)
    for cell in (number, day):
        cell.paragraphs[0].paragraph_format.space_before = Pt(6)
    _title(document, paper, width)


def _title(document: DocumentObject, paper: Paper, width: Length) -> None:
    size = 11.0 if paper.compact else 13.0
    if paper.type_name:
        kind = _add(document.add_paragraph(), paper.type_name, 14, bold=True)
        kind.paragraph_format.space_before, kind.paragraph_format.space_after = Pt(8 if paper.compact else 14), Pt(0)
        _add(document.add_paragraph(), paper.subject, size, bold=True).paragraph_format.space_after = Pt(2)
        parts.rule_above(document.add_paragraph(), Length((width - Mm(30)) // 2))
    if len(paper.to) == 1:
        only = _add(document.add_paragraph(), f"{paper.address} {paper.to[0]}", size)
        only.paragraph_format.space_before, only.paragraph_format.space_after = Pt(10), Pt(10)
    elif paper.to:
        first = _add(document.add_paragraph(), paper.address, size, align=_LEFT)
        first.paragraph_format.left_indent, first.paragraph_format.space_before = Mm(30), Pt(10)
        for one in paper.to:
            _add(document.add_paragraph(), f"- {one}", size, align=_LEFT).paragraph_format.left_indent = Mm(42)


def write_foot(document: DocumentObject, paper: Paper, width: Length) -> None:
    """Signature and Nơi nhận, kept together; no name and no seal: those are the signer's."""
    left = Length(int(width * 0.45))
    table = document.add_table(1, 2)
    parts.fix_widths(table, [left, Length(width - left)])
    parts.pad_cells(table, Mm(0))
    parts.keep_row(table.rows[0])
    sent, signed = table.rows[0].cells
    if paper.recipients:
        _add(sent.paragraphs[0], paper.copies, 12, bold=True, italic=True, align=_LEFT)
        for line in paper.recipients:
            _add(sent.add_paragraph(), line, 11, align=_LEFT)
    for n, line in enumerate(paper.signature):
        _add(signed.paragraphs[0] if n == 0 else signed.add_paragraph(), line, 13, bold=True)
    for paragraph in (*sent.paragraphs, *signed.paragraphs):
        paragraph.paragraph_format.space_after = Pt(0)
    room = signed.add_paragraph()
    room.paragraph_format.space_before = Pt(56)  # for the signature


def _lines(cell: _Cell, lines: list[tuple[str, float, bool]], *, italic: bool = False) -> None:
    for n, (text, size, bold) in enumerate(lines):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        _add(paragraph, text, size, bold=bold, italic=italic).paragraph_format.space_after = Pt(0)


def _add(
    paragraph: Paragraph,
    text: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = _CENTRE,
) -> Paragraph:
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    run.font.size = Pt(size)
    return paragraph
