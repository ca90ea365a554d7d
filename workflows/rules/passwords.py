"""Which passwords may be chosen: long enough, not guessed first, nothing that everybody knows of the person."""

import re
from collections.abc import Iterable
from itertools import pairwise

from models.errors import BadInput
from models.vietnamese import fold

SHORTEST, LONGEST = 10, 200
"""Characters. Length is what counts (NIST SP 800-63B): no rule asks for capitals, digits or a change each season."""
_COMMONEST = frozenset(
    """
    password password1 passw0rd p@ssw0rd p@ssword123 password123 password1234 1234567890 0123456789 12345678910
    123456789a a123456789 1q2w3e4r5t q1w2e3r4t5 qwertyuiop qwerty12345 qwerty123456 asdfghjkl1 zxcvbnm123 1qaz2wsx3edc
    iloveyou123 iloveyou12 letmein123 welcome123 welcome1234 admin12345 admin123456 administrator adminadmin
    changeme123 changeit123 default123 secret1234 abc1234567 abcd123456 abcde12345 abcdef1234 abcdefghij
    matkhau123 matkhau1234 matkhau12345 matkhau123456 matkhaumoi nhomatkhau khongnhomatkhau vietnam123 vietnam1234
    vietnam2024 vietnam2025 vietnam2026 vietnamvodich anhyeuem123 emyeuanh123 anhyeuem01 yeuemnhieu hanoi12345
    hanoi123456 saigon12345 saigon1234 congnghe123 dondoc12345 dondoc123456 dondoc2026 dondoc2025 hethongdondoc
    botruong123 vanphongbo vanphong123 coquan1234 congvan1234 chinhphu123 nhanvien123 chuyenvien trungtam123
    """.split()
)


def check_password(password: str, known: Iterable[str]) -> None:
    """Raises BadInput for a password that may not be chosen. `known`: the person's names, codes and addresses."""
    if len(password) < SHORTEST:
        raise BadInput("password: too short; right would be {shortest} characters or more", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise BadInput("password: too long; right would be {longest} characters or fewer", longest=LONGEST)
    plain = _plain(password)
    if plain in _COMMONEST or len(set(plain)) < 4 or _is_a_run(plain):
        raise BadInput("password: among the first that anybody would guess; choose another, such as a short sentence")
    for one in known:
        word = _plain(one.partition("@")[0])
        if len(word) >= 4 and word in plain and len(plain) - len(word) < SHORTEST // 2:
            raise BadInput("password: it is made of your own name or address; choose another, such as a short sentence")


def _plain(text: str) -> str:
    """As a guesser tries it: without marks, capitals and what stands between words."""
    return re.sub(r"[\s._\-]+", "", fold(text))


def _is_a_run(plain: str) -> bool:
    """1234567890, abcdefghij and the like."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})
