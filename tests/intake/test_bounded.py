"""A text is read within bounds, and what is past them is named as unread from its place on."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from models.errors import BadInput, Refused
from tests.architecture.product import ROOT
from workflows.bounded_process.limits import MOST_CHARACTERS
from workflows.intake import bounded
from workflows.intake.bounded import (
    LONGEST_DUTY,
    MOST_DUTIES,
    MOST_NAMES,
    MOST_UNREAD,
    READING,
    OutOfTime,
    read_bounded,
)
from workflows.intake.read import read
from workflows.intake.read_apart import read_apart
from workflows.intake.text.reading import Reading, ReadingReason, TextFinding
from workflows.templates.packs import bundled

HEAD = "CHỈ THỊ\nVề việc A\n\n"
SEED = (bundled()[0] / "directive.txt").read_text(encoding="utf-8")


def unread(reading: Reading) -> list[tuple[ReadingReason, int, str]]:
    return [(one.reason, one.span.start, one.value) for one in reading.unread]


def only_the_first(size: int) -> Callable[[str], Reading]:
    """A reader that reads no more characters in its time."""

    def slow(text: str) -> Reading:
        if len(text) > size:
            raise OutOfTime
        return read(text)

    return slow


def test_a_document_is_read_apart_as_it_is_here() -> None:
    assert read_apart("a", SEED) == read(SEED)


def test_a_reading_comes_whole_through_json() -> None:
    whole = read(SEED)
    assert READING.validate_json(READING.dump_json(whole)) == whole


def test_what_is_refused_here_is_refused_apart() -> None:
    with pytest.raises(Refused, match="stamped MẬT"):
        read_apart("a", f"MẬT\n\n{SEED}")
    with pytest.raises(BadInput, match="no words"):
        read_apart("a", " \n")
    with pytest.raises(BadInput, match="at most 2000000"):
        read_apart("a", "x" * (MOST_CHARACTERS + 1))


def test_the_rest_of_a_text_that_takes_too_long_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "".join(f"{number}. Vụ {number} báo cáo Bộ.\n" for number in range(1, 200))
    monkeypatch.setattr(bounded, "read", only_the_first(len(text) // 2))
    reading = read_bounded(text, 5)
    ((reason, start, words),) = unread(reading)
    assert reason is ReadingReason.NOT_REACHED and 0 < start < len(text) // 2
    assert text[start - 1] == "\n" and words.startswith(text[start : start + 10])
    assert reading.duties == read(text[:start]).duties and reading.unread[0].span.end == len(text)


def test_more_is_read_while_the_time_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_FIRST_PART", 1_000)
    text = HEAD + "".join(f"{number}. Vụ {number} báo cáo Bộ.\n" for number in range(1, 100))
    assert read_bounded(text, 60) == read(text)


def test_a_text_of_which_nothing_can_be_read_is_unread_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "read", only_the_first(0))
    assert unread(read_bounded(SEED, 5))[0][:2] == (ReadingReason.NOT_REACHED, 0)
    assert read_bounded("a b", 5).unread[0].value == "a b"


def test_a_fault_of_memory_is_no_fault_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(text: str) -> Reading:
        if len(text) > 1_000:
            raise MemoryError
        return read(text)

    monkeypatch.setattr(bounded, "read", greedy)
    assert unread(read_bounded(SEED, 5))[0][0] is ReadingReason.NOT_REACHED


def test_names_beyond_those_of_one_duty_are_named_as_unread() -> None:
    names = ", ".join(f"Sở Số {number}" for number in range(MOST_NAMES + 30))
    text = f"{HEAD}1. Vụ A chủ trì.\n2. Vụ B báo cáo Bộ."
    reading = read(text)
    many = tuple(TextFinding(name, reading.duties[0].span, 0.9, ReadingReason.PARTNER) for name in names.split(", "))
    (duty, past) = bounded._shortened(replace(reading.duties[0], coordinating=many))
    assert len(duty.coordinating) == MOST_NAMES and duty.lead == reading.duties[0].lead
    assert past == [(duty.span.start, duty.span.end, ReadingReason.MANY_NAMES)]


def test_the_rest_of_a_duty_that_goes_on_for_pages_is_unread() -> None:
    long = "rà soát hệ thống, " * (LONGEST_DUTY // 15)
    text = f"{HEAD}1. Vụ A {long}báo cáo Bộ Y tế trước ngày 30/10/2026.\n2. Vụ B báo cáo Bộ."
    reading = read_bounded(text, 60)
    first, second = reading.duties
    assert len(first.passage.text) <= LONGEST_DUTY and not first.deadlines and second.text.startswith("Vụ B")
    assert [(reason, start) for reason, start, _words in unread(reading)] == [(ReadingReason.LONG_DUTY, first.span.end)]
    assert read(text).duties[0].deadlines, "it stands in the part that is left unread"


def test_duties_beyond_those_of_one_document_are_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_DUTIES >= 1_000
    monkeypatch.setattr(bounded, "MOST_DUTIES", 3)
    text = HEAD + "".join(f"{number}. Vụ {number} báo cáo Bộ.\n" for number in range(1, 9))
    reading = read_bounded(text, 60)
    assert [one.path for one in reading.duties] == ["1", "2", "3"]
    assert unread(reading)[0][:2] == (ReadingReason.NOT_REACHED, read(text).duties[3].span.start)


def test_the_process_that_reads_knows_no_tables() -> None:
    """They take a second to import, for each text that is read."""
    named = re.compile(r"^from (models[\w.]*) import", re.MULTILINE)
    rooms = [ROOT / "workflows/intake" / name for name in ("text", "names", "dates", "duties", "heading")]
    files = [
        ROOT / "workflows/intake/read.py",
        ROOT / "workflows/intake/bounded.py",
        ROOT / "workflows/rules/secrecy.py",
    ]
    sources = [*files, *(path for room in rooms for path in room.glob("*.py"))]
    found = {module for path in sources for module in named.findall(path.read_text(encoding="utf-8"))}
    assert found == {"models.errors", "models.i18n"}


def test_of_very_many_unread_passages_the_last_reaches_to_the_end_of_all() -> None:
    strange = "Ghi chép lạ của người thư ký."
    text = HEAD + "".join(f"{number}. Sở A rà soát.\n- Hoan nghênh.\n" for number in range(1, 4)) + "Nơi nhận:\n\n"
    text += f"\f- 2 -\n{'Như trên ' * 40}\n{strange}\n" * (MOST_UNREAD * 2)
    every, few = read(text).unread, read_bounded(text, 5).unread
    assert len(every) > MOST_UNREAD and len(few) == MOST_UNREAD
    assert few[:-1] == every[: MOST_UNREAD - 1] and few[-1].span.end == every[-1].span.end
