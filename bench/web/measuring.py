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
"""Requests a second for the percentile."""
SECONDS = 10
LIMIT = 3.0
"""A page may take this many times its bare SQL and an empty page."""
MOST_BYTES = 100 * 1024
"""Of a first visit, over the wire, without pictures."""


@dataclass(frozen=True)
class Measured:
    """A page's figures: seconds (medians; p95 at RATE), queries (of its examples the fewest and most), bytes."""

    page: str
    took: float
    sql: float
    empty: float
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


def measure(url: str, data: Path, pages: Sequence[str]) -> Iterator[Measured | float]:
    """Pages of the installation, by name; at the end the percentile (s) of all of them by turns, as a site is used."""
    floor = Floor(url, data)
    try:
        with transaction(floor.engine) as session:
            chosen = choose(session, pages)
        with served(url, data) as port:
            for page in chosen:
                yield _measure(page, port, floor)
            turns = zip(*(cycle(page.asked) for page in chosen if page.asked), strict=True)
            mixed = list(chain.from_iterable(islice(turns, RATE * SECONDS // len(chosen))))
            yield percentile_95(port, mixed, a_second=RATE, seconds=SECONDS)
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
    return Measured(
        page.name,
        statistics.median(took),
        statistics.median(sql),
        statistics.median(empty),
        percentile_95(port, page.asked, a_second=RATE, seconds=SECONDS),
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
