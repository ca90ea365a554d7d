"""Two megabytes of a sentence made to take long are read in seconds of the processor, or named as unread."""

import resource

import pytest

from tests.intake.hard_texts import HEAD, STACKED
from workflows.bounded_process.limits import MOST_CHARACTERS, READING_SECONDS
from workflows.intake.read_apart import read_apart
from workflows.intake.text.reading import ReadingReason

pytestmark = pytest.mark.long

SENTENCES = (
    *STACKED,
    "1. Vụ A chủ trì, phối hợp với Bộ Công an, Bộ Công an, Bộ Công an, ",
    "Bộ Công an, ",
    "Vụ A chủ trì, phối hợp với Bộ Công an.\n2. ",
    "a) Sở Y tế báo cáo.\n",
    "Sở Y tế; ",
    "Giao Sở Y tế ",
    "yêu cầu ",
    "nếu có vướng mắc ",
    "“1. A\n",
    "KẾ HOẠCH\n",
    "x",
    "\n",
)
BYTES = 2_000_000
_UNREAD = (ReadingReason.NOT_REACHED, ReadingReason.NOTHING_READ, ReadingReason.LONG_DUTY, ReadingReason.MANY_NAMES)
_START = 2
"""Seconds in which a process begins to read and hands over what it has read."""


@pytest.mark.parametrize("sentence", SENTENCES)
def test_two_megabytes_are_read_in_time(sentence: str) -> None:
    text = (HEAD + sentence * (BYTES // len(sentence.encode())))[:MOST_CHARACTERS]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    reading = read_apart("a", text)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert taken < READING_SECONDS + _START
    assert all(one.reason in _UNREAD for one in reading.unread)
    assert reading.unread or sum(len(one.passage.text) for one in reading.duties) < len(text)
