"""One run over one database: each page beside its floor, by turns."""

import gzip
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

from bench.web.asking import Answer, Asked, Client, loaded_at_first, percentile_95
from bench.web.floor import Floor
from bench.web.pages import Page, choose
from bench.web.serving import EMPTY, served
from models.database.session import transaction

TURNS = 5
RATE = 20
"""Requests a second for the percentile, at most: of a page that costs much, half of what one process can answer. A
rate beyond that measures how long the bench lasts, for the queue grows without end.
"""
SECONDS = 10
LIMIT = 3.0
"""A page may take this many times its bare SQL and an empty page."""
MOST_BYTES = 100 * 1024
"""Of a first visit, over the wire, without pictures."""


@dataclass(frozen=True)
class Measured:
    """A page's figures: seconds (medians; p95 at `rate` requests a second), queries (of its examples the fewest and
    most), bytes.
    """

    page: str
    took: float
    sql: float
    empty: float
    rate: float
    p95: float
    queries: tuple[int, int]
    first_visit: int
    html: int

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.took / (self.sql + self.empty)

    @property
    def is_over(self) -> bool:
        """Whether a limit is crossed."""
        return self.ratio > LIMIT or self.first_visit > MOST_BYTES


def measure(url: str, data: Path, pages: Sequence[str]) -> Iterator[Measured | tuple[float, float]]:
    """Yield pages of the installation, by name; at the end all of them by turns, as a site is used: at how many
    requests a second, and the percentile (s).
    """
    floor = Floor(url, data)
    try:
        with transaction(floor.engine) as session:
            chosen = choose(session, pages)
        with served(url, data) as port:
            costs = []
            for page in chosen:
                measured = _measure(page, port, floor)
                costs.append(1 / measured.rate)
                yield measured
            turns = zip(*(cycle(page.asked) for page in chosen if page.asked), strict=True)
            mixed = list(chain.from_iterable(islice(turns, RATE * SECONDS // len(chosen))))
            rate = 1 / statistics.mean(costs)
            yield rate, percentile_95(port, mixed, a_second=rate, seconds=max(SECONDS, len(mixed) / rate))
    finally:
        floor.close()


def _measure(page: Page, port: int, floor: Floor) -> Measured:
    statements = [floor.statements(asked) for asked in page.asked]
    took, sql, empty = [], [], []
    client = Client(port)
    first = max((_first_visit(client, asked) for asked in page.asked), default=(0, 0))
    for _turn in range(max(TURNS, 30 // len(page.asked))):
        for asked, needed in zip(page.asked, statements, strict=True):
            took.append(_ask(client, asked).seconds)
            sql.append(floor.replay(needed))
            empty.append(_ask(client, Asked(EMPTY)).seconds)
    client.close()
    counts = [len(needed) for needed in statements]
    rate = min(RATE, 1 / (2 * statistics.mean(took)))
    return Measured(
        page.name,
        statistics.median(took),
        statistics.median(sql),
        statistics.median(empty),
        rate,
        percentile_95(port, page.asked, a_second=rate, seconds=max(SECONDS, len(page.asked) / rate)),
        (min(counts), max(counts)),
        *first,
    )


def _first_visit(client: Client, asked: Asked) -> tuple[int, int]:
    """Bytes of a page with its styles and scripts, and of its HTML alone."""
    page = _ask(client, asked)
    html = (gzip.decompress(page.body) if page.encoding == "gzip" else page.body).decode()
    return page.wire + sum(_ask(client, Asked(path)).wire for path in loaded_at_first(html)), page.wire


def _ask(client: Client, asked: Asked) -> Answer:
    answer = client.ask(asked)
    if answer.status != 200:
        raise RuntimeError(f"{asked.path}: answered {answer.status}")
    return answer
