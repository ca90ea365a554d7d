"""A file's bytes as text: so far UTF-8 alone."""

import unicodedata

from models.errors import BadInput


def read_file(name: str, data: bytes) -> str:
    """The text of a file, in NFC. BadInput for bytes that are no UTF-8."""
    try:
        return unicodedata.normalize("NFC", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput("{file}: not a text in UTF-8", file=name) from error
