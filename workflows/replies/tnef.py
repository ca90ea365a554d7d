"""Read the files in a winmail.dat (TNEF), in which Outlook packs a message's files for readers with Outlook."""

from base64 import b64encode
from typing import Any

from tnefparse.tnef import TNEF, TNEFAttachment

from workflows.bounded_process.limits import damaged


def read_files(data: bytes) -> dict[str, Any]:
    """Return the name and the content (in base64) of each file. Attachments without data hold only formatting."""
    try:
        opened = TNEF(data, do_checksum=False)  # the sum has only 16 bits, and is slow to count
    except MemoryError:
        raise
    except Exception:  # the library, on bytes of another format
        raise damaged() from None
    if _is_cut(data, opened):
        raise damaged()  # the library ignores missing parts: a file would be lost unnoticed
    files = [file for file in opened.attachments if file.data]
    return {"files": [{"name": _name(file), "content": b64encode(file.data).decode()} for file in files]}


def _name(attachment: TNEFAttachment) -> str:
    try:
        return str(attachment.long_filename())
    except UnicodeError:  # the short name, in a code page that the file does not keep to
        return bytes(attachment._name).decode("latin-1").strip("\0")


def _is_cut(data: bytes, opened: TNEF) -> bool:
    """Return whether a part is shorter than its header says, or other bytes follow the last part."""
    end = 6
    for part in opened.objects:
        if int.from_bytes(data[end + 5 : end + 9], "little") + 11 != part.length:
            return True
        end += part.length
    return bool(data[end:].strip(b"\0\r\n "))
