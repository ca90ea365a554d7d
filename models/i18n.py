"""Words on screen: English message ids in the code, Vietnamese in `models/locale/vi/LC_MESSAGES/dondoc.po`."""

import re
from functools import cache
from pathlib import Path
from typing import Self

from babel.messages.pofile import read_po

LANGUAGES = ("vi", "en")
LOCALE = Path(__file__).parent / "locale"
_COUNTED = re.compile(
    r"\{(?P<fact>\w+)\}(?P<between>(?: more| new| open| working)*) "
    r"(?:(?P<stem>difficult|dut|entr)ies|(?P<person>people)|(?P<thing>addressee|attempt|byte|cell|character|check|column"
    r"|date|day|digit|draft|error|fault|file|gap|hour|incident|inspection|item|letter|line|minute|month|question|request"
    r"|result|row|rung|seal|second|table|task|template|time|unit|warning|webhook|week)s)\b"
)


class Words(str):
    """A message id with its facts, which may itself be a fact of another message: translated when that is written.

    As text it reads in English.
    """

    message: str
    facts: dict[str, object]

    def __new__(cls, message: str, /, **facts: object) -> Self:
        words = super().__new__(cls, translate(message, "en", **facts))
        words.message, words.facts = _parts(message, facts)
        return words


def _(message: str) -> Words:
    """Mark a message id for extraction; translated where it is shown."""
    return Words(message)


@cache
def _catalogue(language: str) -> dict[str, str]:
    path = LOCALE / language / "LC_MESSAGES" / "dondoc.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


def translate(message: str, language: str, /, **facts: object) -> str:
    """Return the message in a language, filled with facts; the English id itself where there is no translation.

    Facts that are `Words` are translated too, and lists joined by commas.
    """
    message, facts = _parts(message, facts)
    text = _catalogue(language).get(message, message)
    if language == "en":
        text = _COUNTED.sub(lambda found: _of_one(found, facts), text)
    return text.format(**{name: _written(fact, language) for name, fact in facts.items()}) if facts else text


def paragraphs(text: str) -> list[str]:
    """Return the message ids of a text that is too long for one, such as the help of a command: one a paragraph."""
    return [" ".join(one.split()) for one in text.split("\n\n")]


def _of_one(found: re.Match[str], facts: dict[str, object]) -> str:
    """Return what is counted, as it stands: in the singular where there is one of it. Message ids are in the plural."""
    if str(facts.get(found["fact"])) != "1":
        return found[0]
    noun = found["thing"] or (f"{found['stem']}y" if found["stem"] else "person")
    return f"{{{found['fact']}}}{found['between']} {noun}"


def _parts(message: str, facts: dict[str, object]) -> tuple[str, dict[str, object]]:
    """Return the bare id, and all its facts."""
    return (message.message, message.facts | facts) if isinstance(message, Words) else (message, facts)


def _written(fact: object, language: str) -> object:
    if isinstance(fact, Words):
        return translate(fact, language)
    if isinstance(fact, (list, tuple)):
        return ", ".join(str(_written(one, language)) for one in fact)
    return fact
