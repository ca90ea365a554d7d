"""Writes dates, counts and names in a letter's language, and tidies white space."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from models.i18n import _, translate
from models.organization.calendar import OffBecause, OffDay
from models.text.localtime import (
    due_date,
    end_of_day,
    local_date,
    write_day,
    write_long_date,
    write_time,
    write_weekday,
)
from notifications.composing.reasons import due_words, off_words

_SPACES = re.compile(r"(?<=\S) {2,}")
_BLANK_LINES = re.compile(r"\n{3,}")
_NUMBERED = re.compile(r"^(\D+?) (\d\S*[/-]\S*)$")
_KINDS_EN = {
    "Chỉ thị": "Directive",
    "Kết luận": "Conclusion",
    "Công văn": "Official letter",
    "Quyết định": "Decision",
    "Nghị quyết": "Resolution",
    "Thông báo": "Notice",
    "Kế hoạch": "Plan",
    "Bút phê": "Handwritten note",
}
_FORMS_EN = {"Ông": "Mr", "Bà": "Ms", "Ông/Bà": "Mr/Ms", "Đồng chí": ""}


class WrittenWords:
    """Writes dates, counts and names in one language. Templates know it as `write`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, message: str, /, **facts: object) -> str:
        """Translate a message and fill it. Numbers and days are written as by `count` and `day`."""
        return translate(message, self.language, **{name: self._write_fact(fact) for name, fact in facts.items()})

    def _write_fact(self, fact: object) -> object:
        if isinstance(fact, int):
            return self.count(fact)
        return self.day(fact) if isinstance(fact, date) else fact

    def up(self, message: str, /, **facts: object) -> str:
        """Translate as `say`, and begin with a capital."""
        return first_up(self.say(message, **facts))

    def number(self, count: int) -> str:
        """Write "02" and "4.210" in Vietnamese, as offices do in sentences, "2" and "4,210" in English."""
        return f"{count:02d}" if self.language == "vi" and count < 10 else self.count(count)

    def count(self, count: int) -> str:
        """Write "3.726" in Vietnamese, "3,726" in English, as tables and charts do."""
        return f"{count:,}".replace(",", "." if self.language == "vi" else ",")

    def decimal(self, value: float) -> str:
        """Write "4,5" in Vietnamese, "4.5" in English."""
        return f"{value:.1f}".replace(".", "," if self.language == "vi" else ".")

    def day(self, moment: date | datetime) -> str:
        """Write "06/07/2004" or "6 July 2004"."""
        return write_day(_as_date(moment), self.language)

    def long_day(self, moment: date | datetime) -> str:
        """Write "ngày 06 tháng 7 năm 2004" or "6 July 2004"."""
        return write_long_date(_as_date(moment), self.language)

    def month(self, moment: date) -> str:
        """Write "tháng 12/2026" or "December 2026"."""
        return f"tháng {moment.month}/{moment.year}" if self.language == "vi" else self.day(moment.replace(day=1))[2:]

    def days(self, moments: Sequence[date]) -> str:
        """Write "01/07, 06/07/2004", with each year once after its last day."""
        written = []
        for position, day in enumerate(moments):
            following = moments[position + 1 : position + 2]
            text = self.day(day)
            written.append(text[:-5] if following and following[0].year == day.year else text)
        return ", ".join(written)

    def weekday(self, moment: date | datetime) -> str:
        """Write "thứ Tư" or "Wednesday"."""
        return write_weekday(_as_date(moment), self.language)

    def time(self, moment: datetime) -> str:
        """Write the local time as "08 giờ 00" or "08:00"."""
        return write_time(moment, self.language)

    def due(self, moment: datetime, by_the_hour: bool = False, weekday: bool = True) -> str:
        """Write the last permitted day of an exclusive `due_at` ("thứ Tư, ngày 30/06/2004"), or its instant."""
        on = {"vi": "ngày ", "en": ""}[self.language]
        day = due_date(moment)
        if by_the_hour and moment == end_of_day(day):  # midnight belongs to the day that ends with it
            return f"{'24 giờ 00' if self.language == 'vi' else '24:00'} {on or 'on '}{self.day(day)}"
        if by_the_hour:
            return f"{self.time(moment)} {on or 'on '}{self.day(moment)}"
        return f"{write_weekday(day, self.language)}, {on}{self.day(day)}" if weekday else f"{on}{self.day(day)}"

    def directive(self, name: str) -> str:
        """Write a directive's name in running text, in English with the kind translated."""
        if self.language == "vi":
            return _NUMBERED.sub(r"\1 số \2", name)
        kind = next((kind for kind in _KINDS_EN if name.startswith(kind + " ")), "")
        return _KINDS_EN[kind] + name[len(kind) :] if kind else name

    def kind(self, kind: str) -> str:
        """Write a kind of document, "kết luận" or "Conclusion". A kind without a translation stays as it is."""
        return kind if self.language == "vi" else _KINDS_EN.get(first_up(kind), kind)

    def reason(self, due_facts: Sequence[Any], due_reason: str) -> str:
        """Write how a date was counted or why it moved. A person's words stand in quotes for an English reader."""
        words = one_line(due_words(due_facts, due_reason, self.language))
        return f"“{words}”" if words and not due_facts and self.language == "en" else words

    def note(self, due_facts: Sequence[Any], note: str) -> str:
        return due_words(due_facts, note, self.language)

    def day_off(self, off: OffDay, weekday: bool = True) -> str:
        """Write "thứ Bảy, ngày nghỉ; thời hạn ấn định giữ nguyên".

        Without `weekday` it names no Saturday or Sunday, for use after a date that names its weekday.
        """
        if not off.name and (off.because is OffBecause.EDIT or not weekday):
            return self.say(_("a day off; the date stays as set"))
        return self.say(_("{why}, a day off; the date stays as set"), why=self.why_off(off))

    def why_off(self, off: OffDay | None) -> str:
        """Write "thứ Bảy" or "Quốc khánh", in English "a Saturday" or "“Quốc khánh”"."""
        return off_words(off, self.language)

    def form(self, address_form: str) -> str:
        """Write "Ông" or "Mr". An unknown form stays as it is."""
        return address_form if self.language == "vi" else _FORMS_EN.get(address_form, address_form)


def first_up(text: str) -> str:
    """Return the text with a capital first character. Escaped text stays marked as escaped."""
    plain = str.__str__(text)  # slices of markup would be checked again
    capitalised = plain[:1].upper() + plain[1:]
    return type(text)(capitalised) if hasattr(text, "__html__") else capitalised


def first_down(text: str) -> str:
    """Return the text with a lower-case first character, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def office_of(title: str, unit: str) -> str:
    """Join a title and its unit: "Chánh Văn phòng" of "Văn phòng Bộ" is "Chánh Văn phòng Bộ"."""
    if not unit or unit in title:
        return title
    title_words, unit_words = title.split(), unit.split()
    longest = min(len(title_words), len(unit_words))
    shared = next((count for count in range(longest, 0, -1) if title_words[-count:] == unit_words[:count]), 0)
    return " ".join([*title_words, *unit_words[shared:]])


def one_line(text: str) -> str:
    """Replace all white space, no-break spaces too, by single spaces. Escaped text stays marked as escaped."""
    # the methods of str, because those of markup would check every word again
    return type(text)(" ".join(str.split(text))) if isinstance(text, str) else one_line(str(text))


def tidy(text: str) -> str:
    """Remove what templates leave behind in plain text: double spaces, trailing spaces and repeated blank lines."""
    lines = [line.rstrip() for line in text.replace("\xa0", " ").splitlines()]
    # the pattern is slow, and few lines need it
    lines = [_SPACES.sub(" ", line) if "  " in line.lstrip() else line for line in lines]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"


def _as_date(moment: date | datetime) -> date:
    return local_date(moment) if isinstance(moment, datetime) else moment
