"""Which passwords may be chosen."""

import pytest

from models.errors import BadInput
from workflows.rules.passwords import check_password

KNOWN = ("Lương Thị Ngân", "luong.thi.ngan", "luong.thi.ngan@mpt.example")


@pytest.mark.parametrize(
    "password", ["một câu đủ dài để nhớ", "correct horse battery", "Vụ ta có 7 việc", "x7$kQ!94ab", "  khoảng trắng  "]
)
def test_length_is_enough(password: str) -> None:
    check_password(password, KNOWN)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("ngắn quá", "too short"),
        ("d" * 201, "too long"),
        ("MatKhau123", "first that anybody would guess"),
        ("mật khẩu 123", "first that anybody would guess"),
        ("aaaaaaaaaaaa", "first that anybody would guess"),
        ("0123456789", "first that anybody would guess"),
        ("abcdefghijkl", "first that anybody would guess"),
        ("LuongThiNgan", "your own name"),
        ("Lương Thị Ngân 1", "your own name"),
        ("luong.thi.ngan", "your own name"),
    ],
)
def test_what_anybody_would_guess_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        check_password(password, KNOWN)


def test_a_long_sentence_may_hold_a_name() -> None:
    check_password("Lương Thị Ngân về đích trước hạn", KNOWN)
