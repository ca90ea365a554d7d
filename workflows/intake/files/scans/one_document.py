"""What is not one directive: two in one file, or a table alone."""

import re

from workflows.intake.files.limits import Unreadable
from workflows.intake.files.pdf_layout.page import Line, Page
from workflows.intake.files.pdf_layout.tables import Table, parted

_MOTTO = re.compile(r"L[ẬA]P\s*[-–—]\s*T[ỰU]\s*DO|X[ÃA]\s+H[ỘO]I\s+CH[ỦU]\s+NGH", re.IGNORECASE)
_NUMBER = re.compile(r"^S[^\W\d_]{1,2}\b\s*:?\s*\S{0,12}\s*[/-]?\s*[A-ZĐ]{1,4}\d?-[A-ZĐ]{2,}")
_TOP = 14
"""Lines of a page among which a letterhead stands."""
_WORDS = 12
"""Words outside its table that a document has at least."""


def check_one_document(pages: list[Page]) -> None:
    """Raise Unreadable where a second directive begins on a later page, or there is nothing but a table."""
    heads = [page.number + 1 for page in pages if _has_letterhead(page)]
    if len(heads) > 1:
        raise Unreadable(
            "file {file}: two documents are in it, the second begins on page {page}; send each in a file of its own",
            page=heads[1],
        )
    parts = [part for page in pages for part in parted(page)]
    words = sum(len(part.text.split()) for part in parts if isinstance(part, Line))
    if words < _WORDS and any(isinstance(part, Table) for part in parts):
        raise Unreadable(
            "file {file}: it is only a table, without the document that it belongs to; send the whole document, or the"
            " table as a workbook under “Receive a follow-up table”"
        )


def _has_letterhead(page: Page) -> bool:
    """Return whether the motto of the state and a document's number stand at the top of a page."""
    top = sorted(page.lines, key=lambda line: -line.bottom)[:_TOP]
    text = [line.text for line in top]
    return any(map(_MOTTO.search, text)) and any(map(_NUMBER.search, text))
