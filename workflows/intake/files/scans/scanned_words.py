"""The words that tesseract read in a page's picture, each with its place and how sure it was."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflows.intake.files.characters.encodings import tidy
from workflows.intake.files.characters.syllables import is_syllable
from workflows.intake.files.marks import FIRST_MARK

Box = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of the page's width and height."""
SURE, SURE_OF_STRANGE, SURE_OF_NAME = 0.80, 0.96, 0.97
"""Below it a word is doubtful, or one that is strange beside its neighbours, names and numbers before all:
docs/intake.md has the figures.
"""
_POOR, _SHOWN = 0.60, 3
"""A page whose words are less sure on average was not read, if it has more than a few."""
_NOISE = 0.35
_HEAD, _HEAD_TALL = 0.3, 0.12
"""Of the page: where the motto stands at the lowest, and how far down from it the letterhead goes."""
_AROUND = 0.05
"""Of the page: so far from the motto's beginning the two columns of a letterhead may part."""
_A4_TALL = 1.414
_MOTTO = re.compile(r"C[OÔỘỌỒỔ]NG\s+H[ÒO][ÀA]?|Độc\s+lập", re.IGNORECASE)
_ITS_FIRST = re.compile(r"C[OÔỘỌỒỔ]NG|Độc", re.IGNORECASE)


@dataclass(frozen=True)
class ScannedWord:
    """A word. `was`: the text before a repair; `confidence`: from 0 to 1."""

    text: str
    confidence: float
    box: Box
    was: str = ""
    is_strange: bool = False
    """Neither the word before nor the one after is known beside it."""

    @property
    def is_doubtful(self) -> bool:
        """Return whether somebody must look at the picture: it was read unsurely, or repaired."""
        is_name = self.text.lstrip('“"(')[:1].isupper() or any(map(str.isdigit, self.text))
        bound = (SURE_OF_NAME if is_name else SURE_OF_STRANGE) if self.is_strange else SURE
        return bool(self.was) or (self.confidence < bound and any(map(str.isalnum, self.text)))


@dataclass(frozen=True)
class WordLine:
    words: tuple[ScannedWord, ...]
    box: Box

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def read_words(table: str) -> list[WordLine]:
    """Read the lines of a page from tesseract's table, without the scanner's noise."""
    words_by_line: dict[tuple[str, ...], list[ScannedWord]] = defaultdict(list)
    boxes: dict[tuple[str, ...], Box] = {}
    width = height = 1.0
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) < 12:
            continue
        left, top, word_width, word_height = map(float, cells[6:10])
        if cells[0] == "1":
            width, height = max(word_width, 1.0), max(word_height, 1.0)
        box = (left / width, top / height, (left + word_width) / width, (top + word_height) / height)
        key = tuple(cells[2:5])
        if cells[0] == "4":
            boxes[key] = box
        elif cells[0] == "5" and (text := _plain(cells[11])):
            words_by_line[key].append(ScannedWord(text, max(0.0, float(cells[10])) / 100, box))
    lines = [WordLine(tuple(words), boxes[key]) for key, words in words_by_line.items()]
    return [line for line in lines if not _is_noise(line)]


def _plain(text: str) -> str:
    shown = "".join(char for char in text if char < FIRST_MARK).replace("\u00d0", "Đ")  # the Icelandic letter
    return tidy(shown).replace(" ", "").replace("\n", "")


def _is_noise(line: WordLine) -> bool:
    """Return whether a line is the shadow of a fold, a stamp or a signature, and no words."""
    if not any(map(str.isalnum, line.text)):
        return not re.search(r"[-–—_=*.]{3}", line.text)
    return all(word.confidence < _NOISE and not (word.text.isalpha() and is_syllable(word.text)) for word in line.words)


def parted_head(lines: list[WordLine]) -> list[WordLine]:
    """Return the lines of a first page where what stands side by side in the letterhead is two lines: first those of
    the issuer, then those of the motto, the place and the day.
    """
    motto = next((line for line in lines if _MOTTO.search(line.text) and line.box[1] < _HEAD), None)
    if motto is None:
        return lines
    after_issuer = motto.words[2:]  # "BỘ CÔNG" begins with no motto
    word = next((candidate for candidate in after_issuer if _ITS_FIRST.fullmatch(candidate.text)), motto.words[0])
    middle = word.box[0] if word is not motto.words[0] else motto.box[0]
    above: list[WordLine] = []
    left_lines: list[WordLine] = []
    right_lines: list[WordLine] = []
    below: list[WordLine] = []
    end = motto.box[1] + _HEAD_TALL
    for line in lines:
        if line.box[1] < motto.box[1] - 0.02:
            above.append(line)
        elif line.box[1] > end or below:
            below.append(line)
        else:
            columns = _columns(line, middle)
            if columns is None:
                below.append(line)
            else:
                left_lines += columns[:1] if columns[0].words else []
                right_lines += columns[1:] if columns[1].words else []
    return [*above, *left_lines, *right_lines, *below]


def _columns(line: WordLine, middle: float) -> list[WordLine] | None:
    """Split a line at the right column. None for a line that goes across both columns."""
    gaps = [
        (next_word.box[0] - word.box[2], position)
        for position, (word, next_word) in enumerate(pairwise(line.words), 1)
        if next_word.box[0] >= middle - _AROUND and word.box[2] <= middle + _AROUND
    ]
    height = (line.box[3] - line.box[1]) * _A4_TALL
    if line.box[2] <= middle + _AROUND:
        position = len(line.words)
    elif line.box[0] >= middle - 2 * _AROUND:
        position = 0
    elif gaps and max(gaps)[0] > 0.5 * height:
        position = max(gaps)[1]
    else:
        return None
    return [part_of(line, line.words[:position]), part_of(line, line.words[position:])]


def part_of(line: WordLine, words: Iterable[ScannedWord]) -> WordLine:
    chosen = tuple(words)
    if not chosen:
        return WordLine((), line.box)
    left, right = min(word.box[0] for word in chosen), max(word.box[2] for word in chosen)
    top, bottom = min(word.box[1] for word in chosen), max(word.box[3] for word in chosen)
    return WordLine(chosen, (left, top, right, bottom))


def sureness(lines: Iterable[WordLine]) -> tuple[float, int]:
    """Return tesseract's average confidence in a page's characters, and the number of its words."""
    words = [word for line in lines for word in line.words]
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / max(letters, 1), len(words)


def is_sideways(lines: Sequence[WordLine]) -> bool:
    """Return whether the words of a page stand on end. Tesseract reads such lines too, but not the page's layout."""
    words = [word for line in lines for word in line.words if len(word.text) > _SHOWN]
    upright = [word for word in words if (word.box[3] - word.box[1]) * _A4_TALL > word.box[2] - word.box[0]]
    return len(upright) > len(words) / 2


def is_poor(lines: Sequence[WordLine]) -> bool:
    """Return whether a page was read so unsurely that it may lie on its side, or cannot be read."""
    sure, count = sureness(lines)
    return count > _SHOWN and (sure < _POOR or _vietnamese(lines) < 0.5)


def _vietnamese(lines: Iterable[WordLine]) -> float:
    words = [word.text.strip(".,;:()“”\"'") for line in lines for word in line.words]
    words = [word for word in words if word.isalpha()]
    return sum(map(is_syllable, words)) / len(words) if len(words) > _SHOWN else 1.0
