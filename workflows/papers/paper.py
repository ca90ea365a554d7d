"""Describe a paper with all its words, before it is rendered as .docx, .pdf or .xlsx.

It holds plain values only, so that an issued paper is stored as JSON and rendered as the same file again. The form is
that of Decree 30/2020/NĐ-CP, Appendix I. Renderers read no markup, field or formula in texts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

Cell = str | int | None
"""The value by the column's kind: a day in ISO form, a rate as an exact fraction ("2/3"). None is shown as a dash."""
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
    """A picture as SVG, with a description for readers who do not see it. `width` is in mm."""

    svg: str
    title: str
    description: str
    width: float = 130.0
    what: Literal["drawing"] = "drawing"


@dataclass(frozen=True)
class Quotation:
    """A quotation with its source: unit, document number, date."""

    text: str
    source: str
    what: Literal["quotation"] = "quotation"


@dataclass(frozen=True)
class Blank:
    """Dotted lines to write on by hand."""

    lines: int = 2
    what: Literal["blank"] = "blank"


@dataclass(frozen=True)
class Appendix:
    """The beginning of an appendix, on a new page after the signature."""

    title: str
    what: Literal["appendix"] = "appendix"


Block = Annotated[
    Paragraph | SectionHeading | Table | Drawing | Quotation | Blank | Appendix, Field(discriminator="what")
]


@dataclass(frozen=True)
class PaperHead:
    """The head of a paper. The records clerk writes the number and the signer the day, so both stay blank."""

    above: str  # the organisation above the office, in capitals; empty where there is none
    office: str  # the issuing office, in capitals
    number: str  # "Số:      /BC-…"
    regarding: str  # "V/v …", a letter's own subject beneath its number; empty for papers with a type name
    place_and_date: str
    state: str  # Quốc hiệu
    motto: str  # Tiêu ngữ


@dataclass(frozen=True)
class Paper:
    """One paper. A paper without a signature is a list and no issued document."""

    kind: str
    language: str
    title: str  # for the file's properties
    author: str
    head: PaperHead
    type_name: str  # "BÁO CÁO"; empty for a công văn
    subject: str  # trích yếu, beneath the type name
    blocks: tuple[Block, ...]
    address: str = ""  # "Kính gửi:"
    to: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()  # "TL. BỘ TRƯỞNG", "VỤ TRƯỞNG"; the name is the signer's to write
    copies: str = ""  # "Nơi nhận:"
    recipients: tuple[str, ...] = ()
    mark: str = ""  # "DỰ THẢO", above everything
    landscape: bool = False
    compact: bool = False  # a smaller font, for a paper that must fit on one sheet
    facts: dict[str, Any] = field(default_factory=dict)  # figures by name, for checks of the paper

    @property
    def body(self) -> tuple[Block, ...]:
        return self.blocks[: self._appendix_start]

    @property
    def appendix(self) -> tuple[Block, ...]:
        return self.blocks[self._appendix_start :]

    @property
    def _appendix_start(self) -> int:
        return next((n for n, block in enumerate(self.blocks) if isinstance(block, Appendix)), len(self.blocks))

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))


_PAPERS = TypeAdapter(Paper)


def to_data(paper: Paper) -> dict[str, Any]:
    data: dict[str, Any] = _PAPERS.dump_python(paper, mode="json")
    return data


def from_data(data: dict[str, Any]) -> Paper:
    """Read a stored paper. Raises pydantic's ValidationError for other data."""
    return _PAPERS.validate_python(data)


_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that XML or PDF/A cannot hold, or that are invisible."""


def legible(paper: Paper) -> Paper:
    """Return the paper without characters that a file cannot hold. Every renderer calls it first."""
    return from_data(_clean(to_data(paper)))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNREADABLE.sub(" ", value)
    if isinstance(value, dict):
        return {key: _clean(part) for key, part in value.items()}
    return [_clean(part) for part in value] if isinstance(value, (list, tuple)) else value


def read_rate(cell: Cell) -> Fraction | None:
    return None if cell is None else Fraction(str(cell))


def read_date(cell: Cell) -> date | None:
    return None if cell is None else date.fromisoformat(str(cell))


_QUOTE, _ITEM, _SOURCE = "> ", "- ", " — "
LONGEST = 40_000
"""The most characters of one part of a narrative."""


def quote_line(text: str, source: str) -> str:
    """Write a quotation as one line, which `to_blocks` reads again."""
    words = " ".join(text.split()).replace(_SOURCE, " – ")
    return f"{_QUOTE}{words}{_SOURCE}{' '.join(source.split()).replace(_SOURCE, ' – ')}"


def item_line(text: str) -> str:
    return f"{_ITEM}{' '.join(text.split())}"


def to_blocks(text: str, nothing: str) -> Iterator[Block]:
    """Read the lines of a narrative as blocks. An empty text becomes a paragraph with the words of `nothing`."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines or [nothing]:
        if line.startswith(_QUOTE) and _SOURCE in line:
            words, _dash, source = line.removeprefix(_QUOTE).rpartition(_SOURCE)
            yield Quotation(words.strip().strip("“”"), source.strip())
        elif line.startswith(_ITEM):
            yield Paragraph(line, "item")
        else:
            yield Paragraph(line)


def join(lines: Iterable[str]) -> str:
    return "\n".join(lines)
