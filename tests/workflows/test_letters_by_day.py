"""The demo's 120 days: at most two letters a working day to anybody, and every rung on its own day.

What is assigned in the course of a day leaves at once, beside that day's news, and what runs by the hour does too.
"""

from datetime import date
from pathlib import Path

import pytest

from bench.letters_by_day import MOST, measure, play_demo, write_figures
from models.database.session import reading
from models.letters.letter import LetterKind
from models.text.localtime import at_local
from workflows.operations.demo_story import COORDINATOR
from workflows.organization.working_calendar import load_calendar

NOW = at_local(date(2026, 11, 27)).replace(hour=10)  # 17:00 local, a Friday


AT_ONCE = (LetterKind.ASSIGNED, LetterKind.INCIDENT)


@pytest.mark.long
def test_nobody_gets_more_than_two_letters_a_working_day(tmp_path: Path) -> None:
    engine = play_demo(tmp_path, NOW)
    with reading(engine) as session:
        found = measure(session, load_calendar(session))
    engine.dispose()
    lines = write_figures(found)
    hurried = [one for one in found.too_many if one[2].total() - sum(one[2][kind] for kind in AT_ONCE) > MOST]
    assert not hurried, lines
    assert len(found.too_many) < 10, "it is seldom"
    assert found.rungs > 300 and found.late_rungs == 0, lines
    total, _most, mean = found.of_person(COORDINATOR)
    assert mean < 1.5 and total < 150, lines
    assert found.largest < 64 * 1024, lines
