"""A rich text file as text, by striprtf; its tables are put back in rows."""

import re

from striprtf.striprtf import rtf_to_text

from workflows.intake.files.limits import damaged
from workflows.intake.files.lines import Lines

_ROW_BEGINS = "\x02"
_ROW = re.compile(r"\x02+([^\x02]*\|)\x02*\n")
_PICTURE = re.compile(r"\{\\(?:\*\\)?(?:pict|shppict|nonshppict|objdata|datastore|themedata)\b[^{}]*\}")


def read(data: bytes) -> str:
    """The text; what stands in shapes, headers and notes is not in it."""
    source = _PICTURE.sub("", data.decode("latin-1")) + "\\par "  # striprtf keeps letters back until something follows
    try:
        text: str = rtf_to_text(  # type: ignore[no-untyped-call]
            source.replace("\\trowd", "\\'02\\trowd"), encoding="cp1252", errors="replace"
        )
    except (ValueError, OverflowError, LookupError, TypeError):  # what striprtf raises at codes that are none
        raise damaged() from None
    lines = Lines()
    end = 0
    for row in _ROW.finditer(text):
        _paragraphs(lines, text[end : row.start()])
        lines.row([(cell, 1) for cell in row[1][:-1].split("|")])
        end = row.end()
    _paragraphs(lines, text[end:])
    return lines.text()


def _paragraphs(lines: Lines, text: str) -> None:
    if text:
        for line in text.removesuffix("\n").split("\n"):
            lines.paragraph(line.replace(_ROW_BEGINS, ""))
