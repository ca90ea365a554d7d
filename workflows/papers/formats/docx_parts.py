"""What python-docx has no words for: fonts in every slot, rules, page numbers, repeated heads, alternative text."""

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
    """Times New Roman in every slot of every style, and the language of the words."""
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


def set_modern(document: DocumentObject) -> None:
    """Open in Word as a document of today, not in compatibility mode."""
    settings = document.settings.element
    for old in settings.findall(qn("w:compat")):
        settings.remove(old)
    compat = parse_xml(
        f"<w:compat {nsdecls('w')}><w:compatSetting w:name='compatibilityMode' "
        "w:uri='http://schemas.microsoft.com/office/word' w:val='15'/></w:compat>"
    )
    after = next((one for one in settings if one.tag in (qn("w:rsids"), qn("w:themeFontLang"))), None)
    if after is None:
        settings.append(compat)
    else:
        after.addprevious(compat)


def rule_above(paragraph: Paragraph, indent: Length) -> None:
    """A drawn rule, `indent` short of the column at each side."""
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
    """Insert a property where the schema wants it: Word calls a document with properties out of order damaged."""
    properties = paragraph._p.get_or_add_pPr()
    following = next((one for one in properties if one.tag in {qn(name) for name in before}), None)
    if following is None:
        properties.append(element)
    else:
        following.addprevious(element)


def add_page_number(paragraph: Paragraph) -> None:
    """The page's number, counted by whatever opens the file."""
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
    """A heading row, on every page that the table reaches."""
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(head)


def keep_row(row: _Row) -> None:
    """A row that no page break cuts."""
    whole = OxmlElement("w:cantSplit")
    whole.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().insert(0, whole)


def fix_widths(table: Table, widths: list[Length]) -> None:
    """Columns as wide as said, in Word and LibreOffice alike."""
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
    """Alternative text, and a number of its own among the document's drawings."""
    properties = shape._inline.docPr
    properties.set("descr", description)
    properties.set("title", title)
    properties.set("id", str(number))
    properties.set("name", f"Picture {number}")


def first_paragraph(cell: _Cell) -> Paragraph:
    first: Paragraph = cell.paragraphs[0]
    return first


def steady(content: bytes) -> bytes:
    """Return the same archive without the moment of its making and python-docx's own thumbnail."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in given.namelist():
            data = given.read(member)
            if member == "docProps/thumbnail.jpeg":
                continue
            if member == "_rels/.rels":
                data = _without_thumbnail(data)
            entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, data)
    return made.getvalue()


def _without_thumbnail(relations: bytes) -> bytes:
    root = parse_xml(relations)
    for one in list(root):
        if str(one.get("Type", "")).endswith("/thumbnail"):
            root.remove(one)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data
