"""Words on screen: English message ids in the code, Vietnamese in `models/locale/vi/LC_MESSAGES/dondoc.po`."""

from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Self

LANGUAGES = ("vi", "en")
LOCALE = Path(__file__).parent / "locale"


class Words(str):
    """A message id with its facts, which may itself be a fact of another message: translated when that is written.

    As text it reads in English. A message that counts has a `plural` beside its id, which is in the singular.
    """

    message: str
    plural: str
    facts: dict[str, object]

    def __new__(cls, message: str, plural: str = "", /, **facts: object) -> Self:
        if isinstance(message, Words):
            plural, facts = message.plural, message.facts | facts
            message = message.message
        words = super().__new__(cls, _write(message, plural, "en", facts))
        words.message, words.plural, words.facts = message, plural, facts
        return words


def _(message: str, /, **facts: object) -> Words:
    """Mark a message id for extraction; translated where it is shown."""
    return Words(message, **facts)


def _n(singular: str, plural: str, /, **facts: object) -> Words:
    """Mark a message id that counts something. The fact `count` chooses between one and several."""
    return Words(singular, plural, **facts)


class Labelled(StrEnum):
    """Codes with a label for the screen, a message id. In files, options, JSON and the database they stay codes."""

    label: Words

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_, member.label = code, Words(label)
        return member

    @classmethod
    def labels(cls) -> dict[Self, Words]:
        return {member: member.label for member in cls}


@cache
def _catalogue(language: str) -> NullTranslations:
    """For English, and where there are no translations, the ids themselves."""
    from babel.messages.mofile import write_mo  # English needs neither
    from babel.messages.pofile import read_po

    path = LOCALE / language / "LC_MESSAGES" / "dondoc.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(message: str, language: str, /, **facts: object) -> str:
    """The English id itself stands where there is no translation.

    Facts that are `Words` are translated too, and lists joined by commas.
    """
    if isinstance(message, Words):
        return _write(message.message, message.plural, language, message.facts | facts)
    return _write(message, "", language, facts)


def paragraphs(text: str) -> list[str]:
    """A text that is too long for one message id, such as the help of a command, has one a paragraph."""
    return [" ".join(one.split()) for one in text.split("\n\n")]


def _write(message: str, plural: str, language: str, facts: dict[str, object]) -> str:
    if not message:
        return ""  # under the empty id a catalogue keeps facts about itself
    catalogue = _catalogue(language)
    if plural:
        # the number may be written already, as in "1,234"; both languages ask only whether it is one
        text = catalogue.ngettext(message, plural, 1 if str(facts.get("count")) == "1" else 2)
    else:
        text = catalogue.gettext(message)
    return text.format(**{name: _written(fact, language) for name, fact in facts.items()}) if facts else text


def _written(fact: object, language: str) -> object:
    if isinstance(fact, Words):
        return translate(fact, language)
    if isinstance(fact, (list, tuple)):
        return ", ".join(str(_written(one, language)) for one in fact)
    return fact
