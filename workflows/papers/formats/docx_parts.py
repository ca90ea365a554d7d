"""Write the parts of a .docx that python-docx lacks: fonts in every slot, rules, page numbers, repeated heads."""

import io
import zipfile
from typing import Any

from docx.document import Document as DocumentObject
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from lxml import etree

FONT = "Times New Roman"
_SLOTS = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")
_THEMES = ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme")
_LANGUAGES = {"vi": "vi-VN", "en": "en-GB"}


def set_fonts(document: DocumentObject, language: str) -> None:
    """Set Times New Roman in every slot of every style, and the language of the text."""
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        for theme in _THEMES:
            fonts.attrib.pop(qn(theme), None)
        for slot in _SLOTS:
            fonts.set(qn(slot), FONT)
    for words in document.styles.element.iter(qn("w:lang")):
        words.set(qn("w:val"), _LANGUAGES[language])
        words.set(qn("w:eastAsia"), _LANGUAGES[language])
    normal = document.styles["Normal"].element.get_or_add_rPr()
    fonts = normal.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        normal.insert(0, fonts)
    for slot in _SLOTS:
        fonts.set(qn(slot), FONT)


def set_current_mode(document: DocumentObject) -> None:
    """Let Word open the document in its current mode, not in compatibility mode."""
    settings = document.settings.element
    for old in settings.findall(qn("w:compat")):
        settings.remove(old)
    compat = parse_xml(
        f"<w:compat {nsdecls('w')}><w:compatSetting w:name='compatibilityMode' "
        "w:uri='http://schemas.microsoft.com/office/word' w:val='15'/></w:compat>"
    )
    following = next((element for element in settings if element.tag in (qn("w:rsids"), qn("w:themeFontLang"))), None)
    if following is None:
        settings.append(compat)
    else:
        following.addprevious(compat)


def rule_above(paragraph: Paragraph, indent: Length) -> None:
    """Draw a rule above a paragraph. It leaves `indent` free at each side of the column."""
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = indent
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(4), Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(4)
    paragraph.paragraph_format.first_line_indent = Mm(0)
    border = parse_xml(f"<w:pBdr {nsdecls('w')}><w:top w:val='single' w:sz='6' w:space='2' w:color='auto'/></w:pBdr>")
    _add_property(paragraph, border, before=("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"))


def dotted_below(paragraph: Paragraph) -> None:
    border = parse_xml(
        f"<w:pBdr {nsdecls('w')}><w:bottom w:val='dotted' w:sz='6' w:space='1' w:color='auto'/>"
        "<w:between w:val='dotted' w:sz='6' w:space='1' w:color='auto'/></w:pBdr>"
    )
    _add_property(paragraph, border, before=("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"))


def _add_property(paragraph: Paragraph, element: Any, *, before: tuple[str, ...]) -> None:
    """Insert a property in the schema's order: Word calls a document with another order damaged."""
    properties = paragraph._p.get_or_add_pPr()
    following = next((child for child in properties if child.tag in {qn(name) for name in before}), None)
    if following is None:
        properties.append(element)
    else:
        following.addprevious(element)


def add_page_number(paragraph: Paragraph) -> None:
    """Add a field with the page's number, which the program that opens the file fills in."""
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind in ("begin", None, "separate", "text", "end"):
        if kind is None:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = " PAGE "
            run._r.append(code)
        elif kind == "text":
            shown = OxmlElement("w:t")
            shown.text = "2"
            run._r.append(shown)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def repeat_row(row: _Row) -> None:
    """Repeat a heading row on every page of the table."""
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(head)


def keep_row(row: _Row) -> None:
    """Keep a row on one page."""
    whole = OxmlElement("w:cantSplit")
    whole.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().insert(0, whole)


def fix_widths(table: Table, widths: list[Length]) -> None:
    """Fix the columns' widths, for Word and LibreOffice alike."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def pad_cells(table: Table, sides: Length) -> None:
    margins = parse_xml(
        f"<w:tblCellMar {nsdecls('w')}><w:left w:w='{sides.twips}' w:type='dxa'/>"
        f"<w:right w:w='{sides.twips}' w:type='dxa'/></w:tblCellMar>"
    )
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def describe_picture(shape: Any, title: str, description: str, number: int) -> None:
    """Set the alternative text of a picture, and its number, which must be unique in the document."""
    properties = shape._inline.docPr
    properties.set("descr", description)
    properties.set("title", title)
    properties.set("id", str(number))
    properties.set("name", f"Picture {number}")


def first_paragraph(cell: _Cell) -> Paragraph:
    first: Paragraph = cell.paragraphs[0]
    return first


def make_reproducible(content: bytes) -> bytes:
    """Return the same archive without its time stamps and python-docx's own thumbnail."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in source.namelist():
            data = source.read(member)
            if member == "docProps/thumbnail.jpeg":
                continue
            if member == "_rels/.rels":
                data = _without_thumbnail(data)
            entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def _without_thumbnail(relations: bytes) -> bytes:
    root = parse_xml(relations)
    for relation in list(root):
        if str(relation.get("Type", "")).endswith("/thumbnail"):
            root.remove(relation)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data
