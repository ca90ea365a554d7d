"""The addresses of a list's neighbouring pages: this page's own, with another number."""

from fastapi import Request


def page_addresses(request: Request, page: int, pages: int) -> tuple[str | None, str | None]:
    """Return the page before and the page after; None where there is none."""

    def address(number: int) -> str:
        url = request.url.include_query_params(page=number) if number > 1 else request.url.remove_query_params("page")
        return f"{url.path}?{url.query}" if url.query else url.path

    return address(page - 1) if page > 1 else None, address(page + 1) if page < pages else None
