"""The address of a board: reads its filters, and writes it again with a filter changed."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator

from models.errors import BadInput
from models.text.faults import invalid
from web.request.given_values import AddressQuery, int_or_none
from workflows.rules.figures.board_cells import SOON, WAITING, WITHDRAWN, Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import BoardSort
from workflows.worklists.board.board_rows import BoardFilter

STATES = (*(bucket.value for bucket in Bucket), *(mark.value for mark in Mark), SOON, WAITING, WITHDRAWN)


def _check_state(state: str) -> str:
    if state and state not in STATES:
        raise invalid(", ".join(STATES))
    return state


def _read_page(value: object) -> int:
    number = int_or_none(str(value))
    if number is None or not 1 <= number <= 100_000:
        raise BadInput("page {page}: give a number from 1", page=value)
    return number


class BoardQuery(AddressQuery, BoardFilter):
    duty: Annotated[tuple[str, ...], AfterValidator(lambda paths: tuple(sorted(set(filter(None, paths)))))] = ()
    q: Annotated[str, AfterValidator(lambda words: words.strip()[:200])] = ""
    state: Annotated[str, AfterValidator(_check_state)] = ""
    sort: BoardSort = BoardSort.NAME
    select: Annotated[bool, BeforeValidator(lambda value: value in (True, "1"))] = False  # show boxes to tick
    page: Annotated[int, BeforeValidator(_read_page)] = 1

    def filters(self) -> list[tuple[str, str]]:
        """Return the parameters that choose tasks."""
        return self.parameters(sort=BoardSort.NAME, page=1, select=False)

    def address(self, path: str, **changes: Any) -> str:
        """Return the address with these changes, at the first page unless `page` is given."""
        return super().address(path, **{"page": 1} | changes)


AskedBoard = Annotated[BoardQuery, Query()]
