"""What is said once for a whole section: "2. Cơ quan chủ trì", "3. Thời gian thực hiện: …"."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from workflows.intake.names.partners import findings
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.labels import read_label
from workflows.intake.text.outline import OutlineItem
from workflows.intake.text.reading import Deadline, Passage, ReadingReason, TextFinding
from workflows.intake.text.vocabulary import bare
from workflows.intake.times.time_lines import read_time

_LEAD = re.compile(r"(?:(?:co quan|don vi|to chuc)\s+)?chu tri(?: thuc hien)?\s*(?::|$)", re.IGNORECASE)
_PARTNER = re.compile(r"(?:(?:co quan|don vi|cac don vi)\s+)phoi hop(?: thuc hien)?\s*(?::|$)", re.IGNORECASE)
_BOTH = re.compile(
    r"(?:co quan|don vi)\s+(?:chu tri|phoi hop|thuc hien)(?:\s*(?:,|va)\s*(?:co quan |don vi )?(?:phoi hop|"
    r"thuc hien|chu tri))+\s*:?$",
    re.I,
)
_DOER = re.compile(r"(?:don vi|co quan|trach nhiem|bo phan|nguoi) (?:thuc hien|trien khai)\s*(?::|$)", re.IGNORECASE)
_TIME = re.compile(
    r"(?:thoi gian|thoi han|tien do)(?: (?:thuc hien|hoan thanh|trien khai|to chuc|du kien))*\s*(?::|$)", re.IGNORECASE
)
_FIELDS = {"lead": _LEAD, "partner": _PARTNER, "doer": _DOER, "time": _TIME}


@dataclass(frozen=True, slots=True)
class DutySection:
    lead: tuple[TextFinding, ...] = ()
    coordinating: tuple[TextFinding, ...] = ()
    doers: tuple[TextFinding, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


def is_field(item: OutlineItem) -> bool:
    """Return whether an item orders nothing but fills in who or when for its section."""
    text = bare(item.lead.text)
    if _BOTH.match(text) or _field(text) is not None:
        return True
    return (
        bool(_RESULT.match(text))
        and item.above is not None
        and any(_LEAD.match(bare(one.lead.text)) for one in item.above.items)
    )


_TASK = re.compile(r"(?:ten )?(?:nhiem vu|cong viec|noi dung|de an|hoat dong)(?: cu the)?\s*:", re.IGNORECASE)
_RESULT = re.compile(r"(?:ket qua|san pham|san pham du kien|kinh phi|can cu)(?: [\w ]{0,30})?\s*:", re.IGNORECASE)


def is_spelt_out(item: OutlineItem) -> bool:
    """Return whether an item is a task of which its brothers say who and when: "Tên nhiệm vụ: …"."""
    return (
        item.above is not None
        and bool(_TASK.match(bare(item.lead.text)))
        and any(is_field(one) for one in item.above.items if one is not item)
    )


def read_section(items: list[OutlineItem], issued_on: date | None) -> DutySection:
    names: dict[str, list[TextFinding]] = defaultdict(list)
    deadlines: list[Deadline] = []
    for top in items:
        if not is_field(top):
            continue
        for item in top.walk():
            field = _field(bare(item.lead.text))
            if field == "time":
                deadlines += [one for line in _values(item) for one in read_time(line, issued_on)]
            elif field is not None:
                names[field] += _names(item)
    return _section(names, deadlines)


def read_trailing(items: list[OutlineItem], issued_on: date | None) -> DutySection:
    """Return what the lines behind the last of several items say of all: "Đơn vị thực hiện: …"."""
    lines = [one.passage for one in items[-1].folded if is_field_line(one.text)] if len(items) > 1 else []
    if len(lines) < 2 or any(is_field_line(line.text) for one in items[:-1] for line in one.folded):
        return DutySection()
    names: dict[str, list[TextFinding]] = defaultdict(list)
    deadlines: list[Deadline] = []
    for line in lines:
        field, value = _field(bare(line.text)), line.cut(line.text.find(":") + 1)
        if field == "time":
            deadlines += read_time(value, issued_on)
        elif field is not None:
            names[field] += findings(value, 0, len(value.text), 0.85, ReadingReason.SECTION)
    return _section(names, deadlines)


def _section(names: dict[str, list[TextFinding]], deadlines: list[Deadline]) -> DutySection:
    return DutySection(tuple(names["lead"]), tuple(names["partner"]), tuple(names["doer"]), tuple(deadlines))


def is_field_line(text: str) -> bool:
    """Return whether a line fills in who or when: "Đơn vị thực hiện: …"."""
    return ":" in text[:40] and _field(bare(text)) is not None


def _field(text: str) -> str | None:
    return next((name for name, pattern in _FIELDS.items() if pattern.match(text)), None)


def _names(item: OutlineItem) -> Iterator[TextFinding]:
    for line in _values(item):
        if begins_actor(line.text) or line.text[:1].isupper():
            yield from findings(line, 0, len(line.text), 0.9, ReadingReason.SECTION)


def _values(item: OutlineItem) -> Iterator[Passage]:
    """Yield what stands behind the colon, and the lines below it."""
    colon = item.lead.text.find(":")
    if colon >= 0 and item.lead.text[colon + 1 :].strip():
        yield item.lead.cut(colon + 1)
    for paragraph in item.folded:
        label = read_label(paragraph.text)
        line = paragraph.passage.cut(label.size if label else 0)
        if not line.text.startswith("("):
            yield line
