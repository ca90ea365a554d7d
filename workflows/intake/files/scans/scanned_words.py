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
    """A word: `was` is what tesseract had read where it was repaired, `confidence` from 0 to 1."""

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
    """Read the lines of a page from tesseract's table; what is only noise of the scanner is left out."""
    found: dict[tuple[str, ...], list[ScannedWord]] = defaultdict(list)
    boxes: dict[tuple[str, ...], Box] = {}
    width = height = 1.0
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) < 12:
            continue
        left, top, wide, tall = map(float, cells[6:10])
        if cells[0] == "1":
            width, height = max(wide, 1.0), max(tall, 1.0)
        box = (left / width, top / height, (left + wide) / width, (top + tall) / height)
        key = tuple(cells[2:5])
        if cells[0] == "4":
            boxes[key] = box
        elif cells[0] == "5" and (text := _plain(cells[11])):
            found[key].append(ScannedWord(text, max(0.0, float(cells[10])) / 100, box))
    lines = [WordLine(tuple(words), boxes[key]) for key, words in found.items()]
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
    word = next((one for one in after_issuer if _ITS_FIRST.fullmatch(one.text)), motto.words[0])
    middle = word.box[0] if word is not motto.words[0] else motto.box[0]
    before: list[WordLine] = []
    left: list[WordLine] = []
    right: list[WordLine] = []
    after: list[WordLine] = []
    end = motto.box[1] + _HEAD_TALL
    for line in lines:
        if line.box[1] < motto.box[1] - 0.02:
            before.append(line)
        elif line.box[1] > end or after:
            after.append(line)
        else:
            columns = _columns(line, middle)
            if columns is None:
                after.append(line)
            else:
                left += columns[:1] if columns[0].words else []
                right += columns[1:] if columns[1].words else []
    return [*before, *left, *right, *after]


def _columns(line: WordLine, middle: float) -> list[WordLine] | None:
    """Return what of a line stands left of the right column, and what in it; None for one that goes across both."""
    gaps = [
        (two.box[0] - one.box[2], at)
        for at, (one, two) in enumerate(pairwise(line.words), 1)
        if two.box[0] >= middle - _AROUND and one.box[2] <= middle + _AROUND
    ]
    tall = (line.box[3] - line.box[1]) * _A4_TALL
    if line.box[2] <= middle + _AROUND:
        at = len(line.words)
    elif line.box[0] >= middle - 2 * _AROUND:
        at = 0
    elif gaps and max(gaps)[0] > 0.5 * tall:
        at = max(gaps)[1]
    else:
        return None
    return [part_of(line, line.words[:at]), part_of(line, line.words[at:])]


def part_of(line: WordLine, words: Iterable[ScannedWord]) -> WordLine:
    chosen = tuple(words)
    if not chosen:
        return WordLine((), line.box)
    left, right = min(word.box[0] for word in chosen), max(word.box[2] for word in chosen)
    top, bottom = min(word.box[1] for word in chosen), max(word.box[3] for word in chosen)
    return WordLine(chosen, (left, top, right, bottom))


def sureness(lines: Iterable[WordLine]) -> tuple[float, int]:
    """Return how sure tesseract was of a page's letters, on average, and how many words it has."""
    words = [word for line in lines for word in line.words]
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / max(letters, 1), len(words)


def is_sideways(lines: Sequence[WordLine]) -> bool:
    """Return whether the words of a page stand on end: tesseract reads such lines too, but not the page's layout."""
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
