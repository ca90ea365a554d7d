"""Which passwords may be chosen."""

import pytest

from models.errors import BadInput
from workflows.rules.passwords import LONGEST, SHORTEST, check_password

KNOWN = ("Lương Thị Ngân", "luong.thi.ngan", "luong.thi.ngan@mpt.example")
TOO_SHORT = "password: too short; right would be 10 characters or more"
TOO_LONG = "password: too long; right would be 200 characters or fewer"
GUESSED = "password: among the first that anybody would guess; choose another, such as a short sentence"
YOUR_OWN = "password: it is made of your own name or address; choose another, such as a short sentence"


def refusal(password: str, *known: str) -> str:
    with pytest.raises(BadInput) as refused:
        check_password(password, known or KNOWN)
    assert refused.value.tell("vi") != refused.value.tell("en")
    return refused.value.tell("en")


@pytest.mark.parametrize(
    "password", ["một câu đủ dài để nhớ", "correct horse battery", "Vụ ta có 7 việc", "x7$kQ!94ab", "  khoảng trắng  "]
)
def test_length_is_enough(password: str) -> None:
    check_password(password, KNOWN)


def test_the_shortest_and_the_longest_are_taken_and_one_character_beyond_is_not() -> None:
    words = "một câu rất dài "
    for size in (SHORTEST, LONGEST):
        check_password((words * LONGEST)[:size], KNOWN)
    assert refusal((words * LONGEST)[: SHORTEST - 1]) == TOO_SHORT
    assert refusal((words * LONGEST)[: LONGEST + 1]) == TOO_LONG


@pytest.mark.parametrize(
    "password",
    [
        "MatKhau123",
        "mật khẩu 123",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "0123456789",
        "abcdefghijkl",
        "9876543210",
        "zyxwvutsrq",
    ],
)
def test_what_anybody_would_guess_is_refused_with_the_reason(password: str) -> None:
    assert refusal(password) == GUESSED


@pytest.mark.parametrize("password", ["abcdabcdabcd", "acegikmoqs"])
def test_four_different_characters_in_no_run_are_not_guessed_first(password: str) -> None:
    check_password(password, KNOWN)


@pytest.mark.parametrize("password", ["LuongThiNgan", "Lương Thị Ngân 1", "luong.thi.ngan", "Lương Thị Ngân 1234"])
def test_ones_own_name_with_four_more_characters_is_refused(password: str) -> None:
    assert refusal(password) == YOUR_OWN


@pytest.mark.parametrize(
    ("known", "password"),
    [
        ("Lương Thị Ngân", "luong-thi-ngan"),
        ("le.van.minh", "levanminh2026"),
        ("van.thu@mpt.example", "van.thu...11"),
        ("minh", "minh - - - 26"),
    ],
)
def test_each_thing_known_of_the_person_is_looked_for_by_itself(known: str, password: str) -> None:
    assert refusal(password, known) == YOUR_OWN
    check_password(password, ("somebody else",))


def test_a_name_of_three_letters_is_part_of_too_many_words_to_forbid() -> None:
    check_password("thu - - - 9x", ("thu",))


@pytest.mark.parametrize("password", ["Lương Thị Ngân về đích trước hạn", "luongthingan12345"])
def test_a_longer_password_may_hold_a_name(password: str) -> None:
    check_password(password, KNOWN)
