"""Pages of a list."""

from dataclasses import dataclass
from typing import Self

PER_PAGE = 50


@dataclass(frozen=True)
class Paging:
    """One page of a list. Pages and rows count from 1."""

    page: int
    total: int
    per_page: int = PER_PAGE

    @classmethod
    def of(cls, asked: int, total: int, per_page: int = PER_PAGE) -> Self:
        """Return the page that was asked for, or the last one if the list has fewer."""
        return cls(min(max(asked, 1), cls(1, total, per_page).pages), total, per_page)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def rows(self) -> slice:
        return slice(self.offset, self.offset + self.per_page)

    @property
    def first(self) -> int:
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.per_page, self.total)

    @property
    def before(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def after(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None
