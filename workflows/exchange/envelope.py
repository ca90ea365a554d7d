"""The XML of a message (QCVN 102:2016), as plain fields: it runs in a process of its own, as every reader does.

Elements go by their local names in any letter case, in any order; `Business` counts as `Bussiness`. Real files have
junk before the declaration, prefixes that nobody declares, and a declared encoding that is not theirs: these are read.
"""

import re
from base64 import b64encode
from typing import Any

from lxml import etree

from workflows.apart.limits import Unreadable, too_deep, too_large
from workflows.exchange.enclosed import open_enclosed
from workflows.intake.files.archive import check_depth

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
MOST_FILES = 50
"""Attachments of a message."""
LONGEST = 4_000
"""Characters of a field; a longer one is cut."""
MOST_RECEIVERS = 500
_MOST_JUNK = 1_000  # characters before the first tag
_XLINK = "http://www.w3.org/1999/xlink"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_WIDE = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARATION = re.compile(r"<\?xml\b[^<>]{0,400}\?>", re.IGNORECASE)
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
_START = re.compile(r"<(?:[\w.-]+:)?\w")
_TAG = re.compile(r"<(/?)([A-Za-z_][\w.-]*)((?::[\w.-]+)?)([^<>]*)>")
_ATTRIBUTE = re.compile(r"\s([A-Za-z_][\w.-]*):[\w.-]+\s*=")
_DECLARED = re.compile(r"xmlns:([A-Za-z_][\w.-]*)\s*=")
_BOUND = frozenset({"xml", "xmlns"})
_UNKNOWN, _MOST_PREFIXES = "urn:unknown", 50
_ABOUT_ENTITIES = re.compile("entit", re.IGNORECASE)


def read_envelope(data: bytes) -> dict[str, Any]:
    """Return the fields of a message, and its attachments opened, their contents in base64. Unreadable says why not."""
    root = _parse(_text(data))
    envelope = _first(root, "edxmlenvelope")
    header = _first(envelope, "messageheader")
    named = _UNKNOWN if envelope is None else etree.QName(envelope).namespace or _UNKNOWN
    if named != _UNKNOWN and named.strip().rstrip("/").casefold() != NAMESPACE.casefold():
        raise Unreadable(
            "file {file}: its namespace is {found}, not that of QCVN 102:2016, {expected}",
            found=named[:200],
            expected=NAMESPACE,
        )
    if envelope is None or header is None:
        raise Unreadable("file {file}: there is no edXML envelope with a MessageHeader in it")
    return {"header": _header(header) | _trace(envelope), "attachments": _attachments(root)}


def _text(data: bytes) -> str:
    """Return the XML without its declaration, whose encoding is often not the file's own."""
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    encoding = encoding or next((name for mark, name in _WIDE if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise Unreadable("file {file}: a message must be in UTF-8, and this is not") from None
    if declaration := _DECLARATION.search(text, 0, _MOST_JUNK + 400):
        text = text[declaration.end() :]
    start = _START.search(text, 0, 2 * _MOST_JUNK)
    dtd = _DTD.search(text)
    if dtd is not None:
        raise Unreadable("file {file}: it declares a document type or entities (DTD), which no message needs")
    if start is None:
        raise Unreadable("file {file}: there is no edXML envelope with a MessageHeader in it")
    return text[start.start() :].replace("\0", "")


def _parse(text: str) -> etree._Element:
    """Prefixes that are used and not declared on the root are declared there."""
    first = _TAG.match(text)
    if first is None:
        raise _cut_off()
    declared = set(_DECLARED.findall(first[0])) | _BOUND
    used: dict[str, None] = {}
    for tag in _TAG.finditer(text):
        if tag[3]:
            used[tag[2]] = None
        used.update(dict.fromkeys(_ATTRIBUTE.findall(tag[4])))
    missing = [name for name in used if name not in declared][:_MOST_PREFIXES]
    names = {"xlink": _XLINK, "edxml": NAMESPACE}
    more = "".join(f' xmlns:{name}="{names.get(name.casefold(), _UNKNOWN)}"' for name in missing)
    at = len(first[2]) + len(first[3]) + 1
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # an attachment is one text of up to 20 MB; there is no DTD, and depth is checked below
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring((text[:at] + more + text[at:]).encode(), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        if _ABOUT_ENTITIES.search(str(error)):
            raise Unreadable(
                "file {file}: it declares a document type or entities (DTD), which no message needs"
            ) from None
        if "depth" in str(error):
            raise too_deep() from None
        if "memory" in str(error).casefold():
            raise too_large() from None
        raise _cut_off() from None
    check_depth(root)
    return root


def _cut_off() -> Unreadable:
    return Unreadable("file {file}: it is not well-formed XML, or is cut off; have the message sent again")


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.casefold().replace("business", "bussiness")


def _all(parent: etree._Element | None, *path: str) -> list[etree._Element]:
    """Return the children of the children … with these names, in the order of the file."""
    found = [] if parent is None else [parent]
    for name in path:
        found = [child for one in found for child in one.iterchildren("*") if _name(child) == name]
    return found


def _first(root: etree._Element | None, name: str) -> etree._Element | None:
    if root is None:
        return None
    return next((one for one in root.iter("*") if _name(one) == name), None)


def _words(parent: etree._Element | None, *path: str) -> str:
    """Return the words of the first such element; "" where there is none, and for the word "null"."""
    found = _all(parent, *path)
    words = " ".join("".join(str(part) for part in found[0].itertext()).split())[:LONGEST] if found else ""
    return "" if words.casefold() == "null" else words


def _header(header: etree._Element) -> dict[str, Any]:
    sender = next(iter(_all(header, "from")), None)
    answers = [
        {
            "organ_id": _words(one, "organid"),
            "code": _words(one, "code"),
            "issued": _words(one, "promulgationdate"),
            "document_id": _words(one, "documentid"),
        }
        for one in _all(header, "responsefor")
    ]
    paths = {
        "document_id": ("documentid",),
        "number": ("code", "codenumber"),
        "notation": ("code", "codenotation"),
        "issued": ("promulgationinfo", "promulgationdate"),
        "type_name": ("documenttype", "typename"),
        "subject": ("subject",),
        "content": ("content",),
        "competence": ("signerinfo", "competence"),
        "position": ("signerinfo", "position"),
        "signer": ("signerinfo", "fullname"),
        "due": ("duedate",),
        "priority": ("otherinfo", "priority"),
        "steering": ("steeringtype",),
        "status": ("statuscode",),
        "description": ("description",),
        "timestamp": ("timestamp",),
        "staff": ("staffinfo", "staff"),
    }
    return {
        "from": _organ(sender),
        "to": [_organ(one) for one in _all(header, "to")[:MOST_RECEIVERS]],
        "response_for": [one for one in answers if any(one.values())],
        **{name: _words(header, *path) for name, path in paths.items()},
    }


def _organ(element: etree._Element | None) -> dict[str, str]:
    names = {"id": "organid", "in_charge": "organizationincharge", "name": "organname", "email": "email"}
    return {name: _words(element, path) for name, path in names.items()}


def _trace(envelope: etree._Element) -> dict[str, Any]:
    """Return what a message says of its own business: new, recall, update or replace, of which document, why."""
    business = next(iter(_all(_first(envelope, "traceheaderlist"), "bussiness")), None)
    replaced = _all(business, "replacementinfolist", "replacementinfo")
    return {
        "business": _words(business, "bussinessdoctype"),
        "reason": _words(business, "bussinessdocreason"),
        "about": _words(business, "documentid"),
        "replaces": [words for one in replaced if (words := _words(one, "documentid"))],
        "sent_by": _words(business, "staffinfo", "staff"),
    }


def _attachments(root: etree._Element) -> list[dict[str, str]]:
    found = [one for part in root.iter("*") if _name(part) == "attachmentencoded" for one in _all(part, "attachment")]
    if len(found) > MOST_FILES:
        raise Unreadable("file {file}: more than {most} attachments; send them in parts", most=MOST_FILES)
    told = []
    for number, one in enumerate(found, 1):
        content = _all(one, "contenttransferencoded")
        given = "".join(str(part) for part in content[0].itertext()) if content else ""
        name = _words(one, "attachmentname") or _words(one, "description") or f"tep-{number}"
        name, opened, trouble = open_enclosed(name, given)
        told.append({"name": name, "content": b64encode(opened).decode(), "trouble": trouble})
    return told
