"""Detect the kind of a file by its content. Names mislead: a ".doc" is often a web page, rich text or a .docx."""

import re

from workflows.bounded_process.limits import Unreadable, damaged, protected
from workflows.intake.files.characters.encodings import decode_unrepaired

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_OTHER_PICTURES = (b"GIF8",)
_BITMAP, _WEBP = re.compile(rb"BM.{4}\0{4}", re.DOTALL), re.compile(rb"RIFF.{4}WEBP", re.DOTALL)
_ARCHIVES = (b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"BZh")
_ZIP_END, _ZIP_TAIL = b"PK\x05\x06", 70_000
_OPEN_TEXT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_OPEN = b"mimetypeapplication/vnd.oasis.opendocument."
_TAGS = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|table|div|p|span|br|h[1-6])\b", re.IGNORECASE)
_WORD_XML = re.compile(rb"<\?mso-application|<w:wordDocument|<pkg:package")
_MAIL = re.compile(rb"^(?:mime-version|content-type):", re.IGNORECASE | re.MULTILINE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_HEAD = 4096
_FIB = b"\xec\xa5"
_SECTOR, _FLAGS = 512, 11


def sniff(data: bytes) -> str:
    """Return the reader of a file: docx, odt, pdf, rtf, html, doc, picture or plain. Unreadable where there is none."""
    head = data[:_HEAD]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if data.startswith(b"PK\x03\x04"):
        return _in_archive(data)
    if data.startswith(_OLE):
        return _in_ole(data)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if start.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(_PICTURES):
        return "picture"
    if data.startswith(_OTHER_PICTURES) or _BITMAP.match(data) or _WEBP.match(data):
        raise Unreadable("file {file}: it is a picture of a kind that is not read; save it as JPEG, PNG or TIFF")
    if data.startswith(_ARCHIVES):
        raise _archive()
    return _in_text(head, start)


def _in_archive(data: bytes) -> str:
    if data[30:200].startswith(_OPEN_TEXT):
        return "odt"
    if b"word/document" in data:
        return "docx"
    if b"xl/workbook" in data or data[30:200].startswith(_OPEN + b"spreadsheet"):
        raise _spreadsheet()
    if b"ppt/presentation" in data or data[30:200].startswith(_OPEN):
        raise _other()
    if b"word/" in data:
        return "docx"
    raise _archive() if _ZIP_END in data[-_ZIP_TAIL:] else damaged()


def _in_ole(data: bytes) -> str:
    """Tell the old formats of Office apart by the names of their streams. Only Word's is read."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise protected()
    if "WordDocument".encode("utf-16-le") in data:
        if _is_encrypted(data):
            raise protected()
        return "doc"
    if "Workbook".encode("utf-16-le") in data:
        raise _spreadsheet()
    raise _other()


def _is_encrypted(data: bytes) -> bool:
    """Read the flag in the first block of a .doc's text stream, which begins at the start of a sector."""
    for at in range(_SECTOR, len(data) - _FLAGS, _SECTOR):
        if data[at : at + len(_FIB)] == _FIB:
            return bool(data[at + _FLAGS] & 0x01)
    return False


def _in_text(head: bytes, start: bytes) -> str:
    shown = decode_unrepaired(head).encode("utf-8", "ignore")
    if _WORD_XML.search(shown):
        raise Unreadable("file {file}: it is Word's XML format; open it in Word and save it as .docx")
    if _TAGS.search(shown) or _MAIL.search(start[:500]):
        return "html"
    if len(_CONTROLS.findall(shown)) > len(shown) // 200:
        raise _other()
    return "plain"


def _spreadsheet() -> Unreadable:
    return Unreadable("file {file}: it is a spreadsheet, not a document; save the document itself as .docx")


def _archive() -> Unreadable:
    return Unreadable("file {file}: it is an archive; take the document out of it and send that")


def _other() -> Unreadable:
    return Unreadable(
        "file {file}: it is not a document that can be read; accepted: {types}",
        types=".docx, .doc, .odt, .rtf, .pdf, .html, .txt, .jpg, .png, .tif",
    )
