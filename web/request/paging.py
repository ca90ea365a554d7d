"""The addresses of a list's neighbouring pages: this page's own, with another number."""

from dataclasses import dataclass

from fastapi import Request


def page_addresses(request: Request, page: int, pages: int) -> tuple[str | None, str | None]:
    """Return the page before and the page after; None where there is none."""

    def address(number: int) -> str:
        url = request.url.include_query_params(page=number) if number > 1 else request.url.remove_query_params("page")
        return f"{url.path}?{url.query}" if url.query else url.path

    return address(page - 1) if page > 1 else None, address(page + 1) if page < pages else None


@dataclass(frozen=True)
class Paging:
    """One page of a list, with the addresses of its neighbours; None at either end."""

    page: int
    last: int
    rows: slice
    before: str | None
    after: str | None


def paging_of(request: Request, page: int, total: int, per_page: int) -> Paging:
    """Return the page that is asked for, or the last one there is."""
    last = max(1, -(-total // per_page))
    shown = min(max(page, 1), last)
    rows = slice((shown - 1) * per_page, shown * per_page)
    return Paging(shown, last, rows, *page_addresses(request, shown, last))
