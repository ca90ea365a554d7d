"""Reads what the office's own mail server found about a message, in the field Authentication-Results (RFC 8601).

Only the topmost field of the named server counts. The server removes such fields that come from outside (section 5);
anybody can write those of other servers. A malformed or long field ends the search: no field below it counts.
"""

from collections.abc import Sequence
from email.message import Message

from authres import AuthenticationResult, AuthenticationResultsHeader, AuthResError

_LONGEST = 8192  # characters; the library needs quadratic time


def server_results(head: Message, authserv_id: str) -> Sequence[AuthenticationResult]:
    for value in head.get_all("Authentication-Results", []):
        text = " ".join(str(value).split())
        if len(text) > _LONGEST:
            return ()
        try:
            field = AuthenticationResultsHeader.parse_value(text)
        except AuthResError:
            return ()
        if field.authserv_id.lower() == authserv_id.lower():
            return [result for result in field.results if isinstance(result, AuthenticationResult)]
    return ()


def passed(result: AuthenticationResult, method: str, *names: str) -> list[str]:
    """Return the values of the named properties ("header.d") of a result of a method that passed."""
    if result.method != method or result.version not in (None, "1") or result.result != "pass":
        return []
    return [str(prop.value).lower() for prop in result.properties if f"{prop.type}.{prop.name}" in names]


def is_aligned(signed_by: str, domain: str) -> bool:
    """Return whether a signing domain is the sender's domain or one above it. A bare TLD never is."""
    signed_by = signed_by.strip().rstrip(".").lower()
    return signed_by == domain or ("." in signed_by and domain.endswith(f".{signed_by}"))
