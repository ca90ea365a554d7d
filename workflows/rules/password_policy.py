"""Check a chosen password: it must be long enough, and hard to guess for somebody who knows the person."""

import re
from collections.abc import Iterable
from threading import Lock

from models.errors import BadInput
from models.text.vietnamese import fold

SHORTEST, LONGEST = 10, 200
"""The length in characters. Length is what counts (NIST SP 800-63B): no rule asks for capitals, digits or changes."""
_JUDGED_LENGTH = 32
"""The characters that are judged. The estimate of a longer password would take seconds."""
_LOWEST_SCORE = 2
"""The zxcvbn score of a password that a million guesses do not find. The throttle stops a guesser before that."""
_LOCAL_WORDS = """
    matkhau vietnam anhyeuem emyeuanh yeuem yeuanh anhyeu nhieu hanoi saigon khongnhomatkhau nhomatkhau matkhaumoi
    vietnamvodich dondoc hethongdondoc hethong congnghe botruong vanphong vanphongbo coquan congvan chinhphu nhanvien
    chuyenvien trungtam changeme changeit welcome default secret admin
    """.split()
"""Words that are guessed first in a Vietnamese office, and that zxcvbn does not list."""
_WORD = re.compile(r"[^\W_]+")
_ONE_AT_A_TIME = Lock()  # zxcvbn keeps the given words in a global variable


def check_password(password: str, known: Iterable[str]) -> None:
    """Raise BadInput for a weak password. `known` holds names, codes and addresses of the person and their office."""
    if len(password) < SHORTEST:
        raise BadInput("password: too short; expected {shortest} characters or more", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise BadInput("password: too long; expected {longest} characters or fewer", longest=LONGEST)
    from zxcvbn import zxcvbn  # its lists are slow to import, and few commands ask

    own = _words(known)
    with _ONE_AT_A_TIME:
        estimate = zxcvbn(_plain(password)[:_JUDGED_LENGTH], user_inputs=[*own, *_LOCAL_WORDS])
    if estimate["score"] >= _LOWEST_SCORE:
        return
    if any(match.get("matched_word") in own for match in estimate["sequence"]):
        raise BadInput("password: it is made of your own name or address; choose another, such as a short sentence")
    raise BadInput("password: among the first that anybody would guess; choose another, such as a short sentence")


def _words(known: Iterable[str]) -> list[str]:
    """Return what a guesser would try: each text as a whole, an address up to its @, and the single words."""
    words = [word for text in known for word in (_plain(text.partition("@")[0]), *_WORD.findall(fold(text)))]
    return [word for word in dict.fromkeys(words) if len(word) >= 3]


def _plain(text: str) -> str:
    """Return the text without tone marks, capitals and separators."""
    return re.sub(r"[\s._\-]+", "", fold(text))
