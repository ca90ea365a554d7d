"""Độ mật: documents stamped mật, tối mật or tuyệt mật may not enter a networked system (Decree 30/2020/NĐ-CP)."""

import re
import unicodedata

LEVELS = ("mật", "tối mật", "tuyệt mật")
HEADER_LINES = 40
"""Stamps stand in the head of a document; further down the words belong to its text."""

_STAMPS = {level.replace(" ", ""): level for level in LEVELS}
_LABELLED = re.compile(r"độ\s+mật\s*[:.]\s*(tuyệt mật|tối mật|mật)\b", re.IGNORECASE)
_AROUND = " \t.,:;*-–—_|/\\\"'“”‘’()[]{}<>"


def stamped_secrecy(text: str) -> str | None:
    """The level stamped on a document's head, or None.

    A stamp stands alone on its line or in a column of it, also letter-spaced ("M Ậ T"); "mật khẩu" or "bí mật" in a
    sentence is none, nor is a lone lower-case "mật" left over from a wrapped line.
    """
    lines = [line for line in unicodedata.normalize("NFC", text).splitlines() if line.strip()][:HEADER_LINES]
    for line in lines:
        labelled = _LABELLED.search(line)
        if labelled:
            return labelled.group(1).lower()
        for cell in (line, *re.split(r"\t|\||\s{2,}", line)):
            words = cell.strip(_AROUND)
            level = _STAMPS.get("".join(words.split()).lower())
            if level and words[0].isupper():
                return level
    return None
