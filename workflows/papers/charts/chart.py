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
    """The same numbers as a table, the first column its rows' names."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str | Linked, ...], ...]
    numbers: bool = True  # all columns but the first


@dataclass(frozen=True)
class Chart:
    """A chart for `render.py`. `name` makes its ids unique on the page; a colour in `spec` is a name such as "@ink".

    `spec` is as wide as a phone, `wide` as a sheet of paper. `finding` is the title in a sentence that says the gist.
    """

    name: str
    title: str
    description: str  # the gist, for readers who do not see it
    notes: tuple[str, ...]  # the caption's lines beneath the description
    spec: Spec
    table: ChartTable
    wide: Spec | None = None
    finding: str = ""


class Lists(Protocol):
    """The addresses of the tasks that a number counts; "" where there is no such list."""

    def __call__(
        self,
        figure: str,
        *,
        cutoff: date | None = None,
        unit: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> str:
        """Return the address for a figure of the report, at another cut-off, of one unit, or due on these days."""
        ...


def no_lists(
    figure: str, *, cutoff: date | None = None, unit: str = "", first: date | None = None, last: date | None = None
) -> str:
    """Return no address: paper has no links."""
    return ""


def cell(text: str, href: str) -> str | Linked:
    return Linked(text, href) if href else text
