"""What a chart is: a Vega-Lite specification with all its words written, and the same numbers as a table."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

Spec = dict[str, Any]


class Linked(NamedTuple):
    text: str
    href: str


@dataclass(frozen=True)
class ChartTable:
    """The numbers of a chart as a table. Its first column names the rows."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str | Linked, ...], ...]
    numbers: bool = True  # whether all columns but the first hold numbers


@dataclass(frozen=True)
class Chart:
    """A chart that `render.py` draws. Colours in a specification are names such as "@ink"."""

    name: str  # unique on the page: ids begin with it
    title: str
    description: str  # the gist, for readers who do not see the chart
    notes: tuple[str, ...]  # the caption's lines beneath the description
    spec: Spec  # as wide as a phone
    table: ChartTable
    wide: Spec | None = None  # as wide as a sheet of paper
    finding: str = ""  # what the chart shows, in a sentence


class TaskLinks(Protocol):
    """Gives the address of the list of the tasks that a number counts, or "" where there is no such list."""

    def __call__(
        self,
        figure: str,
        *,
        cutoff: date | None = None,
        unit: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> str:
        """Return the address for a figure of the report.

        The other arguments narrow the list: another cut-off day, one unit, and the first and last day of deadlines.
        """
        ...


def no_links(
    figure: str, *, cutoff: date | None = None, unit: str = "", first: date | None = None, last: date | None = None
) -> str:
    """Return no address, for charts on paper."""
    return ""


def cell(text: str, href: str) -> str | Linked:
    """Return the text, linked where there is an address."""
    return Linked(text, href) if href else text
