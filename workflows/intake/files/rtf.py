"""A rich text file as text, by striprtf; its tables are put back in rows."""

import re

from striprtf.striprtf import rtf_to_text

from workflows.bounded_process.limits import damaged
from workflows.intake.files.characters.encodings import tidied
from workflows.intake.files.lines import Lines, Row

_DRAWN, _UNDRAWN = "\x02", "\x03"
"""Where a row begins, with lines at its edges or without."""
_ROW = re.compile(r"([\x02\x03])[\x02\x03]*([^\x02\x03]*\|)[\x02\x03]*\n")
_ROW_HEAD = re.compile(r"\\trowd(?:\\[a-z]+-?\d* ?|\s+)*")
_LINES = re.compile(r"\\brdr(?!nil|none|w|cf|tbl|art)[a-z]+")
_PICTURE = re.compile(r"\{\\(?:\*\\)?(?:pict|shppict|nonshppict|objdata|datastore|themedata)\b[^{}]*\}")


@tidied
def read(data: bytes) -> str:
    """Read an .rtf without its shapes, headers and notes."""
    source = _ROW_HEAD.sub(_marked, _PICTURE.sub("", data.decode("latin-1")))
    try:
        text: str = rtf_to_text(  # type: ignore[no-untyped-call]
            source + "\\par ",  # striprtf keeps letters back until something follows
            encoding="cp1252",
            errors="replace",
        )
    except (ValueError, OverflowError, LookupError, TypeError):  # what striprtf raises at codes that are none
        raise damaged() from None
    lines = Lines()
    rows: list[Row] = []
    drawn, end = False, 0
    for row in _ROW.finditer(text):
        if row.start() > end:
            lines.table(rows, drawn=drawn)
            _paragraphs(lines, text[end : row.start()])
            rows, drawn = [], False
        rows.append([(cell, 1) for cell in row[2][:-1].split("|")])
        lines.count_cells(len(rows[-1]))
        drawn, end = drawn or row[1] == _DRAWN, row.end()
    lines.table(rows, drawn=drawn)
    _paragraphs(lines, text[end:])
    return lines.text()


def _marked(head: re.Match[str]) -> str:
    """Return the properties of a row, with a sign before them that marks its beginning."""
    return ("\\'02" if _LINES.search(head[0]) else "\\'03") + head[0]


def _paragraphs(lines: Lines, text: str) -> None:
    if text:
        for line in text.removesuffix("\n").split("\n"):
            lines.paragraph(line.replace(_DRAWN, "").replace(_UNDRAWN, ""))
