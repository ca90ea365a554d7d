"""A web page as text, also one saved by Word (.htm, or a .doc that is one) or as a web archive (.mht)."""

import email
import email.policy
import re
from email.message import EmailMessage

from lxml import etree, html

from workflows.bounded_process.limits import MOST_DEPTH, damaged, too_deep
from workflows.intake.files.archive import broken
from workflows.intake.files.characters.encodings import decode_unrepaired, tidied
from workflows.intake.files.counting import counted
from workflows.intake.files.lines import WIDEST, DocumentWalker, Row, whole

_LEFT_OUT = {"head", "script", "style", "title", "template", "noscript", "svg", "math", "object", "iframe", "select"}
_BLOCKS = set(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3"
    " h4 h5 h6 header hr html legend main nav p pre section summary".split()
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*(windows-1258|utf-16)", re.IGNORECASE)
_DRAWN = re.compile(r"border[a-z-]*\s*:(?!\s*(?:none|0\b|medium none|collapse|separate))", re.IGNORECASE)
_NOTE_SIGN = re.compile(r"#(?:_(?:ftn|edn)\d|sd(?:foot|end)note\d+sym)")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_KINDS = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
    "decimal": "1",
    "decimal-leading-zero": "01",
}
_KIND = re.compile(r"list-style(?:-type)?\s*:[^;]*?(none|disc|circle|square|" + "|".join(_KINDS) + r")\b")
_SPACES = re.compile(r"[ \t\r\n\f]+")


@tidied
def read(data: bytes) -> str:
    """Return what a browser shows as text: a line for each block, the numbers of lists written out."""
    if data.lstrip()[:200].lower().startswith((b"mime-version:", b"from:", b"subject:", b"content-type:")):
        data = _page_of(data)
    named = _CHARSET.search(data[:4000])
    text = (
        data.decode("cp1258", "replace") if named and named[1].lower() == b"windows-1258" else decode_unrepaired(data)
    )
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise broken(error) from None
    story = _HtmlWalker()
    story.walk(root, 0)
    story.end_line()
    return story.lines.text()


def _page_of(data: bytes) -> bytes:
    message = email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return content
    raise damaged()


class _HtmlWalker(DocumentWalker):
    """Gathers the words of a line until a block or a break ends it."""

    def __init__(self) -> None:
        super().__init__()
        self._line: list[str] = []
        self._counts: list[tuple[str, int]] = []

    def walk(self, element: etree._Element, depth: int) -> None:
        """Read an element and its contents, without the text that follows it."""
        if depth > MOST_DEPTH:
            raise too_deep()
        tag = element.tag
        if not isinstance(tag, str) or tag in _LEFT_OUT or _HIDDEN.search(element.get("style", "")):
            return
        if tag == "div" and element.get("title") == "footer":
            return  # as LibreOffice marks it
        if tag == "a" and _NOTE_SIGN.match(element.get("href", "")):
            return  # the sign of a note
        if tag == "br":
            self._break()
        elif tag == "table":
            self._table(element, depth)
        elif tag in ("ol", "ul"):
            self._list(element, depth)
        elif tag == "li":
            self._item(element, depth)
        elif tag in _BLOCKS:
            self.end_line()
            self._inside(element, depth)
            if not self.end_line() and tag == "p":
                self.lines.gap()
        else:
            self._inside(element, depth)

    def end_line(self) -> bool:
        text = "".join(self._line)
        self._line = []
        if text.strip():
            self.lines.paragraph(text)
        return bool(text.strip())

    def _break(self) -> None:
        if not self.end_line():
            self.lines.gap()

    def _inside(self, element: etree._Element, depth: int) -> None:
        """Read what is in an element; LibreOffice breaks the line after a picture, even within a word."""
        self._words(element.text, element)
        for child in element:
            self.walk(child, depth + 1)
            floats = child.tag == "img" and child.get("align") in ("left", "right")
            self._words(child.tail.lstrip() if floats and child.tail else child.tail, element)

    def _words(self, text: str | None, within: etree._Element) -> None:
        if text and within.tag == "pre":
            *whole, last = text.split("\n")
            for line in whole:
                self._line.append(line)
                self._break()
            self._line.append(last)
        elif text:
            words = _SPACES.sub(" ", text)
            self._line.append(words.lstrip(" ") if not self._line or self._line[-1].endswith(" ") else words)

    def _list(self, element: etree._Element, depth: int) -> None:
        self.end_line()
        style = _KIND.search(element.get("style", ""))
        kind = element.get("type", "1") if element.tag == "ol" else "-"
        if style:
            kind = _KINDS.get(style[1], "-" if style[1] != "none" else "")
        self._counts.append((kind, whole(element.get("start"), 1)))
        self._inside(element, depth)
        self.end_line()
        self._counts.pop()

    def _item(self, element: etree._Element, depth: int) -> None:
        self.end_line()
        kind, next_number = self._counts[-1] if self._counts else ("-", 1)
        number = whole(element.get("value"), next_number)
        if self._counts:
            self._counts[-1] = (kind, number + 1)
        label = kind if kind in ("", "-") else f"{counted(number, kind)}."
        before = len(self.lines.lines)
        self._inside(element, depth)
        self.end_line()
        mine = next((at for at in range(before, len(self.lines.lines)) if self.lines.lines[at]), None)
        if mine is not None and label and not self._is_list(element):
            self.lines.lines[mine] = f"{label} {self.lines.lines[mine]}"

    @staticmethod
    def _is_list(element: etree._Element) -> bool:
        """Return whether an item only holds another list."""
        return not (element.text or "").strip() and len(element) > 0 and element[0].tag in ("ol", "ul")

    def _table(self, table: etree._Element, depth: int) -> None:
        self.end_line()
        covered: dict[int, int] = {}  # for how many rows more a cell of a row above stands in a column
        mine = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
        rows = [self._cells(row, covered, depth + 3) for row in mine]
        styles = [element.get("style", "") for element in (table, *(cell for row in mine for cell in row))]
        self.lines.table(rows, drawn=table.get("border", "0") != "0" or any(map(_DRAWN.search, styles)))

    def _cells(self, row: etree._Element, covered: dict[int, int], depth: int) -> Row:
        self.lines.count_cells(len(row))
        cells: Row = []
        column = 0
        for cell in [*(cell for cell in row if cell.tag in ("td", "th")), None]:
            while covered.get(column, 0):
                covered[column] -= 1
                cells.append(("", 1))
                column += 1
            if cell is None:
                continue
            span = min(whole(cell.get("colspan"), 1) or 1, WIDEST)
            rows = whole(cell.get("rowspan"), 1)
            covered.update({at: rows - 1 for at in range(column, column + span) if rows > 1})
            cells.append((self.apart(self._cell, cell, depth), span))
            column += span
        return cells

    def _cell(self, cell: etree._Element, depth: int) -> None:
        self._inside(cell, depth)
        self.end_line()
