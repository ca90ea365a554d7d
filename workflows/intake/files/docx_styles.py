"""What the styles of a .docx say of numbers and of fonts from before Unicode."""

from lxml import etree

from workflows.intake.files.characters.legacy import from_tcvn3, from_vni
from workflows.intake.files.characters.syllables import likeness
from workflows.intake.files.docx_numbering import W, value, whole

_UNDRAWN = ("nil", "none", "")
_CHAIN = 20
"""So many styles may be based on one another."""


class Styles:
    def __init__(self, root: etree._Element | None) -> None:
        found = root if root is not None else etree.Element("none")
        self._styles = {style.get(W + "styleId", ""): style for style in found.iterfind(W + "style")}
        self._standard = next(
            (
                style.get(W + "styleId", "")
                for style in found.iterfind(W + "style")
                if style.get(W + "type") == "paragraph" and style.get(W + "default") in ("1", "true", "on")
            ),
            "",
        )
        self._default_font = _font(found.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))

    def numbering(self, style: str | None) -> tuple[str, int | None] | None:
        """Return the list that a style puts its paragraphs in, and at which level if it says so."""
        for one in self._chain(style):
            numbered = one.find(f"{W}pPr/{W}numPr")
            if numbered is not None and (list_id := value(numbered, "w:numId")) is not None:
                level = value(numbered, "w:ilvl")
                return list_id, None if level is None else whole(level, 0)
        return None

    def is_contents(self, style: str | None) -> bool:
        """Return whether it is the style of a line in a table of contents."""
        return any((value(one, "w:name") or "").lower().startswith("toc ") for one in self._chain(style))

    def draws(self, table: etree._Element) -> bool:
        """Return whether any line of a table is printed: by its style, itself, or a cell."""
        edges: dict[str, str] = {}
        for style in reversed(self._chain(value(table, "w:tblPr/w:tblStyle"))):
            edges |= _edges(style.find(f"{W}tblPr/{W}tblBorders"))
        edges |= _edges(table.find(f"{W}tblPr/{W}tblBorders"))
        cells = table.iterfind(f"{W}tr/{W}tc/{W}tcPr/{W}tcBorders")
        return any(kind not in _UNDRAWN for found in (edges, *map(_edges, cells)) for kind in found.values())

    def font(self, run: etree._Element | None, run_style: str | None, paragraph_style: str | None) -> str:
        """Return the font of a run in lower case, by its own properties or its styles."""
        font = _font(run)
        for style in (*self._chain(run_style), *self._chain(paragraph_style or self._standard)):
            font = font or _font(style.find(W + "rPr"))
        return font or self._default_font

    def _chain(self, style: str | None) -> list[etree._Element]:
        found: list[etree._Element] = []
        while style and (one := self._styles.get(style)) is not None and len(found) < _CHAIN:
            found.append(one)
            style = value(one, "w:basedOn")
        return found


def _edges(borders: etree._Element | None) -> dict[str, str]:
    return {str(edge.tag): edge.get(W + "val", "") for edge in borders} if borders is not None else {}


def _font(properties: etree._Element | None) -> str:
    return (value(properties, "w:rFonts", "ascii") or value(properties, "w:rFonts", "hAnsi") or "").lower()


def from_font(text: str, font: str) -> str:
    """Return text in a font from before Unicode (.VnTime, VNI-Times) in Unicode; .VnTimeH draws everything as capitals.

    Left as it is where its letters or its syllables show that it is Unicode already, whatever the font.
    """
    if not font.startswith((".vn", "vni-")) or any("\u0100" <= char <= "\u1eff" for char in text):
        return text
    letters = from_tcvn3(text) if font.startswith(".vn") else from_vni(text)
    if likeness(letters)[0] < likeness(text)[0]:
        return text
    return letters.upper() if font.startswith(".vn") and font.endswith("h") else letters
