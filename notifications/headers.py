"""How the headers of our letters are written, where the standard library (3.11) writes them wrongly.

It drops a space where a long Vietnamese subject or name is folded between two encoded words, and turns a long id into
encoded words, which no mail reader takes for an id.
"""

from email.header import Header
from email.headerregistry import AddressHeader
from email.policy import EmailPolicy
from email.utils import formataddr
from functools import lru_cache
from typing import Any

_IDS = frozenset({"message-id", "in-reply-to", "references", "list-id"})
_WORDS = frozenset({"subject"})
_ALIKE = frozenset({"content-type", "content-transfer-encoding", "mime-version", "auto-submitted", "list-id", "from"})
"""Headers that are the same in letter after letter; parsing them was a tenth of composing one."""


class LetterPolicy(EmailPolicy):
    """SMTP's policy with our own folding of subjects, names and ids."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """A header parsed; those that come again and again once."""
        if type(value) is str and name.lower() in _ALIKE:
            return _parsed(name, value)
        return super().header_store_parse(name, value)

    def fold(self, name: str, value: Any) -> str:
        """One header with its line end, in ASCII."""
        if name.lower() in _IDS:
            return f"{name}: {value}{self.linesep}"
        if name.lower() in _WORDS:
            return f"{name}: {_encoded(str(value), name, self.linesep)}{self.linesep}"
        if isinstance(value, AddressHeader):
            written = [self._address(name, one.display_name, one.addr_spec) for one in value.addresses]
            return f"{name}: {f',{self.linesep} '.join(written)}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header as bytes."""
        return self.fold(name, value).encode("ascii")

    def _address(self, header: str, display_name: str, address: str) -> str:
        if not display_name or display_name.isascii():
            return formataddr((display_name, address))
        return f"{_encoded(display_name, header, self.linesep)}{self.linesep} <{address}>"


@lru_cache(maxsize=256)
def _parsed(name: str, value: str) -> tuple[str, Any]:
    return EmailPolicy.header_store_parse(LETTER_POLICY, name, value)


def _encoded(words: str, name: str, linesep: str) -> str:
    """Encoded words of at most 75 characters, cut between characters (RFC 2047, 5)."""
    if words.isascii() and len(words) < 900:
        return words
    return Header(words, "utf-8", maxlinelen=75, header_name=name).encode(linesep=linesep)


LETTER_POLICY = LetterPolicy(linesep="\r\n")
