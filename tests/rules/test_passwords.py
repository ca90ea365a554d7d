"""Which passwords may be chosen."""

import pytest

from models.errors import BadInput
from workflows.rules.password_policy import LONGEST, SHORTEST, check_password

KNOWN = ("Lương Thị Ngân", "luong.thi.ngan", "luong.thi.ngan@mpt.example")
TOO_SHORT = "password: too short; expected 10 characters or more"
TOO_LONG = "password: too long; expected 200 characters or fewer"
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


def test_commonest_30000_passwords_are_refused_even_with_a_number() -> None:
    from zxcvbn.matching import RANKED_DICTIONARIES

    commonest = RANKED_DICTIONARIES["passwords"]
    long_enough = [one for one in commonest if len(one) >= SHORTEST]
    assert (len(commonest), len(long_enough)) == (30_000, 1_090)
    assert {refusal(one) for one in long_enough} == {GUESSED}
    assert {refusal(f"{one.title()}1") for one in long_enough[:300]} == {GUESSED}


@pytest.mark.parametrize(
    "password",
    [
        "p@ssw0rd2026",
        "Vietnam.2026",
        "anh yêu em 123",
        "vanphong123",
        "Công văn 1234",
        "dondoc12345",
        "hethongdondoc",
        "abcdabcdabcd",
        "acegikmoqs",
        "1qaz2wsx3edc",
        "drowssap12345",
    ],
)
def test_a_word_of_the_office_a_run_or_a_common_word_in_disguise_is_guessed_first(password: str) -> None:
    assert refusal(password) == GUESSED


@pytest.mark.parametrize(
    "password",
    [
        "LuongThiNgan",
        "Lương Thị Ngân 1",
        "luong.thi.ngan",
        "Lương Thị Ngân 1234",
        "luongthingan12345",
        "ngan123456",
        "naGn.iht.gnoul",
    ],
)
def test_ones_own_name_with_little_beside_it_is_refused(password: str) -> None:
    assert refusal(password) == YOUR_OWN


@pytest.mark.parametrize(
    ("known", "password"),
    [
        ("Lương Thị Ngân", "luong-thi-ngan"),
        ("le.van.minh", "levanminh2026"),
        ("van.thu@mpt.example", "van.thu...11"),
        ("minh.khue@mpt.example", "minh - khuê 26"),
        ("Vụ Bưu chính", "VuBuuChinh@1"),
        ("Đỗ Văn Kha", "kha 1203 1985"),
    ],
)
def test_each_thing_known_of_the_person_is_looked_for_by_itself(known: str, password: str) -> None:
    assert refusal(password, known) == YOUR_OWN
    check_password(password, ("somebody else",))


def test_a_name_of_two_letters_is_part_of_too_many_words_to_forbid() -> None:
    check_password("an cơm rồi hãy đi họp", ("an",))


@pytest.mark.parametrize("password", ["Lương Thị Ngân về đích trước hạn", "ngan thich an pho ga"])
def test_a_longer_password_may_hold_a_name(password: str) -> None:
    check_password(password, KNOWN)


def test_a_password_written_to_take_long_is_judged_by_its_beginning() -> None:
    check_password("4@8({[<369&#!1/|0$5+7%2" * 8, KNOWN)
    assert refusal("password" * 25) == GUESSED
