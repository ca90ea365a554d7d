"""Words of a reply that came as HTML alone, without what mail programs mark as quoted."""

from lxml import etree, html

_QUOTED = (
    "//blockquote"
    "|//*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_quote ')]"
    "|//*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_quote_container ')]"
    "|//*[contains(concat(' ', normalize-space(@class), ' '), ' yahoo_quoted ')]"
    "|//*[contains(concat(' ', normalize-space(@class), ' '), ' moz-cite-prefix ')]"
    "|//*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_signature ')]"
    "|//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='mail-editor-reference-message-container']"
    "|//*[@data-marker='__QUOTED_TEXT__' or @data-marker='__HEADERS__']"
    "|//*[@id='Signature' or @data-marker='__SIG_POST__' or @data-marker='__SIG_PRE__']"
)
_UNSEEN = "//script|//style|//head|//title|//template|//noscript"
_FOLLOWED = "//*[@id='divRplyFwdMsg' or @id='appendonsend']"
"""Outlook marks only where the quoted letter begins: all that follows it is quoted too."""
_BLOCKS = frozenset("p div tr li h1 h2 h3 h4 h5 h6 table ul ol pre section article".split())


def html_to_text(source: str) -> str:
    """Return the text of a page of HTML, blocks on lines of their own; empty where there is none."""
    source = source.replace("\0", "")
    if not source.strip():
        return ""
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    tree = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    for mark in _found(tree, _FOLLOWED):
        for later in list(mark.itersiblings()):
            _drop(later)
    for element in [*_found(tree, _UNSEEN), *_found(tree, _QUOTED)]:
        _drop(element)
    for element in tree.iter(etree.Element):
        if element.tag == "br":
            element.tail = "\n" + (element.tail or "")
        elif element.tag in _BLOCKS:
            element.text = "\n" + (element.text or "")
            element.tail = "\n" + (element.tail or "")
    lines = (" ".join(line.split()) for line in "".join(map(str, tree.itertext())).split("\n"))
    return "\n".join(lines).strip()


def _found(tree: etree._Element, path: str) -> list[etree._Element]:
    found = tree.xpath(path)
    return [one for one in found if isinstance(one, etree._Element)] if isinstance(found, list) else []


def _drop(element: etree._Element) -> None:
    """Take an element out, and leave the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)
