"""Drafted papers for a person to sign: the công văn đôn đốc for each unit, and the phiếu trình to the issuer's side.

Official papers are Vietnamese whatever the reader's language. Number, day and signature stay blank, and nothing is
said in judgement of a unit: a draft asks, it does not criticise.
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
    unit: str  # to whom: the unit pressed; empty for a submission
    number: int  # the lần
    filename: str
    text: str
    items: tuple[LetterItem, ...]


def draft_papers(letter: LetterView) -> tuple[EnclosedPaper, ...]:
    """Return an upward letter's drafts: one công văn per unit and lần (no unit reads of another), one phiếu trình."""
    if letter.facts.kind is not LetterKind.UPWARD:
        return ()
    late = [item for item in letter.items if item.section is LetterSection.OVERDUE]
    pressed: dict[tuple[str, str, int], list[LetterItem]] = {}
    for item in late:
        # whose result is in has done their part: the wait stands in the letter, there is nobody to press
        if item.rung in PRESSING and item.waiting_for != "decision":
            pressed.setdefault((item.directive, item.lead_unit, max(item.press_number, 1)), []).append(item)
    papers = [_press(letter, tuple(items)) for items in pressed.values()]
    submitted = tuple(item for item in late if item.rung == TO_ISSUER)
    if submitted:
        text = _fill("submission", letter, submitted)
        papers.append(EnclosedPaper("submission", "", 0, "du-thao-phieu-trinh.txt", text, submitted))
    return tuple(papers)


def _press(letter: LetterView, items: tuple[LetterItem, ...]) -> EnclosedPaper:
    unit, number = items[0].lead_unit, max(items[0].press_number, 1)
    slug = "-".join("".join(char if char.isascii() and char.isalnum() else " " for char in fold(unit)).split())
    filename = f"du-thao-cong-van-don-doc-lan-{number}-{slug[:60]}.txt"
    return EnclosedPaper("press", unit, number, filename, _fill("press", letter, items), items)


def _fill(name: str, letter: LetterView, items: tuple[LetterItem, ...]) -> str:
    unit, issuer = letter.to.unit_name, items[0].issuer
    ministry = issuer.removeprefix(_MINISTER) if issuer.startswith(_MINISTER) else ""
    in_ministry = unit.startswith(_MINISTRY_UNITS)
    more = {
        "items": items,
        "unit": items[0].lead_unit,
        "nth": max(items[0].press_number, 1),
        "office": unit,
        "ministry": ministry,
        "in_ministry": in_ministry,
        "on_behalf": in_ministry and issuer.startswith(_MINISTER),
        "title": office_of(letter.to.title, unit).upper(),
        "to_leaders": in_ministry and any(it.press_number >= 2 or it.rung == "pressed_2" for it in items),
        "columns": _columns,
    }
    text = fill(f"_papers/{name}.txt", letter, more, language="vi")
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _columns(left: str, right: str) -> str:
    """Return two columns of a page 76 characters wide, the right one beginning at 34."""
    return f"{left:<33} {right}".rstrip()
