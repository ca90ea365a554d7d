"""Unpack named parts of the zip archives of .docx and .odt, within bounds and as XML without entities."""

import io
import zlib
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from workflows.bounded_process.limits import (
    MOST_DEPTH,
    MOST_ENTRIES,
    MOST_PART,
    MOST_RATIO,
    Unreadable,
    damaged,
    protected,
    too_deep,
    too_large,
)

_MEGABYTE = 1 << 20
_DAMAGE = (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError, OSError, RuntimeError)
"""The errors of zipfile for a damaged or malicious archive."""


def parse(xml: bytes) -> etree._Element:
    """Parse XML without comments. Unreadable where it declares entities or is nested too deeply. Nothing is fetched."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        if "ntity" in str(error) or "ntities" in str(error) or "amplification" in str(error):
            raise _entities() from None
        if "depth" in str(error):
            raise too_deep() from None
        raise broken(error) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _entities()
    check_depth(root)
    return root


def broken(error: etree.LxmlError) -> Unreadable:
    """Return why libxml2 gave up: too little memory, or a damaged file."""
    no_memory = any(entry.type == etree.ErrorTypes.ERR_NO_MEMORY for entry in list(error.error_log))  # type: ignore[call-overload]
    return too_large() if no_memory else damaged()


def check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MOST_DEPTH:
            raise too_deep()


def _entities() -> Unreadable:
    return Unreadable(
        "file {file}: it declares entities of its own (DTD), which no office program writes; save it anew as .docx"
    )


class ZipArchive:
    def __init__(self, data: bytes) -> None:
        try:
            self._zip = ZipFile(io.BytesIO(data))
        except _DAMAGE:
            raise damaged() from None
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES:
            raise Unreadable("file {file}: more than {most} parts in the archive; save it anew", most=MOST_ENTRIES)
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise protected()
        self._names = {entry.filename: entry for entry in entries}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def names(self) -> list[str]:
        return list(self._names)

    def part(self, name: str) -> bytes:
        """Unpack a part. Unreadable where it is missing, damaged or too large."""
        entry = self._names.get(name)
        if entry is None:
            raise damaged()
        _check_size(entry)
        try:
            with self._zip.open(entry) as part:
                content = part.read(MOST_PART + 1)
        except _DAMAGE:
            raise damaged() from None
        if len(content) > MOST_PART:
            raise _bomb()
        return content

    def tree(self, name: str) -> etree._Element:
        return parse(self.part(name))


def _check_size(entry: ZipInfo) -> None:
    """Check the size that the archive states; zipfile itself never unpacks more than that."""
    past = entry.file_size > _MEGABYTE and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)
    if past or entry.file_size > MOST_PART:
        raise _bomb()


def _bomb() -> Unreadable:
    return Unreadable(
        "file {file}: unpacked it is far larger than a document; copy its text into a new document and send that"
    )
