"""A paper as a description: all that stands on it, its words written, before it is a .docx, a .pdf or an .xlsx.

Plain values only, so that a frozen paper can be kept as JSON and made into the same file again. The form is that of
Decree 30/2020/NĐ-CP, Appendix I. Text is text: no renderer reads markup, a field or a formula in it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

Cell = str | int | None
"""A day is written in ISO, a rate as its exact fraction ("2/3"), as the column's kind says; None is a dash."""
ColumnKind = Literal["text", "number", "date", "rate"]


@dataclass(frozen=True)
class Paragraph:
    """Running text; `look` "strong" is bold, "quiet" small, "centre" centred and bold, "item" hangs after its dash."""

    text: str
    look: Literal["body", "strong", "quiet", "centre", "item"] = "body"
    what: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class SectionHeading:
    """A numbered section ("I. Tình hình chung"), level 1 or 2."""

    text: str
    level: int = 1
    what: Literal["heading"] = "heading"


@dataclass(frozen=True)
class PaperColumn:
    """One column: `part` is its share of the width; columns of one `group` stand under a common heading."""

    title: str
    kind: ColumnKind = "text"
    part: float = 1.0
    group: str = ""


@dataclass(frozen=True)
class Table:
    """A real table. Its heading rows are repeated on every page; `strong` names bold rows by position."""

    caption: str
    columns: tuple[PaperColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    strong: tuple[int, ...] = ()
    what: Literal["table"] = "table"


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG, with the words for who does not see it. `width` in mm."""

    svg: str
    title: str
    description: str
    width: float = 130.0
    what: Literal["drawing"] = "drawing"


@dataclass(frozen=True)
class Quotation:
    """Somebody's own words, with where they stand: unit, document number, date."""

    text: str
    source: str
    what: Literal["quotation"] = "quotation"


@dataclass(frozen=True)
class Blank:
    """Dotted lines for a hand to write on."""

    lines: int = 2
    what: Literal["blank"] = "blank"


@dataclass(frozen=True)
class Appendix:
    """What follows begins on a page of its own, after the signature."""

    title: str
    what: Literal["appendix"] = "appendix"


Block = Annotated[
    Paragraph | SectionHeading | Table | Drawing | Quotation | Blank | Appendix, Field(discriminator="what")
]


@dataclass(frozen=True)
class PaperHead:
    """What stands above. The number is the records clerk's to give, and the day is the signer's: both stay open."""

    above: str  # the organisation above the office, in capitals; empty where there is none
    office: str  # the issuing office, in capitals
    number: str  # "Số:      /BC-…"
    regarding: str  # "V/v …", a letter's own subject beneath its number; empty for papers with a type name
    place_and_date: str
    state: str  # Quốc hiệu
    motto: str  # Tiêu ngữ


@dataclass(frozen=True)
class Paper:
    """One paper. `mark` stands above all ("DỰ THẢO"); without a signature it is a list, no issued document."""

    kind: str
    language: str
    title: str  # for the file's properties
    author: str
    head: PaperHead
    type_name: str  # "BÁO CÁO"; empty for a công văn
    subject: str  # trích yếu, beneath the type name
    address: str  # "Kính gửi:"
    to: tuple[str, ...]
    blocks: tuple[Block, ...]
    signature: tuple[str, ...] = ()  # "TL. BỘ TRƯỞNG", "VỤ TRƯỞNG"; the name is the signer's to write
    copies: str = ""  # "Nơi nhận:"
    recipients: tuple[str, ...] = ()
    mark: str = ""
    landscape: bool = False
    compact: bool = False  # smaller letters, for what must stand on one sheet
    facts: dict[str, Any] = field(default_factory=dict)  # figures by name, for whoever checks the paper

    @property
    def body(self) -> tuple[Block, ...]:
        return self.blocks[: self._appendix]

    @property
    def appendix(self) -> tuple[Block, ...]:
        return self.blocks[self._appendix :]

    @property
    def _appendix(self) -> int:
        return next((n for n, block in enumerate(self.blocks) if isinstance(block, Appendix)), len(self.blocks))

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))


_PAPERS = TypeAdapter(Paper)


def to_data(paper: Paper) -> dict[str, Any]:
    data: dict[str, Any] = _PAPERS.dump_python(paper, mode="json")
    return data


def from_data(data: dict[str, Any]) -> Paper:
    """Raises pydantic's ValidationError for what is no paper."""
    return _PAPERS.validate_python(data)


_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What XML or PDF/A cannot hold, or nobody can read."""


def legible(paper: Paper) -> Paper:
    """Return the paper without letters that no file can hold: every renderer begins with this."""
    return from_data(_clean(to_data(paper)))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNFIT.sub(" ", value)
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, (list, tuple)) else value


def read_rate(cell: Cell) -> Fraction | None:
    return None if cell is None else Fraction(str(cell))


def read_date(cell: Cell) -> date | None:
    return None if cell is None else date.fromisoformat(str(cell))


_QUOTE, _ITEM, _SOURCE = "> ", "- ", " — "
LONGEST = 40_000
"""Letters of one part."""


def quote_line(text: str, source: str) -> str:
    """Return a unit's own words as one line, however they were written."""
    said = " ".join(text.split()).replace(_SOURCE, " – ")
    return f"{_QUOTE}{said}{_SOURCE}{' '.join(source.split()).replace(_SOURCE, ' – ')}"


def item_line(text: str) -> str:
    return f"{_ITEM}{' '.join(text.split())}"


def to_blocks(text: str, nothing: str) -> Iterator[Block]:
    """The words of `nothing` stand where the text is empty."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines or [nothing]:
        if line.startswith(_QUOTE) and _SOURCE in line:
            said, _dash, source = line.removeprefix(_QUOTE).rpartition(_SOURCE)
            yield Quotation(said.strip().strip("“”"), source.strip())
        elif line.startswith(_ITEM):
            yield Paragraph(line, "item")
        else:
            yield Paragraph(line)


def join(lines: Iterable[str]) -> str:
    return "\n".join(lines)
