"""Texts for users: English message ids in the code, Vietnamese in `models/locale/vi/LC_MESSAGES/dondoc.po`."""

from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Self

LANGUAGES = ("vi", "en")
LOCALE = Path(__file__).parent / "locale"


class Words(str):
    """A message id with its facts. It may be a fact of another message, and is then translated together with that.

    Its value as a string is the English text. A message that counts has also a `plural`; its id is the singular.
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
    """Mark a message id for extraction. It is translated when it is shown."""
    return Words(message, **facts)


def _n(singular: str, plural: str, /, **facts: object) -> Words:
    """Mark a message id that counts something. The fact `count` chooses between one and several."""
    return Words(singular, plural, **facts)


class Labelled(StrEnum):
    """Codes with a label (a message id) for the screen. Files, options, JSON and the database contain the codes."""

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
    """Load the translations. Without any, as for English, messages stay as they are."""
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
    """Translate a message, or return it in English if there is no translation.

    Facts that are `Words` are translated too. Lists are joined by commas.
    """
    if isinstance(message, Words):
        return _write(message.message, message.plural, language, message.facts | facts)
    return _write(message, "", language, facts)


def paragraphs(text: str) -> list[str]:
    """Split a long text, such as the help of a command, into a message id for each paragraph."""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _write(message: str, plural: str, language: str, facts: dict[str, object]) -> str:
    if not message:
        return ""  # the translation of the empty id is the catalogue's header
    catalogue = _catalogue(language)
    if plural:
        # the number may be formatted already ("1,234"); both languages only distinguish one from several
        text = catalogue.ngettext(message, plural, 1 if str(facts.get("count")) == "1" else 2)
    else:
        text = catalogue.gettext(message)
    return text.format(**{name: _written(fact, language) for name, fact in facts.items()}) if facts else text


def _written(fact: object, language: str) -> object:
    if isinstance(fact, Words):
        return translate(fact, language)
    if isinstance(fact, (list, tuple)):
        return ", ".join(str(_written(part, language)) for part in fact)
    return fact
