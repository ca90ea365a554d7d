"""A paper as PDF/A, by typst with a font of our own: a machine without any font makes the same bytes.

Decree 30 asks for Times New Roman, which may not be given away; the .docx names it, the .pdf is set in Tinos, which
has its widths and every stacked Vietnamese letter.
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
from workflows.papers.formats.text_cells import SHORT, heading_rows, written_rows
from workflows.papers.paper import Block, Paper, Table, legible, to_data
from workflows.papers.print_font import FAMILIES, FOLDERS

_TEMPLATE = Path(__file__).with_name("paper.typ")
_GLANCE = 12.0  # dots per inch


def render_pdf(paper: Paper, *, written_at: datetime) -> bytes:
    """The same paper and moment (UTC) give the same bytes."""
    given = _given(paper, written_at)
    try:
        made = _compile(_template(), given, "pdf", written_at=written_at)
    except typst.TypstError:  # PDF/A refuses a letter that no font here has: one in a note holds up no report
        kept = {"paper": json.dumps(drawable(json.loads(given["paper"])), ensure_ascii=False)}
        made = _compile(_template(), kept, "pdf", written_at=written_at)
    assert isinstance(made, bytes)
    return made


def count_pages(paper: Paper, *, written_at: datetime) -> int:
    pages = _compile(_template(), _given(paper, written_at), "png")
    return 1 if isinstance(pages, bytes) else len(pages)


def _given(paper: Paper, written_at: datetime) -> dict[str, str]:
    paper = legible(paper)
    data = to_data(paper) | {
        "fonts": FAMILIES,
        "written": local(written_at).strftime("%Y-%m-%d"),
        "short": SHORT,
        "body": [_block(block, paper.language) for block in paper.body],
        "after": [_block(block, paper.language) for block in paper.appendix],
    }
    return {"paper": json.dumps(data, ensure_ascii=False)}


def _compile(
    source: bytes,
    given: dict[str, str],
    form: Literal["pdf", "png"],
    written_at: datetime | None = None,
    ppi: float = _GLANCE,
) -> bytes | list[bytes]:
    more: dict[str, Any] = {"ppi": ppi}
    if written_at is not None:
        more = {"pdf_standards": ["a-2a"], "timestamp": int(written_at.timestamp())}
    # fonts are ours alone, and sources come from nowhere but here
    made: bytes | list[bytes] | None = typst.compile(
        source,
        format=form,
        font_paths=[str(one) for one in FOLDERS],
        ignore_system_fonts=True,
        sys_inputs=given,
        **more,
    )
    assert made is not None  # held by typst: there is no output file
    return made


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _block(block: Block, language: str) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(block, name) for name in block.__dataclass_fields__}
    if isinstance(block, Table):
        data["columns"] = [{"kind": column.kind, "part": column.part} for column in block.columns]
        data["heads"] = [
            [
                {"text": one.text, "column": one.column, "row": n, "columns": one.columns, "rows": one.rows}
                for one in row
            ]
            for n, row in enumerate(heading_rows(block))
        ]
        data["rows"] = written_rows(block, language)
    return data


_INSTEAD = "☐"
_BULLET = {"\uf0b7": "•"}
"""What lists pasted from an office suite begin with: a place of its symbol font."""
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Categories of letters that are set without a picture."""


def drawable(value: Any) -> Any:
    """JSON values whose texts hold only letters that the font has; others become a box."""
    if isinstance(value, str):
        return value if value.isascii() else "".join(map(_drawn, value))
    if isinstance(value, dict):
        return {key: drawable(one) for key, one in value.items()}
    return [drawable(one) for one in value] if isinstance(value, (list, tuple)) else value


def _drawn(letter: str) -> str:
    letter = _BULLET.get(letter, letter)
    return letter if ord(letter) in _letters() or unicodedata.category(letter) in _UNSEEN else _INSTEAD


@cache
def _letters() -> frozenset[int]:
    """Return those of every style of a font: upright and slanted."""
    fonts = ([frozenset(TTFont(path).getBestCmap()) for path in sorted(folder.glob("*.ttf"))] for folder in FOLDERS)
    return frozenset.union(*(frozenset.intersection(*styles) for styles in fonts))
