"""An .odt as text: content.xml, with the numbers of its lists, text boxes and notes."""

import re

from lxml import etree

from workflows.intake.files.archive import ZipArchive
from workflows.intake.files.characters.encodings import tidied
from workflows.intake.files.counting import bullet, counted
from workflows.intake.files.lines import DocumentWalker, Row, squeezed, whole

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _STYLE, _TABLE = _NS % "text", _NS % "style", _NS % "table"
_OFFICE, _DRAW = _NS % "office", _NS % "drawing"
_FO = _NS % "xsl-fo-compatible"
_EXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_PARAGRAPHS = (_TEXT + "p", _TEXT + "h")
_LEFT_OUT = (
    _OFFICE + "annotation",
    _TEXT + "tracked-changes",
    _TEXT + "table-of-content",
    _TEXT + "sequence-decls",
    _TEXT + "page-number",
)
_PLACE = re.compile(r"%([1-9]|10)%")
_BLANKS = re.compile(r"[ \t\r\n]+")
_DEEPEST = 10
_MOST_SPACES = 100


@tidied
def read(data: bytes) -> str:
    """Read an .odt: the first page's header, the text, then the notes."""
    archive = ZipArchive(data)
    content = archive.tree("content.xml")
    styles = archive.tree("styles.xml") if "styles.xml" in archive else None
    roots = [root for root in (styles, content) if root is not None]
    story = _OdtWalker(_Lists(roots), _drawn_cells(roots))
    header = _header(styles)
    if header is not None:
        story.blocks(header)
        story.end_header()
    body = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is not None:
        story.blocks(body)
    if story.notes:
        story.lines.gap()
    for number, note in enumerate(story.notes, 1):
        story.lines.paragraph(f"[{number}] {note}")
    return story.lines.text()


def _header(styles: etree._Element | None) -> etree._Element | None:
    if styles is None:
        return None
    for page in styles.iterfind(f"{_OFFICE}master-styles/{_STYLE}master-page"):
        for name in ("header-first", "header"):
            found = page.find(_STYLE + name)
            if found is not None and found.get(_STYLE + "display") != "false":
                return found
    return None


def _drawn_cells(roots: list[etree._Element]) -> set[str]:
    """Return the styles of cells that have a line at an edge."""
    return {
        style.get(_STYLE + "name", "")
        for root in roots
        for style in root.iter(_STYLE + "style")
        for properties in style.iterfind(_STYLE + "table-cell-properties")
        if any(str(name).startswith(_FO + "border") and text not in ("none", "") for name, text in properties.items())
    }


class _Lists:
    """The numbering of lists, and the count that each has reached."""

    def __init__(self, roots: list[etree._Element]) -> None:
        self._levels = {
            (style.get(_STYLE + "name", ""), level.get(_TEXT + "level", "")): level
            for root in roots
            for style in root.iter(_TEXT + "list-style")
            for level in style
        }
        self._by_style: dict[str, list[int]] = {}
        self._by_id: dict[str, list[int]] = {}

    def begin(self, element: etree._Element, style: str) -> list[int]:
        """Return the counts of a list that begins: its own, or those it goes on with."""
        known = self._by_id.get(element.get(_TEXT + "continue-list", ""))
        if known is None and element.get(_TEXT + "continue-numbering") == "true":
            known = self._by_style.get(style)
        counts = known if known is not None else [0] * (_DEEPEST + 1)
        self._by_style[style] = counts
        if element.get(_XML_ID):
            self._by_id[element.get(_XML_ID, "")] = counts
        return counts

    def label(self, style: str, level: int, counts: list[int], start: str | None) -> str:
        """Count one item at a level from 1, and write its number."""
        drawn = self._levels.get((style, str(level)))
        if drawn is None or level > _DEEPEST:
            return ""
        if start is not None or not counts[level]:
            counts[level] = whole(start or drawn.get(_TEXT + "start-value"), 1)
        else:
            counts[level] += 1
        counts[level + 1 :] = [0] * (_DEEPEST - level)
        if drawn.tag == _TEXT + "list-level-style-bullet":
            return bullet(drawn.get(_TEXT + "bullet-char", "-"))
        pattern = drawn.get(_EXT + "num-list-format")
        if pattern is None:
            shown = whole(drawn.get(_TEXT + "display-levels"), 1)
            places = ".".join(f"%{at}%" for at in range(max(1, level - shown + 1), level + 1))
            pattern = drawn.get(_STYLE + "num-prefix", "") + places + drawn.get(_STYLE + "num-suffix", "")
        if not drawn.get(_STYLE + "num-format"):
            return _PLACE.sub("", pattern).strip()
        return _PLACE.sub(lambda place: self._number(style, int(place[1]), counts), pattern).strip()

    def _number(self, style: str, level: int, counts: list[int]) -> str:
        drawn = self._levels.get((style, str(level)))
        return counted(counts[level] or 1, drawn.get(_STYLE + "num-format", "1") if drawn is not None else "1")


class _OdtWalker(DocumentWalker):
    def __init__(self, lists: _Lists, drawn: set[str]) -> None:
        super().__init__()
        self._drawn = drawn
        self.notes: list[str] = []
        self._lists = lists

    def blocks(self, parent: etree._Element) -> None:
        for block in parent:
            if block.tag in _PARAGRAPHS:
                self._paragraph(block, "")
            elif block.tag == _TEXT + "list":
                style = block.get(_TEXT + "style-name", "")
                self._list(block, style, 1, self._lists.begin(block, style))
            elif block.tag == _TABLE + "table":
                self._table(block)
            elif block.tag not in _LEFT_OUT:
                self.blocks(block)  # a section, an index, a frame

    def _list(self, parent: etree._Element, style: str, level: int, counts: list[int]) -> None:
        for item in parent:
            numbered = item.tag == _TEXT + "list-item"
            for block in item:
                if block.tag == _TEXT + "list":
                    self._list(block, block.get(_TEXT + "style-name", style), level + 1, counts)
                elif block.tag in _PARAGRAPHS:
                    start = item.get(_TEXT + "start-value")
                    self._paragraph(block, self._lists.label(style, level, counts, start) if numbered else "")
                    numbered = False

    def _table(self, table: etree._Element) -> None:
        rows: list[Row] = []
        drawn = False
        for row in table.iter(_TABLE + "table-row"):
            if next(row.iterancestors(_TABLE + "table")) is not table:
                continue  # of a table within a cell
            cells = [cell for cell in row if cell.tag in (_TABLE + "table-cell", _TABLE + "covered-table-cell")]
            self.lines.count_cells(len(cells))
            rows.append([(self.apart(self.blocks, cell), 1) for cell in cells])
            drawn = drawn or any(cell.get(_TABLE + "style-name") in self._drawn for cell in cells)
        self.lines.table(rows, drawn=drawn)

    def _paragraph(self, paragraph: etree._Element, number: str) -> None:
        boxes: list[etree._Element] = []
        text = squeezed(_BLANKS.sub(" ", paragraph.text or "") + self._pieces(paragraph, boxes))
        for box in boxes:
            self.blocks(box)
        self.lines.paragraph(f"{number} {text}" if number else text)

    def _pieces(self, parent: etree._Element, boxes: list[etree._Element]) -> str:
        """Return what follows the first text of an element: its children, each with the text after it."""
        text = ""
        for child in parent:
            if child.tag == _TEXT + "s":
                text += " " * min(whole(child.get(_TEXT + "c"), 1), _MOST_SPACES)
            elif child.tag == _TEXT + "tab":
                text += " "
            elif child.tag == _TEXT + "line-break":
                text += "\n"
            elif child.tag == _TEXT + "note":
                body = child.find(_TEXT + "note-body")
                if body is not None:
                    self.notes.append(" ".join(self.apart(self.blocks, body).split()))
            elif child.tag == _DRAW + "frame" or child.tag == _DRAW + "custom-shape":
                boxes.append(child)
            elif child.tag not in _LEFT_OUT:
                text += _BLANKS.sub(" ", child.text or "") + self._pieces(child, boxes)
            text += _BLANKS.sub(" ", child.tail or "")
        return text
