"""The files in a winmail.dat: as such a one Outlook sends a letter's files where it takes its reader for an Outlook."""

from base64 import b64encode
from typing import Any

from tnefparse.tnef import TNEF, TNEFAttachment

from workflows.apart.limits import damaged


def read_files(data: bytes) -> dict[str, Any]:
    """Return the name and content (in base64) of each file in it, in its order; what is only form has none."""
    try:
        opened = TNEF(data, do_checksum=False)  # its sum is 16 bits wide, and counted byte by byte
    except MemoryError:
        raise
    except Exception:  # the library, on bytes that are none of this kind
        raise damaged() from None
    if _is_cut(data, opened):
        raise damaged()  # the library passes over what is missing: a file would be lost without a word
    return {
        "files": [
            {"name": _name(one), "content": b64encode(one.data).decode()} for one in opened.attachments if one.data
        ]
    }


def _name(attachment: TNEFAttachment) -> str:
    try:
        return str(attachment.long_filename())
    except UnicodeError:  # the short name, in a code page that the file does not keep to
        return bytes(attachment._name).decode("latin-1").strip("\0")


def _is_cut(data: bytes, opened: TNEF) -> bool:
    """Return whether a part is shorter than it says, or something that is no part follows the last one."""
    end = 6
    for one in opened.objects:
        if int.from_bytes(data[end + 5 : end + 9], "little") + 11 != one.length:
            return True
        end += one.length
    return bool(data[end:].strip(b"\0\r\n "))
