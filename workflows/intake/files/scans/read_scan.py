"""Read a scan page by page: draw, turn upright, read and repair it. Then join the pages as those of any PDF."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from workflows.bounded_process.bounded_call import call_bounded
from workflows.bounded_process.limits import MOST_SCANNED, Scanned, Unreadable, too_many_pictures
from workflows.intake.files.scans.page_words import ReadPage
from workflows.intake.files.scans.scan_steps import GIVEN, SEARCHABLE
from workflows.intake.files.scans.scanned_words import is_poor, is_sideways, parted_head, read_words, sureness
from workflows.intake.files.scans.spelling import repaired
from workflows.intake.files.scans.tesseract import find_turn, read_picture, require_tesseract
from workflows.intake.text.reading import ReadingReason

_STEPS = "workflows.intake.files.scans.scan_steps"
_MOST_BROKEN = 3
"""Pages that cannot be drawn or take too long; the pages behind them are not tried, as each may cost a minute."""
_A_FEW = 20
"""Words of a page that cannot be read: with fewer it is a drawing or a signature, and they are kept as doubtful."""
_LATIN = ("", "Latin", "Vietnamese")


@dataclass(frozen=True)
class DoubtfulWord:
    """A word that was read unsurely or repaired, and its place. `was`: as it was read before the repair."""

    begins: int
    ends: int
    was: str
    confidence: float


@dataclass(frozen=True)
class Scan:
    """A document that was read from pictures: its text, a PDF with it, and what is kept of its pictures in JSON.

    The `facts` are how many `pages` it has, which of them are pictures (`scanned`, from 0), the printed `lines` (first
    and last character of the text, page, box as the page is shown upright), `doubtful` words (see `DoubtfulWord`), and
    the pages left `unread` (number, the character of the text that follows it, a `ReadingReason`).
    """

    text: str
    searchable: bytes
    facts: dict[str, Any]


def check_scan(found: Scanned) -> str:
    """Find tesseract's path. Unreadable where it is missing, or more pages are pictures than are read."""
    program = require_tesseract()
    if len(found.numbers) > MOST_SCANNED:
        raise too_many_pictures(len(found.numbers))
    return program


def read_scan(data: bytes, found: Scanned, *, is_pdf: bool, tell: Callable[[int, int], None]) -> Scan:
    """Read the pages that are pictures; `tell` hears after each how many of how many are read.

    A page that cannot be read is left unread and named. Unreadable where nothing can be read at all.
    """
    program = check_scan(found)
    with TemporaryDirectory(prefix="intake-") as name:
        folder = Path(name)
        if is_pdf:
            (folder / GIVEN).write_bytes(data)
        else:
            call_bounded(f"{_STEPS}.to_pdf", data, folder=name)
        pages: list[ReadPage] = []
        faults: dict[int, Unreadable] = {}
        tell(0, len(found.numbers))
        for number in found.numbers:
            try:
                pages.append(_read_page(program, folder, number, faults.values()))
            except Unreadable as fault:
                faults[number] = fault
                pages.append(_without_words(folder, number))
            tell(len(pages), len(found.numbers))
        if len(pages) == found.count and not any(page.lines for page in pages):
            raise next(iter(faults.values()), None) or Unreadable(
                "file {file}: nothing is written on its pages; check that the right side was scanned, and dark enough"
            )
        pages = [
            replace(page, lines=lines)
            for page, lines in zip(pages, repaired([page.lines for page in pages]), strict=True)
        ]
        assembled = call_bounded(f"{_STEPS}.assemble", folder=name, pages=[asdict(page) for page in pages])
        searchable = (folder / SEARCHABLE).read_bytes()
    placed = _placed(pages, assembled["places"])
    unread = [[number, _end_before(number, placed["lines"]), _reason(fault)] for number, fault in faults.items()]
    facts = {"pages": found.count, "scanned": found.numbers, "unread": unread} | placed
    return Scan(str(assembled["text"]), searchable, facts)


class IllegiblePage(Unreadable):
    """Raised for a page whose words mean nothing."""

    reason = ReadingReason.FAINT_PAGE


class ForeignPage(IllegiblePage):
    reason = ReadingReason.FOREIGN_PAGE


def _reason(fault: Unreadable) -> ReadingReason:
    return fault.reason if isinstance(fault, IllegiblePage) else ReadingReason.BROKEN_PAGE


def _without_words(folder: Path, number: int) -> ReadPage:
    (folder / f"page-{number}.pdf").unlink(missing_ok=True)  # of words that mean nothing
    return ReadPage(number=number, turn=0, slant=0.0, width=1, height=1, ruled=[], lines=[])


def _end_before(number: int, lines: Sequence[Sequence[Any]]) -> int:
    """Return the character of the text behind all pages before this one."""
    return max((ends for _begins, ends, page, *_box in lines if page < number), default=0)


def _read_page(program: str, folder: Path, number: int, faults: Collection[Unreadable]) -> ReadPage:
    """Read a page; raise Unreadable where that cannot be done, or too much time went into the faults before it."""
    broken = [fault for fault in faults if not isinstance(fault, IllegiblePage)]
    if len(broken) >= _MOST_BROKEN:
        raise broken[-1]
    page = _read_turned(program, folder, number, 0)
    if not is_poor(page.lines) and not is_sideways(page.lines):
        return page
    turn, script = find_turn(program, folder, f"page-{number}")
    tried = _read_turned(program, folder, number, turn or 180)
    is_better = is_sideways(page.lines) or sureness(tried.lines)[0] > sureness(page.lines)[0]
    page = tried if is_better else _read_turned(program, folder, number, 0)  # with its text layer anew
    if is_poor(page.lines) and sureness(page.lines)[1] > _A_FEW:
        raise _illegible(number, script)
    return page


def _read_turned(program: str, folder: Path, number: int, turn: int) -> ReadPage:
    name = f"page-{number}"
    drawn = call_bounded(f"{_STEPS}.draw", folder=str(folder), page=number, turn=turn)
    if drawn.pop("is_blank"):
        return ReadPage(number=number, turn=turn, lines=[], **drawn)
    read_picture(program, folder, name)
    lines = read_words((folder / f"{name}.tsv").read_text(encoding="utf-8"))
    return ReadPage(number=number, turn=turn, lines=parted_head(lines), **drawn)


def _illegible(number: int, script: str) -> IllegiblePage:
    if script not in _LATIN:
        return ForeignPage(
            "file {file}: page {page} is written in other letters than Vietnamese has ({script}); send the document in"
            " Vietnamese",
            page=number + 1,
            script=script,
        )
    return IllegiblePage(
        "file {file}: page {page} cannot be read: it is blurred, too dark or too small, or no Vietnamese; scan it flat"
        " at 300 dpi, not as a photograph of a screen",
        page=number + 1,
    )


def _placed(read: Sequence[ReadPage], places: Sequence[Sequence[int]]) -> dict[str, list[Any]]:
    """Return the places of lines in the text, and the doubtful words. A page number left out is in neither."""
    at = {number: (begins, ends) for number, begins, ends in places}
    lines: list[Any] = []
    doubtful: list[Any] = []
    number = 0
    for page in read:
        for line in page.lines:
            there = [(word, at[number + n]) for n, word in enumerate(line.words) if number + n in at]
            number += len(line.words)
            if not there:
                continue
            doubtful += [[*place, word.was, round(word.confidence, 3)] for word, place in there if word.is_doubtful]
            begins, ends = min(one[1][0] for one in there), max(one[1][1] for one in there)
            lines.append([begins, ends, page.number, *(round(edge, 4) for edge in page.shown(line.box))])
    return {"lines": lines, "doubtful": doubtful}
