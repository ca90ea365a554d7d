"""Documents made by the tests: small real files of every format, from paragraphs and tables or from raw XML."""

import io
import json
import zlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pypdfium2
import typst

import workflows

SEED = (Path(workflows.__file__).parent / "directives" / "ct-06-2004" / "directive.txt").read_text(encoding="utf-8")
Block = str | Sequence[Sequence[str]]
"""A paragraph, or a table's rows of cells."""

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_INNER = ("insideH", "insideV")
_ODF = "urn:oasis:names:tc:opendocument:xmlns:%s:1.0"
_ODF_NAMES = " ".join(f'xmlns:{name}="{_ODF % name}"' for name in ("office", "text", "table", "style", "drawing"))

_ODF_NAMES += f' xmlns:fo="{_ODF % "xsl-fo-compatible"}"'
_ODF_DRAWN = (
    '<style:style style:name="drawn"><style:table-cell-properties fo:border="0.5pt solid #000000"/></style:style>'
)


def blocks_of(text: str) -> list[Block]:
    """The paragraphs of a text."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def words(text: str) -> list[str]:
    """Its lines that are not empty, blanks squeezed: what twins of one document have in common."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def archive(parts: dict[str, str | bytes]) -> bytes:
    """A zip archive; a part "mimetype" stands first and is not packed, as OpenDocument wants it."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as zip_file:
        for name, content in parts.items():
            zip_file.writestr(name, content, ZIP_STORED if name == "mimetype" else ZIP_DEFLATED)
    return made.getvalue()


def w_p(text: str, properties: str = "", run: str = "") -> str:
    """A paragraph of a .docx."""
    return (
        f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr>"
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )


def w_numbered(text: str, level: int = 0, list_id: int = 1) -> str:
    """A paragraph with an automatic number."""
    return w_p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def _w_block(block: Block) -> str:
    if isinstance(block, str):
        return w_p(block)
    width = '<w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>'
    rows = "".join(f"<w:tr>{''.join(f'<w:tc>{width}{w_p(cell)}</w:tc>' for cell in row)}</w:tr>" for row in block)
    grid = '<w:gridCol w:w="2000"/>' * len(block[0])
    edges = "".join(f'<w:{edge} w:val="single" w:sz="4"/>' for edge in ("top", "left", "bottom", "right", *_INNER))
    head = f"<w:tblPr><w:tblBorders>{edges}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
    return f"<w:tbl>{head}{rows}</w:tbl><w:p/>"  # Word wants a paragraph after a table


def docx(body: Sequence[Block] | str, **parts: str) -> bytes:
    """A .docx of blocks or of the XML of its body; parts (numbering, styles, header1, footnotes) are XML too."""
    inner = body if isinstance(body, str) else "".join(map(_w_block, body))
    names = f'xmlns:w="{W}" xmlns:r="{_R}" xmlns:mc="{_MC}" xmlns:wps="urn:wps"'
    relations = "".join(
        f'<Relationship Id="{name}" Type="{_R}/{name.rstrip("123")}" Target="{name}.xml"/>' for name in parts
    )
    return archive(
        {
            "[Content_Types].xml": _content_types(parts),
            "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="a" Type="{_R}/officeDocument"'
            ' Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELS}">{relations}</Relationships>',
            "word/document.xml": f"<w:document {names}><w:body>{inner}</w:body></w:document>",
            **{f"word/{name}.xml": content for name, content in parts.items()},
        }
    )


def _content_types(parts: dict[str, str]) -> str:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    given = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{kind}.{name.rstrip("123")}+xml"/>' for name in parts
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml"'
        ' ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        f'package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/>'
        f"{given}</Types>"
    )


def part(name: str, inner: str) -> str:
    """A part of a .docx: `part("numbering", …)`."""
    return f'<w:{name} xmlns:w="{W}">{inner}</w:{name}>'


def numbering(*levels: tuple[str, str], more: str = "") -> str:
    """The list 1: for each level its format and its text, such as ("lowerLetter", "%2)")."""
    drawn = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    lists = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return part("numbering", f'<w:abstractNum w:abstractNumId="0">{drawn}</w:abstractNum>{lists}{more}')


def _odf_block(block: Block) -> str:
    if isinstance(block, str):
        return f"<text:p>{escape(block)}</text:p>"
    begin = '<table:table-cell table:style-name="drawn">'
    cells = ("".join(f"{begin}{_odf_block(cell)}</table:table-cell>" for cell in row) for row in block)
    return f"<table:table>{''.join(f'<table:table-row>{row}</table:table-row>' for row in cells)}</table:table>"


def odt(body: Sequence[Block] | str, styles: str = "", page_styles: str | None = None) -> bytes:
    """An .odt of blocks or of the XML of its body; `styles` go into its automatic styles."""
    inner = body if isinstance(body, str) else "".join(map(_odf_block, body))
    parts: dict[str, str | bytes] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:document-content {_ODF_NAMES}><office:automatic-styles>{_ODF_DRAWN}{styles}"
        f"</office:automatic-styles><office:body><office:text>{inner}</office:text></office:body>"
        "</office:document-content>",
    }
    if page_styles is not None:
        parts["styles.xml"] = f"<office:document-styles {_ODF_NAMES}>{page_styles}</office:document-styles>"
    return archive(parts)


def _html_block(block: Block) -> str:
    if isinstance(block, str):
        return f"<p>{escape(block)}</p>\n"
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in block)
    return f'<table border="1">{rows}</table>\n'


def html(body: Sequence[Block] | str) -> bytes:
    """A web page in UTF-8."""
    inner = body if isinstance(body, str) else "".join(map(_html_block, body))
    return f"<!DOCTYPE html><html><head><title>Tên trang</title></head><body>{inner}</body></html>".encode()


def _rtf_text(text: str) -> str:
    return "".join(char if char.isascii() and char not in "\\{}" else f"\\u{ord(char)}?" for char in text)


def rtf(body: Sequence[Block]) -> bytes:
    """Rich text."""
    parts = []
    for block in body:
        if isinstance(block, str):
            parts.append(f"\\pard {_rtf_text(block)}\\par\n")
        for row in () if isinstance(block, str) else block:
            cells = "".join(f"\\pard\\intbl {_rtf_text(cell)}\\cell\n" for cell in row)
            ends = "".join(f"\\clbrdrt\\brdrs\\brdrw10\\cellx{1000 * at}" for at, _cell in enumerate(row, 1))
            parts.append(f"\\trowd{ends}\n{cells}\\row\n")
    return ("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Times New Roman;}}\n" + "".join(parts) + "}").encode()


def _typst_block(block: Block) -> str:
    if isinstance(block, str):
        return f"#{json.dumps(block, ensure_ascii=False)}\n\n"
    cells = "".join(f"[{_typst_block(cell).strip()}], " for row in block for cell in row)
    return f"#table(columns: {len(block[0])}, {cells})\n\n"


def typst_source(body: Sequence[Block], header: str = "") -> str:
    """A document set as offices do: A4, justified, first lines indented; `header` on every page, numbers below."""
    top = f"header: [{header}], " if header else ""
    return (
        f'#set page(paper: "a4", {top}numbering: "1")\n#set text(size: 13pt, lang: "vi", hyphenate: false)\n'
        "#set par(justify: true, first-line-indent: (amount: 1cm, all: true))\n\n" + "".join(map(_typst_block, body))
    )


def pdf(source: Sequence[Block] | str) -> bytes:
    """A PDF of blocks or of typst's source."""
    text = source if isinstance(source, str) else typst_source(source)
    made = typst.compile(text.encode())
    assert isinstance(made, bytes)
    return made


def png() -> bytes:
    """One grey point."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")

    head = b"\0\0\0\1\0\0\0\1\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def locked_pdf() -> bytes:
    """A PDF that asks for a password."""
    secret = b"<" + b"41" * 32 + b">"
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"3 0 obj<</Filter/Standard/V 1/R 2/P -44/O " + secret + b"/U " + secret + b">>endobj\n"
        b"trailer<</Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>\n%%EOF"
    )


def saved(document: pypdfium2.PdfDocument) -> bytes:
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()
