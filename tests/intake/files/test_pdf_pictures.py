"""A PDF's pages as pictures: all of a short file, the first of a long one, and words where there is nothing to draw."""

import zlib
from base64 import b64decode

import pypdfium2
import pytest

from models.errors import BadInput
from tests.intake.files.made import locked_pdf, pdf, saved
from workflows.intake.files import draw_pdf
from workflows.intake.files.pdf_pictures import MOST_DRAWN


def test_each_page_is_a_whole_png() -> None:
    drawn = draw_pdf("a.pdf", pdf("Kết quả thực hiện"))
    assert drawn["pages"] == len(drawn["pictures"]) == 1
    data = b64decode(drawn["pictures"][0])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(data[at : at + 4]) for at in (16, 20))
    assert 900 <= width <= 1000 < height <= 1500
    length = int.from_bytes(data[33:37])
    lines = zlib.decompress(data[41 : 41 + length])
    assert len(lines) == height * (1 + 3 * width)
    assert len(set(lines)) > 2, "there is something on the page"


def test_of_a_long_file_the_first_pages_are_drawn() -> None:
    document = pypdfium2.PdfDocument.new()
    for _number in range(MOST_DRAWN + 3):
        document.new_page(595, 842)
    drawn = draw_pdf("a.pdf", saved(document))
    assert (drawn["pages"], len(drawn["pictures"])) == (MOST_DRAWN + 3, MOST_DRAWN)


@pytest.mark.parametrize(("data", "words"), [(locked_pdf(), "password"), (b"%PDF-1.4 cut off", "damaged")])
def test_what_cannot_be_drawn_is_told_in_words(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        draw_pdf("a.pdf", data)
