"""The bundled directive in every format, and a table of tasks: the same lines come out."""

from collections.abc import Callable

import pytest

from tests.intake.files.made import SEED, Block, blocks_of, docx, html, odt, pdf, rtf, words
from workflows.intake.files import read_file

TABLE: Block = [
    ["TT", "Nhiệm vụ", "Cơ quan chủ trì", "Thời hạn"],
    ["1", "Xây dựng kế hoạch ứng phó sự cố", "Bộ Công an", "Quý II/2026"],
    ["2", "Rà soát, báo cáo kết quả", "Ủy ban nhân dân các tỉnh", ""],
]
ROWS = [
    "| TT | Nhiệm vụ | Cơ quan chủ trì | Thời hạn |",
    "| 1 | Xây dựng kế hoạch ứng phó sự cố | Bộ Công an | Quý II/2026 |",
    "| 2 | Rà soát, báo cáo kết quả | Ủy ban nhân dân các tỉnh |  |",
]
FORMATS: dict[str, Callable[[list[Block]], bytes]] = {"docx": docx, "odt": odt, "html": html, "rtf": rtf, "pdf": pdf}


@pytest.mark.parametrize("ending", FORMATS)
def test_the_bundled_directive_reads_the_same_from_every_format(ending: str) -> None:
    made = FORMATS[ending]([*blocks_of(SEED), TABLE])
    assert words(read_file(f"chi-thi.{ending}", made)) == words(SEED) + [" ".join(row.split()) for row in ROWS]


def test_the_bundled_directive_as_plain_text_stays_as_it_is() -> None:
    assert words(read_file("chi-thi.txt", SEED.encode())) == words(SEED)


@pytest.mark.parametrize("ending", FORMATS)
def test_what_a_file_is_called_does_not_matter(ending: str) -> None:
    assert words(read_file("chi-thi.doc", FORMATS[ending](["Chỉ thị", "1. Báo cáo."]))) == ["Chỉ thị", "1. Báo cáo."]


@pytest.mark.parametrize("ending", ["docx", "odt", "html"])
def test_an_empty_cell_keeps_its_place_and_lines_of_a_cell_are_one(ending: str) -> None:
    text = read_file(f"bang.{ending}", FORMATS[ending]([TABLE]))
    assert text.splitlines() == ROWS
