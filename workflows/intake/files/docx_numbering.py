"""The automatic numbers of a .docx, counted and written out as Word prints them."""

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from workflows.intake.files.counting import bullet, counted

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FORMATS = {"decimalZero": "01", "lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9


def value(element: etree._Element | None, path: str, name: str = "val") -> str | None:
    """Return an attribute of what is found at a path: `w:pPr/w:pStyle` → its `w:val`."""
    found = element.find(path.replace("w:", W)) if element is not None else None
    return found.get(W + name) if found is not None else None


def is_on(element: etree._Element | None, path: str) -> bool:
    """Return whether a property is there and not switched off."""
    there = element is not None and element.find(path.replace("w:", W)) is not None
    return there and value(element, path) not in ("0", "false", "off")


def whole(text: str | None, otherwise: int) -> int:
    """Return a whole number of at most six digits."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,6}", text) else otherwise


class Numbering:
    def __init__(self, root: etree._Element | None) -> None:
        found = root if root is not None else etree.Element("none")
        self._abstract = {item.get(W + "abstractNumId", ""): item for item in found.iterfind(W + "abstractNum")}
        self._lists = {item.get(W + "numId", ""): item for item in found.iterfind(W + "num")}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        self._restarted: set[tuple[str, int]] = set()
        self._by_style = {
            value(item, "w:styleLink") or "": key for key, item in self._abstract.items() if value(item, "w:styleLink")
        }

    def label(self, list_id: str, level: int) -> str:
        """Return the number of the next paragraph of a list at a level from 0, "" where the list has none."""
        item = self._lists.get(list_id)
        if item is None or not 0 <= level < _LEVELS:
            return ""
        key = value(item, "w:abstractNumId") or ""
        linked = value(self._abstract.get(key), "w:numStyleLink")
        key = self._by_style.get(linked, key) if linked else key
        drawn = self._drawn(item, key, level)
        if drawn is None:
            return ""
        self._count(item, list_id, key, level)
        return self._written(item, key, level, drawn)

    def level_of_style(self, list_id: str, style: str) -> int:
        item = self._lists.get(list_id)
        for level in self._abstract.get(value(item, "w:abstractNumId") or "", etree.Element("none")).iterfind(
            W + "lvl"
        ):
            if value(level, "w:pStyle") == style:
                return whole(level.get(W + "ilvl"), 0)
        return 0

    def _drawn(self, item: etree._Element, key: str, level: int) -> etree._Element | None:
        for place in self._places(item, key):
            for drawn in place:
                if drawn.get(W + "ilvl") == str(level):
                    return drawn
        return None

    def _places(self, item: etree._Element, key: str) -> Iterator[Iterator[etree._Element]]:
        yield item.iterfind(f"{W}lvlOverride/{W}lvl")
        if key in self._abstract:
            yield self._abstract[key].iterfind(W + "lvl")

    def _count(self, item: etree._Element, list_id: str, key: str, level: int) -> None:
        counts = self._counts[key]
        override = item.find(f"{W}lvlOverride[@{W}ilvl='{level}']/{W}startOverride")
        if override is not None and (list_id, level) not in self._restarted:
            counts[level] = whole(override.get(W + "val"), 1)
        else:
            counts[level] = counts[level] + 1 if level in counts else self._start(item, key, level)
        self._restarted.add((list_id, level))
        for lower in [one for one in counts if one > level]:
            restart = value(self._drawn(item, key, lower), "w:lvlRestart")
            if restart is None or whole(restart, 0) > level:
                del counts[lower]

    def _start(self, item: etree._Element, key: str, level: int) -> int:
        return whole(value(self._drawn(item, key, level), "w:start"), 1)

    def _written(self, item: etree._Element, key: str, level: int, drawn: etree._Element) -> str:
        pattern = value(drawn, "w:lvlText") or ""
        if value(drawn, "w:numFmt") == "bullet":
            return bullet(pattern) if pattern.strip() else ""
        legal = is_on(drawn, "w:isLgl")

        def number(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            written = value(self._drawn(item, key, at), "w:numFmt") or "decimal"
            if written == "none":
                return ""
            count = self._counts[key].get(at, self._start(item, key, at))
            return counted(count, "1" if legal and at != level else _FORMATS.get(written, "1"))

        return _PLACE.sub(number, pattern).strip()
