"""What stands under a heading of an office's table, by the words that offices use."""

import re
from collections.abc import Iterable
from typing import TypeVar

from models.text.vietnamese import fold

T = TypeVar("T")
COUNTING = r"^(?:so )?(?:stt|tt|thu tu)\b"
"""A column that only numbers the rows, folded."""


def under_heading(heading: str, guesses: Iterable[tuple[T, re.Pattern[str]]]) -> T | None:
    """What the first pattern that fits a heading's folded words stands for; None for none.

    Of several rows of headings ("Đơn vị / Chủ trì") the lowest counts first.
    """
    parts = [part.strip() for part in heading.split(" / ")]
    for words in [*reversed(parts), " ".join(parts)]:
        for what, pattern in guesses:
            if pattern.search(fold(words)):
                return what
    return None
