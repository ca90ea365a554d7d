"""Which passwords may be chosen: long enough, and not soon guessed by who knows what is known of the person."""

import re
from collections.abc import Iterable
from threading import Lock

from models.errors import BadInput
from models.text.vietnamese import fold

SHORTEST, LONGEST = 10, 200
"""Characters. Length is what counts (NIST SP 800-63B): no rule asks for capitals, digits or a change each season."""
_LOOKED_AT = 32
"""Characters that are judged: of more, written to make it long, an estimate would take seconds."""
_WEAKEST = 2
"""zxcvbn's score from which a million guesses do not reach it: no guesser gets so many past the throttle."""
_HERE = """
    matkhau vietnam anhyeuem emyeuanh yeuem yeuanh anhyeu nhieu hanoi saigon khongnhomatkhau nhomatkhau matkhaumoi
    vietnamvodich dondoc hethongdondoc hethong congnghe botruong vanphong vanphongbo coquan congvan chinhphu nhanvien
    chuyenvien trungtam changeme changeit welcome default secret admin
    """.split()
"""What is guessed first in a Vietnamese office, beside the passwords, words and names that zxcvbn lists."""
_WORD = re.compile(r"[^\W_]+")
_ONE_AT_A_TIME = Lock()  # zxcvbn keeps the words it is given where all its callers see them


def check_password(password: str, known: Iterable[str]) -> None:
    """Raise BadInput for a password that may not be chosen.

    `known`: what is known of the person: names, codes and addresses, their own and their office's.
    """
    if len(password) < SHORTEST:
        raise BadInput("password: too short; expected {shortest} characters or more", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise BadInput("password: too long; expected {longest} characters or fewer", longest=LONGEST)
    from zxcvbn import zxcvbn  # its lists are slow to import, and few commands ask

    own = _words(known)
    with _ONE_AT_A_TIME:
        estimate = zxcvbn(_plain(password)[:_LOOKED_AT], user_inputs=[*own, *_HERE])
    if estimate["score"] >= _WEAKEST:
        return
    if any(one.get("matched_word") in own for one in estimate["sequence"]):
        raise BadInput("password: it is made of your own name or address; choose another, such as a short sentence")
    raise BadInput("password: among the first that anybody would guess; choose another, such as a short sentence")


def _words(known: Iterable[str]) -> list[str]:
    """Return each thing known as a whole, an address up to its @, and their single words: what a guesser puts
    together.
    """
    found = [word for one in known for word in (_plain(one.partition("@")[0]), *_WORD.findall(fold(one)))]
    return [word for word in dict.fromkeys(found) if len(word) >= 3]


def _plain(text: str) -> str:
    """Return the text as a guesser tries it: without marks, capitals and separators."""
    return re.sub(r"[\s._\-]+", "", fold(text))
