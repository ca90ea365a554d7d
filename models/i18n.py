"""Words on screen: English message ids in the code, Vietnamese in `models/locale/vi/LC_MESSAGES/dondoc.po`."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("vi", "en")
_LOCALE = Path(__file__).parent / "locale"


def _(message: str) -> str:
    """Marks a message id for extraction; translated where it is shown."""
    return message


@cache
def _catalogue(language: str) -> dict[str, str]:
    path = _LOCALE / language / "LC_MESSAGES" / "dondoc.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


def translate(message: str, language: str, **facts: object) -> str:
    """The message in a language, filled with facts; the English id itself where there is no translation."""
    text = _catalogue(language).get(message, message)
    return text.format(**facts) if facts else text
