"""One reader of HTML for all tests: a page as whoever opens it has it, on lxml."""

from collections import Counter
from typing import Any

from lxml.html import document_fromstring

_NEVER_SENT = ("submit", "button", "reset", "image", "file")


class Page:
    """What stands in a page. Elements are those of lxml, found by CSS."""

    def __init__(self, html: str) -> None:
        self._root: Any = document_fromstring(html)

    def all(self, css: str) -> list[Any]:
        return list(self._root.cssselect(css))

    def one(self, css: str) -> Any:
        (element,) = self.all(css)
        return element

    def words(self, css: str = "body") -> list[str]:
        """Of each element (`words_of`)."""
        return [words_of(element) for element in self.all(css)]

    def links(self, css: str = "a[href]") -> list[str]:
        return [str(element.get("href")) for element in self.all(css)]

    def values(self, name: str, css: str = "input") -> list[str]:
        """Of all fields of that name, in the order of the page."""
        return [str(element.get("value", "")) for element in self.all(f'{css}[name="{name}"]')]

    def value(self, name: str) -> str:
        """The one value that all fields of that name have."""
        (value,) = set(self.values(name))
        return value

    def forms(self, css: str = "form") -> list["Form"]:
        return [Form(element) for element in self.all(css)]

    def form(self, css: str = "form") -> "Form":
        (form,) = self.forms(css)
        return form


class Form:
    """A form as a browser holds it."""

    def __init__(self, element: Any) -> None:
        self._element = element
        self.action = str(element.get("action", ""))

    @property
    def hidden(self) -> dict[str, Any]:
        """What it holds that nobody sees: a list where several fields have one name."""
        return _by_name(self._element.cssselect('input[type="hidden"][name]'))

    @property
    def fields(self) -> dict[str, Any]:
        """What a browser sends when nothing is typed: a list where several fields have one name."""
        return _by_name(self._element.cssselect("input[name], select[name], textarea[name]"))

    def does(self, what: str) -> bool:
        """Whether it says so by a button or a hidden field of the name `do`."""
        return bool(self._element.cssselect(f'[name="do"][value="{what}"]'))


def words_of(element: Any) -> str:
    """With single spaces between them, also where one element follows another."""
    return " ".join(" ".join(element.xpath(".//text()")).split())


def _by_name(fields: list[Any]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for one in fields:
        found.setdefault(one.get("name"), []).extend(_sent(one))
    often = Counter(one.get("name") for one in fields)
    return {name: values if often[name] > 1 else values[0] for name, values in found.items() if values}


def _sent(field: Any) -> list[str]:
    if field.tag == "textarea":
        return [(field.text or "").removeprefix("\n")]
    if field.tag == "select":
        options = field.cssselect("option[selected]") or field.cssselect("option")[:1]
        return [one.get("value", one.text or "") for one in options]
    kind = field.get("type", "text")
    if kind in _NEVER_SENT or (kind in ("checkbox", "radio") and field.get("checked") is None):
        return []
    return [field.get("value", "on" if kind in ("checkbox", "radio") else "")]
