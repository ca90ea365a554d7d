"""What the demo takes over from the installation's settings."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from commands.context import CommandContext
from commands.demo import DAYS_A_LINE, _settings, _with_progress
from models.settings import Settings
from workflows.launch.coverage import Coverage
from workflows.launch.launch_tasks import LaunchOutcome
from workflows.operations.demo_story import DAYS, Story


@pytest.mark.parametrize(
    ("given", "links"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"port": 8761}, "http://127.0.0.1:8761"),
        ({"port": 8761, "host": "0.0.0.0"}, "http://127.0.0.1:8761"),
        ({"port": 8761, "base_url": "https://dondoc.example.vn"}, "https://dondoc.example.vn"),
    ],
)
def test_links_of_the_demos_letters_lead_to_the_site_that_it_serves(
    tmp_path: Path, given: dict[str, object], links: str
) -> None:
    assert _settings(Settings(data=tmp_path, **given)).base_url == links  # type: ignore[arg-type]


def test_the_port_asked_for_goes_before_the_settings(tmp_path: Path) -> None:
    demos = _settings(Settings(data=tmp_path, port=8761), 8762)
    assert (demos.port, demos.base_url) == (8762, "http://127.0.0.1:8762")


def test_progress_is_told_in_lines_where_the_output_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    context = CommandContext(Settings(), "en", as_json=False)
    story = Story(date(2026, 8, 1), LaunchOutcome(0, 0, (), Coverage()))
    days = ((date(2026, 8, 1) + timedelta(days=n), story) for n in range(DAYS + 1))
    assert len(list(_with_progress(context, days))) == DAYS + 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"day 1 of {DAYS + 1} played: 01/08/2026" and lines[-1].startswith(f"day {DAYS + 1} of")
    assert DAYS // DAYS_A_LINE <= len(lines) <= DAYS // DAYS_A_LINE + 2
