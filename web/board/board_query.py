"""A board's filters in its address: read, checked, and written back with one of them changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from models.errors import BadInput
from models.organization.unit import UnitKind
from web.request.address_values import check_one_of, choice
from web.request.numbers import whole
from workflows.rules.figures.board_cells import SOON, WAITING, WITHDRAWN, Mark
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.board.board import Sort
from workflows.worklists.board.board_rows import BoardFilter

STATES = (*(one.value for one in Bucket), *(one.value for one in Mark), SOON, WAITING, WITHDRAWN)


@dataclass(frozen=True)
class BoardQuery:
    """What an address asks of a board. `select`: with boxes to tick."""

    wanted: BoardFilter = field(default_factory=BoardFilter)
    sort: Sort = Sort.NAME
    page: int = 1
    select: bool = False

    def parameters(self) -> list[tuple[str, str]]:
        """Return the address's parameters, without what is as it is anyway."""
        given: list[tuple[str, str]] = [("duty", path) for path in sorted(self.wanted.duties)]
        given += [(name, value) for name, value in _texts(self.wanted).items() if value]
        given += [("sort", self.sort.value)] if self.sort is not Sort.NAME else []
        given += [("select", "1")] if self.select else []
        return given + ([("page", str(self.page))] if self.page > 1 else [])

    def filters(self) -> list[tuple[str, str]]:
        """Return those of them that choose tasks."""
        return replace(self, sort=Sort.NAME, page=1, select=False).parameters()

    def address(self, path: str, **changes: Any) -> str:
        """`path` with these filters, some changed. From another filter one looks at the first page."""
        names = {one.name for one in fields(BoardFilter)}
        others: dict[str, Any] = {"page": 1} | {name: value for name, value in changes.items() if name not in names}
        wanted = replace(self.wanted, **{name: value for name, value in changes.items() if name in names})
        asked = replace(self, wanted=wanted, **others)
        query = urlencode(asked.parameters())
        return f"{path}?{query}" if query else path


def read_board_query(given: QueryParams) -> BoardQuery:
    """Return what an address asks for. BadInput names a parameter that is not what it can be."""
    state, page = given.get("state", ""), given.get("page", "") or "1"
    kind = choice(UnitKind, "kind", given.get("kind", ""))
    sort = choice(Sort, "sort", given.get("sort", "")) or Sort.NAME
    check_one_of("state", state, ("", *STATES))
    number = whole(page)
    if number is None or not 1 <= number <= 100_000:
        raise BadInput("page {page}: give a number from 1", page=page)
    wanted = BoardFilter(
        duties=frozenset(one for one in given.getlist("duty") if one),
        kind=kind,
        tag=given.get("tag", ""),
        supervisor=given.get("supervisor", ""),
        unit=given.get("unit", ""),
        words=given.get("q", "").strip()[:200],
        state=state,
        period=given.get("period", ""),
    )
    return BoardQuery(wanted, sort, number, given.get("select") == "1")


def _texts(wanted: BoardFilter) -> Mapping[str, str]:
    return {
        "q": wanted.words,
        "kind": wanted.kind.value if wanted.kind else "",
        "tag": wanted.tag,
        "supervisor": wanted.supervisor,
        "unit": wanted.unit,
        "state": wanted.state,
        "period": wanted.period,
    }
