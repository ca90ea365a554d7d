"""Render a paper as PDF/A with typst and our own fonts, so that every machine makes the same bytes.

Decree 30 asks for Times New Roman, which may not be distributed. The .docx names it; the .pdf is set in Tinos, which
has the same widths and all Vietnamese characters.
"""

import json
import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst
from fontTools.ttLib import TTFont

from models.text.localtime import local
from workflows.papers.formats.text_cells import SHORT_TABLE, heading_rows, written_rows
from workflows.papers.paper import Block, Paper, Table, legible, to_data
from workflows.papers.print_font import FAMILIES, FOLDERS

_TEMPLATE = Path(__file__).with_name("paper.typ")
_LOW_DPI = 12.0  # dots per inch


def render_pdf(paper: Paper, *, written_at: datetime) -> bytes:
    """Render a paper. The same paper and moment (UTC) give the same bytes."""
    inputs = _inputs(paper, written_at)
    try:
        output = _compile(_template(), inputs, "pdf", written_at=written_at)
    except typst.TypstError:  # PDF/A refuses characters that no font here has: they are replaced
        replaced_inputs = {"paper": json.dumps(replace_unknown(json.loads(inputs["paper"])), ensure_ascii=False)}
        output = _compile(_template(), replaced_inputs, "pdf", written_at=written_at)
    assert isinstance(output, bytes)
    return output


def count_pages(paper: Paper, *, written_at: datetime) -> int:
    pages = _compile(_template(), _inputs(paper, written_at), "png")
    return 1 if isinstance(pages, bytes) else len(pages)


def _inputs(paper: Paper, written_at: datetime) -> dict[str, str]:
    paper = legible(paper)
    data = to_data(paper) | {
        "fonts": FAMILIES,
        "written": local(written_at).strftime("%Y-%m-%d"),
        "short": SHORT_TABLE,
        "body": [_block(block, paper.language) for block in paper.body],
        "after": [_block(block, paper.language) for block in paper.appendix],
    }
    return {"paper": json.dumps(data, ensure_ascii=False)}


def _compile(
    source: bytes,
    inputs: dict[str, str],
    form: Literal["pdf", "png"],
    written_at: datetime | None = None,
    ppi: float = _LOW_DPI,
) -> bytes | list[bytes]:
    more: dict[str, Any] = {"ppi": ppi}
    if written_at is not None:
        more = {"pdf_standards": ["a-2a"], "timestamp": int(written_at.timestamp())}
    # only our own fonts and sources are read
    output: bytes | list[bytes] | None = typst.compile(
        source,
        format=form,
        font_paths=[str(folder) for folder in FOLDERS],
        ignore_system_fonts=True,
        sys_inputs=inputs,
        **more,
    )
    assert output is not None  # held by typst: there is no output file
    return output


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _block(block: Block, language: str) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(block, name) for name in block.__dataclass_fields__}
    if isinstance(block, Table):
        data["columns"] = [{"kind": column.kind, "part": column.part} for column in block.columns]
        data["heads"] = [
            [
                {"text": head.text, "column": head.column, "row": number, "columns": head.columns, "rows": head.rows}
                for head in row
            ]
            for number, row in enumerate(heading_rows(block))
        ]
        data["rows"] = written_rows(block, language)
    return data


_REPLACEMENT = "☐"
_BULLETS = {"\uf0b7": "•"}
"""Bullets of lists that were pasted from an office suite: code points of its symbol font."""
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode categories of characters that need no glyph."""


def replace_unknown(value: Any) -> Any:
    """Replace the characters in a JSON value that no font has by a box."""
    if isinstance(value, str):
        return value if value.isascii() else "".join(map(_known_character, value))
    if isinstance(value, dict):
        return {key: replace_unknown(one) for key, one in value.items()}
    return [replace_unknown(one) for one in value] if isinstance(value, (list, tuple)) else value


def _known_character(character: str) -> str:
    character = _BULLETS.get(character, character)
    return (
        character
        if ord(character) in _known_code_points() or unicodedata.category(character) in _INVISIBLE
        else _REPLACEMENT
    )


@cache
def _known_code_points() -> frozenset[int]:
    """Return the code points that every style of a font has, upright and slanted."""
    fonts = ([frozenset(TTFont(path).getBestCmap()) for path in sorted(folder.glob("*.ttf"))] for folder in FOLDERS)
    return frozenset.union(*(frozenset.intersection(*styles) for styles in fonts))
