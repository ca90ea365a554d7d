"""Độ mật: documents stamped mật, tối mật or tuyệt mật may not enter a networked system (Decree 30/2020/NĐ-CP)."""

import re
import unicodedata
from itertools import islice

LEVELS = ("mật", "tối mật", "tuyệt mật")
HEADER_LINES = 40
"""Only the first lines of a document can be a stamp. Further down, the words belong to its text."""

_STAMPS = {level.replace(" ", ""): level for level in LEVELS}
_LABELLED = re.compile(r"độ\s+mật\s*[:.][\s\"'“‘(\[]*(tuyệt\s+mật|tối\s+mật|mật)\b", re.IGNORECASE)
_BORDER_CHARACTERS = " \t.,:;*-–—_|/\\\"'“”‘’()[]{}<>•·●▪\uf0b7"
_ETH = str.maketrans("Ðð", "Đđ")
"""Old fonts and their converters write these characters for Đ."""


def stamped_secrecy(text: str) -> str | None:
    """Return the level stamped on a document's head, or None.

    A stamp stands alone on its line or in a column of it, perhaps with spaces between its characters ("M Ậ T").
    "mật khẩu" or "bí mật" in a sentence is no stamp, and neither is a lone lower-case "mật" of a wrapped line.
    """
    lines = (line for line in map(_normalize, text.splitlines()) if line.strip())
    for line in islice(lines, HEADER_LINES):
        labelled = _LABELLED.search(line)
        if labelled:
            return " ".join(labelled.group(1).lower().split())
        for cell in (line, *re.split(r"\t|\||\s{2,}", line)):
            words = cell.strip(_BORDER_CHARACTERS)
            level = _STAMPS.get("".join(words.split()).lower())
            if level and words[0].isupper():
                return level
    return None


def _normalize(line: str) -> str:
    """Return a line as it looks: without invisible characters, and with one character for each shape and blank."""
    normalized = unicodedata.normalize("NFKC", line).translate(_ETH)
    return "".join(char for char in normalized if unicodedata.category(char) != "Cf")
