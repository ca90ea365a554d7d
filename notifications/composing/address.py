"""Which mail addresses can be written into an SMTP conversation without changing its meaning."""

import re

from models.i18n import Words

LONGEST = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets less its angle brackets

# A dot-string and a domain of RFC 5321, in plain ASCII: no quotes, comments or lists (a mail library would quietly
# take only the first of "a@x.example,b@x.example"), no white space, no control characters.
_USABLE = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"
)


def address_fault(address: str) -> Words | None:
    """Return why no letter can go to this address, or None. A trailing newline is a fault (`$` would let it pass)."""
    if len(address) > LONGEST:
        return Words("the address is longer than {most} characters", most=LONGEST)
    if not _USABLE.fullmatch(address):
        return Words("{address} is not one plain mail address", address=ascii(address))
    return None


def mask_address(address: str) -> str:
    """ "l…@v….example": enough for its owner to know it by, too little for anybody else to write to it."""
    local, _at, domain = address.rpartition("@")
    first, dot, rest = domain.partition(".")
    return f"{local[:1]}…@{first[:1]}…{dot}{rest}"
