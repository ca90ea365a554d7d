"""What the office's own mail server found of a message: its Authentication-Results (RFC 8601), read by the grammar.

Only the topmost field of the named server counts: it removes such fields that come from outside (section 5), and
others' are anybody's words. A field that is not by the grammar, or is long, ends the looking: nothing below it counts.
"""

from collections.abc import Sequence
from email.message import Message

from authres import AuthenticationResult, AuthenticationResultsHeader, AuthResError

_LONGEST = 8192  # characters; the library takes four times as long for twice as much


def server_results(head: Message, authserv_id: str) -> Sequence[AuthenticationResult]:
    """Return each result that the named server told; none where it told nothing, or nothing that can be read."""
    for value in head.get_all("Authentication-Results", []):
        text = " ".join(str(value).split())
        if len(text) > _LONGEST:
            return ()
        try:
            found = AuthenticationResultsHeader.parse_value(text)
        except AuthResError:
            return ()
        if found.authserv_id.lower() == authserv_id.lower():
            return [one for one in found.results if isinstance(one, AuthenticationResult)]
    return ()


def passed(result: AuthenticationResult, method: str, *names: str) -> list[str]:
    """Return what a result that passed was about, by the names of its properties ("header.d"); none of any other."""
    if result.method != method or result.version not in (None, "1") or result.result != "pass":
        return []
    return [str(one.value).lower() for one in result.properties if f"{one.type}.{one.name}" in names]


def is_aligned(signed_by: str, domain: str) -> bool:
    """Return whether a signing domain stands for that of the sender: the same, or one above it, never a bare TLD."""
    signed_by = signed_by.strip().rstrip(".").lower()
    return signed_by == domain or ("." in signed_by and domain.endswith(f".{signed_by}"))
