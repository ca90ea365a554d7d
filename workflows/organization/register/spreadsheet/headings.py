"""Recognise the headings in an office's table by the words that offices use."""

import re
from collections.abc import Iterable
from typing import TypeVar

from models.text.vietnamese import fold

T = TypeVar("T")
COUNTING = r"^(?:so )?(?:stt|tt|thu tu)\b"
"""Folded headings of a column that only numbers the rows."""


def under_heading(heading: str, guesses: Iterable[tuple[T, re.Pattern[str]]]) -> T | None:
    """Return the meaning of the first pattern that matches a heading's folded words; None without one.

    Of several rows of headings ("Đơn vị / Chủ trì") the lowest is tried first.
    """
    parts = [part.strip() for part in heading.split(" / ")]
    for words in [*reversed(parts), " ".join(parts)]:
        for meaning, pattern in guesses:
            if pattern.search(fold(words)):
                return meaning
    return None
