"""Units' names for tight places."""

import pytest

from web.board.board_view import LONGEST_NAME, SIGNS, short_name
from workflows.rules.figures.board_cells import CellLook


@pytest.mark.parametrize(
    ("name", "code", "short"),
    [
        ("Công ty Viễn thông quốc tế T", "T-QT", "Công ty Viễn thông quốc tế T"),
        ("Công ty Bưu chính liên tỉnh và quốc tế", "T-BC", "CT Bưu chính liên tỉnh và quốc tế"),
        ("Công ty cổ phần Dịch vụ Bưu chính Viễn thông H", "CTY-H", "CTCP Dịch vụ BCVT H"),
        ("Cục Quản lý chất lượng Bưu chính, Viễn thông và Công nghệ thông tin", "CUC-CL", "CUC-CL"),
    ],
)
def test_a_name_is_shortened_no_more_than_it_must_be(name: str, code: str, short: str) -> None:
    assert short_name(name, code) == short
    assert len(short) <= LONGEST_NAME


def test_each_look_has_a_sign_of_its_own() -> None:
    assert set(SIGNS) == set(CellLook) and len(set(SIGNS.values())) == len(CellLook)
