"""A board's filters in its address, and back in it with one of them changed."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator

from models.errors import BadInput
from models.text.faults import invalid
from web.request.given_values import AddressQuery, whole
from workflows.rules.figures.board_cells import SOON, WAITING, WITHDRAWN, Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import BoardSort
from workflows.worklists.board.board_rows import BoardFilter

STATES = (*(one.value for one in Bucket), *(one.value for one in Mark), SOON, WAITING, WITHDRAWN)


def _check_state(given: str) -> str:
    if given and given not in STATES:
        raise invalid(", ".join(STATES))
    return given


def _read_page(given: object) -> int:
    number = whole(str(given))
    if number is None or not 1 <= number <= 100_000:
        raise BadInput("page {page}: give a number from 1", page=given)
    return number


class BoardQuery(AddressQuery, BoardFilter):
    """What an address asks of a board. `select`: with boxes to tick."""

    duty: Annotated[tuple[str, ...], AfterValidator(lambda paths: tuple(sorted(set(filter(None, paths)))))] = ()
    q: Annotated[str, AfterValidator(lambda words: words.strip()[:200])] = ""
    state: Annotated[str, AfterValidator(_check_state)] = ""
    sort: BoardSort = BoardSort.NAME
    select: Annotated[bool, BeforeValidator(lambda given: given in (True, "1"))] = False
    page: Annotated[int, BeforeValidator(_read_page)] = 1

    def filters(self) -> list[tuple[str, str]]:
        """Only parameters that choose tasks."""
        return self.parameters(sort=BoardSort.NAME, page=1, select=False)

    def address(self, path: str, **changes: Any) -> str:
        """From another filter one looks at the first page."""
        return super().address(path, **{"page": 1} | changes)


AskedBoard = Annotated[BoardQuery, Query()]
