"""A .docx as text: what stands in word/document.xml, with its automatic numbers, text boxes and notes.

Read straight from the XML: libraries for .docx give neither the numbers as printed nor the text boxes in which the
stamps of urgency and secrecy stand. Macros (.docm) are not even unpacked.
"""

import posixpath
import re

from lxml import etree

from workflows.bounded_process.limits import Unreadable
from workflows.intake.files.archive import ZipArchive, parse
from workflows.intake.files.characters.encodings import tidied
from workflows.intake.files.docx_numbering import Numbering, W, is_on, value, whole
from workflows.intake.files.docx_styles import Styles, from_font
from workflows.intake.files.lines import DocumentWalker, Row, squeezed

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"
_STRICT = b"http://purl.oclc.org/ooxml/"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_WRAPPERS = {
    W + name
    for name in ("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "customXml", "fldSimple", "dir", "bdo")
}
_PIECES = {W + "tab": " ", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-", W + "ptab": " "}
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b")


@tidied
def read(data: bytes) -> str:
    """Read a .docx: the first page's header, the text, then foot- and endnotes."""
    archive = ZipArchive(data)
    main = _related(archive, "", "officeDocument").get("", "word/document.xml")
    root = _tree(archive, main)
    related = _related(archive, main, "")
    story = _DocxWalker(
        Styles(_optional(archive, related, "styles")), Numbering(_optional(archive, related, "numbering"))
    )
    body = root.find(W + "body")
    header = _first_header(archive, main, body)
    if header is not None:
        story.blocks(header)
        story.end_header()
    if body is not None:
        story.blocks(body)
    for kind in ("footnote", "endnote"):
        notes = _optional(archive, related, f"{kind}s")
        if notes is not None:
            story.notes(notes, kind)
    return story.lines.text()


def _tree(archive: ZipArchive, name: str) -> etree._Element:
    """Return a part's XML. The namespaces of a strict .docx are replaced by the usual ones."""
    content = archive.part(name)
    if _STRICT in content:
        content = content.replace(_STRICT + b"wordprocessingml/main", W[1:-1].encode())
        content = content.replace(_STRICT + b"officeDocument/relationships", _R[1:-1].encode())
    return parse(content)


def _related(archive: ZipArchive, part: str, kind: str) -> dict[str, str]:
    """Return the files that a part refers to, by kind and by id. Under "" stands the one of the given kind."""
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, str] = {}
    if listing not in archive:
        return found
    for relation in archive.tree(listing).iterfind(_RELATION):
        target = relation.get("Target", "")
        place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        last = relation.get("Type", "").rpartition("/")[2]
        found[last] = found[f"#{relation.get('Id')}"] = place
        if last == kind:
            found[""] = place
    return found


def _optional(archive: ZipArchive, related: dict[str, str], kind: str) -> etree._Element | None:
    name = related.get(kind)
    return _tree(archive, name) if name is not None and name in archive else None


def _first_header(archive: ZipArchive, main: str, body: etree._Element | None) -> etree._Element | None:
    """Return the header of the first page, in which the number or a stamp may stand."""
    section = next(body.iter(W + "sectPr"), None) if body is not None else None
    if section is None:
        return None
    kind = "first" if is_on(section, "w:titlePg") else "default"
    wanted = section.find(f"{W}headerReference[@{W}type='{kind}']")
    name = _related(archive, main, "").get(f"#{wanted.get(_R + 'id')}") if wanted is not None else None
    return _tree(archive, name) if name is not None and name in archive else None


class _DocxWalker(DocumentWalker):
    """Walks the blocks of a document; lists go on from one to the next, and so may a field."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        super().__init__()
        self._styles, self._numbering = styles, numbering
        self._fields: list[str] = []  # the instruction of each open field; its result is text, the instruction is not
        self._results: list[bool] = []

    def blocks(self, parent: etree._Element) -> None:
        for block in parent:
            if block.tag == W + "p":
                self._paragraph(block)
            elif block.tag == W + "tbl":
                rows = [self._cells(row) for row in _within(block, "tr") if row.find(f"{W}trPr/{W}del") is None]
                self.lines.table(rows, drawn=self._styles.draws(block))
            elif block.tag in _WRAPPERS:
                self.blocks(block)
            elif block.tag == _MC + "AlternateContent":
                self.blocks(_chosen(block))
            elif block.tag == W + "altChunk":  # a file within the file, which Word takes in when it saves
                raise Unreadable(
                    "file {file}: part of its text stands in another file inside it; open it in Word and save it again"
                )

    def notes(self, root: etree._Element, kind: str) -> None:
        number = 0
        for note in root.iterfind(W + kind):
            if note.get(W + "type", "normal") != "normal":
                continue
            text = " ".join(self.apart(self.blocks, note).split())
            if text:
                number += 1
                if number == 1:
                    self.lines.gap()
                self.lines.paragraph(f"[{number}] {text}")

    def _cells(self, row: etree._Element) -> Row:
        cells = _within(row, "tc")
        self.lines.count_cells(len(cells))
        return [(self.apart(self.blocks, cell), whole(value(cell, "w:tcPr/w:gridSpan"), 1)) for cell in cells]

    def _paragraph(self, paragraph: etree._Element) -> None:
        style = value(paragraph, "w:pPr/w:pStyle")
        boxes: list[etree._Element] = []
        text = "".join(self._joined(self._pieces(paragraph, style, boxes)))
        for box in boxes:
            if box.tag == _WORD_ART:
                self.lines.paragraph(box.get("string", ""))
            else:
                self.blocks(box)
        if self._styles.is_contents(style):
            return
        number = self._number(paragraph, style)
        self.lines.paragraph(f"{number} {squeezed(text)}" if number else text)

    def _number(self, paragraph: etree._Element, style: str | None) -> str:
        own = paragraph.find(f"{W}pPr/{W}numPr")
        list_id, level = value(own, "w:numId"), value(own, "w:ilvl")
        from_style = self._styles.numbering(style)
        if list_id is None and from_style is not None:
            list_id = from_style[0]
            if level is None:
                at = from_style[1]
                return self._numbering.label(
                    list_id, self._numbering.level_of_style(list_id, style or "") if at is None else at
                )
        return self._numbering.label(list_id, whole(level, 0)) if list_id is not None else ""

    def _joined(self, pieces: list[tuple[str, str]]) -> list[str]:
        """Join pieces of one font before they are decoded: a VNI character may be cut between two runs."""
        joined: list[tuple[str, str]] = []
        for font, text in pieces:
            if joined and joined[-1][0] == font:
                joined[-1] = (font, joined[-1][1] + text)
            else:
                joined.append((font, text))
        return [from_font(text, font) for font, text in joined]

    def _pieces(self, parent: etree._Element, style: str | None, boxes: list[etree._Element]) -> list[tuple[str, str]]:
        """Return font and text of the runs without deleted and hidden text, and add their text boxes to `boxes`."""
        found: list[tuple[str, str]] = []
        for child in parent:
            if child.tag == W + "r":
                found += self._run(child, style, boxes)
            elif child.tag == W + "fldSimple" and _PAGE_FIELD.match(child.get(W + "instr", "")):
                continue
            elif child.tag in _WRAPPERS:
                found += self._pieces(child, style, boxes)
            elif child.tag == _MC + "AlternateContent":
                found += self._pieces(_chosen(child), style, boxes)
        return found

    def _run(self, run: etree._Element, style: str | None, boxes: list[etree._Element]) -> list[tuple[str, str]]:
        properties = run.find(W + "rPr")
        hidden = is_on(properties, "w:vanish")
        font = self._styles.font(properties, value(properties, "w:rStyle"), style)
        text = ""
        for piece in run:
            if piece.tag == W + "fldChar":
                self._field(piece.get(W + "fldCharType"))
            elif piece.tag == W + "instrText" and self._fields:
                self._fields[-1] += piece.text or ""
            elif piece.tag in (_MC + "AlternateContent", W + "drawing", W + "pict", W + "object"):
                shape = _chosen(piece) if piece.tag == _MC + "AlternateContent" else piece
                boxes += _outermost_boxes(shape)
            elif hidden or not self._is_printed():
                continue
            elif piece.tag == W + "t":
                text += piece.text or ""
            elif piece.tag == W + "sym":
                text += _symbol(piece)
            else:
                text += _PIECES.get(piece.tag, "")
        return [(font, text)] if text else []

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append("")
            self._results.append(False)
        elif kind == "separate" and self._fields:
            self._results[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()
            self._results.pop()

    def _is_printed(self) -> bool:
        return all(self._results) and not any(map(_PAGE_FIELD.match, self._fields))


def _within(parent: etree._Element, name: str) -> list[etree._Element]:
    """Return rows or cells, also those in a content control."""
    found: list[etree._Element] = []
    for child in parent:
        if child.tag == W + name:
            found.append(child)
        elif child.tag in _WRAPPERS:
            found += _within(child, name)
    return found


def _chosen(alternatives: etree._Element) -> etree._Element:
    choice = alternatives.find(_MC + "Choice")
    fallback = alternatives.find(_MC + "Fallback")
    return choice if choice is not None else fallback if fallback is not None else alternatives


def _outermost_boxes(shape: etree._Element) -> list[etree._Element]:
    """Return the text boxes and the WordArt, which may hold stamps, without those within another box."""
    return [
        box
        for box in shape.iter(W + "txbxContent", _WORD_ART)
        if not any(above.tag in (W + "txbxContent", _MC + "Fallback") for above in box.iterancestors())
    ]


def _symbol(piece: etree._Element) -> str:
    """Return a character given by its code in a font. Codes of old fonts are Latin-1, shifted into the private area."""
    code = piece.get(W + "char", "")
    number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,5}", code) else 0
    font = (piece.get(W + "font") or "").lower()
    if font.startswith((".vn", "vni-")):
        return from_font(chr(number - 0xF000 if number >= 0xF000 else number), font)
    return "-" if number >= 0xF000 else chr(number) if number >= 0x20 else ""
