"""Read the XML of a message (QCVN 102:2016) into plain fields, in a process of its own like every reader.

Elements are found by their local names in any case and order; `Business` counts as `Bussiness`. Real files have junk
before the declaration, undeclared prefixes, and a wrong encoding in the declaration. They are read all the same.
"""

import re
from base64 import b64encode
from typing import Any

from lxml import etree

from workflows.bounded_process.limits import Unreadable, too_deep, too_large
from workflows.exchange.enclosed import open_enclosed
from workflows.intake.files.archive import check_depth

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
MOST_FILES = 50
"""Attachments of a message."""
LONGEST = 4_000
"""Characters of a field. The rest of a longer one is cut off."""
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
    """Return the fields of a message and its opened attachments, in base64. Raises Unreadable."""
    root = _parse(_text(data))
    envelope = _first(root, "edxmlenvelope")
    header = _first(envelope, "messageheader")
    namespace = _UNKNOWN if envelope is None else etree.QName(envelope).namespace or _UNKNOWN
    if namespace != _UNKNOWN and namespace.strip().rstrip("/").casefold() != NAMESPACE.casefold():
        raise Unreadable(
            "file {file}: its namespace is {found}, not that of QCVN 102:2016, {expected}",
            found=namespace[:200],
            expected=NAMESPACE,
        )
    if envelope is None or header is None:
        raise Unreadable("file {file}: there is no edXML envelope with a MessageHeader in it")
    return {"header": _header(header) | _trace(envelope), "attachments": _attachments(root)}


def _text(data: bytes) -> str:
    """Decode the XML, and leave out its declaration, whose encoding is often wrong."""
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
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # an attachment is one text of up to 20 MB; there is no DTD, and depth is checked below
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_declare_prefixes(text).encode(), parser)
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


def _declare_prefixes(text: str) -> str:
    """Declare all prefixes on the root that are used without a declaration there."""
    root_tag = _TAG.match(text)
    if root_tag is None:
        raise _cut_off()
    declared = set(_DECLARED.findall(root_tag[0])) | _BOUND
    used: dict[str, None] = {}
    for tag in _TAG.finditer(text):
        if tag[3]:
            used[tag[2]] = None
        used.update(dict.fromkeys(_ATTRIBUTE.findall(tag[4])))
    missing = [prefix for prefix in used if prefix not in declared][:_MOST_PREFIXES]
    namespaces = {"xlink": _XLINK, "edxml": NAMESPACE}
    declarations = "".join(f' xmlns:{name}="{namespaces.get(name.casefold(), _UNKNOWN)}"' for name in missing)
    name_end = len(root_tag[2]) + len(root_tag[3]) + 1
    return text[:name_end] + declarations + text[name_end:]


def _cut_off() -> Unreadable:
    return Unreadable("file {file}: it is not well-formed XML, or is cut off; have the message sent again")


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.casefold().replace("business", "bussiness")


def _all(parent: etree._Element | None, *path: str) -> list[etree._Element]:
    """Return the elements at a path of names below the parent, in the order of the file."""
    elements = [] if parent is None else [parent]
    for name in path:
        elements = [child for element in elements for child in element.iterchildren("*") if _name(child) == name]
    return elements


def _first(root: etree._Element | None, name: str) -> etree._Element | None:
    if root is None:
        return None
    return next((element for element in root.iter("*") if _name(element) == name), None)


def _words(parent: etree._Element | None, *path: str) -> str:
    """Return the words of the first element at a path; "" without one, and for the word "null"."""
    elements = _all(parent, *path)
    if not elements:
        return ""
    words = " ".join("".join(str(part) for part in elements[0].itertext()).split())[:LONGEST]
    return "" if words.casefold() == "null" else words


def _header(header: etree._Element) -> dict[str, Any]:
    sender = next(iter(_all(header, "from")), None)
    answers = [
        {
            "organ_id": _words(element, "organid"),
            "code": _words(element, "code"),
            "issued": _words(element, "promulgationdate"),
            "document_id": _words(element, "documentid"),
        }
        for element in _all(header, "responsefor")
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
        "to": [_organ(receiver) for receiver in _all(header, "to")[:MOST_RECEIVERS]],
        "response_for": [answer for answer in answers if any(answer.values())],
        **{name: _words(header, *path) for name, path in paths.items()},
    }


def _organ(element: etree._Element | None) -> dict[str, str]:
    names = {"id": "organid", "in_charge": "organizationincharge", "name": "organname", "email": "email"}
    return {name: _words(element, path) for name, path in names.items()}


def _trace(envelope: etree._Element) -> dict[str, Any]:
    """Return the message's business: new, recall, update or replace, of which documents, and why."""
    business = next(iter(_all(_first(envelope, "traceheaderlist"), "bussiness")), None)
    replaced = (_words(info, "documentid") for info in _all(business, "replacementinfolist", "replacementinfo"))
    return {
        "business": _words(business, "bussinessdoctype"),
        "reason": _words(business, "bussinessdocreason"),
        "about": _words(business, "documentid"),
        "replaces": [document_id for document_id in replaced if document_id],
        "sent_by": _words(business, "staffinfo", "staff"),
    }


def _attachments(root: etree._Element) -> list[dict[str, str]]:
    lists = (element for element in root.iter("*") if _name(element) == "attachmentencoded")
    elements = [attachment for element in lists for attachment in _all(element, "attachment")]
    if len(elements) > MOST_FILES:
        raise Unreadable("file {file}: more than {most} attachments; send them in parts", most=MOST_FILES)
    attachments = []
    for number, element in enumerate(elements, 1):
        content = _all(element, "contenttransferencoded")
        encoded = "".join(str(part) for part in content[0].itertext()) if content else ""
        name = _words(element, "attachmentname") or _words(element, "description") or f"tep-{number}"
        name, opened, trouble = open_enclosed(name, encoded)
        attachments.append({"name": name, "content": b64encode(opened).decode(), "trouble": trouble})
    return attachments
