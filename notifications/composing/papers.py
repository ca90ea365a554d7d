"""Drafts papers for a person to sign: a công văn đôn đốc for each unit, and a phiếu trình to the issuer.

Official papers are in Vietnamese, whatever the reader's language. Number, day and signature stay blank. A draft asks a
unit and does not judge it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from models.letters.letter import LetterKind
from models.text.vietnamese import fold
from notifications.composing.facts import LetterItem, LetterSection
from notifications.composing.letter_templates import fill
from notifications.composing.view import LetterView
from notifications.composing.wording import office_of

PRESSING = ("pressed_1", "pressed_2", "upward")
TO_ISSUER = "to_issuer"
_MINISTER = "Bộ trưởng "
_MINISTRY_UNITS = ("Vụ ", "Cục ", "Văn phòng Bộ", "Thanh tra Bộ")


@dataclass(frozen=True)
class EnclosedPaper:
    kind: Literal["press", "submission"]
    unit: str  # the unit pressed; empty for a submission
    number: int  # the lần; 0 for a submission
    filename: str
    text: str
    items: tuple[LetterItem, ...]


def draft_papers(letter: LetterView) -> tuple[EnclosedPaper, ...]:
    """Draft for an upward letter one công văn for each unit and lần, and one phiếu trình.

    A công văn names a single unit, because no unit may read about another.
    """
    if letter.facts.kind is not LetterKind.UPWARD:
        return ()
    late = [item for item in letter.items if item.section is LetterSection.OVERDUE]
    pressed: dict[tuple[str, str, int], list[LetterItem]] = {}
    for item in late:
        # A unit whose result waits for a decision has done its part.
        if item.rung in PRESSING and item.waiting_for != "decision":
            pressed.setdefault((item.directive, item.lead_unit, max(item.press_number, 1)), []).append(item)
    papers = [_draft_press(letter, tuple(items)) for items in pressed.values()]
    submitted = tuple(item for item in late if item.rung == TO_ISSUER)
    if submitted:
        text = _fill("submission", letter, submitted)
        papers.append(EnclosedPaper("submission", "", 0, "du-thao-phieu-trinh.txt", text, submitted))
    return tuple(papers)


def _draft_press(letter: LetterView, items: tuple[LetterItem, ...]) -> EnclosedPaper:
    unit, number = items[0].lead_unit, max(items[0].press_number, 1)
    slug = "-".join("".join(char if char.isascii() and char.isalnum() else " " for char in fold(unit)).split())
    filename = f"du-thao-cong-van-don-doc-lan-{number}-{slug[:60]}.txt"
    return EnclosedPaper("press", unit, number, filename, _fill("press", letter, items), items)


def _fill(name: str, letter: LetterView, items: tuple[LetterItem, ...]) -> str:
    unit, issuer = letter.to.unit_name, items[0].issuer
    ministry = issuer.removeprefix(_MINISTER) if issuer.startswith(_MINISTER) else ""
    in_ministry = unit.startswith(_MINISTRY_UNITS)
    facts = {
        "items": items,
        "unit": items[0].lead_unit,
        "nth": max(items[0].press_number, 1),
        "office": unit,
        "ministry": ministry,
        "in_ministry": in_ministry,
        "on_behalf": in_ministry and issuer.startswith(_MINISTER),
        "title": office_of(letter.to.title, unit).upper(),
        "to_leaders": in_ministry and any(item.press_number >= 2 or item.rung == "pressed_2" for item in items),
        "columns": _columns,
    }
    text = fill(f"_papers/{name}.txt", letter, facts, language="vi")
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _columns(left: str, right: str) -> str:
    """Put two texts side by side, the right one from character 34 on."""
    return f"{left:<33} {right}".rstrip()
